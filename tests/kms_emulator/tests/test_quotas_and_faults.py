# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request quotas and eventual consistency as AWS documents them, and the control API that produces them."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material
from support.waiting import until

from .answers import refused

if TYPE_CHECKING:
    from support.emulator import ClientFor, Control, Emulator

THROTTLED = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


def test_a_quota_counts_requests_per_second(kms: Any, emulator: Emulator, control: Control) -> None:
    """Documented: Request quotas (GetParametersForImport: 1 per second), Throttling requests (text)."""
    key = ExternalKey.create(kms)
    control.quotas({"GetParametersForImport": 1})
    key.parameters()
    with refused("ThrottlingException", THROTTLED):
        key.parameters()
    emulator.advance(seconds=2)
    key.parameters()


def test_a_quota_is_shared_by_all_keys_of_an_account_and_region(kms: Any, control: Control) -> None:
    """Documented: Request quotas, "per account and Region"."""
    one, other = ExternalKey.create(kms), ExternalKey.create(kms)
    control.quotas({"GetParametersForImport": 1})
    one.parameters()
    with refused("ThrottlingException", THROTTLED):
        other.parameters()


def test_every_region_has_its_own_quota(kms: Any, kms_in: ClientFor, control: Control) -> None:
    """Documented: Request quotas, "per account and Region"."""
    one, other = ExternalKey.create(kms), ExternalKey.create(kms_in("eu-west-1"))
    control.quotas({"GetParametersForImport": 1})
    one.parameters()
    other.parameters()
    with refused("ThrottlingException", THROTTLED):
        other.parameters()


def test_every_account_has_its_own_quota(kms: Any, other_account: Any, control: Control) -> None:
    """Documented: Request quotas, "per account and Region"."""
    one, other = ExternalKey.create(kms), ExternalKey.create(other_account)
    control.quotas({"GetParametersForImport": 1})
    one.parameters()
    other.parameters()


def test_operations_have_quotas_of_their_own(kms: Any, control: Control) -> None:
    """Documented: Request quotas."""
    key = ExternalKey.create(kms)
    control.quotas({"GetParametersForImport": 1})
    parameters = key.parameters()
    for _number in range(3):
        key.put(key.material or new_material(SYMMETRIC), parameters=parameters)
        key.describe()


def test_a_throttled_request_does_nothing(kms: Any, control: Control) -> None:
    """Documented: Throttling requests."""
    key = ExternalKey.imported(kms)
    control.quotas({"DisableKey": 1})
    kms.disable_key(KeyId=ExternalKey.imported(kms).arn)
    with refused("ThrottlingException", THROTTLED):
        kms.disable_key(KeyId=key.arn)
    assert key.state == "Enabled"


def test_a_new_key_may_not_be_found_at_first(kms: Any, emulator: Emulator, control: Control) -> None:
    """Documented: Eventual consistency: NotFoundException from GetParametersForImport right after CreateKey."""
    control.stale_reads(30)
    key = ExternalKey.create(kms)
    with refused("NotFoundException", f"Key '{key.arn}' does not exist"):
        key.parameters()
    emulator.advance(seconds=31)
    key.parameters()


def test_an_import_may_not_show_at_first(kms: Any, emulator: Emulator, control: Control) -> None:
    """Documented: Eventual consistency: "changes might take time to be visible"."""
    key = ExternalKey.create(kms)
    control.stale_reads(30)
    key.put(new_material(SYMMETRIC))
    assert key.describe()["KeyState"] == "PendingImport"
    emulator.advance(seconds=31)
    assert key.describe()["KeyState"] == "Enabled"


def test_a_moved_expiration_may_not_show_at_first(kms: Any, emulator: Emulator, control: Control) -> None:
    """Documented: Eventual consistency. DescribeKey and ListKeyRotations return the earlier expiration."""
    key = ExternalKey.create(kms)
    before, after = emulator.now() + timedelta(days=1), emulator.now() + timedelta(days=2)
    key.put(new_material(SYMMETRIC), before)
    control.stale_reads(30)
    key.put(key.material, after)
    assert (key.describe()["ValidTo"], key.history()[0]["ValidTo"]) == (before, before)
    emulator.advance(seconds=31)
    assert (key.describe()["ValidTo"], key.history()[0]["ValidTo"]) == (after, after)


@pytest.mark.parametrize("times", [1, 2])
def test_a_fault_happens_as_often_as_it_was_asked_for(kms: Any, control: Control, times: int) -> None:
    """The emulator's own promise."""
    key = ExternalKey.create(kms)
    control.faults([{"operation": "DescribeKey", "error": "KMSInternalException", "times": times}])
    for _number in range(times):
        with pytest.raises(kms.exceptions.KMSInternalException):
            key.describe()
    assert key.state == "PendingImport"


def test_a_dropped_reply_leaves_the_work_done(kms: Any, control: Control) -> None:
    """The emulator's own promise: "drop" closes the connection after the operation, like a lost answer."""
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    control.faults([{"operation": "ImportKeyMaterial", "drop": True, "times": 1}])
    with pytest.raises((HTTPClientError, ConnectionClosedError)):
        key.put(new_material(SYMMETRIC), parameters=parameters)
    assert key.state == "Enabled"


def test_a_request_that_is_held_is_never_carried_out(kms: Any, control: Control) -> None:
    """The emulator's own promise: "hold" keeps the client waiting until the faults are set again."""
    key = ExternalKey.imported(kms)
    control.faults([{"operation": "DisableKey", "hold": True, "times": 1}])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(kms.disable_key, KeyId=key.arn)
        until(lambda: control.calls()[-1]["operation"] == "DisableKey", "the request has arrived")
        assert not waiting.done()
        control.faults([])
        with pytest.raises((HTTPClientError, ConnectionClosedError)):
            waiting.result()
    assert key.state == "Enabled"


def test_a_clock_that_was_stopped_goes_on_from_where_it_stands(emulator: Emulator, control: Control) -> None:
    """The emulator's own promise: a stopped clock changes only when it is advanced."""
    stopped = emulator.now()
    assert emulator.now() == stopped
    emulator.advance(hours=1)
    assert emulator.now() == stopped + timedelta(hours=1)
    control.run_clock()
    until(lambda: emulator.now() > stopped + timedelta(hours=1), "a second has passed")
    control.stop_clock()
    assert emulator.now() == emulator.now()


def test_an_error_answer_carries_out_nothing(kms: Any, control: Control) -> None:
    """The emulator's own promise: an operation with an error answer is not carried out."""
    key = ExternalKey.imported(kms)
    control.faults([{"operation": "DisableKey", "error": "DependencyTimeoutException", "times": 1}])
    with pytest.raises(ClientError):
        kms.disable_key(KeyId=key.arn)
    assert key.state == "Enabled"


def _hit(kms: Any, control: Control, seed: int) -> list[bool]:
    """Return which of many calls fail. Each fails with a probability of one half."""
    control.faults(
        [{"operation": "*", "error": "KMSInternalException", "probability": 0.5, "times": None, "seed": seed}]
    )
    hit = []
    for number in range(64):
        try:
            kms.describe_key(KeyId=f"alias/{number % 8}")
        except kms.exceptions.KMSInternalException:
            hit.append(True)
        except kms.exceptions.NotFoundException:
            hit.append(False)
    return hit


def test_faults_at_random_follow_from_their_seed(kms: Any, control: Control) -> None:
    """The emulator's own promise: the same calls meet the same faults; another seed selects others."""
    first = _hit(kms, control, 1)
    assert set(first) == {True, False}
    assert _hit(kms, control, 1) == first
    assert _hit(kms, control, 2) != first


def test_a_change_may_show_late_by_a_fault(kms: Any, emulator: Emulator, control: Control) -> None:
    """The emulator's own promise: the call is carried out, but reads return the earlier state for some time."""
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    control.faults([{"operation": "ImportKeyMaterial", "stale_seconds": 30}])
    key.put(new_material(SYMMETRIC))
    other.put(new_material(SYMMETRIC))
    assert (key.state, other.state) == ("PendingImport", "Enabled")
    emulator.advance(seconds=31)
    assert key.state == "Enabled"


def test_reading_other_things_of_a_key_makes_no_reads_stale(kms: Any, emulator: Emulator, control: Control) -> None:
    """Documented: Eventual consistency concerns changes."""
    key = ExternalKey.create(kms)
    control.stale_reads(30)
    key.put(new_material(SYMMETRIC))
    emulator.advance(seconds=20)
    kms.list_aliases(KeyId=key.id)
    kms.get_key_policy(KeyId=key.id)
    emulator.advance(seconds=11)
    assert key.state == "Enabled"


def test_half_a_request_is_not_carried_out(emulator: Emulator, control: Control) -> None:
    """The emulator's own promise, for killed clients: an incomplete request has no effect."""
    before, address = len(control.calls()), urlsplit(emulator.url)
    head = f"POST / HTTP/1.1\r\nHost: {address.netloc}\r\nX-Amz-Target: TrentService.CreateKey\r\n"
    for sent in (head, f"{head}Content-Length: 30\r\n\r\n", f"{head}Content-Length: 30\r\n\r\n{{}}"):
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(sent.encode())
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(100) == b""
    assert control.calls(before) == []


def test_the_log_says_which_fault_befell_a_call(kms: Any, control: Control) -> None:
    """The emulator's own promise: the log explains why a client repeated a call."""
    key = ExternalKey.create(kms)
    before = len(control.calls())
    control.faults(
        [
            {"operation": "DescribeKey", "drop": "before"},
            {"operation": "DescribeKey", "drop": True},
            {"operation": "DescribeKey", "error": "KMSInternalException"},
        ]
    )
    for _number in range(3):
        with pytest.raises((HTTPClientError, ConnectionClosedError, ClientError)):
            key.describe()
    key.describe()
    assert [(call["status"], call["fault"]) for call in control.calls(before)] == [
        (0, "dropped before"),
        (200, "dropped"),
        (500, "KMSInternalException"),
        (200, None),
    ]


def test_every_call_is_written_down(kms: Any, control: Control) -> None:
    """The emulator's own promise: operation, Region, key, status, and time, including refused calls."""
    key = ExternalKey.create(kms)
    kms.describe_key(KeyId=key.id)
    with pytest.raises(ClientError):
        kms.enable_key(KeyId=key.arn)
    mine = [call for call in control.calls() if key.id in str(call["key"])]
    assert [(call["operation"], call["region"], call["status"]) for call in mine][-2:] == [
        ("DescribeKey", "us-east-1", 200),
        ("EnableKey", "us-east-1", 400),
    ]
    assert all("time" in call for call in mine)
