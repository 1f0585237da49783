"""Functions called by their names, wherever they are: what is sent carries no code of ours."""

import importlib
from collections.abc import Callable
from typing import Any


def call_by_name(name: str, *arguments: Any) -> Any:
    """Call `package.module:function`, which is imported here and now."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)(*arguments)


def make_caller() -> Callable[..., Any]:
    """Return `call_by_name` in a form that a Dask scheduler without unroll can hand on.

    A function inside a function is pickled by its code; one of a module would be imported by the
    scheduler too. A worker that cannot import what is called says so as `Answer` has it.
    """

    def unroll_job(name: str, *arguments: Any) -> Any:
        import importlib

        module, _, function = name.partition(":")
        try:
            called = getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError) as error:
            return "refused", f"it cannot import what it is asked to run ({error})"
        return called(*arguments)

    return unroll_job


def make_waiting_caller() -> Callable[..., Any]:
    """Return the same for a coroutine function, which is also given the Dask worker."""

    async def unroll_check(name: str, *arguments: Any, dask_worker: Any) -> Any:
        import importlib

        module, _, function = name.partition(":")
        try:
            called = getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError) as error:
            return "refused", f"it cannot import what it is asked to run ({error})"
        return await called(dask_worker, *arguments)

    return unroll_check
