# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator, and whole processes that work against it as a user's would."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config
from kms_emulator.process import EmulatorProcess

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "benchmarks"
REGION = "eu-central-1"
THREADS = 16
"""The threads of every pool here: as many as the modules have."""
# AWS's own example credentials. The emulator looks at none.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}
_VENVS = ROOT / ".venv-core"
_AWS_CLI = _VENVS / "aws-cli"


class Bench:
    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator
        path = [str(Path(sys.executable).parent), str(_AWS_CLI / "bin"), os.environ.get("PATH", os.defpath)]
        self.variables = {
            **os.environ,
            **CREDENTIALS,
            "PATH": os.pathsep.join(path),
            "AWS_ENDPOINT_URL": emulator.url,
            "AWS_ENDPOINT_URL_KMS": emulator.url,
            "AWS_PAGER": "",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }
        self._calls_seen = 0

    def client(self, region: str = REGION) -> Any:
        return boto3.client(
            "kms",
            endpoint_url=self.emulator.url,
            region_name=region,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=THREADS),
        )

    def new_calls(self) -> list[dict[str, Any]]:
        """The calls to KMS since this was asked last."""
        calls = self.emulator.calls(self._calls_seen)
        self._calls_seen += len(calls)
        return calls

    def start(self, command: list[str], **variables: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=FOLDER, env={**self.variables, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def call(self, command: list[str], **variables: str) -> None:
        """:raises SystemExit: the command failed. What it said is shown then."""
        process = self.start(command, **variables)
        output, _errors = process.communicate()
        if process.returncode:
            sys.stderr.buffer.write(output)
            raise SystemExit(f"{command[0]} ended with {process.returncode}.")

    def task(self, module: str, options: dict[str, Any], loop: list[Any] | None = None) -> None:
        self.call(play(module, options, loop))


def play(module: str, options: dict[str, Any], loop: list[Any] | None = None, file: str = "play.yml") -> list[str]:
    """The command that runs one task on localhost, from a playbook in *file*."""
    task = {"name": "A task", module: options, **({"loop": loop} if loop else {})}
    text = yaml.dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}], Dumper=yaml.CSafeDumper)
    (FOLDER / file).write_text(text, "utf-8")
    return ["ansible-playbook", file]


def in_days(days: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + days * 86400))


def bring_aws_cli() -> str:
    """The AWS CLI of PyPI, version 1: version 2 is not there. Returns its version."""
    _bring(_AWS_CLI, "aws", "awscli")
    told = subprocess.run([_AWS_CLI / "bin" / "aws", "--version"], capture_output=True, text=True, check=True)
    return told.stdout.split()[0]


def bring_matplotlib() -> Path:
    """The Python that has it."""
    folder = _VENVS / "matplotlib"
    _bring(folder, "fonttools", "matplotlib>=3.10,<4")
    return folder / "bin" / "python"


def _bring(folder: Path, program: str, package: str) -> None:
    """An environment of its own: nothing but a benchmark needs the package."""
    if not (folder / "bin" / program).is_file():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-qq", package], check=True)
