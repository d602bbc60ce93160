# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator of a third party. The operations that it lacks are determined by calls, not by its version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

VALID_TO: Final = "DescribeKey with ValidTo"
LABELS: Final = "ListKeyRotations with KeyMaterialDescription"
STAGING: Final = "ImportKeyMaterial with NEW_KEY_MATERIAL"
ROTATING: Final = "RotateKeyOnDemand"
REPEATING: Final = "repeated ImportKeyMaterial of the same symmetric key material"
DELETING: Final = "DeleteImportedKeyMaterial"


def importing(spec: str) -> str:
    return f"ImportKeyMaterial for {spec}"


class ThirdPartyEmulator:
    def __init__(self, name: str, kms: Any) -> None:
        self.name = name
        self.kms = kms
        self._lacks: dict[str, str] = {}

    def needs(self, *operations: str) -> None:
        """Skip the test if the emulator lacks one of the operations. The reason names the first one."""
        for operation in operations:
            if operation not in self._lacks:
                self._lacks[operation] = self._probe(operation)
            if self._lacks[operation]:
                pytest.skip(f"{self.name} lacks {operation}: {self._lacks[operation]}")

    def _probe(self, operation: str) -> str:
        """Return why the operation is missing. An empty text means that it works."""
        try:
            return PROBES[operation](self.kms) if operation in PROBES else _import(self.kms, operation.split()[-1])
        except ClientError as error:
            return f"{error.response['Error']['Code']}, {error.response['Error'].get('Message', '')[:60]}"


def _import(kms: Any, spec: str) -> str:
    key = ExternalKey.imported(kms, spec)
    return "" if key.state == "Enabled" else f"the key state is {key.state}"


def _valid_to(kms: Any) -> str:
    key = ExternalKey.create(kms)
    wanted = (datetime.now(UTC) + timedelta(days=90)).replace(microsecond=0)
    key.put(new_material(SYMMETRIC), wanted)
    described = key.describe().get("ValidTo")
    return "" if described == wanted else f"it is {described}"


def _labels(kms: Any) -> str:
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), KeyMaterialDescription="a label")
    descriptions = [entry.get("KeyMaterialDescription") for entry in key.history()]
    return "" if descriptions == ["a label"] else f"it lists {descriptions}"


def _staging(kms: Any) -> str:
    key = ExternalKey.imported(kms)
    before = key.current_id
    staged = key.stage()
    return "" if staged != before == key.current_id else "the new key material is current at once"


def _rotating(kms: Any) -> str:
    key = ExternalKey.imported(kms)
    key.stage()
    kms.rotate_key_on_demand(KeyId=key.arn)
    return ""


def _repeating(kms: Any) -> str:
    """A renewal and a restore import the same key material again. It must not become pending."""
    key = ExternalKey.imported(kms)
    for _number in range(2):
        key.put(key.material)
    return ""


def _deleting(kms: Any) -> str:
    key = ExternalKey.imported(kms)
    key.lose_material()
    return "" if key.state == "PendingImport" else f"the key state is {key.state}"


PROBES: dict[str, Callable[[Any], str]] = {
    VALID_TO: _valid_to,
    LABELS: _labels,
    STAGING: _staging,
    ROTATING: _rotating,
    REPEATING: _repeating,
    DELETING: _deleting,
}
