"""RunTask: what it refuses, clientToken, tasks that cannot start. Without: all accepted, and RUNNING for ever where there is no engine."""

import json

from ecs_events import tell
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import ecs
from patching import wrap

answers = {}


@wrap(ecs, "_run_task")
def run_task(original, data):
    token = data.get("clientToken")
    key = (get_account_id(), get_region(), token)
    if token and key in answers:
        return answers[key]
    answer = refusal_of(data) or original(data)
    if answer[0] == 200:
        for task in json.loads(answer[2])["tasks"]:
            tell(task)
            if not ecs._get_docker():
                reason = "ResourceInitializationError: no container engine"
                ecs._mark_task_stopped(task["taskArn"], ecs._tasks[task["taskArn"]], reason, "TaskFailedToStart")
        if token:
            answers[key] = answer
    return answer


def refusal_of(data):
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    if cluster is None or (cluster not in ecs._clusters and cluster != "default"):
        return error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    definition = ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", "")))
    needs_network = definition and definition.get("networkMode") == "awsvpc" and not data.get("_deploymentId")
    if needs_network and not data.get("networkConfiguration"):
        message = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        return error_response_json("InvalidParameterException", message, 400)
    return None
