"""Tells "ECS Task State Change" on the default bus. Without: never."""

import json

from ministack.services import ecs, eventbridge
from patching import wrap

TOLD = """
    taskArn clusterArn taskDefinitionArn containerInstanceArn lastStatus desiredStatus launchType group startedBy stoppedReason stopCode
    cpu memory version createdAt startedAt stoppingAt stoppedAt containers overrides attachments platformVersion availabilityZone connectivity
""".split()


def tell(task):
    seen = ecs._sanitize(task)
    detail = {key: seen[key] for key in TOLD if seen.get(key) not in (None, "")}
    entry = {"Source": "aws.ecs", "DetailType": "ECS Task State Change", "Detail": json.dumps(detail), "Resources": [task["taskArn"]]}
    try:
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        ecs.logger.exception("overlay: ECS event")


def mark(original, arn, task):
    changed = original(arn, task)
    if changed:
        tell(task)
    return changed


for change in ("_mark_task_pending", "_mark_task_running"):
    wrap(ecs, change)(mark)
