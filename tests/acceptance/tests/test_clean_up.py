# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clean-up finds every key of a run, and changes no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from acceptance.clean_up import TAG, CleanUp, Outcome, alias_prefix, check_related, description, foreign, run_of

RUN = "20261129-0123abcd"
REGION, REPLICA_REGION = "us-east-1", "us-west-2"
CHANGES = ("ScheduleKeyDeletion", "DeleteAlias", "CancelKeyDeletion", "UntagResource", "DisableKey")

tags = st.dictionaries(st.text(min_size=1), st.text(), max_size=4)


def as_listed(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in values.items()]


def run_today(emulator: Emulator, end: str = "0123abcd") -> str:
    """The ID of a run of this day, by the emulator's clock."""
    return f"{emulator.now():%Y%m%d}-{end}"


@pytest.fixture
def run(emulator: Emulator) -> str:
    return run_today(emulator)


@pytest.fixture
def other_run(emulator: Emulator) -> str:
    return run_today(emulator, "89abcdef")


def tagged(kms: Any, run: str | None, alias: str | None = None, **request: Any) -> ExternalKey:
    """A key of a run; without one, a key of the account."""
    own = {"Tags": [{"TagKey": TAG, "TagValue": run}], "Description": description(run)} if run else {}
    key = ExternalKey.create(kms, **own | request)
    if alias:
        kms.create_alias(AliasName=alias, TargetKeyId=key.id)
    return key


def clean(kms: Any, run: str | None = None, known: tuple[str, ...] = (), creating: int = 0) -> Outcome:
    return CleanUp(run, wait=lambda _seconds: None).region(kms, REGION, known, creating)


def aliases(kms: Any) -> list[str]:
    return [
        alias["AliasName"] for alias in kms.list_aliases()["Aliases"] if not alias["AliasName"].startswith("alias/aws/")
    ]


@given(tags)
def test_other_tags_belong_to_no_run(values: dict[str, str]) -> None:
    if TAG not in values:
        assert run_of(as_listed(values)) is None
    assert run_of(as_listed({**values, TAG: RUN})) == RUN


@pytest.mark.parametrize("name", [TAG.upper(), f"{TAG} ", f"{TAG}:x", "acceptance", "aws:acceptance", ""])
def test_a_similar_tag_is_none(name: str) -> None:
    assert run_of(as_listed({name: RUN})) is None


@pytest.mark.parametrize("value", ["", "yes", "production", "20261129", f"{RUN}-x", f" {RUN}"])
def test_the_value_of_a_run_has_its_form(value: str) -> None:
    """The account may use the same tag for another purpose."""
    assert run_of(as_listed({TAG: value})) is None


def test_keys_of_every_run(kms: Any, emulator: Emulator, run: str, other_run: str) -> None:
    ours = [tagged(kms, run, f"{alias_prefix(run)}main"), tagged(kms, other_run)]
    others = [tagged(kms, None, "alias/production"), tagged(kms, "production", "alias/b")]
    deleted = tagged(kms, other_run, f"{alias_prefix(other_run)}rsa-2048")
    kms.schedule_key_deletion(KeyId=deleted.id, PendingWindowInDays=30)
    when = deleted.describe()["DeletionDate"]
    before = len(emulator.control.calls())
    outcome = clean(kms)
    assert sorted(outcome.scheduled) == sorted(key.arn for key in ours)
    assert outcome.pending == [deleted.arn]
    assert (outcome.failed, outcome.unread, outcome.others) == ([], 0, [])
    assert {key.state for key in ours} == {"PendingDeletion"}
    assert deleted.describe()["DeletionDate"] == when
    assert {key.state for key in others} == {"PendingImport"}
    assert sorted(aliases(kms)) == ["alias/b", "alias/production"]
    changed = [call for call in emulator.control.calls()[before:] if call["operation"] in CHANGES]
    assert not [call for call in changed if any(key.id in call["key"] for key in others)]
    assert clean(kms).scheduled == []


COPIES: dict[str, tuple[Callable[[str], dict[str, Any]], str]] = {
    "description": (lambda _run: {"Description": "payments"}, "it has another description"),
    "no description": (lambda _run: {"Description": ""}, "it has another description"),
    "other run": (
        lambda run: {"Description": description(run[:-1] + ("0" if run[-1] != "0" else "1"))},
        "it has another description",
    ),
}


@pytest.mark.parametrize("name", list(COPIES))
def test_a_copied_tag_is_not_enough(kms: Any, run: str, name: str) -> None:
    """Tools and colleagues copy tags. A key with the tag of a run may be one of production."""
    change, why = COPIES[name]
    key = tagged(kms, run, "alias/production", **change(run))
    before = key.state
    outcome = clean(kms)
    assert outcome.others == [f"{key.arn} has the tag of run {run}, but {why}. It was not changed."]
    assert (outcome.scheduled, outcome.aliases, outcome.failed) == ([], [], [])
    assert (key.state, aliases(kms)) == (before, ["alias/production"])


@pytest.mark.parametrize("days", [-400, -2, 2, 400])
def test_a_key_is_as_old_as_its_run(kms: Any, emulator: Emulator, days: int) -> None:
    run = f"{emulator.now() + timedelta(days=days):%Y%m%d}-0123abcd"
    key = tagged(kms, run)
    (said,) = clean(kms).others
    assert "it was not created on the day of the run" in said
    assert key.state == "PendingImport"


@pytest.mark.parametrize("other", [{"Origin": "AWS_KMS"}, {"Origin": "AWS_CLOUDHSM"}, {"KeyManager": "AWS"}])
def test_a_key_with_another_origin(kms: Any, run: str, other: dict[str, str]) -> None:
    metadata = tagged(kms, run).describe()
    assert foreign(metadata, run) is None
    assert foreign({**metadata, **other}, run) == "its key material is not imported"


def test_a_date_that_does_not_exist(kms: Any) -> None:
    tagged(kms, "20269999-0123abcd")
    (said,) = clean(kms).others
    assert "the run has no date" in said


def test_an_alias_of_another_user(kms: Any, run: str, other_run: str) -> None:
    """It disappears with the key. Until then, its owner can move it to another key."""
    others = ["alias/production", f"{alias_prefix(other_run)}main", f"{alias_prefix(run)[:-1]}x"]
    key = tagged(kms, run, f"{alias_prefix(run)}main")
    for alias in others:
        kms.create_alias(AliasName=alias, TargetKeyId=key.id)
    outcome = clean(kms)
    assert outcome.aliases == [f"{alias_prefix(run)}main"]
    assert sorted(aliases(kms)) == sorted(others)


def test_keys_of_one_run(kms: Any, run: str, other_run: str) -> None:
    """A run cleans up after itself alone: another one may be under way."""
    ours, theirs = tagged(kms, run), tagged(kms, other_run)
    assert clean(kms, run).scheduled == [ours.arn]
    assert theirs.state == "PendingImport"


def test_a_run_in_progress_is_spared(kms: Any, run: str, other_run: str) -> None:
    ours, theirs = tagged(kms, run), tagged(kms, other_run)
    assert CleanUp(spared=[other_run]).region(kms, REGION).scheduled == [ours.arn]
    assert theirs.state == "PendingImport"


@pytest.mark.parametrize("tag", [None, "20261128-89abcdef"])
def test_a_known_key_needs_the_tag(kms: Any, run: str, tag: str | None) -> None:
    """It is named, because it costs money."""
    other = tagged(kms, tag)
    outcome = clean(kms, run, (other.arn,))
    assert (outcome.scheduled, other.state) == ([], "PendingImport")
    (said,) = outcome.failed
    assert said.startswith(f"{other.arn}: this run created it, and its tag {TAG} was changed.")


def test_tags_that_may_not_be_read(kms: Any, emulator: Emulator, run: str) -> None:
    """Its deletion is not scheduled on suspicion."""
    key = tagged(kms, run)
    emulator.control.denied([{"operation": "ListResourceTags", "key": key.id}])
    outcome = clean(kms)
    assert (outcome.unread, outcome.failed, outcome.scheduled) == (1, [], [])
    (said,) = clean(kms, run, (key.arn,)).failed
    assert "its tags could not be read (AccessDeniedException)" in said
    emulator.control.denied([])
    assert key.state == "PendingImport"


@pytest.mark.parametrize("operation", ["ListKeys", "ScheduleKeyDeletion", "DeleteAlias"])
def test_what_fails_is_named(kms: Any, emulator: Emulator, run: str, operation: str) -> None:
    key = tagged(kms, run, f"{alias_prefix(run)}d")
    emulator.control.denied([operation])
    (said,) = clean(kms, run, (key.arn,)).failed
    assert "AccessDeniedException" in said
    emulator.control.denied([])


def test_any_error_is_named(kms: Any, run: str) -> None:
    """One key that fails in an unforeseen way does not keep the others."""
    ours = [tagged(kms, run), tagged(kms, run)]
    original = kms.schedule_key_deletion

    class Odd:
        def __getattr__(self, name: str) -> Any:
            return getattr(kms, name)

        def schedule_key_deletion(self, **request: Any) -> Any:
            if request["KeyId"] == ours[0].arn:
                raise RuntimeError("odd")
            return original(**request)

    outcome = clean(Odd(), run)
    assert outcome.failed == [f"{ours[0].arn}: its deletion could not be scheduled (RuntimeError). It costs money."]
    assert outcome.scheduled == [ours[1].arn]


def test_a_key_that_kms_does_not_show_yet(kms: Any, emulator: Emulator, run: str) -> None:
    """The emulator's clock is moved in the pauses, in which KMS becomes consistent."""
    emulator.control.stop_clock()
    try:
        emulator.control.stale_reads(10)
        key = tagged(kms, run)
        clean_up = CleanUp(run, wait=lambda seconds: emulator.advance(seconds=seconds))
        assert clean_up.region(kms, REGION, (key.arn,)).scheduled == [key.arn]
    finally:
        emulator.control.run_clock()


def test_a_key_whose_arn_was_never_received(kms: Any, run: str) -> None:
    """The request was interrupted. KMS creates the key after the first list."""
    keys: list[ExternalKey] = []

    def wait(_seconds: float) -> None:
        if not keys:
            keys.append(tagged(kms, run))

    outcome = CleanUp(run, wait=wait).region(kms, REGION, creating=1)
    assert (outcome.scheduled, outcome.failed) == ([keys[0].arn], [])


def test_a_key_that_never_shows(kms: Any, run: str) -> None:
    (said,) = clean(kms, run, creating=1).failed
    assert "1 requests for a key had no answer" in said
    assert "Run --clean-up" in said


def test_a_replica_key_in_a_region_that_was_not_named(kms: Any, emulator: Emulator, account: str, run: str) -> None:
    """The primary key waits for it, and it costs money."""
    own = {"Tags": [{"TagKey": TAG, "TagValue": run}], "Description": description(run)}
    primary = tagged(kms, run, MultiRegion=True)
    primary.put(new_material(SYMMETRIC))
    kms.replicate_key(KeyId=primary.arn, ReplicaRegion=REPLICA_REGION, **own)
    emulator.settle()
    there = emulator.client(REPLICA_REGION, account)

    def kms_in(region: str) -> Any:
        assert region == REPLICA_REGION
        return there

    outcome = clean(kms)
    assert (len(outcome.scheduled), outcome.failed) == (1, [])
    check_related(outcome, kms_in)
    (said,) = outcome.failed
    assert said.startswith(primary.arn.replace(REGION, REPLICA_REGION))
    assert f"--also-region {REPLICA_REGION}" in said
    elsewhere = clean(there)
    assert len(elsewhere.scheduled) == 1
    both = clean(kms)
    check_related(both, kms_in)
    assert both.failed == []
