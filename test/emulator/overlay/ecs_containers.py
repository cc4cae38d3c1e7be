"""Containers of tasks: entry point, folder, user, shared volumes, whole log lines, the host's network, images that are not there."""

import os

from docker.errors import ImageNotFound
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, ecs
from patching import edit, wrap

# The emulator listens on 127.0.0.1 only, and containers reach it there. 0: MiniStack's own bridge network.
if os.environ.get("EMU_ECS_HOST_NETWORK", "1") == "1":
    edit(
        ecs,
        "_start_task_worker",
        ('host_mode = td.get("networkMode") == "host"', "host_mode = True"),
        ("port_bindings[f\"{pm['containerPort']}/tcp\"] = host_port", "pass"),
    )

# What the task definition says comes first.
edit(
    ecs,
    "_register_metadata",
    ('env["AWS_ENDPOINT_URL"] = f"http://{host}:{port}"', 'env.setdefault("AWS_ENDPOINT_URL", f"http://{host}:{port}")'),
)


@wrap(ecs, "_build_run_kwargs")
def run_options(original, container, definition, env, *args):
    if not env.get("AWS_ACCESS_KEY_ID"):
        env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = get_account_id(), "test"
    env.setdefault("AWS_REGION", get_region())
    env.setdefault("AWS_DEFAULT_REGION", get_region())
    env.setdefault("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE")
    options = original(container, definition, env, *args)
    for field, option in (("entryPoint", "entrypoint"), ("workingDirectory", "working_dir"), ("user", "user")):
        if container.get(field):
            options[option] = container[field]
    task_id = args[3]
    options["volumes"] = list(options.get("volumes") or []) + shared_volumes(container, definition, task_id)
    return options


def shared_volumes(container, definition, task_id):
    """A volume that is nowhere on the host is a folder of the task's own, which its containers share."""
    own = {
        volume["name"]
        for volume in definition.get("volumes", [])
        if not (volume.get("host") or {}).get("sourcePath") and not volume.get("efsVolumeConfiguration")
    }
    return [
        f"ecs-{task_id}-{mount['sourceVolume']}:{mount['containerPath']}:{'ro' if mount.get('readOnly') else 'rw'}"
        for mount in container.get("mountPoints", [])
        if mount.get("sourceVolume") in own
    ]


WHOLE_LINES = """*lines, rest = (rest + chunk).split(b"\\n")
                for line in lines:
                    _emit_awslogs_event(config, line.decode("utf-8", errors="replace").rstrip("\\r"))
            if rest:
                _emit_awslogs_event(config, rest.decode("utf-8", errors="replace"))"""
edit(
    ecs,
    "_forward_awslogs",
    ("for chunk in container.logs(", 'rest = b""\n            for chunk in container.logs('),
    (
        'text = chunk.decode("utf-8", errors="replace")\n                for line in text.splitlines():\n                    _emit_awslogs_event(config, line)',
        WHOLE_LINES,
    ),
)


@wrap(ecs, "_run_docker_container")
def run_container(original, client, container, options, **named):
    # There is no registry to pull from; 1: the engine tries.
    if os.environ.get("EMU_ECS_PULL") != "1":
        image = container["image"]
        try:
            client.images.get(image)
        except ImageNotFound:
            raise ecs._ImagePullError(f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: not found")
    log = ecs._awslogs_config(container, "", "")
    if log and log["group"] not in cloudwatch_logs._log_groups and not log["create_group"]:
        raise RuntimeError(f"failed to validate logger args: The specified log group does not exist: {log['group']}")
    return original(client, container, options, **named)
