# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random conversations: KMS answers any sequence of calls, and DescribeKey stays consistent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support.external_key import ExternalKey

if TYPE_CHECKING:
    from support.emulator import Emulator

#: A conversation uses a few materials, so that the same ones are imported again.
MATERIALS = [bytes([number]) * 32 for number in range(4)]
DAYS = st.sampled_from([None, 1, 5, 300])


class Conversation(RuleBasedStateMachine):
    """One symmetric key. Calls may be refused, but never with status 500."""

    emulator: Emulator

    def __init__(self) -> None:
        super().__init__()
        self.key = ExternalKey.create(self.emulator.client())
        self.parameters = self.key.parameters()
        self.seen: set[str] = set()

    def _try(self, call: Any, *arguments: Any, **request: Any) -> None:
        answer = {}
        try:
            call(*arguments, **request)
        except ClientError as refusal:
            answer = refusal.response
        assert not answer or answer["ResponseMetadata"]["HTTPStatusCode"] == 400, answer

    def _until(self, days: int | None) -> Any:
        return self.emulator.now() + timedelta(days=days) if days else None

    @rule(material=st.sampled_from(MATERIALS), days=DAYS)
    def import_material(self, material: bytes, days: int | None) -> None:
        self._try(self.key.put, material, self._until(days), parameters=self.parameters)

    @rule(material=st.sampled_from(MATERIALS), days=DAYS)
    def stage_material(self, material: bytes, days: int | None) -> None:
        self._try(self.key.stage, material, self._until(days), parameters=self.parameters)

    @rule()
    def rotate(self) -> None:
        self._try(self.key.kms.rotate_key_on_demand, KeyId=self.key.arn)

    @rule(hours=st.sampled_from([0.01, 0.1, 30]))
    def wait(self, hours: float) -> None:
        self.emulator.advance(hours=hours)
        if hours >= 24:
            self.parameters = ExternalKey.create(self.emulator.client()).parameters()

    @rule()
    def ask_for_parameters(self) -> None:
        def fetch() -> None:
            self.parameters = self.key.parameters()

        self._try(fetch)

    @rule(
        operation=st.sampled_from(["enable_key", "disable_key", "cancel_key_deletion", "delete_imported_key_material"])
    )
    def change_state(self, operation: str) -> None:
        self._try(getattr(self.key.kms, operation), KeyId=self.key.arn)

    @rule()
    def schedule_deletion_and_think_again(self) -> None:
        self._try(self.key.kms.schedule_key_deletion, KeyId=self.key.arn, PendingWindowInDays=30)
        self._try(self.key.kms.cancel_key_deletion, KeyId=self.key.arn)

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def delete_one_material(self, data: st.DataObject) -> None:
        self._try(self.key.lose_material, data.draw(st.sampled_from(sorted(self.seen))))

    @rule()
    def use(self) -> None:
        self._try(self.key.kms.encrypt, KeyId=self.key.arn, Plaintext=b"text")

    @invariant()
    def what_describe_key_says_holds_together(self) -> None:
        metadata, history = self.key.describe(), self.key.history()
        state = metadata["KeyState"]
        self.seen |= {entry["KeyMaterialId"] for entry in history}
        lasting = [entry for entry in history if entry["KeyMaterialState"] in ("CURRENT", "NON_CURRENT")]
        current = [entry["KeyMaterialId"] for entry in history if entry["KeyMaterialState"] == "CURRENT"]
        missing = [entry for entry in lasting if entry["ImportState"] != "IMPORTED"]

        assert metadata["Enabled"] is (state == "Enabled")
        assert state in ("Enabled", "Disabled", "PendingImport", "PendingDeletion")
        assert [metadata["CurrentKeyMaterialId"]] == current if "CurrentKeyMaterialId" in metadata else not current
        assert len(history) - len(lasting) <= 1, "at most one material waits for its rotation"
        if state in ("Enabled", "Disabled"):
            assert lasting
            assert not missing
            ends = [entry["ValidTo"] for entry in lasting if "ValidTo" in entry]
            assert metadata.get("ValidTo") == (min(ends) if ends else None)
            assert metadata["ExpirationModel"] == ("KEY_MATERIAL_EXPIRES" if ends else "KEY_MATERIAL_DOES_NOT_EXPIRE")
            assert not ends or min(ends) > self.emulator.now() - timedelta(seconds=2)
        if state == "PendingImport":
            assert not {"ExpirationModel", "ValidTo"} & set(metadata)
        for entry in history:
            assert ("ExpirationModel" in entry) is (entry["ImportState"] == "IMPORTED")
            assert ("ValidTo" in entry) is (entry.get("ExpirationModel") == "KEY_MATERIAL_EXPIRES")


@pytest.mark.usefixtures("kms")
def test_any_conversation_keeps_the_key_consistent(emulator: Emulator) -> None:
    """Documented: DescribeKey, ListKeyRotations, Key states of AWS KMS keys."""
    Conversation.emulator = emulator
    run_state_machine_as_test(
        Conversation,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
