# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: a key, the life of its material, a rotation that is killed, a ceremony and a report, step by step.

All of it is against the KMS emulator.

It ends with an error if a step did not do what it says.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import boto3
import yaml
from layout import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tests"))
from kms_emulator.process import EmulatorProcess, start_emulator

FOLDER = BUILD / "demo"
REGION = "eu-central-1"
# AWS's own example credentials. The emulator looks at none.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": REGION,
}
KEY, MATERIAL = "cloudkeys.aws.kms_external_key", "cloudkeys.aws.kms_key_material"
COLOURS = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
WIDTH = min(shutil.get_terminal_size().columns, 100)


def say(text: str) -> None:
    print("\n" + textwrap.fill(" ".join(text.split()), WIDTH), flush=True)


def step(title: str) -> None:
    line = f"── {title} " + "─" * max(0, WIDTH - len(title) - 4)
    print(f"\n\n\033[1;36m{line}\033[0m" if COLOURS else f"\n\n{line}", flush=True)


def show(command: str) -> None:
    print(f"\n\033[1m$ {command}\033[0m" if COLOURS else f"\n$ {command}", flush=True)


class Demo:
    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator
        self.kms = boto3.client(
            "kms",
            endpoint_url=emulator.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        self.variables = {
            **os.environ,
            **CREDENTIALS,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "AWS_ENDPOINT_URL_KMS": emulator.url,
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_FORCE_COLOR": "true" if COLOURS else "false",
        }

    def in_days(self, days: int) -> str:
        date = self.kms.list_keys(Limit=1)["ResponseMetadata"]["HTTPHeaders"]["date"]
        return (parsedate_to_datetime(date) + timedelta(days=days)).isoformat()

    def create_key(self) -> str:
        show(f"aws kms create-key --origin EXTERNAL --region {REGION}")
        metadata = self.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
        print(f"  {metadata['Arn']}\n  key state: {metadata['KeyState']}", flush=True)
        return str(metadata["Arn"])

    def openssl(self, command: str) -> None:
        show(command)
        subprocess.run(command.split(), cwd=FOLDER, check=True)

    def key_material(self, name: str) -> None:
        """32 random bytes. One file in 256 ends with a newline, of which the module would ask whether it is meant."""
        self.openssl(f"openssl rand -out {name} 32")
        while (FOLDER / name).read_bytes().endswith(b"\n"):
            self.openssl(f"openssl rand -out {name} 32")

    def write_play(self, name: str, options: dict[str, Any], module: str = MATERIAL) -> None:
        """A playbook of one task, which is shown."""
        task = yaml.safe_dump([{"name": name, module: options}], sort_keys=False)
        head = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        (FOLDER / "payments.yml").write_text(head + textwrap.indent(task, "    "), "utf-8")
        print("\n" + textwrap.indent(task.rstrip(), "  "))

    def play(self, name: str, options: dict[str, Any], *arguments: str, changed: int, module: str = MATERIAL) -> None:
        """Write a playbook of one task, show and run it, and see that it changed what it should."""
        self.write_play(name, options, module)
        self.run(["ansible-playbook", "payments.yml", "--diff", *arguments], name, changed)

    def kill_at(self, operation: str, name: str, options: dict[str, Any]) -> None:
        """Such a playbook, which is killed with all its processes when it calls *operation*, before KMS does that."""
        self.write_play(name, options)
        command = ["ansible-playbook", "payments.yml"]
        show(" ".join(command))
        before = len(self.emulator.calls())
        self.emulator.control("PUT", "faults", [{"operation": operation, "hold": True}])
        process = subprocess.Popen(command, cwd=FOLDER, env=self.variables, start_new_session=True)
        try:
            while not any(call["operation"] == operation for call in self.emulator.calls()[before:]):
                expect(process.poll() is None, f"'{name}' comes to {operation}")
                time.sleep(0.1)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.emulator.control("PUT", "faults", [])
        print(f"\nKilled, when it was about to call {operation}.", flush=True)

    def show_materials(self, key: str) -> list[str]:
        """The states of the key's key materials, the oldest first."""
        show(f"aws kms list-key-rotations --key-id {key} \\\n    --include-key-material ALL_KEY_MATERIAL ...")
        shown = self.kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        for one in shown:
            print(f"  {one['KeyMaterialId'][:12]}...  {one['KeyMaterialState']}", flush=True)
        return [one["KeyMaterialState"] for one in shown]

    def imports(self) -> int:
        return sum(call["operation"] == "ImportKeyMaterial" for call in self.emulator.calls())

    def run(self, command: list[str], name: str, changed: int) -> str:
        show(" ".join(command))
        process = subprocess.run(
            command, cwd=FOLDER, env=self.variables, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        output = process.stdout.decode()
        print(output.strip(), flush=True)
        expect(process.returncode == 0, f"'{name}' succeeds")
        expect(f"changed={changed}" in _plain(output), f"'{name}' reports changed={changed}")
        return _plain(output)

    def ceremony(self, part: str, *arguments: str, changed: int) -> dict[str, str]:
        """The codes that it shows, by the names of the keys."""
        name = f"cloudkeys.aws.ceremony_{part}"
        output = self.run(["ansible-playbook", name, "-e", "@ceremony.yml", *arguments], name, changed)
        return dict(re.findall(r'"(\w+): ((?:[A-Z2-7]{4}-){4}[A-Z2-7]{4})"', output))

    def state(self, key: str) -> str:
        return str(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def expect(condition: bool, what: str) -> None:
    if not condition:
        raise SystemExit(f"\nThe demo stops here: it should be that {what}, and it is not.")


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def from_a_file(demo: Demo) -> None:
    step("1. A key for material of your own")
    say(
        """KMS makes the material of a key itself, unless the key is created with the origin EXTERNAL. Such a key waits
        for its material, and cannot be used before."""
    )
    declared = {"alias": "alias/payments", "description": "Encrypts payment files", "tags": {"owner": "treasury"}}
    demo.play("There is a payments key", declared, changed=1, module=KEY)
    expect(demo.state("alias/payments") == "PendingImport", "the new key waits for its import")
    arn = str(demo.kms.describe_key(KeyId="alias/payments")["KeyMetadata"]["Arn"])

    step("2. Key material")
    say("32 random bytes, from wherever you trust: an HSM, an offline ceremony. Here it is OpenSSL.")
    demo.key_material("payments.key")

    step("3. What would happen")
    say("The task says what is to be. Check mode looks at the key, decides, and changes nothing.")
    wanted = {"key_id": arn, "key_material_src": "payments.key", "valid_to": demo.in_days(90)}
    demo.play("The payments key carries its material", wanted, "--check", changed=1)
    expect(demo.state(arn) == "PendingImport", "check mode changed nothing")

    step("4. The import")
    say(
        """The module fetched a wrapping public key and an import token from KMS; the action plugin encrypted the
        material on this machine and sent the ciphertext. The warning is about the emulator: it answers on this
        machine, and whoever answers chooses the wrapping key and can read the material. Against AWS there is no
        warning, and any other endpoint is refused."""
    )
    demo.play("The payments key carries its material", wanted, changed=1)
    expect(demo.state(arn) == "Enabled", "the key is enabled")

    step("5. The same again: nothing changes")
    say(
        """The label in the material's description in KMS is that of this file, and the expiration is as
        wanted. A nightly run costs two requests to KMS."""
    )
    demo.play("The payments key carries its material", wanted, changed=0)

    step("6. Another expiration")
    say("KMS moves an expiration by importing the same material once more. The key stays usable meanwhile.")
    wanted["valid_to"] = demo.in_days(180)
    demo.play("The payments key carries its material for longer", wanted, changed=1)

    step("7. Out with it")
    say(
        """KMS deletes the material at once, and everything that uses the key fails from then on. It cannot give the
        material back: the task wants to see that you hold a copy."""
    )
    demo.play(
        "The payments key carries nothing",
        {"key_id": arn, "key_material_src": "payments.key", "state": "absent"},
        changed=1,
    )
    expect(demo.state(arn) == "PendingImport", "the material is gone")

    step("8. And back")
    say("The same material, and no other, brings the key back, with all that was ever encrypted under it.")
    demo.play("The payments key carries its material for longer", wanted, changed=1)
    expect(demo.state(arn) == "Enabled", "the key is enabled again")


def rotated(demo: Demo) -> None:
    step("9. Other material under the same ARN, and a run that is killed")
    say(
        """From now on the key shall encrypt with new material, and still decrypt what it encrypted before. The task
        stages the new material beside the current one, then has KMS rotate the key. We kill it between the two."""
    )
    arn = str(demo.kms.describe_key(KeyId="alias/payments")["KeyMetadata"]["Arn"])
    ciphertext = demo.kms.encrypt(KeyId=arn, Plaintext=b"a payment of last year")["CiphertextBlob"]
    demo.key_material("payments-2027.key")
    name = "The payments key encrypts with the material of 2027"
    wanted = {
        "key_id": arn,
        "key_material_src": "payments-2027.key",
        "valid_to": demo.in_days(180),
        "on_different_material": "rotate",
        "previous_key_materials": [{"key_material_src": "payments.key"}],
    }
    demo.kill_at("RotateKeyOnDemand", name, wanted)
    expect(demo.show_materials(arn) == ["CURRENT", "PENDING_ROTATION"], "the new material is staged")

    say("The next run finds the staged material, and goes on from there. Nothing is imported twice.")
    imports = demo.imports()
    demo.play(name, wanted, changed=1)
    expect(demo.show_materials(arn) == ["NON_CURRENT", "CURRENT"], "the key is rotated")
    expect(demo.imports() == imports, "nothing was imported twice")
    old = demo.kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"]
    expect(old == b"a payment of last year", "what was encrypted before the rotation is readable")

    say("Once more: nothing is left to do. What was encrypted before the rotation is readable.")
    demo.play(name, wanted, changed=0)


def encrypted_elsewhere(demo: Demo) -> None:
    step("10. Material that was encrypted elsewhere")
    say(
        """AWS's own procedure, when the material must not be on this machine: download the parameters, encrypt with
        OpenSSL where the material is, and bring back the ciphertext. The task takes AWS's two files as they are."""
    )
    arn = demo.create_key()
    show(f"aws kms get-parameters-for-import --key-id {arn} \\\n    --wrapping-algorithm RSAES_OAEP_SHA_256 ...")
    parameters = demo.kms.get_parameters_for_import(
        KeyId=arn, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_4096"
    )
    (FOLDER / "WrappingPublicKey.bin").write_bytes(parameters["PublicKey"])
    (FOLDER / "ImportToken.bin").write_bytes(parameters["ImportToken"])
    print("  WrappingPublicKey.bin, ImportToken.bin", flush=True)
    demo.openssl("openssl rand -out PlaintextKeyMaterial.bin 32")
    demo.openssl(
        "openssl pkeyutl -encrypt -in PlaintextKeyMaterial.bin -out EncryptedKeyMaterial.bin"
        " -inkey WrappingPublicKey.bin -keyform DER -pubin -pkeyopt rsa_padding_mode:oaep"
        " -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256"
    )
    (FOLDER / "PlaintextKeyMaterial.bin").unlink()
    wanted = {
        "key_id": arn,
        "encrypted_key_material_src": "EncryptedKeyMaterial.bin",
        "import_token_src": "ImportToken.bin",
        "expiration_model": "KEY_MATERIAL_EXPIRES",
        "valid_to": demo.in_days(300),
    }
    demo.play("Step 4 of the AWS guide", wanted, changed=1)
    expect(demo.state(arn) == "Enabled", "the key is enabled")
    say(
        "And again. The label is the digest of the ciphertext, so the same file is recognized. It says nothing about"
        " the material in it: a ciphertext tells nobody that."
    )
    demo.play("Step 4 of the AWS guide", wanted, changed=0)


def across_an_air_gap(demo: Demo) -> None:
    step("11. Material that is never on a machine with a network")
    say(
        """Three playbooks: the first writes what a machine without a network needs, the second encrypts there, the
        third imports. Each file has a check code, which two people compare by reading it aloud; that, and nothing in
        the files, shows that nobody has put another file in its place."""
    )
    demo.kms.create_alias(AliasName="alias/ledger", TargetKeyId=demo.create_key())
    demo.openssl("openssl rand -out ledger.key 32")
    keys = {
        "name": "ledger",
        "key_id": "alias/ledger",
        "key_material_src": "ledger.key",
        "key_material_format": "raw",
        "valid_to": demo.in_days(20),
    }
    write("ceremony.yml", {"ceremony_keys": [keys]})
    said = demo.ceremony("export", changed=2)
    write("codes.yml", {"ceremony_check_codes": said})
    say("The code was read aloud, and typed at the other machine.")
    said = demo.ceremony("wrap", "-e", "@codes.yml", changed=1)
    write("codes.yml", {"ceremony_check_codes": said})
    say("And the same on the way back.")
    demo.ceremony("import", "-e", "@codes.yml", changed=1)
    expect(demo.state("alias/ledger") == "Enabled", "the ledger's key is enabled")


def report(demo: Demo) -> None:
    step("12. What expires, and when")
    say("Every key with imported key material of an account and Region, or of many; as HTML, Markdown, CSV and JSON.")
    name = "cloudkeys.aws.expiry_report"
    demo.run(["ansible-playbook", name], name, changed=2)
    text = (FOLDER / "expiry-report" / "expiry-report.md").read_text("utf-8")
    show("cat expiry-report/expiry-report.md")
    print(text.strip(), flush=True)
    expect("| ledger | less than 30 days |" in text, "the report says that the ledger's key expires soon")
    say(f"Open {(FOLDER / 'expiry-report' / 'expiry-report.html').relative_to(ROOT)} in a browser; it is worth a look.")


def write(name: str, content: dict[str, Any]) -> None:
    text = yaml.safe_dump(content, sort_keys=False)
    (FOLDER / name).write_text(text, "utf-8")
    show(f"cat {name}")
    print(text.rstrip(), flush=True)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with start_emulator() as emulator:
        say(
            f"""This demo talks to an emulator of AWS KMS on this machine ({emulator.url}). Nothing leaves it, and no
            AWS account is needed. The files are in {FOLDER.relative_to(ROOT)}."""
        )
        demo = Demo(emulator)
        from_a_file(demo)
        rotated(demo)
        encrypted_elsewhere(demo)
        across_an_air_gap(demo)
        report(demo)
    step("That was it")
    say(
        """Every step did what it said. What to read next: README.md, the guides in docs/docsite/rst, and ansible-doc
        cloudkeys.aws.kms_key_material."""
    )


if __name__ == "__main__":
    main()
