"""Patches of source text: each names what it replaces, so that a MiniStack release that changed it fails at start, loudly."""

import contextvars
import inspect
import textwrap
import threading

# A module's tables of functions are small; its data are not looked through.
TABLE_SIZE_MAX = 500


def edit(module, name, *replacements):
    """Compiles `module.name` anew with (old, new) texts replaced. Every `old` must be there."""
    *path, last = name.split(".")
    holder = module
    for part in path:
        holder = getattr(holder, part)
    source = textwrap.dedent(inspect.getsource(getattr(holder, last)))
    for old, new in replacements:
        if old not in source:
            raise RuntimeError(f"overlay: {module.__name__}.{name} no longer contains: {old!r}")
        source = source.replace(old, new)
    compiled = {}
    exec(compile(source, f"<overlay {module.__name__}.{name}>", "exec"), module.__dict__, compiled)
    rebind(module, holder, last, compiled[last])


def rebind(module, holder, name, function):
    """Also in every table of the module by which it calls its functions."""
    old = getattr(holder, name)
    setattr(holder, name, function)
    for table in vars(module).values():
        if isinstance(table, dict) and len(table) < TABLE_SIZE_MAX:
            for key, value in list(table.items()):
                if value is old:
                    table[key] = function


def wrap(module, name):
    """Decorator: the function gets the original one as its first argument."""

    def decorate(function):
        original = getattr(module, name)

        def wrapped(*args, **named):
            return function(original, *args, **named)

        wrapped.__name__ = name
        rebind(module, module, name, wrapped)
        return function

    return decorate


def replace(module, name):
    """Decorator: the function takes the place of the original one."""

    def decorate(function):
        rebind(module, module, name, function)
        return function

    return decorate


def spawn(function, *args):
    """In a thread that sees what the caller's thread sees: account, region, execution."""
    thread = threading.Thread(target=contextvars.copy_context().run, args=(function, *args), daemon=True)
    thread.start()
    return thread
