# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages are unchanged after their conversion to JSON and back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils import _messages
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.ensured_key import (
    EnsuredKeyResult,
    EnsuredReplica,
    KeyDiff,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration, WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    SECRETS,
    Action,
    Answer,
    Applied,
    Apply,
    EnsuredKey,
    EnsureKey,
    Failed,
    Failure,
    GetParameters,
    GivenParameters,
    Imported,
    Look,
    MacVerdict,
    Parameters,
    Postponed,
    Request,
    Seen,
    Step,
    VerifyMac,
    Watch,
    Watched,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.wire import (
    ANSWERS,
    REQUESTS,
    AnswerKind,
    RequestKind,
    answer_from_json,
    answer_to_json,
    request_from_json,
    request_to_json,
)

from ..keys import NOW, keys

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
options = st.dictionaries(texts, st.none() | texts | st.booleans() | st.lists(texts, max_size=2), max_size=3)
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
    st.builds(EnsureKey, texts, regions, options, st.booleans()),
)
provenances = st.builds(Provenance, texts, texts, texts, st.booleans(), texts)
failures = st.builds(Failure, texts, st.none() | st.just({"code": "NotFoundException"}))
parameters = st.builds(Parameters, data, data, times, texts, texts)
seen = st.builds(
    Seen,
    keys(),
    times,
    provenances,
    st.none() | data,
    st.none() | texts,
    st.none() | parameters,
    st.none() | failures,
)
actions = st.lists(texts, max_size=2).map(tuple)
results = st.builds(
    EnsuredKeyResult,
    st.booleans(),
    actions,
    st.none() | texts,
    afters,
    st.lists(st.builds(KeyDiff, texts, texts, afters, afters), max_size=2).map(tuple),
    st.lists(
        st.builds(
            EnsuredReplica, texts, st.none() | texts, st.none() | texts, st.booleans(), actions, st.none() | texts
        ),
        max_size=2,
    ).map(tuple),
)
warnings = st.lists(texts, max_size=2).map(tuple)
answers: st.SearchStrategy[Any] = st.one_of(
    seen,
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
    st.builds(EnsuredKey, results, warnings, provenances, st.booleans(), st.none() | failures, st.none() | seen),
    st.builds(Postponed, failures),
    st.builds(Failed, failures),
)


def over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


@given(requests)
def test_requests_arrive_as_they_were_sent(request: Request) -> None:
    # Ansible sets omitted options to None.
    arrived = request_from_json({**dict.fromkeys(SECRETS), **over_the_wire(request_to_json(request))})
    assert (type(arrived), arrived) == (type(request), request)


@given(answers)
def test_answers_arrive_as_they_were_sent(answer: Answer) -> None:
    arrived = answer_from_json(over_the_wire(answer_to_json(answer)))
    assert (type(arrived), arrived) == (type(answer), answer)


@given(requests)
def test_what_is_secret_has_an_option_of_its_own(request: Request) -> None:
    """no_log applies to complete options."""
    entry = request_to_json(request)
    assert not set(SECRETS) & set(entry["body"])
    assert set(entry) <= {"kind", "body", *SECRETS}


def test_every_message_of_the_module_can_be_sent() -> None:
    """Otherwise, a request type that the module cannot read would be detected only during a run."""
    assert set(REQUESTS.values()) == set(get_args(Request))
    assert set(ANSWERS.values()) == set(get_args(Answer))
    assert set(REQUESTS) == set(get_args(RequestKind))
    assert set(ANSWERS) == set(get_args(AnswerKind))
