# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What controller and target say to each other arrives as it was sent."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils import _messages
from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration, WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    ANSWERS,
    REQUESTS,
    SECRETS,
    Action,
    Answer,
    Applied,
    Apply,
    Failed,
    Failure,
    GetParameters,
    GivenParameters,
    Imported,
    Look,
    MacVerdict,
    Parameters,
    Request,
    Seen,
    Step,
    VerifyMac,
    Watch,
    Watched,
    answer_from_json,
    answer_to_json,
    may_download,
    request_from_json,
    request_to_json,
)

from .keys import NOW, SYMMETRIC, keys

texts = st.text(max_size=20)
regions = st.none() | st.sampled_from(["eu-central-1", "us-gov-west-1"])
data = st.binary(max_size=40)
times = st.integers(0, 10**9).map(lambda seconds: NOW + timedelta(seconds=seconds))
expirations = st.none() | times
durations = st.none() | st.integers(1, 10**7).map(lambda seconds: timedelta(seconds=seconds))
earlier = st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds))
wanted_expirations = st.builds(WantedExpiration, expirations, durations, durations, st.booleans(), earlier)
steps = st.builds(
    Step,
    st.sampled_from(get_args(Action)),
    st.integers(0, 3),
    st.booleans(),
    st.none() | st.builds(Expiration, expirations),
    st.none() | st.sampled_from(get_args(_messages.ImportType)),
    st.none() | texts,
    st.none() | texts,
)
afters = st.dictionaries(texts, st.none() | texts | st.dictionaries(texts, st.none() | texts, max_size=2), max_size=3)
secrets = st.lists(data, max_size=2).map(tuple)
requests: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        Look,
        texts,
        regions,
        st.booleans(),
        st.sampled_from(["never", "due", "always"]),
        wanted_expirations,
        st.none() | texts,
        texts,
        st.integers(0, 300),
        st.booleans(),
    ),
    st.builds(GetParameters, texts, regions, texts, texts),
    st.builds(VerifyMac, texts, regions, data, data, texts),
    st.builds(
        Apply,
        texts,
        regions,
        st.none() | keys(),
        st.lists(steps, max_size=3).map(tuple),
        afters,
        st.none() | st.integers(0, 300),
        secrets,
        secrets,
    ),
    st.builds(Watch, texts, regions, afters, st.integers(0, 300)),
)
provenances = st.builds(Provenance, texts, texts, texts, st.booleans(), texts)
failures = st.builds(Failure, texts, st.none() | st.just({"code": "NotFoundException"}))
parameters = st.builds(Parameters, data, data, times, texts, texts)
answers: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        Seen,
        keys(),
        times,
        provenances,
        st.none() | data,
        st.none() | texts,
        st.none() | parameters,
        st.none() | failures,
    ),
    st.builds(GivenParameters, parameters, times, provenances),
    st.builds(MacVerdict, st.none() | st.booleans(), st.none() | texts, provenances),
    st.builds(
        Applied,
        keys(),
        times,
        provenances,
        st.lists(st.sampled_from(get_args(Action)), max_size=2).map(tuple),
        st.none() | st.sampled_from(get_args(Action)),
        st.lists(st.builds(Imported, st.none() | texts, st.none() | texts), max_size=2).map(tuple),
        st.none() | st.integers(0, 3),
        st.booleans(),
        st.booleans(),
        st.none() | failures,
    ),
    st.builds(Watched, keys(), times, provenances, st.booleans()),
    st.builds(Failed, failures),
)


def over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


@given(requests)
def test_requests_arrive_as_they_were_sent(request: Request) -> None:
    # Ansible fills in None for options that were not given.
    arrived = request_from_json({**dict.fromkeys(SECRETS), **over_the_wire(request_to_json(request))})
    assert (type(arrived), arrived) == (type(request), request)


@given(answers)
def test_answers_arrive_as_they_were_sent(answer: Answer) -> None:
    arrived = answer_from_json(over_the_wire(answer_to_json(answer)))
    assert (type(arrived), arrived) == (type(answer), answer)


@given(requests)
def test_what_is_secret_has_an_option_of_its_own(request: Request) -> None:
    """no_log works by option."""
    entry = request_to_json(request)
    assert not set(SECRETS) & set(entry["body"])
    assert set(entry) <= {"kind", "body", *SECRETS}


@pytest.mark.parametrize(
    ("request_", "may"),
    [
        (GetParameters("key", None, "RSAES_OAEP_SHA_256", "RSA_4096"), True),
        (Look("key", None, parameters="due"), True),
        (Look("key", None), False),
        (Apply("key", None, None, (Step("stage"), Step("rotate")), {}, None), False),
        (Watch("key", None, {}, 15), False),
    ],
    ids=str,
)
def test_what_may_download_import_parameters(request_: Request, may: bool) -> None:
    assert may_download(request_) is may


def test_which_actions_import() -> None:
    """Each of them is sent a ciphertext and an import token."""
    assert [action for action in get_args(Action) if Step(action).imports] == ["import", "reimport", "stage"]


@given(st.lists(st.sampled_from(get_args(Action))), st.integers(0, 9))
def test_which_key_materials_kms_took(actions: list[Any], number: int) -> None:
    """Those of the first imports: at the one that fails, a run ends."""
    steps = [Step(action, place) for place, action in enumerate(actions)]
    importing = [step for step in steps if step.action in ("import", "reimport", "stage")][:number]
    imports = tuple(Imported(f"request {step.place}", None) for step in importing)
    taken = Applied(SYMMETRIC, NOW, Provenance("", ""), imports=imports).taken(steps)
    assert [step for step, _imported in taken] == importing
    assert all(imported.request_id == f"request {step.place}" for step, imported in taken)


def test_every_message_of_the_module_can_be_sent() -> None:
    """A kind that nobody can read would be found out only in the middle of a run."""
    assert set(REQUESTS.values()) == set(get_args(Request))
    assert set(ANSWERS.values()) == set(get_args(Answer))
    assert set(REQUESTS) == set(get_args(_messages.RequestKind))
    assert set(ANSWERS) == set(get_args(_messages.AnswerKind))


@pytest.mark.parametrize("error", [CloudKeysError("A sentence."), Refusal("A sentence.")])
def test_a_failure_is_a_sentence(error: CloudKeysError) -> None:
    assert Failure.of(error) == Failure("A sentence.")
    assert Failure.of(error).code is None


def test_a_failure_of_kms_keeps_its_error() -> None:
    error = KmsError("DescribeKey", "NotFoundException", "No.", key="alias/payments", region="eu-central-1")
    assert Failure.of(error) == Failure(error.sentence, error.to_json())
    assert Failure.of(error).code == "NotFoundException"


@pytest.mark.parametrize(
    "message",
    [
        VerifyMac("key", None, b"message", b"a secret", "HMAC_SHA_256"),
        Apply("key", None, None, (), {}, None, (b"x", b"a secret"), (b"y", b"a secret")),
        GivenParameters(
            Parameters(b"key", b"a secret", NOW, "RSAES_OAEP_SHA_256", "RSA_4096"), NOW, Provenance("", "")
        ),
    ],
)
def test_what_is_secret_is_in_no_representation(message: Any) -> None:
    """An exception or a debugger may quote one."""
    assert "a secret" not in repr(message)
