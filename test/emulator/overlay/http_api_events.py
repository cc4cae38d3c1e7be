"""HTTP API events: a list of cookies, the stage in rawPath. A Lambda that fails is a bare 500. Without: neither, and a 502 with its error."""

from ministack.services import apigateway
from patching import edit

RECORD = "exec_record = lambda_svc._execution_record_for_config(func_data, func_config)"
COOKIES_AND_STAGE = """if headers.get("cookie"):
        event["cookies"] = [cookie.strip() for cookie in headers["cookie"].split(";")]
    stage_name = event["requestContext"]["stage"]
    if stage_name != "$default":
        event["rawPath"] = event["requestContext"]["http"]["path"] = f"/{stage_name}" + event["rawPath"]
    """
ANSWER = "    lambda_response, _ = lambda_svc."
FAULT = """    if result.get("error") and not result.get("throttle"):
        return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'
"""

edit(apigateway, "_invoke_lambda_proxy", (RECORD, COOKIES_AND_STAGE + RECORD), (ANSWER, FAULT + ANSWER))
