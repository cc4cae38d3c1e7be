"""What SQS and its mappings refuse. Without: all of it is accepted."""

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc, sqs
from patching import wrap

DELAY_MAX_SECONDS = 900


@wrap(lambda_svc, "_create_esm")
def create_mapping(original, data):
    """A queue whose messages come back before its function may have ended."""
    source = data.get("EventSourceArn", "")
    queue = sqs._queue_by_arn(source) if ":sqs:" in source else None
    config = lambda_svc._get_func_record_for_ref(data.get("FunctionName", ""))[1] if queue else None
    if queue and config:
        hidden, timeout = int(queue["attributes"].get("VisibilityTimeout", 30)), int(config.get("Timeout", 3))
        if hidden < timeout:
            message = f"Queue visibility timeout: {hidden} seconds is less than Function timeout: {timeout} seconds"
            return error_response_json("InvalidParameterValueException", message, 400)
    return original(data)


@wrap(sqs, "_act_send_message")
def send(original, data, *args, **named):
    delay = int(data.get("DelaySeconds") or 0)
    if not 0 <= delay <= DELAY_MAX_SECONDS:
        reason = f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= {DELAY_MAX_SECONDS}."
        raise sqs._Err("InvalidParameterValue", reason, 400)
    return original(data, *args, **named)
