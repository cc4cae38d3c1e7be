"""EventBridge Scheduler: time zones, context attributes, refusal of what never fires. Without: all UTC, a sweep every 10 s, all accepted."""

import os
from datetime import datetime
from zoneinfo import ZoneInfo

from ministack.core.responses import new_uuid
from ministack.services import eventbridge, scheduler
from patching import edit, wrap

scheduler._SCHEDULE_TICK_INTERVAL = float(os.environ.get("EMU_SCHEDULER_TICK", "1"))


def offset(schedule, when):
    return ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC").utcoffset(when.replace(tzinfo=None))


def with_context(target, schedule, at):
    given = target.get("Input") or ""
    if "<aws.scheduler." not in given:
        return target
    attributes = {
        "execution-id": new_uuid(),
        "scheduled-time": datetime.utcfromtimestamp(at).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "schedule-arn": schedule.get("Arn", ""),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        given = given.replace(f"<aws.scheduler.{name}>", value)
    return {**target, "Input": given}


scheduler._overlay_offset = offset
scheduler._overlay_with_context = with_context


@wrap(scheduler, "_at_time_epoch")
def at_epoch(original, expression, schedule=None):
    epoch = original(expression)
    if epoch is None or not schedule:
        return epoch
    return epoch - offset(schedule, datetime.utcfromtimestamp(epoch)).total_seconds()


edit(
    scheduler,
    "_tick_schedules",
    ("at_epoch = _at_time_epoch(expr)", "at_epoch = _at_time_epoch(expr, sched)"),
    (
        "next_fire = _eb._cron_next_fire(fields, last_dt)",
        "zone = _overlay_offset(sched, now_dt); next_fire = _eb._cron_next_fire(fields, last_dt + zone); next_fire = next_fire and next_fire - zone",
    ),
    ("_eb._invoke_target(target, event, sched)", "_eb._invoke_target(_overlay_with_context(target, sched, at_epoch or now), event, sched)"),
)


def checked(original, name, body, *args):
    expression = body.get("ScheduleExpression", "")
    try:
        ZoneInfo(body.get("ScheduleExpressionTimezone") or "UTC")
    except Exception:
        return scheduler._error(400, "ValidationException", "Provided ScheduleExpressionTimezone is invalid.")
    if not fires(expression):
        return scheduler._error(400, "ValidationException", f"Invalid Schedule Expression {expression}.")
    return original(name, body, *args)


def fires(expression):
    try:
        readings = (scheduler._at_time_epoch, eventbridge._parse_rate_seconds, eventbridge._parse_cron_fields)
        return any(read(expression) is not None for read in readings)
    except Exception:
        return False


for operation in ("_create_schedule", "_update_schedule"):
    wrap(scheduler, operation)(checked)
