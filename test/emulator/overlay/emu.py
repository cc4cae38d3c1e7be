"""MiniStack, unmodified, with patches for what a job orchestrator's tests depend on. Variables: see ../README.md."""

import importlib
import os
import shutil
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

PATCHES = """
    lambda_errors lambda_logs lambda_workers
    sqs_limits http_api_events scheduler_times
    event_targets api_destinations
    states_executions states_tasks states_callbacks states_retries states_paths states_definitions states_run_task
    ecs_events ecs_run ecs_stop ecs_containers
""".split()


def end_with_parent(parent):
    """Tests that are killed leave no emulator behind: it and the workers of its Lambdas are one process group."""
    while os.getppid() == parent:
        time.sleep(0.5)
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    if os.environ.pop("EMU_ENDS_WITH_PARENT", ""):
        threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    for name in PATCHES:
        importlib.import_module(name)
    from ministack.app import main

    main()
