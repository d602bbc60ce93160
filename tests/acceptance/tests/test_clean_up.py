# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clean-up finds every key of a run, and changes no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.emulator import Emulator
from support.external_key import ExternalKey

from acceptance.clean_up import TAG, CleanUp, Outcome, run_of

RUN, OTHER_RUN = "20261129-0123abcd", "20261128-89abcdef"
REGION = "us-east-1"
CHANGES = ("ScheduleKeyDeletion", "DeleteAlias", "CancelKeyDeletion", "UntagResource", "DisableKey")

tags = st.dictionaries(st.text(min_size=1), st.text(), max_size=4)


def as_listed(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in values.items()]


def tagged(kms: Any, run: str | None, alias: str | None = None, **request: Any) -> ExternalKey:
    own = [{"TagKey": TAG, "TagValue": run}] if run else []
    key = ExternalKey.create(kms, Tags=own, **request)
    if alias:
        kms.create_alias(AliasName=alias, TargetKeyId=key.id)
    return key


def clean(kms: Any, run: str | None = None, known: tuple[str, ...] = ()) -> Outcome:
    return CleanUp(run, wait=lambda _seconds: None).region(kms, REGION, known)


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


def test_keys_of_every_run(kms: Any, emulator: Emulator) -> None:
    ours = [tagged(kms, RUN, "alias/a"), tagged(kms, OTHER_RUN)]
    others = [tagged(kms, None, "alias/production"), tagged(kms, "production", "alias/b")]
    deleted = tagged(kms, OTHER_RUN, "alias/c")
    kms.schedule_key_deletion(KeyId=deleted.id, PendingWindowInDays=30)
    when = deleted.describe()["DeletionDate"]
    before = len(emulator.control.calls())
    outcome = clean(kms)
    assert sorted(outcome.scheduled) == sorted(key.arn for key in ours)
    assert outcome.pending == [deleted.arn]
    assert (outcome.failed, outcome.unread) == ([], 0)
    assert {key.state for key in ours} == {"PendingDeletion"}
    assert deleted.describe()["DeletionDate"] == when
    assert {key.state for key in others} == {"PendingImport"}
    assert sorted(aliases(kms)) == ["alias/b", "alias/production"]
    changed = [call for call in emulator.control.calls()[before:] if call["operation"] in CHANGES]
    assert not [call for call in changed if any(key.id in call["key"] for key in others)]
    assert clean(kms).scheduled == []


def test_keys_of_one_run(kms: Any) -> None:
    """A run cleans up after itself alone: another one may be under way."""
    ours, theirs = tagged(kms, RUN), tagged(kms, OTHER_RUN)
    assert clean(kms, RUN).scheduled == [ours.arn]
    assert theirs.state == "PendingImport"


def test_a_known_key_needs_the_tag(kms: Any) -> None:
    other = tagged(kms, None)
    outcome = clean(kms, RUN, (other.arn,))
    assert (outcome.scheduled, other.state) == ([], "PendingImport")


def test_tags_that_may_not_be_read(kms: Any, emulator: Emulator) -> None:
    """Its deletion is not scheduled on suspicion."""
    key = tagged(kms, RUN)
    emulator.control.denied([{"operation": "ListResourceTags", "key": key.id}])
    outcome = clean(kms)
    assert (outcome.unread, outcome.failed, outcome.scheduled) == (1, [], [])
    (said,) = clean(kms, RUN, (key.arn,)).failed
    assert "its tags could not be read (AccessDeniedException)" in said
    emulator.control.denied([])
    assert key.state == "PendingImport"


@pytest.mark.parametrize("operation", ["ListKeys", "ScheduleKeyDeletion", "DeleteAlias"])
def test_what_fails_is_named(kms: Any, emulator: Emulator, operation: str) -> None:
    key = tagged(kms, RUN, "alias/d")
    emulator.control.denied([operation])
    (said,) = clean(kms, RUN, (key.arn,)).failed
    assert "AccessDeniedException" in said
    emulator.control.denied([])


def test_a_key_that_kms_does_not_show_yet(kms: Any, emulator: Emulator) -> None:
    """The emulator's clock is moved in the pauses, in which KMS becomes consistent."""
    emulator.control.stop_clock()
    try:
        emulator.control.stale_reads(10)
        key = tagged(kms, RUN)
        clean_up = CleanUp(RUN, wait=lambda seconds: emulator.advance(seconds=seconds))
        assert clean_up.region(kms, REGION, (key.arn,)).scheduled == [key.arn]
    finally:
        emulator.control.run_clock()
