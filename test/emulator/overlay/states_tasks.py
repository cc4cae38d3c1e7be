"""Tasks end with their execution and at their TimeoutSeconds(Path); their results have a limit. Without: neither."""

import contextvars
import json
import threading
import time

from ministack.services import stepfunctions
from patching import edit, replace, spawn, wrap
from states_executions import alive, scaled

RESULT_BYTES_MAX = 262144
POLL_SECONDS = 0.02

# (definition of the state, its raw input, context) of the current Task.
task = contextvars.ContextVar("task", default=({}, None, {}))


def number_of(key):
    """`TimeoutSeconds` or the like, as a number, an expression or a path."""
    state, raw, context = task.get()
    value = state.get(key)
    if isinstance(value, str):
        value = stepfunctions._jsonata_state_field(state, key, "number", raw, context)
    if value is None and key + "Path" in state:
        value = stepfunctions._resolve_path(state[key + "Path"], raw)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def guarded(work, on_cancel=None):
    """Work in a thread, given up at an abort or time-out: it goes on, and its result is ignored, as on AWS."""
    ended, outcome = threading.Event(), {}
    seconds = number_of("TimeoutSeconds")
    end = time.monotonic() + scaled(seconds) if seconds else None

    def run():
        try:
            outcome["value"] = work()
        except BaseException as error:
            outcome["error"] = error
        finally:
            ended.set()

    spawn(run)
    while not ended.wait(POLL_SECONDS):
        try:
            alive()
            if end and time.monotonic() > end:
                raise stepfunctions._ExecutionError("States.Timeout", "")
        except Exception:
            if on_cancel:
                spawn(on_cancel)
            raise
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


call_resource = stepfunctions._invoke_resource


@replace(stepfunctions, "_invoke_resource")
def invoke_resource(resource, data):
    alive()
    if resource.startswith("arn:aws:states:::ecs:runTask") or ":activity:" in resource:
        return call_resource(resource, data)
    return guarded(lambda: call_resource(resource, data))


stepfunctions._invoke_resource_with_timeout = lambda resource, data, timeout: stepfunctions._invoke_resource(resource, data)


def limited(result):
    if len(json.dumps(result).encode()) > RESULT_BYTES_MAX:
        cause = "The state/task returned a result with a size exceeding the maximum number of bytes service limit."
        raise stepfunctions._ExecutionError("States.DataLimitExceeded", cause)


stepfunctions._overlay.task = staticmethod(lambda *about: task.set(about))
stepfunctions._overlay.limited = staticmethod(limited)

STARTED = """_add_event(execution, "TaskStarted", {"taskStartedEventDetails": {"resource": resource, "resourceType": "states"}})
            """
TOKEN = 'if is_callback:\n        ctx["Task"] = {"Token": new_uuid()}\n'
COUNTED = 'ctx["State"]["RetryCount"] = sum(retry_counts.values())\n'
THROW, SUCCEEDED = "if _mock_throw is not None:", '_add_event(execution, "TaskSucceeded"'
edit(
    stepfunctions,
    "_execute_task",
    (TOKEN, "_overlay.task(state_def, raw_input, ctx)\n"),
    # Each try has a token of its own.
    (COUNTED, COUNTED + '        if is_callback: ctx["Task"] = {"Token": new_uuid()}\n'),
    ("_scaled_sleep(min(sleep_sec, 60))", "_scaled_sleep(_overlay.delay(retrier, sleep_sec))"),
    (THROW, STARTED + THROW),
    (SUCCEEDED, "_overlay.limited(task_result)\n            " + SUCCEEDED),
)


@wrap(stepfunctions, "_call_lambda")
def call_lambda(original, reference, event):
    """A throttled Lambda has an error of its own name."""
    try:
        return original(reference, event)
    except stepfunctions._ExecutionError as error:
        if error.error == "Lambda.Unknown" and "TooManyRequestsException" in (error.cause or ""):
            raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", error.cause)
        raise
