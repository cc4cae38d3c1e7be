"""ecs:runTask: answers in PascalCase, errors called ECS.*; `.sync` fails on a non-zero exit and stops its task at an abort or time-out."""

import json
import time

from ministack.services import ecs, stepfunctions
from states_tasks import guarded

POLL_SECONDS = 0.1


def pascal(value):
    if isinstance(value, list):
        return [pascal(one) for one in value]
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(one) for key, one in value.items()}
    return value


def run_task(resource, data):
    is_sync = resource.endswith(".sync")
    request = stepfunctions._pascal_to_camel(data)
    if is_sync:
        request["startedBy"] = "AWS Step Functions"
    status, _, body = ecs._run_task(request)
    answer = json.loads(body or "{}")
    if status >= 400:
        name = answer.get("__type", "ClientException").split("#")[-1]
        raise stepfunctions._ExecutionError(f"ECS.{name}", answer.get("message", ""))
    if answer.get("failures"):
        raise stepfunctions._ExecutionError("ECS.AmazonECSException", json.dumps(answer["failures"]))
    if not is_sync:
        return pascal(answer)
    task = {"cluster": request.get("cluster", "default"), "task": answer["tasks"][0]["taskArn"]}
    return guarded(lambda: wait_for(task), lambda: ecs._stop_task({**task, "reason": "Task stopped by AWS Step Functions"}))


def wait_for(task):
    while True:
        found = json.loads(ecs._describe_tasks({"cluster": task["cluster"], "tasks": [task["task"]]})[2])["tasks"][0]
        if found["lastStatus"] == "STOPPED":
            output = pascal(found)
            if found.get("stopCode") == "TaskFailedToStart" or any(one.get("exitCode") != 0 for one in found["containers"]):
                raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(output))
            return output
        time.sleep(POLL_SECONDS)


stepfunctions._SERVICE_DISPATCH["arn:aws:states:::ecs:runTask"] = run_task
