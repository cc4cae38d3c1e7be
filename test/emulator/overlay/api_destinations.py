"""API destinations are tried again and then dead-lettered. Without: one try. (AWS: 24 hours and 185 tries.)"""

import os
import time

from event_targets import dead_letter, delivering
from ministack.services import eventbridge
from patching import wrap

FIRST_WAIT_SECONDS = float(os.environ.get("EMU_EB_RETRY_SCALE", "1"))
TRIES = 3
TRIES_MAX = 185
RETRIED_BELOW_500 = (401, 407, 409, 429)


@wrap(eventbridge, "_build_api_destination_request")
def build(original, destination, connection, parameters, payload):
    request = original(destination, connection, parameters, payload)
    return {**request, "_overlay": getattr(delivering, "value", None), "_payload": payload}


@wrap(eventbridge, "_deliver_to_api_destination")
def deliver(_original, name, request, connection, token_key):
    target, rule = request["_overlay"] or ({}, None)
    tries = (target.get("RetryPolicy") or {}).get("MaximumRetryAttempts", TRIES)
    for tried in range(min(tries, TRIES_MAX) + 1):
        if tried:
            time.sleep(min(60, 2 ** (tried - 1)) * FIRST_WAIT_SECONDS)
        status = send(request, connection, token_key)
        if isinstance(status, int):
            if 200 <= status < 300:
                return
            if status < 500 and status not in RETRIED_BELOW_500:
                break
    eventbridge.logger.warning("EventBridge -> API destination %s: gave up: %s", name, status)
    dead_letter(target, request["_payload"], rule, "SDK_CLIENT_ERROR", status)


def send(request, connection, token_key):
    """The status, or what went wrong before there was one."""
    try:
        status = eventbridge._api_destination_send_sync(request, eventbridge._connection_auth_headers(connection, token_key))
        if status in (401, 407) and connection.get("AuthorizationType") == "OAUTH_CLIENT_CREDENTIALS":
            headers = eventbridge._connection_auth_headers(connection, token_key, force_refresh=True)
            status = eventbridge._api_destination_send_sync(request, headers)
        return status
    except Exception as error:
        return str(error)
