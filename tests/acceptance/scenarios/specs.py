# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key spec that takes imported key material outside the China Regions, with the proofs of HMAC and other keys."""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import partial
from typing import Any

from support.materials import HMAC_SHORTEST, USAGES, other_material, public_key_of

from ..bench import EXPIRATION, Bench, expect
from ..player import Task
from . import Scenario

# A batch creates its keys together, and they are scheduled for deletion before the next.
BATCHES = {
    "hmac": ("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"),
    "rsa": ("RSA_2048", "RSA_3072", "RSA_4096"),
    "nist-curves": ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"),
    "other-curves": ("ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"),
}
# The usages to test where they are not the first ones in USAGES.
_USAGES = {"RSA_4096": "SIGN_VERIFY", "ECC_NIST_P384": "KEY_AGREEMENT"}


def batch(bench: Bench, specs: tuple[str, ...]) -> None:
    before = len(bench.calls())
    names = {spec: spec.lower().replace("_", "-") for spec in specs}
    files = {spec: bench.new_material(names[spec], spec) for spec in specs}
    keys = [
        {
            "alias": bench.alias(names[spec]),
            "key_spec": spec,
            "key_usage": _usage(spec),
            "key_material_src": str(files[spec]),
            "key_material_format": _format(spec),
            **bench.mine,
        }
        for spec in specs
    ]
    task: Task = {"kms_imported_keys": {"kms_keys": keys, **EXPIRATION}}
    bench.budget.take(list(names.values()))
    uses: list[Task] = [{"kms_key_proof": {"key_id": key["alias"]}} for key in keys]
    tasks = (task, task, *uses, _other_material(bench, bench.alias(names[specs[0]]), specs[0]))
    imported, again, *_used, refused = bench.play("Create the keys and import", *tasks, fails=True).results
    expect(imported["changed"], "the keys are created")
    expect(not again["changed"], "a second run changes nothing")
    for spec in specs:
        _check_material(bench, bench.alias(names[spec]), spec, files[spec].read_bytes())
    expect(refused["material_match"] == "different", "other key material is recognized", refused["material_match"])
    by = "mac" if specs[0] in HMAC_SHORTEST else "public_key"
    expect(refused["material_match_by"] == by, f"it is proved by {by}", refused["material_match_by"])
    imports = [call for call in bench.calls()[before:] if call["operation"] == "ImportKeyMaterial"]
    expect(len(imports) == len(specs), "each key is imported once", len(imports))
    bench.schedule_deletion(*names.values())


def _usage(spec: str) -> str:
    return _USAGES.get(spec, USAGES[spec][0])


def _format(spec: str) -> str:
    return "raw" if spec in HMAC_SHORTEST else "der"


def _check_material(bench: Bench, alias: str, spec: str, material: bytes) -> None:
    """Check without the collection that KMS has this key material."""
    metadata = bench.check_expiration(alias, 30)
    arn, shown = metadata["Arn"], (metadata["KeySpec"], metadata["KeyUsage"])
    wanted = (spec, _usage(spec))
    expect(shown == wanted, f"the key is of {' and '.join(wanted)}", shown)
    if spec in HMAC_SHORTEST:
        message = os.urandom(32)
        made = bench.kms.generate_mac(KeyId=arn, Message=message, MacAlgorithm=spec.replace("HMAC_", "HMAC_SHA_"))[
            "Mac"
        ]
        ours = hmac.digest(material, message, spec.replace("HMAC_", "sha"))
        expect(made == ours, f"KMS and this machine make the same MAC with {spec}")
        return
    public_key = bench.kms.get_public_key(KeyId=arn)["PublicKey"]
    expect(
        hashlib.sha256(public_key).digest() == hashlib.sha256(public_key_of(material)).digest(),
        f"KMS returns the public key that belongs to the {spec} private key",
    )


def _other_material(bench: Bench, alias: str, spec: str) -> Task:
    """A task that declares key material that the key does not have. It fails before any import."""
    path = bench.player.work / "other.key"
    path.touch(mode=0o600)
    path.write_bytes(other_material(spec))
    options: dict[str, Any] = {"key_id": alias, "key_material_src": str(path), "key_material_format": _format(spec)}
    return {"kms_key_material": {**options, **EXPIRATION}}


SCENARIOS = tuple(
    Scenario(
        name,
        "specs",
        f"{', '.join(specs)}: imported, proved and used",
        partial(batch, specs=specs),
        keys=len(specs),
        main_key=False,
    )
    for name, specs in BATCHES.items()
)
