"""A path that leads nowhere fails with States.Runtime; operators of a Choice match their own type only, and may compare with a path.

Without: a missing path passes null on, and the operators' Path forms are ignored.
"""

import json
import re

from ministack.services import stepfunctions
from patching import replace, wrap

# What can be followed here; anything else is left to MiniStack.
SIMPLE = re.compile(r"\$(\$)?(\.[A-Za-z0-9_\-]+|\[\d+\]|\['[^']+'\])+")
STEP = re.compile(r"\[(\d+)\]|\.([^.\[]+)|\['([^']+)'\]")
OPERATORS = {"String": str, "Boolean": bool, "Numeric": (int, float)}


def is_present(path, data, context=None):
    if path.startswith("$$"):
        path, data = path[1:], context or {}
    if not SIMPLE.fullmatch(path):
        return True
    for index, bare, quoted in STEP.findall(path[1:]):
        if index:
            if not isinstance(data, list) or int(index) >= len(data):
                return False
            data = data[int(index)]
        else:
            key = bare or quoted
            if not isinstance(data, dict) or key not in data:
                return False
            data = data[key]
    return True


def missing(context, text):
    state = ((context or {}).get("State") or {}).get("Name", "")
    return stepfunctions._ExecutionError("States.Runtime", f"An error occurred while executing the state '{state}'. {text}")


def must_be_present(path, data, context):
    if not is_present(path, data, context):
        raise missing(context, f"Invalid path '{path}': The choice state's condition path references an invalid value.")


evaluate = stepfunctions._evaluate_rule


@replace(stepfunctions, "_evaluate_rule")
def evaluate_rule(rule, data, context=None):
    if "Variable" not in rule:
        return evaluate(rule, data, context)
    variable = rule["Variable"]
    if "IsPresent" in rule:
        return is_present(variable, data, context) == rule["IsPresent"]
    must_be_present(variable, data, context)
    resolved = {}
    for key, value in rule.items():
        if key.endswith("Path"):
            must_be_present(value, data, context)
            resolved[key[:-4]] = stepfunctions._resolve_path_or_ctx(value, data, context)
        else:
            resolved[key] = value
    value = stepfunctions._resolve_path_or_ctx(variable, data, context)
    if any(key.startswith(operator) and not is_kind(value, operator) for key in resolved for operator in OPERATORS):
        return False
    return evaluate(resolved, data, context)


def is_kind(value, operator):
    return isinstance(value, OPERATORS[operator]) and not (operator == "Numeric" and isinstance(value, bool))


@wrap(stepfunctions, "_resolve_params_obj")
def resolve_parameters(original, template, data, context=None):
    if isinstance(template, dict):
        for key, value in template.items():
            is_path = key.endswith(".$") and isinstance(value, str) and value.startswith("$")
            if is_path and not is_present(value, data, context):
                text = f"The JSONPath '{value}' specified for the field '{key}' could not be found in the input '{json.dumps(data)}'"
                raise missing(context, text)
    return original(template, data, context)


def apply_path(field, place):
    def apply(original, state, data, context=None):
        path = state.get(field, "$")
        if path and not is_present(path, data, context):
            raise missing(context, f"Invalid path '{path}': The JSONPath could not be found in the {place} '{json.dumps(data)}'")
        return original(state, data, context)

    return apply


wrap(stepfunctions, "_apply_input_path")(apply_path("InputPath", "input"))
wrap(stepfunctions, "_apply_output_path")(apply_path("OutputPath", "output"))
