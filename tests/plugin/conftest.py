"""A project of its own for each test, and what is tried in it."""

import os

import hypothesis
import pytest

from hedgecheck.verifying import trying


@pytest.fixture
def project(pytester, monkeypatch):
    """A project of its own: a root folder, and nothing that this run was told."""
    for name in [each for each in os.environ if each.startswith("HEDGECHECK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CI", "true")
    profile = hypothesis.settings.get_current_profile_name()
    pytester.makepyprojecttoml("")
    yield pytester
    hypothesis.settings.load_profile(profile)


@pytest.fixture
def budgets(monkeypatch):
    """The budget of every search and replay, and its token."""
    seen, real = [], trying.checked

    def recorded(fn, budget, token, **more):
        seen.append((token, budget))
        return real(fn, budget, token, **more)

    monkeypatch.setattr(trying, "checked", recorded)
    return seen
