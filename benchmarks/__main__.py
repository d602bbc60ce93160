# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``: whole processes against the KMS emulator, side by side in one run, as medians and ratios."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import yaml
from ansible.release import __version__ as ansible_version

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from kms_emulator.process import EmulatorProcess, start_emulator
from support.wrapping import wrap

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "benchmarks"
AWS_CLI = ROOT / ".venv-core" / "aws-cli"
REGION = "eu-central-1"
# AWS's own example credentials. The emulator looks at none.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}

# What a careful engineer's shell script does for a first import: AWS's guide, with the checks before and after it.
SCRIPT = """\
set -eu
test "$(aws kms describe-key --key-id "$KEY" --query KeyMetadata.Origin --output text)" = EXTERNAL
aws kms get-parameters-for-import --key-id "$KEY" --wrapping-algorithm RSAES_OAEP_SHA_256 \\
    --wrapping-key-spec RSA_4096 --query '[PublicKey,ImportToken]' --output text > parameters.txt
cut -f1 parameters.txt | openssl enc -d -base64 -A > public-key.bin
cut -f2 parameters.txt | openssl enc -d -base64 -A > token.bin
openssl pkeyutl -encrypt -in material.key -out encrypted.bin -inkey public-key.bin -keyform DER -pubin \\
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256
aws kms import-key-material --key-id "$KEY" --encrypted-key-material fileb://encrypted.bin \\
    --import-token fileb://token.bin --expiration-model KEY_MATERIAL_EXPIRES --valid-to "$VALID_TO" > /dev/null
test "$(aws kms describe-key --key-id "$KEY" --query KeyMetadata.KeyState --output text)" = Enabled
"""


@dataclass
class Contender:
    """Something that is measured: *prepare* is not, *run* is."""

    name: str
    run: Callable[[Any], None]
    prepare: Callable[[], Any] = lambda: None
    seconds: list[float] = field(default_factory=list)
    calls: int = 0
    items: int = 1

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def each(self) -> float:
        """The median for one of the things that *run* does."""
        return self.median / self.items


class Bench:
    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator
        self.kms = boto3.client(
            "kms",
            endpoint_url=emulator.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        path = [str(Path(sys.executable).parent), str(AWS_CLI / "bin"), os.environ.get("PATH", os.defpath)]
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
        self.valid_to = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 90 * 86400))
        (FOLDER / "material.key").write_bytes(os.urandom(31) + b"\x01")
        (FOLDER / "import.sh").write_text(SCRIPT, "utf-8")

    def create_key(self) -> str:
        return str(self.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"])

    def call(self, command: list[str], **variables: str) -> None:
        subprocess.run(command, cwd=FOLDER, env={**self.variables, **variables}, check=True, stdout=subprocess.DEVNULL)

    def task(self, module: str, options: dict[str, Any], loop: list[str] | None = None) -> None:
        task = {"name": "A task", module: options, **({"loop": loop} if loop else {})}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        (FOLDER / "play.yml").write_text(yaml.safe_dump([play]), "utf-8")
        self.call(["ansible-playbook", "play.yml"])

    def pool(self, threads: int) -> None:
        self.call([sys.executable, "-c", POOL, str(threads)])

    def import_task(self, key: str) -> None:
        options = {"key_id": key, "key_material_src": str(FOLDER / "material.key"), "valid_to": self.valid_to}
        self.task("cloudkeys.aws.kms_key_material", options)

    def import_script(self, key: str) -> None:
        self.call(["sh", "import.sh"], KEY=key, VALID_TO=self.valid_to)


# What a Python script without Ansible would do for the same facts, with as many threads as the module has.
POOL = """\
import sys
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore.config import Config

threads = int(sys.argv[1])
kms = boto3.client("kms", config=Config(max_pool_connections=threads))

def read(key):
    metadata = kms.describe_key(KeyId=key["KeyArn"])["KeyMetadata"]
    if metadata["Origin"] == "EXTERNAL":
        pages = kms.get_paginator("list_key_rotations").paginate(
            KeyId=key["KeyArn"], IncludeKeyMaterial="ALL_KEY_MATERIAL"
        )
        return metadata, [entry for page in pages for entry in page["Rotations"]]

aliases = [entry for page in kms.get_paginator("list_aliases").paginate() for entry in page["Aliases"]]
keys = [entry for page in kms.get_paginator("list_keys").paginate() for entry in page["Keys"]]
with ThreadPoolExecutor(threads) as pool:
    assert len(list(filter(None, pool.map(read, keys)))) >= 1000
"""
FLEET, SAMPLE = 1000, 50


def make_fleet(bench: Bench) -> list[str]:
    """A thousand keys, every second one with key material."""
    keys = [bench.create_key() for _number in range(FLEET)]
    for key in keys[::2]:
        parameters = bench.kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        bench.kms.import_key_material(
            KeyId=key,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrap("RSAES_OAEP_SHA_256", parameters["PublicKey"], os.urandom(32)),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
    return keys


def measure(bench: Bench, contenders: list[Contender], times: int) -> None:
    """Turn by turn, so that whatever else the machine does concerns all alike. The first turn warms up."""
    for turn in range(times + 1):
        for contender in contenders:
            prepared = contender.prepare()
            before = len(bench.emulator.calls())
            began = time.perf_counter()
            contender.run(prepared)
            if turn:
                contender.seconds.append(time.perf_counter() - began)
            contender.calls = len(bench.emulator.calls()) - before
        print(f"\rturn {turn} of {times}", end="", file=sys.stderr, flush=True)
    print("\r" + " " * 20, end="\r", file=sys.stderr)


def table(title: str, contenders: list[Contender], against: Contender) -> None:
    print(
        f"\n{title}\n\n| what | calls to KMS | median | from | to | ratio |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    )
    for one in contenders:
        ratio = one.each / against.each
        print(
            f"| {one.name} | {one.calls} | {one.median:.2f} s | {min(one.seconds):.2f} s | {max(one.seconds):.2f} s"
            f" | {ratio:.2f} |"
        )


def bring_aws_cli() -> str:
    """The AWS CLI of PyPI, version 1: version 2 is not there. Returns its version."""
    if not (AWS_CLI / "bin" / "aws").is_file():
        venv.create(AWS_CLI, with_pip=True)
        subprocess.run([AWS_CLI / "bin" / "python", "-m", "pip", "install", "-qq", "awscli"], check=True)
    told = subprocess.run([AWS_CLI / "bin" / "aws", "--version"], capture_output=True, text=True, check=True)
    return told.stdout.split()[0]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--times", type=int, default=7, help="how often each is measured (default: %(default)s)")
    times = parser.parse_args().times
    FOLDER.mkdir(parents=True, exist_ok=True)
    cli = bring_aws_cli()
    print(
        f"ansible-core {ansible_version}, Python {platform.python_version()}, boto3 {boto3.__version__}, {cli},"
        f" {os.cpu_count()} cores; {times} turns each."
    )
    with start_emulator() as emulator:
        bench = Bench(emulator)
        settled = bench.create_key()
        bench.import_task(settled)
        nothing = [
            Contender("ansible.builtin.ping, the least that Ansible can do", lambda _: bench.task("ping", {})),
            Contender("amazon.aws.kms_key_info", lambda _: bench.task("amazon.aws.kms_key_info", {"key_id": settled})),
            Contender("cloudkeys.aws.kms_key_material", lambda _: bench.import_task(settled)),
        ]
        measure(bench, nothing, times)
        table("A task where nothing changes, against amazon.aws.kms_key_info on the same key", nothing, nothing[1])
        imports = [
            Contender(f"{cli} and OpenSSL, as a shell script", bench.import_script, bench.create_key),
            Contender("cloudkeys.aws.kms_key_material", bench.import_task, bench.create_key),
        ]
        measure(bench, imports, times)
        table("A first import, against a script around the AWS CLI", imports, imports[0])
        keys = make_fleet(bench)
        info = "amazon.aws.kms_key_info"
        fleet = [
            Contender("a pool of 16 boto3 threads, without Ansible", lambda _: bench.pool(16), items=FLEET),
            Contender(
                "cloudkeys.aws.kms_key_material_info",
                lambda _: bench.task("cloudkeys.aws.kms_key_material_info", {}),
                items=FLEET,
            ),
            Contender(
                f"a loop of {info}, over {SAMPLE} keys",
                lambda _: bench.task(info, {"key_id": "{{ item }}"}, keys[:SAMPLE]),
                items=SAMPLE,
            ),
        ]
        measure(bench, fleet, max(5, times // 2))
        table(f"Every key of {FLEET}, against a bare pool of threads; the ratio is for each key", fleet, fleet[0])


if __name__ == "__main__":
    main()
