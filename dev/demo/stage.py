# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the demo plays: a folder, the KMS emulator, and the programs that run against it."""

from __future__ import annotations

import os
import re
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
from kms_emulator.process import EmulatorProcess

from demo import screen

REGION = "eu-central-1"
# The example credentials of the AWS documentation. The emulator does not check credentials.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": REGION,
}
KEY, MATERIAL = "cloudkeys.aws.kms_external_key", "cloudkeys.aws.kms_key_material"
_PLAYBOOK = "payments.yml"
_EMULATOR_WARNING = "wrapping public key"


class Stage:
    def __init__(self, emulator: EmulatorProcess, folder: Path) -> None:
        self.emulator = emulator
        self.folder = folder
        self.log = log_in(folder)
        self.ciphertext = b""
        self.codes: dict[str, str] = {}
        self._expirations: dict[int, str] = {}
        self._task = ""
        self._warned = False
        self.kms = boto3.client(
            "kms",
            endpoint_url=emulator.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        self._variables = {
            **os.environ,
            **CREDENTIALS,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "AWS_ENDPOINT_URL_KMS": emulator.url,
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_FORCE_COLOR": str(screen.colored()).lower(),
            "ANSIBLE_DIFF_CONTEXT": "0",
        }

    def in_days(self, days: int) -> str:
        date = self.kms.list_keys(Limit=1)["ResponseMetadata"]["HTTPHeaders"]["date"]
        return (parsedate_to_datetime(date) + timedelta(days=days)).isoformat()

    def expiration(self, days: int) -> str:
        """The same time in each step, so that a task that is run again has the same options."""
        if days not in self._expirations:
            self._expirations[days] = self.in_days(days)
        return self._expirations[days]

    def create_key(self, alias: str) -> None:
        """As the AWS CLI creates a key and its alias, in two calls."""
        screen.command("aws kms create-key --origin EXTERNAL")
        metadata = self.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
        screen.output(f"  {metadata['Arn']}\n  key state: {metadata['KeyState']}")
        screen.command(f"aws kms create-alias --alias-name {alias} --target-key-id {metadata['KeyId']}")
        self.kms.create_alias(AliasName=alias, TargetKeyId=metadata["KeyId"])

    def openssl(self, *lines: str) -> None:
        """Run a command, which is displayed on several lines."""
        screen.command(" \\\n    ".join(lines))
        subprocess.run(" ".join(lines).split(), cwd=self.folder, check=True)

    def key_material(self, name: str) -> None:
        """Generate 32 random bytes. The module refuses a file that ends with a newline; one in 256 does."""
        self.openssl(f"openssl rand -out {name} 32")
        while (self.folder / name).read_bytes().endswith(b"\n"):
            self.openssl(f"openssl rand -out {name} 32")

    def write(self, name: str, content: dict[str, Any]) -> None:
        text = yaml.safe_dump(content, sort_keys=False)
        (self.folder / name).write_text(text, "utf-8")
        screen.command(f"cat {name}")
        screen.output(textwrap.indent(text, "  "))

    def play(
        self,
        name: str,
        options: dict[str, Any],
        *arguments: str,
        changed: int,
        module: str = MATERIAL,
        explained_warning: str = "",
    ) -> None:
        """Run a playbook with one task and expect this number of changes. The task is displayed where it is new.

        :param explained_warning: words of a warning that the text of the step replaces.
        """
        self._write_play(name, options, module)
        self.run(["ansible-playbook", _PLAYBOOK, "--diff", *arguments], name, changed, explained_warning)

    def _write_play(self, name: str, options: dict[str, Any], module: str) -> None:
        task = yaml.safe_dump([{"name": name, module: options}], sort_keys=False)
        if task == self._task:
            return
        self._task = task
        head = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        (self.folder / _PLAYBOOK).write_text(head + textwrap.indent(task, "    "), "utf-8")
        screen.output("\n" + textwrap.indent(task, "  "))

    def kill_at(self, operation: str, name: str, options: dict[str, Any]) -> None:
        """Run such a playbook, and kill all its processes when it calls *operation*, before KMS carries that out."""
        self._write_play(name, options, MATERIAL)
        command = ["ansible-playbook", _PLAYBOOK]
        screen.command(" ".join(command))
        before = len(self.emulator.calls())
        self.emulator.control("PUT", "faults", [{"operation": operation, "hold": True}])
        with self.log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self._variables, stdout=log, stderr=log, start_new_session=True
            )
            try:
                while not any(call["operation"] == operation for call in self.emulator.calls()[before:]):
                    self.expect(process.poll() is None, f"the task '{name}' calls {operation}")
                    time.sleep(0.1)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                self.emulator.control("PUT", "faults", [])
        screen.output(f"Killed before KMS carried out {operation}.")

    def show_materials(self, key: str) -> list[str]:
        """Display the key materials of the key, and return their states, the oldest first."""
        screen.command(
            f"aws kms list-key-rotations --key-id {self.arn(key)} \\\n    --include-key-material ALL_KEY_MATERIAL"
        )
        listed = self.kms.list_key_rotations(KeyId=self.arn(key), IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        for one in listed:
            screen.output(f"  {one['KeyMaterialId'][:12]}...  {one['KeyMaterialState']}")
        return [one["KeyMaterialState"] for one in listed]

    def imports(self) -> int:
        return sum(call["operation"] == "ImportKeyMaterial" for call in self.emulator.calls())

    def run(self, command: list[str], name: str, changed: int, explained_warning: str = "") -> str:
        screen.command(" ".join(command))
        process = subprocess.run(
            command, cwd=self.folder, env=self._variables, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        text = process.stdout.decode()
        bare_text = screen.uncolored(text)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{bare_text}\n")
        hidden = self._hidden_warnings(bare_text, explained_warning)
        screen.output(text if process.returncode else screen.shortened(text, hidden))
        self.expect(process.returncode == 0, f"'{name}' succeeds")
        self.expect(f"changed={changed}" in bare_text, f"'{name}' reports changed={changed}")
        return bare_text

    def _hidden_warnings(self, text: str, explained: str) -> list[str]:
        """The warning about the emulator is displayed once."""
        warnings = screen.warnings_in(text)
        about_emulator = [warning for warning in warnings if _EMULATOR_WARNING in warning]
        hidden = [warning for warning in warnings if explained and explained in warning]
        hidden += about_emulator if self._warned else []
        self._warned |= bool(about_emulator)
        return hidden

    def ceremony(self, part: str, *arguments: str, changed: int) -> dict[str, str]:
        """Run one of the playbooks, and return the check codes that it displays, by the names of the keys."""
        name = f"cloudkeys.aws.ceremony_{part}"
        text = self.run(["ansible-playbook", name, "-e", "@ceremony.yml", *arguments], name, changed)
        return dict(re.findall(r'"(\w+): ((?:[A-Z2-7]{4}-){4}[A-Z2-7]{4})"', text))

    def arn(self, key: str) -> str:
        return str(self.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"])

    def state(self, key: str) -> str:
        return str(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])

    def expect(self, condition: bool, what: str) -> None:
        if not condition:
            raise SystemExit(f"\nThe demo stopped. Expected that {what}. The complete output is in {self.log}.")


def log_in(folder: Path) -> Path:
    return folder / "output.log"
