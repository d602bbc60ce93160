# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One key: a task that changes nothing, and a first import."""

from __future__ import annotations

import os

from bench import FOLDER, Bench, bring_aws_cli, in_days
from contenders import Contender, compared, measure

INFO, MATERIAL = "amazon.aws.kms_key_info", "cloudkeys.aws.kms_key_material"

# A careful engineer's shell script for a first import: AWS's guide, with checks before and after the import.
SCRIPT = """\
set -eu
for KEY in $KEYS; do
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
done
"""


def script(bench: Bench, keys: list[str]) -> None:
    """Import key material into each of these keys, one after the other, with the AWS CLI."""
    bench.call(["sh", "-c", SCRIPT], KEYS=" ".join(keys), VALID_TO=in_days(90))


def write_material() -> None:
    (FOLDER / "material.key").write_bytes(os.urandom(31) + b"\x01")


def single_keys(bench: Bench, times: int) -> None:
    cli, kms = bring_aws_cli(), bench.client()
    write_material()

    def create_key() -> str:
        return str(kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"])

    valid_to = in_days(90)

    def import_task(key: str) -> None:
        bench.task(MATERIAL, {"key_id": key, "key_material_src": str(FOLDER / "material.key"), "valid_to": valid_to})

    settled = create_key()
    import_task(settled)
    nothing = [
        Contender("`ansible.builtin.ping`, the minimum for Ansible", lambda _: bench.task("ping", {})),
        Contender(f"`{INFO}`", lambda _: bench.task(INFO, {"key_id": settled})),
        Contender(f"`{MATERIAL}`", lambda _: import_task(settled)),
    ]
    measure(bench, nothing, times)
    compared(f"A task that changes nothing, compared with `{INFO}` on the same key", nothing, nothing[1])
    imports = [
        Contender(f"{cli} and OpenSSL, as a shell script", lambda key: script(bench, [key]), create_key),
        Contender(f"`{MATERIAL}`", import_task, create_key),
    ]
    measure(bench, imports, times)
    compared("A first import, compared with a script for the AWS CLI", imports, imports[0])
