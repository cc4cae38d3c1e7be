"""Definitions are looked at when a machine is made or changed. Without: everything is accepted."""

import json
import re

from ministack.services import stepfunctions
from patching import wrap
from states_executions import refused

TYPES = {"Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"}
WITH_NEXT = {"Pass", "Task", "Wait", "Parallel", "Map"}
# StartedBy, Count and ClientToken are not among them.
RUN_TASK_FIELDS = set("""Cluster Group LaunchType NetworkConfiguration Overrides PlacementConstraints PlacementStrategy PlatformVersion
    PropagateTags TaskDefinition EnableExecuteCommand Tags CapacityProviderStrategy""".split())


def fault_of_machine(machine, kind, at=""):
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        return f"SCHEMA_VALIDATION_FAILED: The field 'States' is required at {at}"
    if machine.get("StartAt") not in states:
        return f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {machine.get('StartAt')} at {at}/StartAt"
    for name, state in states.items():
        if fault := fault_of_state(state, states, kind, f"{at}/States/{name}"):
            return fault
    return None


def fault_of_state(state, states, kind, at):
    state_type = state.get("Type")
    if state_type not in TYPES:
        return f"SCHEMA_VALIDATION_FAILED: Unknown state type at {at}"
    if state_type == "Task" and (fault := fault_of_task(state, kind, at)):
        return fault
    if state_type in WITH_NEXT and ("Next" in state) == bool(state.get("End")):
        return f"SCHEMA_VALIDATION_FAILED: A state must have either 'Next' or 'End' at {at}"
    if state_type == "Choice" and not state.get("Choices"):
        return f"SCHEMA_VALIDATION_FAILED: The field 'Choices' is required at {at}"
    branches = [state.get("Next"), state.get("Default")] + [one.get("Next") for one in state.get("Choices", []) + state.get("Catch", [])]
    for target in branches:
        if target is not None and target not in states:
            return f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {at}"
    for inner in state.get("Branches", []) + [state[key] for key in ("Iterator", "ItemProcessor") if key in state]:
        if fault := fault_of_machine(inner, kind, at):
            return fault
    return None


def fault_of_task(state, kind, at):
    resource = state.get("Resource")
    if not resource:
        return f"SCHEMA_VALIDATION_FAILED: The field 'Resource' is required at {at}"
    if resource.startswith("arn:aws:states:::ecs:runTask"):
        unknown = {key.removesuffix(".$") for key in state.get("Parameters", {})} - RUN_TASK_FIELDS
        if unknown:
            return f"SCHEMA_VALIDATION_FAILED: The field '{min(unknown)}' is not supported by Step Functions at {at}/Parameters"
    if kind == "EXPRESS" and re.search(r"\.(sync(:2)?|waitForTaskToken)$", resource):
        return f"SCHEMA_VALIDATION_FAILED: Express state machine does not support '{resource}' at {at}"
    return None


def refusal_of(definition, kind):
    if not definition:
        return None
    try:
        fault = fault_of_machine(json.loads(definition), kind)
    except ValueError:
        fault = "INVALID_JSON_DESCRIPTION"
    return refused("InvalidDefinition", f"Invalid State Machine Definition: '{fault}'") if fault else None


@wrap(stepfunctions, "_create_state_machine")
def create(original, data):
    return refusal_of(data.get("definition"), data.get("type")) or original(data)


@wrap(stepfunctions, "_update_state_machine")
def update(original, data):
    machine = stepfunctions._state_machines.get(data.get("stateMachineArn", "")) or {}
    return refusal_of(data.get("definition"), machine.get("type")) or original(data)
