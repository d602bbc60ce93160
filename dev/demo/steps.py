# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the demo, in order. Each fails if the outcome differs from its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from layout import ROOT

from demo.screen import command, output, say
from demo.stage import KEY, Stage

_KEY = "alias/payments"
_MATERIAL = "payments.key"
_IMPORT = "Import the payments key material"
_RENEW = "Extend the expiration of the payments key material"
_ROTATE = "Rotate the payments key to the key material for 2027"
_ENCRYPTED = "Import the encrypted key material"
_OLD_MESSAGE = b"a payment of last year"


@dataclass(frozen=True)
class Step:
    title: str
    does: Callable[[Stage], None]
    short: bool = False
    """The step is also part of the short version."""


def _create(stage: Stage) -> None:
    say(
        """KMS generates the key material of a key unless the origin of the key is EXTERNAL. A key with that origin
        stays in the state PendingImport, and cannot be used, until you import key material."""
    )
    options = {"alias": _KEY, "description": "Encrypts payment files", "tags": {"owner": "treasury"}}
    stage.play("Create the payments key", options, changed=1, module=KEY)
    stage.expect(stage.state(_KEY) == "PendingImport", "the new key is pending import")


def _preview(stage: Stage) -> None:
    say(
        """The key material is 32 random bytes. In production it comes from a source that you trust, for example an
        HSM. Here OpenSSL generates it. In check mode the task reads the key and displays the required change."""
    )
    stage.key_material(_MATERIAL)
    stage.play(_IMPORT, _wanted(stage, 90), "--check", changed=1)
    stage.expect(stage.state(_KEY) == "PendingImport", "check mode did not change the key")
    say(
        """The warning concerns the emulator. Anyone who controls the wrapping public key can read the key material.
        With AWS KMS the task does not warn, and it refuses other endpoints. The demo displays the warning once."""
    )


def _import(stage: Stage) -> None:
    say(
        """The same task without check mode. The module requests a wrapping public key and an import token from KMS.
        The action plugin encrypts the key material on this machine and sends only the ciphertext."""
    )
    stage.play(_IMPORT, _wanted(stage, 90), changed=1)
    stage.expect(stage.state(_KEY) == "Enabled", "the key is enabled")


def _again(stage: Stage) -> None:
    say(
        """The label in the key material's description in KMS matches the file, and the expiration is as declared. A
        nightly run of this task sends two requests to KMS."""
    )
    wanted = _wanted(stage, 90)
    before = len(stage.emulator.calls())
    stage.play(_IMPORT, wanted, changed=0)
    sent = [call["operation"] for call in stage.emulator.calls()[before:]]
    stage.expect(len(sent) == 2, f"the task sends two requests, not {', '.join(sent)}")


def _renew(stage: Stage) -> None:
    say(
        """KMS changes an expiration when the same key material is imported again. The key remains usable during the
        import."""
    )
    stage.play(_RENEW, _wanted(stage, 180), changed=1)


def _delete(stage: Stage) -> None:
    say(
        """KMS deletes the key material immediately and cannot restore it. Everything that uses the key fails until
        you import the key material again. The task requires your copy of the key material and compares it with the
        key. It also displays a warning, which the demo omits."""
    )
    options = {"key_id": _KEY, "key_material_src": _MATERIAL, "state": "absent"}
    stage.play("Delete the payments key material", options, changed=1, explained_warning="key material")
    stage.expect(stage.state(_KEY) == "PendingImport", "the key material is deleted")


def _reimport(stage: Stage) -> None:
    say(
        """Only the same key material restores the key. Everything that was encrypted under the key can be decrypted
        again."""
    )
    stage.play(_IMPORT, _wanted(stage, 180), changed=1)
    stage.expect(stage.state(_KEY) == "Enabled", "the key is enabled again")


def _interrupt_rotation(stage: Stage) -> None:
    say(
        """A rotation gives the key new key material under the same ARN. The previous key material still decrypts what
        it encrypted. The task stages the new key material, then requests the rotation. The demo kills it between
        these calls."""
    )
    stage.ciphertext = stage.kms.encrypt(KeyId=_KEY, Plaintext=_OLD_MESSAGE)["CiphertextBlob"]
    stage.key_material("payments-2027.key")
    stage.kill_at("RotateKeyOnDemand", _ROTATE, _rotated(stage))
    states = stage.show_materials(_KEY)
    stage.expect(states == ["CURRENT", "PENDING_ROTATION"], "the new key material is staged")


def _resume_rotation(stage: Stage) -> None:
    say("The next run finds the staged key material and continues with the rotation. It imports nothing twice.")
    imports = stage.imports()
    stage.play(_ROTATE, _rotated(stage), changed=1)
    stage.expect(stage.show_materials(_KEY) == ["NON_CURRENT", "CURRENT"], "the key is rotated")
    stage.expect(stage.imports() == imports, "nothing was imported twice")
    plaintext = stage.kms.decrypt(CiphertextBlob=stage.ciphertext)["Plaintext"]
    stage.expect(plaintext == _OLD_MESSAGE, "what was encrypted before the rotation can be decrypted")


def _rotated_again(stage: Stage) -> None:
    say("The key has the declared key materials. What was encrypted before the rotation can still be decrypted.")
    stage.play(_ROTATE, _rotated(stage), changed=0)


def _encrypt_elsewhere(stage: Stage) -> None:
    say(
        """When the plaintext key material must not be on the controller, AWS's own procedure applies: download the
        import parameters, and encrypt the key material with OpenSSL where it is stored."""
    )
    stage.create_key("alias/archive")
    command(
        "aws kms get-parameters-for-import --key-id alias/archive \\\n"
        "    --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_4096"
    )
    parameters = stage.kms.get_parameters_for_import(
        KeyId=stage.arn("alias/archive"), WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_4096"
    )
    (stage.folder / "WrappingPublicKey.bin").write_bytes(parameters["PublicKey"])
    (stage.folder / "ImportToken.bin").write_bytes(parameters["ImportToken"])
    output("  WrappingPublicKey.bin, ImportToken.bin")
    stage.openssl("openssl rand -out PlaintextKeyMaterial.bin 32")
    stage.openssl(
        "openssl pkeyutl -encrypt -in PlaintextKeyMaterial.bin -out EncryptedKeyMaterial.bin",
        "-inkey WrappingPublicKey.bin -keyform DER -pubin -pkeyopt rsa_padding_mode:oaep",
        "-pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256",
    )
    (stage.folder / "PlaintextKeyMaterial.bin").unlink()


def _import_encrypted(stage: Stage) -> None:
    say(
        """The task imports the ciphertext with the import token. It does not need the plaintext key material. A
        second run recognizes the file by its digest, which reveals nothing about the key material in it."""
    )
    options = {
        "key_id": "alias/archive",
        "encrypted_key_material_src": "EncryptedKeyMaterial.bin",
        "import_token_src": "ImportToken.bin",
        "expiration_model": "KEY_MATERIAL_EXPIRES",
        "valid_to": stage.in_days(300),
    }
    stage.play(_ENCRYPTED, options, changed=1)
    stage.expect(stage.state("alias/archive") == "Enabled", "the key is enabled")
    stage.play(_ENCRYPTED, options, changed=0)


def _export(stage: Stage) -> None:
    say(
        """In a key ceremony the key material is only on a machine without a network. Three playbooks export the import
        parameters, encrypt there, and import. Two people compare the check code of each file by reading it aloud.
        Only that comparison detects a substituted file."""
    )
    stage.create_key("alias/ledger")
    stage.openssl("openssl rand -out ledger.key 32")
    key = {
        "name": "ledger",
        "key_id": "alias/ledger",
        "key_material_src": "ledger.key",
        "key_material_format": "raw",
        "valid_to": stage.in_days(20),
    }
    stage.write("ceremony.yml", {"ceremony_keys": [key]})
    stage.codes = stage.ceremony("export", changed=2)


def _wrap(stage: Stage) -> None:
    say("The exporter reads the check code aloud. The custodian enters it on the machine without a network.")
    stage.write("codes.yml", {"ceremony_check_codes": stage.codes})
    stage.codes = stage.ceremony("wrap", "-e", "@codes.yml", changed=1)


def _import_ceremony(stage: Stage) -> None:
    say("The custodian reads the check code of the encrypted key material aloud, and the import requires that code.")
    stage.write("codes.yml", {"ceremony_check_codes": stage.codes})
    stage.ceremony("import", "-e", "@codes.yml", changed=1)
    stage.expect(stage.state("alias/ledger") == "Enabled", "the ledger key is enabled")


def _report(stage: Stage) -> None:
    say(
        """The report lists all keys with imported key material in an account and Region, or in many, and when their
        key material expires. Its formats are HTML, Markdown, CSV, and JSON."""
    )
    name = "cloudkeys.aws.expiry_report"
    stage.run(["ansible-playbook", name], name, changed=2)
    page = stage.folder / "expiry-report" / "expiry-report.html"
    stage.expect("payments" in page.read_text("utf-8"), "the report lists the payments key")
    say(f"Open {page.relative_to(ROOT)} in a browser to read the report.")


def _wanted(stage: Stage, days: int) -> dict[str, Any]:
    """The options of the import, with an expiration that is the same in each step."""
    return {"key_id": _KEY, "key_material_src": _MATERIAL, "valid_to": stage.expiration(days)}


def _rotated(stage: Stage) -> dict[str, Any]:
    return {
        "key_id": _KEY,
        "key_material_src": "payments-2027.key",
        "valid_to": stage.expiration(180),
        "on_different_material": "rotate",
        "previous_key_materials": [{"key_material_src": _MATERIAL}],
    }


STEPS = (
    Step("Create a key for imported key material", _create, short=True),
    Step("Preview the import in check mode", _preview, short=True),
    Step("Import the key material", _import, short=True),
    Step("Run the task again: no change", _again, short=True),
    Step("Change the expiration", _renew),
    Step("Delete the key material", _delete),
    Step("Import the same key material again", _reimport),
    Step("Interrupt a rotation", _interrupt_rotation),
    Step("Resume the rotation", _resume_rotation),
    Step("Run the rotation again: no change", _rotated_again),
    Step("Encrypt key material outside Ansible", _encrypt_elsewhere),
    Step("Import the encrypted key material", _import_encrypted),
    Step("Key ceremony: export the import parameters", _export),
    Step("Key ceremony: encrypt on the offline machine", _wrap),
    Step("Key ceremony: import the encrypted key material", _import_ceremony),
    Step("Report the expirations", _report, short=True),
)
