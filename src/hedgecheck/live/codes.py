"""Confirmation codes of breakers: who keeps them may reset, and nothing that trades can make one.

A secret makes a chain: each link is the hash of the one after it, and the public end of it is what the
settings hold (``core.breakers``). The secrets are in a file of their own, made once, beside a new store.
"""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.breakers import find, next_anchor
from core.messages import BreakerResetRequested
from hedgecheck.errors import UsageError
from hedgecheck.live.shell import Shell

LINKS = 1_000  # so often can a breaker be reset
CURE = "Name the file that came with the store: --codes."


def code_of(secret: str, link: int) -> str:
    """The code of a link: 0 is the public end. Raises ``UsageError`` for one beyond the chain."""
    if not 0 <= link <= LINKS:
        raise UsageError(f"The chain of codes has {LINKS} links, and none is left. Begin another store.")
    code = secret
    for _ in range(LINKS - link):
        code = next_anchor(code)
    return code


def made(path: Path, breakers: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Makes a file of secrets, for its owner's eyes alone; the public end of each breaker's chain. Raises
    ``UsageError`` where it cannot be made, or is there."""
    chosen = {name: secrets.token_hex(32) for name in breakers}
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(chosen, file, indent=1)
    except OSError as error:
        raise UsageError(f"The codes cannot be written to {path}: {error.strerror}. Name another.") from error
    return tuple(sorted([(name, code_of(secret, 0)) for name, secret in chosen.items()]))


def read(path: Path) -> dict[str, str]:
    """The secrets of a file, by breaker. Raises ``UsageError``."""
    try:
        found: Any = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no file of codes: {error}. {CURE}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} is no file of codes. {CURE}")
    return {str(name): str(secret) for name, secret in found.items()}


async def reset(shell: Shell, breaker: str, known: dict[str, str]) -> bool:
    """Resets a breaker by the code that it asks for, and says whether it is reset. One that asked too long
    ago asks for the next. Raises ``UsageError`` for one that is not tripped, or of no known secret."""
    asks = find(shell.state.breakers, breaker)
    if asks is None or asks.phase != "tripped":
        raise UsageError(f"The breaker {breaker!r} is not tripped. There is nothing to reset.")
    if breaker not in known:
        raise UsageError(f"There is no code for {breaker!r}. {CURE}")
    link = -1
    while asks is not None and asks.phase == "tripped" and asks.link != link:
        link = asks.link
        await shell.tell(BreakerResetRequested(breaker, code_of(known[breaker], link)))
        asks = find(shell.state.breakers, breaker)
    return asks is not None and asks.phase != "tripped"
