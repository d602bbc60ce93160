# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of a visit to a target, also if Ansible itself fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.ensured_key import EnsuredKeyResult, EnsuredReplica
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    EnsuredKey,
    EnsureKey,
    Failed,
    Failure,
    GetParameters,
    GivenParameters,
    Look,
    Parameters,
    Request,
    Seen,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.wire import answer_to_json
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Lost
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.target import Target

from ...module_utils.keys import CURRENT, NOW, SYMMETRIC
from ..scripts import PROVENANCE

REQUEST = GetParameters("alias/payments", None, "RSAES_OAEP_SHA_256", "RSA_4096")
ANSWER = GivenParameters(Parameters(b"key", b"token", NOW, "RSAES_OAEP_SHA_256", "RSA_4096"), NOW, PROVENANCE)


class Action:
    """An action plugin whose module returns this result."""

    _connection = SimpleNamespace(transport="ssh")

    def __init__(self, result: dict[str, Any] | Exception) -> None:
        self.result = result
        self.arguments: dict[str, Any] = {}

    def _execute_module(self, **call: Any) -> dict[str, Any]:
        self.arguments = call["module_args"]
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def visit(
    result: dict[str, Any] | Exception, requests: int = 1, request: Request = REQUEST, **options: Any
) -> tuple[list[Any], Target]:
    action: Any = Action(result)
    target = Target(action, {}, {"profile": "payments", **options})
    answers = target.visit([request] * requests)
    assert action.arguments["profile"] == "payments"
    return answers, target


def test_an_answer_says_over_which_connection_it_came() -> None:
    (answer,), _target = visit({"answers": [answer_to_json(ANSWER)]})
    assert answer.parameters == ANSWER.parameters
    assert answer.provenance.connection == "ssh", "the target's own value is ignored"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (AnsibleConnectionFailure("No route."), {"unreachable": True, "msg": "No route."}),
        (AnsibleError("No interpreter."), {"failed": True, "msg": "No interpreter."}),
        (
            AnsibleError("error processing module_util: unable to locate collection amazon.aws"),
            {
                "failed": True,
                "msg": "The collection amazon.aws is not installed on the controller. Install it with ansible-galaxy"
                " collection install amazon.aws. error processing module_util: unable to locate collection amazon.aws",
            },
        ),
        (
            {"failed": True, "msg": "No boto3.", "rc": 1},
            {"failed": True, "msg": "No boto3.", "rc": 1},
        ),
        ({"changed": False}, {"msg": "The module ended without an answer."}),
        ({"answers": []}, {"msg": "The module ended without an answer."}),
        (
            {"failed": True, "msg": "No JSON.", "module_stdout": "bash: python: not found"},
            {"failed": True, "msg": "No JSON.", "module_stdout": "bash: python: not found"},
        ),
    ],
)
def test_a_visit_that_dies_is_lost_for_every_request(
    result: dict[str, Any] | Exception, expected: dict[str, Any]
) -> None:
    answers, _target = visit(result, requests=2)
    assert answers == [Lost(Failure(expected["msg"]), expected)] * 2


@pytest.mark.parametrize(
    "result",
    [
        {"answers": [answer_to_json(ANSWER)], "invocation": "dG9rZW4=", "ansible_facts": {"token": "dG9rZW4="}},
        {"failed": True, "msg": "No JSON.", "module_stdout": '{"answers": [{"parameters": {"import_token": "dG9rZW4='},
        {"failed": True, "msg": "No JSON.", "module_stdout": '{"failed": true, "_ansible_new_secrets": ["dG9rZW4='},
        {"failed": True, "msg": "Late.", "answers": [answer_to_json(ANSWER)], "_ansible_new_secrets": ["dG9rZW4="]},
    ],
)
def test_what_a_visit_that_died_sent_is_not_passed_on(result: dict[str, Any]) -> None:
    answers, _target = visit(result, requests=2)
    assert all(isinstance(lost, Lost) for lost in answers)
    assert "dG9rZW4=" not in str(answers)


@pytest.mark.parametrize("broken", [{"import_token": "dG9r********"}, {"import_token": None}, {}])
def test_an_answer_that_ansible_masked_is_said_in_words(broken: dict[str, Any]) -> None:
    entry = answer_to_json(ANSWER)
    entry["parameters"] = {**entry["parameters"], **broken} if broken else "********"
    (lost, fine), _target = visit({"answers": [entry, answer_to_json(Failed(Failure("Denied.")))]}, requests=2)
    assert isinstance(lost, Lost)
    assert "is incomplete" in lost.failure.sentence
    assert fine == Failed(Failure("Denied."))


def look(key: str, facts: KeyFacts, region: str | None = None) -> Any:
    """The outcome of an answer with these facts."""
    answer = answer_to_json(Seen(facts, NOW, PROVENANCE))
    ((received,), _target) = visit({"answers": [answer]}, request=Look(key, region))
    return received


ALIASES = ("alias/payments", "arn:aws:kms:eu-central-1:111122223333:alias/payments")


@pytest.mark.parametrize("key", [SYMMETRIC.arn, SYMMETRIC.key_id, *ALIASES])
def test_an_answer_is_about_the_key_that_was_asked_for(key: str) -> None:
    assert look(key, SYMMETRIC).facts == SYMMETRIC


REPLICA = SYMMETRIC.arn.replace("eu-central-1", "eu-west-1")
FOREIGN = SYMMETRIC.arn.replace("111122223333", "444455556666")


@pytest.mark.parametrize(
    ("key", "other"),
    [
        (SYMMETRIC.arn, {"arn": f"{SYMMETRIC.arn[:-1]}0", "key_id": f"{SYMMETRIC.key_id[:-1]}0"}),
        (SYMMETRIC.arn, {"arn": REPLICA, "region": "eu-west-1"}),
        (SYMMETRIC.key_id, {"arn": f"{SYMMETRIC.arn[:-1]}0", "key_id": f"{SYMMETRIC.key_id[:-1]}0"}),
        (SYMMETRIC.key_id, {"arn": f"{SYMMETRIC.arn[:-1]}0"}),
        (SYMMETRIC.key_id, {"region": "eu-west-1"}),
        (ALIASES[0], {"arn": "a key"}),
        (ALIASES[0], {"arn": f"{SYMMETRIC.arn[:-1]}0"}),
        (ALIASES[1], {"arn": FOREIGN}),
        (ALIASES[1], {"arn": REPLICA, "region": "eu-west-1"}),
    ],
)
def test_an_answer_about_another_key_is_lost(key: str, other: dict[str, str]) -> None:
    lost = look(key, SYMMETRIC._replace(**other))
    assert isinstance(lost, Lost)
    assert lost.failure.sentence.startswith(f"{key}: the target answered for another key")


def ensured(key: str, arn: str | None, region: str | None = None, expected: str | None = None) -> Any:
    """The outcome of an answer that the key is as declared and has this ARN."""
    answer = answer_to_json(EnsuredKey(EnsuredKeyResult(False, (), arn), (), PROVENANCE, foretold=False))
    ((received,), _target) = visit({"answers": [answer]}, request=EnsureKey(key, region, {}, False, expected))
    return received


@pytest.mark.parametrize(
    "malformed",
    [
        {"changed": "yes"},
        {"actions": None},
        {"actions": [1]},
        {"arn": 5},
        {"kms_key": ["arn"]},
        {"diffs": [{}]},
        {"diffs": [{"before_header": "a", "after_header": "a", "before": [], "after": {}}]},
        {"replicas": [{"region": "eu-west-1"}]},
        {"replicas": {}},
    ],
    ids=str,
)
def test_a_malformed_result_is_lost(malformed: dict[str, Any]) -> None:
    """It does not cause an internal error of the collection later."""
    replica = EnsuredReplica("eu-west-1", None, None, False, (), None)
    answer = answer_to_json(
        EnsuredKey(EnsuredKeyResult(False, (), SYMMETRIC.arn, {}, (), (replica,)), (), PROVENANCE, False)
    )
    request = EnsureKey(SYMMETRIC.arn, None, {}, False)
    ((received,), _target) = visit({"answers": [answer]}, request=request)
    assert isinstance(received, EnsuredKey)
    for result in ({**answer["result"], **malformed}, {}, [], None):
        ((received,), _target) = visit({"answers": [{**answer, "result": result}]}, request=request)
        assert isinstance(received, Lost)
        assert "is incomplete" in received.failure.sentence


@pytest.mark.parametrize("key", [SYMMETRIC.arn, SYMMETRIC.key_id, *ALIASES])
def test_an_ensured_key_is_the_one_that_was_asked_for(key: str) -> None:
    assert ensured(key, SYMMETRIC.arn, "eu-central-1", SYMMETRIC.arn).arn == SYMMETRIC.arn
    assert ensured(key, None).arn is None, "no key exists yet"
    others = [f"{SYMMETRIC.arn[:-1]}0"] if "alias/" not in key else []
    for other, more in [
        *((arn, {}) for arn in (*others, "a key")),
        (REPLICA, {"region": "eu-central-1"}),
        (f"{SYMMETRIC.arn[:-1]}0", {"expected": SYMMETRIC.arn}),
    ]:
        lost = ensured(key, other, **more)
        assert isinstance(lost, Lost), other
        assert lost.failure.sentence.startswith(f"{key}: the target answered for another key")


def test_an_answer_from_another_region_is_lost() -> None:
    assert isinstance(look(ALIASES[0], SYMMETRIC, "eu-west-1"), Lost)
    assert look(ALIASES[0], SYMMETRIC, "eu-central-1").facts == SYMMETRIC


@pytest.mark.parametrize(
    "masked",
    [
        {"key_state": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
        {"arn": SYMMETRIC.arn.replace("1111", "********")},
        {"materials": (Material(CURRENT, "CURRENT", "IMPORTED", "the ******** key"),)},
    ],
)
def test_facts_that_ansible_masked_are_not_believed(masked: dict[str, Any]) -> None:
    """An emulator's secret_key can be a common word, which Ansible masks in all results."""
    lost = look(ALIASES[0], SYMMETRIC._replace(**masked))
    assert isinstance(lost, Lost)
    assert "is incomplete" in lost.failure.sentence


OWN = SYMMETRIC.arn.split(":")[4]


@pytest.mark.parametrize("expected", [OWN, int(OWN), None], ids=repr)
def test_the_account_that_the_task_expects_is_handed_on(expected: Any) -> None:
    """The account is passed on as the task contains it. The module converts it in the same way."""
    action: Any = Action({"answers": [answer_to_json(Seen(SYMMETRIC, NOW, PROVENANCE))]})
    target = Target(action, {}, {"expected_account_id": expected})
    (answer,) = target.visit([Look(SYMMETRIC.arn, None)])
    assert answer.facts == SYMMETRIC
    assert action.arguments["expected_account_id"] == expected


@pytest.mark.parametrize("expected", ["", 11112222333, "1111-2222-3333"], ids=repr)
def test_an_account_that_is_none_is_refused_before_any_visit(expected: Any) -> None:
    action: Any = Action(AssertionError("no target is visited"))
    with pytest.raises(Refusal, match="12 digits"):
        Target(action, {}, {"expected_account_id": expected})


def test_a_key_of_another_account_is_not_asked_for() -> None:
    """Another request of the same visit is sent."""
    action: Any = Action({"answers": [answer_to_json(Seen(SYMMETRIC, NOW, PROVENANCE))]})
    target = Target(action, {}, {"expected_account_id": OWN})
    for foreign in (FOREIGN, ALIASES[1].replace(OWN, "444455556666")):
        refused, fine = target.visit([Look(foreign, None), Look(SYMMETRIC.arn, None)])
        assert isinstance(refused, Failed), "it is known that nothing was changed"
        assert f"{foreign}, is in account 444455556666, but expected_account_id is {OWN}." in refused.failure.sentence
        assert fine.facts == SYMMETRIC
        assert [entry["body"]["key"] for entry in action.arguments["requests"]] == [SYMMETRIC.arn]


def test_a_visit_that_nothing_is_left_of_is_none() -> None:
    target = Target(cast("Any", Action(AssertionError("no target is visited"))), {}, {"expected_account_id": OWN})
    (refused,) = target.visit([Look(FOREIGN, None)])
    assert isinstance(refused, Failed)


def test_facts_of_another_account_are_not_believed() -> None:
    """An alias contains no account ID: the target can return a key of another account."""
    answer = answer_to_json(Seen(SYMMETRIC._replace(arn=FOREIGN), NOW, PROVENANCE))
    ((lost,), _target) = visit({"answers": [answer]}, request=Look(ALIASES[0], None), expected_account_id=OWN)
    assert isinstance(lost, Lost)
    assert (
        f"KMS returned the key {FOREIGN}, which is not in the account of expected_account_id, {OWN}"
        in lost.failure.sentence
    )


def test_a_warning_of_every_visit_is_given_once() -> None:
    answers = [answer_to_json(ANSWER)]
    target = visit({"answers": answers, "warnings": ["Old boto3.", "Old boto3."]})[1]
    assert target.finish({"warnings": ["Slow."]}, {"changed": True, "warnings": ["Slow.", "New."]}) == {
        "changed": True,
        "warnings": ["Slow.", "Old boto3.", "New."],
    }


def test_a_visit_hands_on_what_the_one_before_said_of_its_pace() -> None:
    """Only the target can determine the elapsed time, by its own clock."""
    paced = {"eu-central-1": {"GetParametersForImport": 1_800_000_000.5}}
    action: Any = Action({"answers": [answer_to_json(ANSWER)], "paced": paced})
    target = Target(action, {}, {})
    target.visit([REQUEST])
    assert not action.arguments["paced"]
    action.result = {"failed": True, "msg": "No JSON."}
    for _visit in range(2):
        target.visit([REQUEST])
        assert action.arguments["paced"] == paced


def test_the_module_gets_quotas_and_patience_where_an_action_has_them() -> None:
    action: Any = Action({"answers": [answer_to_json(ANSWER)]})
    Target(action, {}, {"profile": "payments"}).visit([REQUEST])
    assert set(action.arguments) == {"profile", "requests", "paced"}
    Target(action, {}, {}, quotas={"ImportKeyMaterial": 30}, patience=15).visit([REQUEST])
    assert (action.arguments["quotas"], action.arguments["patience"]) == ({"ImportKeyMaterial": 30}, 15)
