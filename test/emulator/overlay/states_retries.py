"""Which errors a retry or catch means, and how long it waits. Without: 60 s at most, no jitter, and States.ALL catches everything."""

import random

from ministack.services import stepfunctions
from patching import edit, replace

WITHOUT_MAXIMUM_SECONDS = 31622400
# Not to be caught or retried by a wildcard.
ONLY_BY_NAME = ("States.Runtime", "States.DataLimitExceeded")


def delay(retrier, seconds):
    part = random.random() if retrier.get("JitterStrategy") == "FULL" else 1
    return part * min(seconds, retrier.get("MaxDelaySeconds", WITHOUT_MAXIMUM_SECONDS))


stepfunctions._overlay.delay = staticmethod(delay)
edit(
    stepfunctions,
    "_with_retry_and_catch",
    (
        '_scaled_sleep(min(interval * (retrier.get("BackoffRate", 2.0) ** count), 60))',
        '_scaled_sleep(_overlay.delay(retrier, interval * (retrier.get("BackoffRate", 2.0) ** count)))',
    ),
)


@replace(stepfunctions, "_error_matches")
def matches(names, error):
    if error in names or (error == "States.HeartbeatTimeout" and "States.Timeout" in names):
        return True
    if error in ONLY_BY_NAME:
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")
