"""A mark on stderr ends an invocation's log. Without: 50 ms of waiting for handlers that log nothing, and lines that land in the next one."""

import os
import queue
import time

from lambda_errors import edit_worker
from ministack.core import lambda_runtime as runtime

# MiniStack's own https shim calls url.parse: that warning would be in every function's log.
os.environ.setdefault("NODE_OPTIONS", "--disable-warning=DEP0169")

END = "\x01ministack-end\x01"
edit_worker(
    "let handlerFn = null;",
    'const _endLog = () => { try { require("fs").writeSync(2, "\\u0001ministack-end\\u0001\\n"); } catch (_) {} };\nlet handlerFn = null;',
)
edit_worker("settled = true;\n", "settled = true; _endLog();\n")

MARK_WITHIN_SECONDS = 0.25
# Of a process that died, or of a runtime that sets no mark.
REST_WITHIN_SECONDS = 0.02


def drain(self, *_):
    sets_mark = self.config.get("Runtime", "").startswith("nodejs") and self._proc is not None
    end = time.monotonic() + (MARK_WITHIN_SECONDS if sets_mark else REST_WITHIN_SECONDS)
    lines = []
    while (left := end - time.monotonic()) > 0:
        try:
            line = self._stderr_queue.get(timeout=left)
        except queue.Empty:
            break
        if END in line:
            break
        lines.append(line)
    return "\n".join(lines)


runtime.Worker._drain_stderr_bounded = drain
