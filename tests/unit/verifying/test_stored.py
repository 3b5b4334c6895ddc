"""Failures that are kept: what is written is read again; what goes wrong loses nothing beside it."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from hedgecheck.verifying.nodes import Node
from hedgecheck.verifying.stored import TOKENS_MAX, Store

TEST, OTHER = "tests/test_bot.py::test_bot[BTC/USDT-1]", "tests/test_bot.py::test_other"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / ".hypothesis" / "hedgecheck")


def files(store):
    return sorted(each.name for each in store.folder.iterdir())


def test_nothing_is_kept_and_nothing_is_made_before_something_fails(store):
    assert store.read(TEST).tokens == ()
    assert store.update(TEST, add=None, drop=()) == ""
    assert not store.folder.exists()


def test_tokens_are_kept_the_latest_first_each_once_and_for_each_test_apart(store):
    for token in ("hc1-a", "hc1-b", "hc1-a"):
        store.update(TEST, add=token, drop=())
    store.update(OTHER, add="hc1-c", drop=())

    assert store.read(TEST).tokens == ("hc1-a", "hc1-b")
    assert store.read(OTHER).tokens == ("hc1-c",)
    assert files(store) == sorted(store.path(each).name for each in (TEST, OTHER))


def test_what_is_dropped_is_gone_and_with_the_last_the_file(store):
    for token in ("hc1-a", "hc1-b"):
        store.update(TEST, add=token, drop=())

    store.update(TEST, add=None, drop=["hc1-b"])
    assert store.read(TEST).tokens == ("hc1-a",)
    store.update(TEST, add=None, drop=["hc1-a"])
    assert files(store) == []


def test_a_test_keeps_so_many_and_no_more(store):
    for number in range(TOKENS_MAX + 5):
        store.update(TEST, add=f"hc1-{number}", drop=())

    kept = store.read(TEST).tokens
    assert len(kept) == TOKENS_MAX
    assert kept[0] == f"hc1-{TOKENS_MAX + 4}"


def test_foreign_content_is_named_and_the_tokens_beside_it_stay(store):
    store.update(TEST, add="hc1-good", drop=())
    path = store.path(TEST)
    path.write_bytes(path.read_bytes() + b"\xff\xfe\x00 not ours\n<<<<<<< HEAD\nhc2-later\n")

    kept = store.read(TEST)
    assert kept.tokens == ("hc1-good", "hc2-later")
    assert f"{path} holds 2 lines that are no token" in kept.complaint

    store.update(TEST, add="hc1-new", drop=())
    assert store.read(TEST).tokens == ("hc1-new", "hc1-good", "hc2-later")
    assert store.read(TEST).complaint == ""


def test_what_cannot_be_read_is_a_complaint(store):
    store.path(TEST).mkdir(parents=True)

    kept = store.read(TEST)

    assert kept.tokens == ()
    assert "cannot be read" in kept.complaint
    assert "cannot be stored" in store.update(TEST, add="hc1-a", drop=())


@pytest.mark.parametrize("refusing", ["mkstemp", "replace", "write"])
def test_what_cannot_be_written_is_a_complaint_and_the_old_file_stays_whole(store, monkeypatch, refusing):
    store.update(TEST, add="hc1-old", drop=())
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(*_args, **_kwargs):
        raise full

    where = {"mkstemp": "tempfile.mkstemp", "replace": "os.replace", "write": "os.fdopen"}[refusing]
    with monkeypatch.context() as patch:
        patch.setattr(where, refuse)
        complaint = store.update(TEST, add="hc1-new", drop=())

    assert "No space left on device" in complaint
    assert TEST in complaint
    assert store.read(TEST).tokens == ("hc1-old",)
    assert files(store) == [store.path(TEST).name]


def test_folder_that_cannot_be_made_is_a_complaint(tmp_path):
    (tmp_path / ".hypothesis").write_text("a file")
    store = Store(tmp_path / ".hypothesis" / "hedgecheck")

    assert store.read(TEST).complaint == ""
    assert "cannot be stored" in store.update(TEST, add="hc1-a", drop=())


def test_writer_that_is_read_while_it_writes_shows_a_whole_file(store, monkeypatch):
    store.update(TEST, add="hc1-old", drop=())
    seen, replace = [], os.replace

    def looked_at(*names):
        seen.append(store.read(TEST))
        replace(*names)

    monkeypatch.setattr(os, "replace", looked_at)
    store.update(TEST, add="hc1-new", drop=())

    assert [(each.tokens, each.complaint) for each in seen] == [(("hc1-old",), "")]


def test_many_writers_at_once_leave_one_whole_file_for_each_test(store):
    tests = [f"test_{number}" for number in range(4)]
    jobs = [(test, f"hc1-{number}") for number in range(10) for test in tests]

    with ThreadPoolExecutor(8) as pool:
        complaints = list(pool.map(lambda job: store.update(job[0], add=job[1], drop=()), jobs))

    assert set(complaints) == {""}
    assert len(files(store)) == len(tests)
    for test in tests:
        kept = store.read(test)
        assert kept.complaint == ""
        assert set(kept.tokens) <= {token for each, token in jobs if each == test}
        assert kept.tokens


# ---- what a node makes of them -----------------------------------------------------------------------------


def test_token_is_dropped_only_where_no_call_of_the_test_failed_with_it(store):
    kept = ("hc1-fails", "hc1-passes", "hc1-strays", "hc1-both", "hc1-untried")
    for token in reversed(kept):
        store.update(TEST, add=token, drop=())
    node = Node(TEST, "pytest t", 0, False, kept=kept, found="hc1-found")
    node.failed |= {"hc1-fails", "hc1-both"}
    node.passed |= {"hc1-passes", "hc1-both"}
    node.outdated |= {"hc1-strays": "diverged at choice 3", "hc1-fails": "of another call"}

    said = node.settle(store)

    assert store.read(TEST).tokens == ("hc1-found", "hc1-fails", "hc1-both", "hc1-untried")
    assert said == ("stored hc1-strays is dropped: diverged at choice 3",)


def test_node_that_cannot_store_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    node = Node(TEST, "pytest t", 0, False, found="hc1-a")

    (said,) = node.settle(Store(tmp_path / "file"))

    assert "cannot be stored" in said
