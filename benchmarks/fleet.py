# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys with their key material, and the task that declares them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import FOLDER, REGION, THREADS, Bench
from support.wrapping import wrap

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.material_label import fingerprint_label
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import KeyMaterial

MANY, ONE = "cloudkeys.aws.kms_imported_keys", "cloudkeys.aws.kms_key_material"
MATERIALS = FOLDER / "materials"
FOR_EVER = {"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
RAISED = dict.fromkeys(("DescribeKey", "ListKeyRotations"), 100_000)
"""Quotas so high that they do not limit anything. The programs themselves take the remaining time."""
_ALGORITHM = "RSAES_OAEP_SHA_256"


@dataclass(frozen=True)
class FleetKey:
    arn: str
    src: Path

    @property
    def declared(self) -> dict[str, str]:
        """The key as a task declares it."""
        return {"key_id": self.arn, "key_material_src": str(self.src)}


def make_fleet(bench: Bench, number: int, region: str = REGION, *, material: bool = True) -> list[FleetKey]:
    """Create symmetric keys, each with a separate file.

    :param material: whether to import the content of the files, with the label by which it is recognized.
    """
    MATERIALS.mkdir(parents=True, exist_ok=True)
    kms = bench.client(region)

    def make(_number: int) -> FleetKey:
        metadata = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
        key = FleetKey(metadata["Arn"], MATERIALS / f"{metadata['KeyId']}.key")
        content = os.urandom(31) + b"\x01"
        key.src.write_bytes(content)
        if material:
            _import(kms, metadata["KeyId"], content)
        return key

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(make, range(number)))


def _import(kms: Any, key_id: str, content: bytes) -> None:
    # The smallest wrapping key: with a larger one, the emulator takes several times as long.
    parameters = kms.get_parameters_for_import(KeyId=key_id, WrappingAlgorithm=_ALGORITHM, WrappingKeySpec="RSA_2048")
    kms.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(_ALGORITHM, parameters["PublicKey"], content),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        KeyMaterialDescription=fingerprint_label(KeyMaterial("SYMMETRIC_DEFAULT", content).fingerprint(key_id)),
    )


def many(keys: Sequence[FleetKey], quotas: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The options of one task for all of these keys.

    :param quotas: requests per second, by operation, where they differ from AWS's.
    """
    return {"kms_keys": [key.declared for key in keys], **FOR_EVER, **({"quotas": dict(quotas)} if quotas else {})}


def loop(bench: Bench, keys: Sequence[FleetKey]) -> None:
    """Run a separate task for each key."""
    options = {"key_id": "{{ item.key_id }}", "key_material_src": "{{ item.key_material_src }}", **FOR_EVER}
    bench.task(ONE, options, [key.declared for key in keys])
