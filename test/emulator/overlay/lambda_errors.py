"""What a Lambda's failure is called. Without: always Runtime.HandlerError, no trace, and a worker that threw is not used again."""

from ministack.core import lambda_runtime as runtime
from ministack.services import lambda_svc
from patching import edit


def edit_worker(old, new):
    if old not in runtime._NODEJS_WORKER_SCRIPT:
        raise RuntimeError(f"overlay: the node worker no longer contains {old!r}")
    runtime._NODEJS_WORKER_SCRIPT = runtime._NODEJS_WORKER_SCRIPT.replace(old, new)


def error_of(thrown):
    return (
        f'status: "error", handled: true, errorType: ({thrown} && {thrown}.name) || "Error", '
        f'error: String(({thrown} && {thrown}.message) || {thrown}), trace: ({thrown} && {thrown}.stack) || ""'
    )


edit_worker('status: "error", error: String(err.message || err), trace: err.stack || ""', error_of("err"))
edit_worker('status: "error", error: e.message, trace: e.stack', error_of("e"))
edit_worker('status: "error", error: e.message\n', 'status: "error", errorType: e.name, error: e.message\n')
# As on AWS a handler that throws leaves its process warm.
edit(
    runtime,
    "Worker.invoke",
    ('if response.get("status") == "error":', 'if response.get("status") == "error" and not response.get("handled"):'),
)
edit(
    runtime,
    "Worker._spawn",
    (
        "raise RuntimeError(f\"Worker init failed: {response.get('error')}\")",
        'raise type(str(response.get("errorType") or "Runtime.InitError"), (RuntimeError,), {})(response.get("error"))',
    ),
)
edit(
    lambda_svc,
    "_execute_function_warm",
    (
        'error_type = "Runtime.HandlerError"',
        'error_type = result.get("errorType") or ("Runtime.ExitError" if error_msg == "Worker process died" else "Runtime.HandlerError")',
    ),
    (
        '"errorType": error_type,\n',
        '"errorType": error_type,\n                **({"trace": result["trace"].split("\\n")} if result.get("trace") else {}),\n',
    ),
)
