"""The life of an execution: idempotent starts, refusals, time-outs, aborts that stay, Express of its own kind.

Without: 150 ms before anything, no machine's time-out, a stopped execution that goes on and may succeed, Express like Standard.
"""

import contextvars
import json
import re
import time

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid, now_iso
from ministack.services import stepfunctions
from patching import edit, spawn, wrap

EXPRESS_SECONDS_MAX = 300
INPUT_BYTES_MAX = 262144
POLL_SECONDS = 0.05
NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")

# The running execution, seen by every thread that it spawns.
current = contextvars.ContextVar("execution", default=None)


class Aborted(Exception):
    pass


def alive():
    execution = current.get()
    if execution is not None and execution["status"] != "RUNNING":
        raise Aborted(execution["executionArn"])


def nap(seconds):
    """A Wait, or the wait before a retry: it ends with its execution."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        alive()
        time.sleep(min(left, POLL_SECONDS))
    alive()


def scaled(seconds):
    return float(seconds) * stepfunctions._SFN_WAIT_SCALE


def refused(code, message):
    return error_response_json(code, message, 400)


def is_express(machine):
    return (machine or {}).get("type") == "EXPRESS"


def begin(execution):
    current.set(execution)
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    seconds = json.loads(machine["definition"]).get("TimeoutSeconds") if machine else None
    if is_express(machine):
        seconds = min(seconds or EXPRESS_SECONDS_MAX, EXPRESS_SECONDS_MAX)
    if seconds:
        spawn(expire, execution, scaled(seconds))


def expire(execution, seconds):
    end = time.monotonic() + seconds
    while execution["status"] == "RUNNING" and (left := end - time.monotonic()) > 0:
        time.sleep(min(POLL_SECONDS, left))
    if execution["status"] == "RUNNING":
        execution.update(status="TIMED_OUT", stopDate=now_iso(), error="States.Timeout")
        stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
        stepfunctions._emit_execution_status_event(execution)


# What edited functions reach of ours; other files add to it.
stepfunctions._overlay = type("Overlay", (), {"Aborted": Aborted, "begin": staticmethod(begin)})
stepfunctions._scaled_sleep = lambda seconds: nap(scaled(seconds))

FAULT = "    except Exception as exc:\n        logger.exception("
edit(
    stepfunctions,
    "_run_execution",
    ("time.sleep(0.15)", "_overlay.begin(execution)"),
    (FAULT, "    except _overlay.Aborted:\n        pass\n" + FAULT),
)


@wrap(stepfunctions, "_fail_execution")
def fail(original, execution, error, cause):
    if execution["status"] == "RUNNING":
        original(execution, error, cause)
        execution["output"] = None


# Express executions tell nobody how they ended; not to have ended in time, or to have been stopped, is a failure too.
edit(
    stepfunctions,
    "_emit_execution_status_event",
    (
        'if execution.get("sync"):',
        'if execution.get("sync") or (_state_machines.get(execution["stateMachineArn"]) or {}).get("type") == "EXPRESS":',
    ),
    ('failed = status == "FAILED"', 'failed = status in ("FAILED", "TIMED_OUT", "ABORTED")'),
)
edit(
    stepfunctions,
    "_add_event",
    ('"timestamp": now_iso(),', '"timestamp": now_iso(), "previousEventId": len(execution["events"]),'),
)


@wrap(stepfunctions, "reset")
def reset(original):
    for _, execution in list(stepfunctions._executions.all_items()):
        execution["status"] = "ABORTED"
    original()


OWN_ARN = "f\":execution:{sm['name']}:{name}\""
edit(
    stepfunctions,
    "_start_execution",
    (OWN_ARN, "f\":{'express' if sm.get('type') == 'EXPRESS' else 'execution'}:{sm['name']}:{name}\""),
)
MACHINE = "sm = _state_machines[sm_arn]\n"
REFUSE_STANDARD = """    if sm.get("type") != "EXPRESS":
        message = "This operation is not supported by this type of state machine"
        return error_response_json("StateMachineTypeNotSupported", message, 400)
"""
edit(
    stepfunctions,
    "_start_sync_execution",
    (OWN_ARN, "f\":express:{sm['name']}:{name}:{new_uuid()}\""),
    ('"output": execution.get("output") or "{}",', '**({"output": execution["output"]} if execution.get("output") else {}),'),
    (MACHINE, MACHINE + REFUSE_STANDARD),
)


@wrap(stepfunctions, "_start_execution")
def start_execution(original, data):
    given, name = data.get("input", "{}"), data.get("name")
    if refusal := refusal_of(given, name):
        return refusal
    machine_arn = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", "").split("#")[0])
    machine = machine_arn and stepfunctions._state_machines[machine_arn]
    if is_express(machine):
        # Names repeat freely there.
        return original({**data, "name": f"{name or new_uuid()}:{new_uuid()}"})
    if machine and name:
        arn = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine['name']}:{name}"
        running = stepfunctions._executions.get(arn)
        if running and running["status"] == "RUNNING" and json.loads(running["input"]) == json.loads(given):
            return json_response({"executionArn": arn, "startDate": running["startDate"]})
    return original(data)


def refusal_of(given, name):
    try:
        json.loads(given)
    except ValueError:
        return refused("InvalidExecutionInput", "Invalid State Machine Execution Input: not valid JSON")
    if len(given.encode()) > INPUT_BYTES_MAX:
        constraint = f"Member must have length less than or equal to {INPUT_BYTES_MAX}"
        return refused("ValidationException", f"1 validation error detected: Value at 'input' failed to satisfy constraint: {constraint}")
    if name is not None and not NAME.fullmatch(name):
        return refused("InvalidName", f"Invalid Name: '{name}'")
    return None
