"""StopTask: SIGTERM, stopTimeout, then KILL, in the background; the real exit code is told. Without: it blocks, and the code is 0."""

import time

from ecs_events import tell
from ministack.core.responses import error_response_json, json_response
from ministack.services import ecs
from patching import replace, spawn, wrap

GRACE_SECONDS, GRACE_MAX_SECONDS = 30, 120
VOLUME_TRIES, VOLUME_WAIT_SECONDS = 50, 0.2


@replace(ecs, "_stop_task")
def stop_task(data):
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    if cluster is None or cluster not in ecs._clusters:
        return error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    task = ecs._resolve_task(data.get("task", ""), cluster)
    if not task:
        return error_response_json("InvalidParameterException", "The referenced task was not found.", 400)
    if task["lastStatus"] != "STOPPED" and not task.get("_stop_reason"):
        task["_stop_reason"] = data.get("reason") or "Task stopped by user"
        task["stoppingAt"] = ecs._iso()
        ecs._bump_task_version(task)
        tell(task)
        spawn(stop_containers, task)
    return json_response({"task": ecs._sanitize(task)})


def stop_containers(task):
    containers = list(task.get("_docker_ids") or [])
    # Not started yet: whoever starts it sees that it is over, and cleans up.
    if task["lastStatus"] != "RUNNING" or not containers:
        ecs._mark_task_stopped(task["taskArn"], task, task["_stop_reason"], "UserInitiated")
        return
    definitions = (ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"])) or {}).get("containerDefinitions") or []
    for index, container in enumerate(containers):
        definition = definitions[index] if index < len(definitions) else {}
        try:
            grace = min(int(definition.get("stopTimeout", GRACE_SECONDS)), GRACE_MAX_SECONDS)
            ecs._get_docker().containers.get(container).stop(timeout=grace)
        except Exception as error:
            ecs.logger.warning("overlay: stop %s: %s", container, error)


@wrap(ecs, "_mark_task_stopped")
def mark_stopped(original, arn, task, reason, code, exit_code=None):
    if task.get("_stop_reason") and code == "EssentialContainerExited":
        reason, code = task["_stop_reason"], "UserInitiated"
    if code == "TaskFailedToStart":
        for container in task["containers"]:
            container.setdefault("reason", reason)
    changed = original(arn, task, reason, code, exit_code)
    if changed:
        tell(task)
        spawn(remove_volumes, arn.rsplit("/", 1)[-1])
    return changed


def remove_volumes(task_id):
    client = ecs._get_docker()
    for _ in range(VOLUME_TRIES):
        left = [volume for volume in client.volumes.list() if volume.name.startswith(f"ecs-{task_id}-")] if client else []
        if not left:
            return
        for volume in left:
            try:
                volume.remove(force=True)
            except Exception:
                pass  # A container of the task still has it: next round.
        time.sleep(VOLUME_WAIT_SECONDS)


@wrap(ecs, "_sanitize")
def sanitize(original, value):
    seen = original(value)
    if isinstance(value, dict) and value.get("_stop_reason") and "taskArn" in value:
        seen["desiredStatus"] = "STOPPED"
    return seen
