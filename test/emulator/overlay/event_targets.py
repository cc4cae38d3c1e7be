"""Targets of rules: Lambda's own retries apply, and what is not there goes to the dead letters. Without: one try, and a line in the log."""

import json
import threading

from ministack.services import eventbridge, lambda_svc, sqs, stepfunctions
from patching import edit, wrap

# (target, rule) that the current thread delivers to.
delivering = threading.local()

edit(
    eventbridge,
    "_dispatch_to_lambda",
    (
        "threading.Thread(\n        target=lambda_svc._execute_function_with_config_scope, args=(exec_record, event), daemon=True\n    ).start()",
        "lambda_svc.invoke_async_with_retry(exec_record, event)",
    ),
)


def dead_letter(target, payload, rule, code, message):
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn or not sqs._queue_by_arn(arn):
        return
    eventbridge._dispatch_to_sqs(eventbridge.parse_arn(arn), payload)
    attributes = {"RULE_ARN": (rule or {}).get("Arn", ""), "TARGET_ARN": target["Arn"], "ERROR_CODE": code, "ERROR_MESSAGE": message}
    sqs._queue_by_arn(arn)["messages"][-1]["message_attributes"] = {
        name: {"DataType": "String", "StringValue": str(value)} for name, value in attributes.items()
    }


@wrap(eventbridge, "_invoke_target")
def invoke_target(original, target, event, rule, view=None):
    if is_gone(target.get("Arn", "")):
        payload = json.dumps((view or eventbridge._pattern_event_view(event)).event_with_detail())
        return dead_letter(target, payload, rule, "RESOURCE_NOT_FOUND", "target not found")
    delivering.value = (target, rule)
    return original(target, event, rule, view)


def is_gone(arn):
    if ":lambda:" in arn:
        return not lambda_svc._get_func_record_for_ref(arn)[0]
    if ":sqs:" in arn:
        return not sqs._queue_by_arn(arn)
    return ":states:" in arn and stepfunctions._resolve_state_machine_arn(arn) is None
