"""Packages of extras: loaded where they are used, and an error with the pip line where they are not there."""

from importlib import import_module
from typing import Any

from hedgecheck.errors import PackageMissing


def optional(module: str, holds: str, extra: str, error: type[PackageMissing] = PackageMissing) -> Any:
    """A module of a package that is installed with an extra; ``holds``: what the user wanted of it.

    Raises ``PackageMissing``, or the kind of it that is asked for.
    """
    try:
        return import_module(module)
    except ImportError as missing:
        package = module.partition(".")[0]
        raise error(
            f"{holds} in the package {package}, which is not installed. "
            f"Install it: pip install 'hedgecheck[{extra}]'."
        ) from missing
