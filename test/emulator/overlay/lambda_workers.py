"""A bounded number of processes for each function, and of cold starts at once: without, a burst of 100 events starts 100 node processes.

More invocations wait, as on AWS those wait that a queue or a state machine tries again.
"""

import os
import threading

from ministack.core import lambda_runtime as runtime
from ministack.services import lambda_svc
from patching import wrap

WORKERS_MAX = int(os.environ.get("EMU_MAX_WORKERS_PER_FUNCTION", "8"))
COLD_STARTS_MAX = int(os.environ.get("EMU_MAX_COLD_STARTS", str(min(8, os.cpu_count() or 2))))

cold_starts = threading.BoundedSemaphore(COLD_STARTS_MAX)
spawn_worker = runtime.Worker._spawn


def spawn_in_turn(self):
    with cold_starts:
        return spawn_worker(self)


runtime.Worker._spawn = spawn_in_turn

places = {}
places_lock = threading.Lock()


@wrap(lambda_svc, "_execute_function_warm")
def execute_in_turn(original, function, event, request_id):
    arn = (function.get("config") or function).get("FunctionArn", "")
    with places_lock:
        free = places.setdefault(arn, threading.BoundedSemaphore(WORKERS_MAX))
    with free:
        return original(function, event, request_id)
