# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for KMS in many short visits, and the known facts if a visit fails."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Answer,
    Applied,
    Apply,
    Failed,
    Failure,
    Imported,
    Request,
    Step,
    Watch,
    Watched,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Lost, Unanswered
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.apply import apply
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.look import LONGEST_WAIT
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.outcome import Outcome

from ...module_utils.keys import CURRENT, EARLIER, IMPORTED, NOW, STAGED
from ..scripts import PROVENANCE, play

PENDING = IMPORTED._replace(
    key_state="PendingImport", expiration_model=None, materials=None, current_key_material_id=None
)
LOST_ONE = IMPORTED._replace(
    key_state="PendingImport",
    materials=(*(IMPORTED.materials or ()), Material(EARLIER, "NON_CURRENT", "PENDING_IMPORT")),
)
AFTER = {"key_state": "Enabled"}
DONE = ("import",)
SUMMARIES = ({"wrapping_algorithm": "RSAES_OAEP_SHA_256"},)


def request(*steps: Step) -> Apply:
    return Apply(IMPORTED.arn, None, PENDING, steps or (Step("import"),), AFTER, None)


def applied(facts: KeyFacts = PENDING, **more: Any) -> Applied:
    values = {"done": DONE, "imports": (Imported("request", CURRENT),), **more}
    return Applied(facts, NOW, PROVENANCE, **values)


def watched(facts: KeyFacts = PENDING, *, shown: bool = False) -> Watched:
    return Watched(facts, NOW, PROVENANCE, shown)


def run(wait_timeout: int | None, *answers: Answer | Lost, **options: Any) -> tuple[Outcome, list[Request]]:
    outcome = Outcome()
    _applied, asked = play(apply(options.get("request", request()), wait_timeout, outcome, SUMMARIES), *answers)
    return outcome, asked


def fail(wait_timeout: int | None, *answers: Answer | Lost, **options: Any) -> tuple[Outcome, CloudKeysError]:
    outcome = Outcome()
    with pytest.raises(CloudKeysError) as raised:
        play(apply(options.get("request", request()), wait_timeout, outcome), *answers)
    return outcome, raised.value


def test_what_is_shown_at_once_needs_no_second_visit() -> None:
    outcome, asked = run(300, applied(IMPORTED, shown=True))
    assert [type(one) for one in asked] == [Apply]
    assert (outcome.done, outcome.facts, outcome.match.verdict) == (["import"], IMPORTED, "same")


def test_who_does_not_wait_is_not_kept() -> None:
    outcome, asked = run(None, applied())
    assert [one.wait for one in asked if isinstance(one, Apply)] == [None]
    assert outcome.facts == PENDING


def test_a_wait_of_minutes_is_many_visits() -> None:
    waits = 300 // LONGEST_WAIT
    outcome, asked = run(300, applied(), *[watched()] * (waits - 2), watched(IMPORTED, shown=True))
    assert all(one.wait == LONGEST_WAIT for one in asked if isinstance(one, (Apply, Watch)))
    assert outcome.facts == IMPORTED


@pytest.mark.parametrize("wait_timeout", [1, LONGEST_WAIT, LONGEST_WAIT + 1, 5 * LONGEST_WAIT - 1])
def test_the_waits_add_up(wait_timeout: int) -> None:
    further = -(-wait_timeout // LONGEST_WAIT) - 1
    outcome, error = fail(wait_timeout, applied(), *[watched()] * further)
    assert f"after {wait_timeout} s it still reports key_state PendingImport instead of Enabled" in error.sentence
    assert outcome.done == ["import"], "the import was executed although the wait failed"


def test_another_material_that_is_gone_is_not_waited_for() -> None:
    outcome, error = fail(300, applied(LOST_ONE))
    assert EARLIER in error.sentence
    assert outcome.done == ["import"]


@pytest.mark.parametrize("answer", [applied(changed=True, done=(), imports=()), applied(failure=Failure("No."))])
def test_nothing_is_waited_for_where_nothing_is_coming(answer: Applied) -> None:
    _outcome, asked = run(300, answer)
    assert len(asked) == 1


def test_a_visit_that_dies_may_have_done_it() -> None:
    steps = (Step("disable", proof=True), Step("import"), Step("disable"))
    lost = Lost(Failure("No route to host."), {"unreachable": True})
    outcome, error = fail(300, lost, request=request(*steps))
    assert outcome.unconfirmed == ["import", "disable"], "a proof changes nothing"
    assert "KMS may or may not have performed it" in error.sentence
    assert error.sentence.endswith("No route to host.")
    assert isinstance(error, Unanswered)
    assert error.result == {"unreachable": True}


def test_an_answer_of_another_kind_may_hide_what_was_done() -> None:
    outcome, error = fail(300, watched(IMPORTED, shown=True))
    assert outcome.unconfirmed == ["import"]
    assert "an unexpected answer of type Watched" in error.sentence


def test_a_visit_that_dies_while_watching_leaves_no_doubt() -> None:
    outcome, error = fail(300, applied(), Lost(Failure("No route to host."), {"unreachable": True}))
    assert (outcome.done, outcome.unconfirmed) == (["import"], [])
    assert error.sentence == "No route to host."


def test_what_kms_refuses_before_anything_is_done_is_no_doubt() -> None:
    outcome, error = fail(300, Failed(Failure("Denied.")))
    assert (outcome.done, outcome.unconfirmed, error.sentence) == ([], [], "Denied.")


def test_new_key_material_is_awaited_by_the_id_that_kms_has_given_to_it() -> None:
    """The ID is unknown before the import."""
    staging = request(Step("stage"))._replace(after={"key_state": "Enabled"})
    with_staged = IMPORTED._replace(
        materials=(*(IMPORTED.materials or ()), Material(STAGED, "PENDING_ROTATION", "IMPORTED"))
    )
    told = applied(IMPORTED, done=("stage",), imports=(Imported("request", STAGED),), shown=True)
    outcome, asked = run(300, told, watched(IMPORTED), watched(with_staged, shown=True), request=staging)
    watching = [one for one in asked if isinstance(one, Watch)]
    assert [one.after["other_key_materials"] for one in watching] == [{STAGED: {"import_state": "IMPORTED"}}] * 2
    assert outcome.facts == with_staged
    assert outcome.imported == {"request_id": "request", "key_material_id": STAGED, **SUMMARIES[0]}
    _outcome, asked = run(300, told._replace(facts=with_staged), request=staging)
    assert len(asked) == 1, "the key material exists"


def test_which_imports_were_of_older_key_material() -> None:
    steps = (Step("import", place=2, key_material_id=EARLIER), Step("import", key_material_id=CURRENT))
    told = applied(
        IMPORTED,
        done=("import", "import"),
        imports=(Imported("first", EARLIER), Imported("second", CURRENT)),
        shown=True,
    )
    outcome = Outcome()
    play(apply(request(*steps), 300, outcome, ({"of": "older"}, {"of": "own"})), told)
    assert outcome.others_imported == [{"request_id": "first", "key_material_id": EARLIER, "of": "older"}]
    assert outcome.imported == {"request_id": "second", "key_material_id": CURRENT, "of": "own"}
