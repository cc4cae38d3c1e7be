"""Tasks that wait for their token: time-outs, heartbeats, and refusal of tokens that are not or no longer waited for."""

import json
import threading
import time

from ministack.core.responses import json_response
from ministack.services import stepfunctions
from patching import replace, spawn, wrap
from states_executions import alive, current, refused, scaled
from states_tasks import POLL_SECONDS, call_resource, number_of

expired = set()


@replace(stepfunctions, "_invoke_with_callback")
def with_callback(resource, data, token, _state):
    waited = stepfunctions._task_tokens[token] = {
        "event": threading.Event(),
        "result": None,
        "error": None,
        "heartbeat": time.monotonic(),
        "execution": current.get(),
    }
    timeout, heartbeat, begin = number_of("TimeoutSeconds"), number_of("HeartbeatSeconds"), time.monotonic()
    spawn(call, resource.replace(".waitForTaskToken", ""), data, waited)
    try:
        while not waited["event"].wait(POLL_SECONDS):
            alive()
            now = time.monotonic()
            if timeout and now - begin > scaled(timeout):
                raise stepfunctions._ExecutionError("States.Timeout", "")
            if heartbeat and now - waited["heartbeat"] > scaled(heartbeat):
                raise stepfunctions._ExecutionError("States.HeartbeatTimeout", "")
        alive()
    finally:
        stepfunctions._task_tokens.pop(token, None)
        expired.add(token)
    if waited["error"]:
        raise stepfunctions._ExecutionError(waited["error"].get("Error", ""), waited["error"].get("Cause", ""))
    return json.loads(waited["result"])


def call(resource, data, waited):
    """A call that fails fails the task. The token may come back before the call returns."""
    try:
        call_resource(resource, data)
    except stepfunctions._ExecutionError as error:
        waited["error"] = {"Error": error.error, "Cause": error.cause}
        waited["event"].set()
    except Exception as error:
        waited["error"] = {"Error": "States.Runtime", "Cause": str(error)}
        waited["event"].set()


def guard(original, data):
    token = data.get("taskToken")
    waited = stepfunctions._task_tokens.get(token)
    if token in expired or (waited and is_over(waited)):
        return refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
    if not waited:
        return refused("InvalidToken", "Invalid Token: 'Invalid token'")
    if original.__name__ == "_send_task_heartbeat":
        waited["heartbeat"] = time.monotonic()
        return json_response({})
    if original.__name__ == "_send_task_success" and not is_json(data.get("output", "")):
        return refused("InvalidOutput", "Invalid Output: 'Output is not valid JSON'")
    return original(data)


def is_over(waited):
    return waited["event"].is_set() or (waited["execution"] or {}).get("status", "RUNNING") != "RUNNING"


def is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


for operation in ("_send_task_success", "_send_task_failure", "_send_task_heartbeat"):
    wrap(stepfunctions, operation)(guard)
