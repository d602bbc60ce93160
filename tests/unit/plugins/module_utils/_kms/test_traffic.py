# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which requests are sent again, for how long, and which are returned as postponed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.traffic import ATTEMPTS, PatienceExceeded, Traffic

from .clock import Clock, clock

__all__ = ("clock",)

KEY, REGION = "alias/payments", "eu-central-1"
THROTTLED = "ThrottlingException"
PASSING = [
    ("KMSInternalException", 500),
    ("DependencyTimeoutException", 503),
    ("502", 502),
    ("429", 429),
    ("ReadTimeoutError", None),
    ("ConnectionClosedError", None),
    ("EndpointConnectionError", None),
]
LASTING = [("NotFoundException", 400), ("LimitExceededException", 400), ("501", 501), ("NotAnAnswer", None)]


def error(code: str, status: int | None = 400, operation: str = "ImportKeyMaterial") -> KmsError:
    return KmsError(operation, code, "", key=KEY, region=REGION, status=status)


class Answers:
    """Errors, and ``done`` after them."""

    def __init__(self, errors: Iterable[Exception] = (), then: Callable[[], Any] = lambda: "done") -> None:
        self.errors = list(errors)
        self.then = then
        self.count = 0

    def __call__(self) -> Any:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.then()


def forever(code: str) -> Answers:
    def refuse() -> None:
        raise error(code)

    return Answers(then=refuse)


def send(traffic: Traffic, request: Callable[[], Any], operation: str = "ImportKeyMaterial", **how: bool) -> Any:
    return traffic.send(operation, KEY, REGION, request, **how)


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.usefixtures("clock")
def test_throttling_is_repeated_however_often(repeatable: bool) -> None:
    """This applies to every request: KMS has not executed a throttled request."""
    answers = Answers([error(THROTTLED)] * 100)
    assert send(Traffic(), answers, repeatable=repeatable) == "done"
    assert answers.count == 101


@pytest.mark.parametrize(("code", "status"), PASSING)
@pytest.mark.usefixtures("clock")
def test_what_passes_is_repeated_where_it_may(code: str, status: int | None) -> None:
    answers = Answers([error(code, status)] * (ATTEMPTS - 1))
    assert send(Traffic(), answers) == "done"
    once = Answers([error(code, status)])
    with pytest.raises(KmsError):
        send(Traffic(), once, repeatable=False)
    assert once.count == 1


@pytest.mark.parametrize(("code", "status"), LASTING)
@pytest.mark.usefixtures("clock")
def test_what_lasts_is_not(code: str, status: int | None) -> None:
    answers = Answers([error(code, status)])
    with pytest.raises(KmsError) as failed:
        send(Traffic(), answers)
    assert (answers.count, failed.value.code) == (1, code)


@pytest.mark.usefixtures("clock")
def test_a_server_that_fails_and_fails_is_given_up() -> None:
    answers = Answers([error("KMSInternalException", 500)] * ATTEMPTS)
    with pytest.raises(KmsError, match="ImportKeyMaterial"):
        send(Traffic(), answers)
    assert answers.count == ATTEMPTS


@pytest.mark.usefixtures("clock")
def test_one_request_does_not_use_up_the_attempts_of_others() -> None:
    """botocore has 500 tokens for all requests, and takes 14 for each repetition."""
    traffic = Traffic()
    for _number in range(200):
        assert send(traffic, Answers([error("KMSInternalException", 500)] * 5)) == "done"


def test_after_a_quarter_of_an_hour_it_says_who_is_throttled(clock: Clock) -> None:
    answers = forever(THROTTLED)
    with pytest.raises(KmsError) as failed:
        send(Traffic(), answers)
    assert 1000 + 15 * 60 <= clock.now < 1000 + 16 * 60
    assert "throttles ImportKeyMaterial in Region eu-central-1" in failed.value.sentence
    assert "for 15 minutes" in failed.value.sentence
    assert "Service Quotas" in failed.value.sentence
    assert answers.count > 100


def test_as_long_as_others_of_this_task_get_through_it_goes_on(clock: Clock) -> None:
    traffic = Traffic()

    def refuse() -> None:
        if clock.now > 1000 + 3600:
            return
        if int(clock.now) % 5 == 0:
            send(traffic, Answers(), insist=True)
        raise error(THROTTLED)

    send(traffic, refuse)
    assert clock.now > 1000 + 3600


def test_what_was_uncertain_stays_so(clock: Clock) -> None:
    """The request failed in the server once. Later throttling does not prove that KMS executed nothing."""
    answers = forever(THROTTLED)
    answers.errors = [error("KMSInternalException", 500)]
    with pytest.raises(KmsError) as failed:
        send(Traffic(patience=5), answers)
    assert failed.value.uncertain
    assert clock.now >= 1000 + 15 * 60, "the request is also not postponed"


def test_what_is_throttled_when_the_time_is_over_is_postponed(clock: Clock) -> None:
    with pytest.raises(PatienceExceeded) as postponed:
        send(Traffic(patience=20), forever(THROTTLED))
    assert 1010 < clock.now <= 1020
    assert (postponed.value.operation, postponed.value.key, postponed.value.region) == (
        "ImportKeyMaterial",
        KEY,
        REGION,
    )
    assert postponed.value.sentence.startswith(f"{KEY}: ImportKeyMaterial in Region {REGION} was postponed")


def test_what_has_no_turn_in_time_is_postponed(clock: Clock) -> None:
    traffic = Traffic(patience=20)
    asked = Answers()
    for _number in range(20):
        send(traffic, asked, "GetParametersForImport")
    with pytest.raises(PatienceExceeded):
        send(traffic, asked, "GetParametersForImport")
    assert asked.count == 20
    assert clock.now <= 1020
    clock.go_on(60)
    assert send(traffic, asked, "GetParametersForImport") == "done", "a request that need not wait is not postponed"


def test_what_insists_is_never_postponed(clock: Clock) -> None:
    traffic = Traffic(patience=5)
    clock.go_on(60)
    assert send(traffic, Answers([error(THROTTLED)] * 20), insist=True) == "done"
    assert clock.now > 1065


def test_operations_and_regions_have_paces_of_their_own(clock: Clock) -> None:
    traffic = Traffic()
    for region in ("eu-central-1", "us-east-1"):
        for operation in ("GetParametersForImport", "ImportKeyMaterial"):
            traffic.send(operation, KEY, region, lambda: None)
    assert clock.now == 1000
    traffic.send("GetParametersForImport", KEY, "us-east-1", lambda: None)
    assert clock.now > 1001


def test_a_quota_that_was_raised(clock: Clock) -> None:
    traffic = Traffic({"GetParametersForImport": 10})
    for _number in range(101):
        traffic.send("GetParametersForImport", KEY, REGION, lambda: None)
    assert 1010 <= clock.now < 1010.3


def test_the_next_process_goes_on_where_this_one_ended(clock: Clock) -> None:
    before = Traffic()
    send(before, Answers(), "GetParametersForImport")
    assert before.paced == {REGION: {"GetParametersForImport": pytest.approx(clock.time())}}
    after = Traffic(paced={"us-east-1": "********", REGION: {**before.paced[REGION], "********": 1.0, "Sign": "*"}})
    send(after, Answers(), "GetParametersForImport")
    assert clock.now > 1001
