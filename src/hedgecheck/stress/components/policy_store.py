"""Where the policy is kept: in memory for one run, or in a file for all of them."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from hedgecheck.arrays import number, whole
from hedgecheck.errors import UsageError
from hedgecheck.stress.components.checking import flag
from hedgecheck.stress.components.protocols import Policy

WHOLE_BPS = 10_000


class MemoryPolicyStore:
    """The bundled store: begins with ``policy`` and forgets with the run."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = checked(Policy() if policy is None else policy)

    def load(self) -> Policy:
        """See ``PolicyStore``."""
        return self._policy

    def save(self, policy: Policy) -> None:
        """See ``PolicyStore``."""
        self._policy = policy


class FilePolicyStore:
    """Keeps the policy in a JSON file: an object of the fields of ``Policy``, of which those left out have
    their defaults. Without a file it is ``Policy()``. The file is read once and replaced as a whole, so that
    whoever reads it sees one policy or the other. Not for scenarios that run side by side."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._policy: Policy | None = None

    def load(self) -> Policy:
        """See ``PolicyStore``. ``UsageError`` for a file that cannot be read, or holds no policy."""
        if self._policy is None:
            self._policy = policy_in(self._path) if self._path.exists() else Policy()
        return self._policy

    def save(self, policy: Policy) -> None:
        """See ``PolicyStore``. ``UsageError`` where the file cannot be written; it is as it was then."""
        text = json.dumps(asdict(checked(policy)), indent=2) + "\n"
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(self._path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise UsageError(
                f"The policy cannot be stored in {self._path}: {error}. Name a file that can be written."
            ) from error
        self._policy = policy


def policy_in(path: str | Path) -> Policy:
    """The policy in a JSON file. ``UsageError`` for a file that cannot be read, or holds no policy."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"The policy in {path} cannot be read: {error}. Mend the file, or remove it to begin with the "
            "usual policy."
        ) from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} holds a {type(found).__name__}. Give an object of the fields of a policy.")
    try:
        return policy_of(found)
    except UsageError as error:
        raise UsageError(f"The policy in {path} is damaged: {error}") from error


def policy_of(numbers: Mapping[str, Any]) -> Policy:
    """A policy by the names of its fields; ``UsageError`` for a name or a value that makes no sense."""
    known = [each.name for each in fields(Policy)]
    unknown = sorted(set(numbers) - set(known))
    if unknown:
        raise UsageError(f"A policy has no {', '.join(unknown)}. It has {', '.join(known)}.")
    return checked(Policy(**numbers))


def checked(policy: Policy) -> Policy:
    """The same policy; ``UsageError`` for one with a number that makes no sense."""
    number("risk", policy.risk, 0)
    number("confidence_min", policy.confidence_min, 0, 1)
    whole("positions_max", policy.positions_max, 0)
    whole("position_bps", policy.position_bps, 0)
    whole("gross_bps", policy.gross_bps, 0)
    whole("stop_bps", policy.stop_bps, 1, WHOLE_BPS - 1)
    flag("short_allowed", policy.short_allowed)
    return policy
