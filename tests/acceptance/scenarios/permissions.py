# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An import without permission.

The policy of one key denies the import, but nothing that the clean-up needs.
"""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from ..bench import Bench, expect
from ..player import Unmet
from . import Scenario

DENIED = ("kms:GetParametersForImport", "kms:ImportKeyMaterial")


def denied(bench: Bench) -> None:
    key = bench.ready_key()
    usual = bench.kms.get_key_policy(KeyId=key.arn, PolicyName="default")["Policy"]
    policy = json.loads(usual)
    statement = {"Sid": "DenyImports", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": list(DENIED)}
    policy["Statement"].append({**statement, "Resource": "*"})
    before = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["ValidTo"]
    bench.kms.put_key_policy(KeyId=key.arn, PolicyName="default", Policy=json.dumps(policy))
    task = bench.material(key, force=True)
    calls = len(bench.calls())
    try:
        # Like all of IAM, a key policy takes effect eventually.
        bench.wait_for(lambda: _is_refused(bench, key.arn), "the key policy denies imports")
        refused = bench.play("Import without permission", task, fails=True).last
        expect(DENIED[0] in refused["msg"], "the message names the permission", refused["msg"])
        expect(refused["kms_error"]["code"] == "AccessDeniedException", "KMS denied it", refused["kms_error"]["code"])
        after = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]
        expect(after["KeyState"] == "Enabled", "the key is as before", after["KeyState"])
        expect(abs((after["ValidTo"] - before).total_seconds()) < 1, "the key material expires as before")
    finally:
        bench.kms.put_key_policy(KeyId=key.arn, PolicyName="default", Policy=usual)
    bench.wait_for(lambda: not _is_refused(bench, key.arn), "the key policy allows imports")
    imports = bench.accepted(calls, "ImportKeyMaterial")
    expect(imports == 0, "nothing was imported without permission", imports)
    imported = bench.play("Import with permission", task).last
    expect(imported["actions"] == ["reimport"], "the key material is imported again", imported["actions"])
    imports = bench.accepted(calls, "ImportKeyMaterial")
    expect(imports == 1, "it is imported once", imports)
    bench.check_use(key)


def _is_refused(bench: Bench, arn: str) -> bool:
    try:
        bench.kms.get_parameters_for_import(
            KeyId=arn, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_4096"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise Unmet(f"KMS refused the import parameters for another reason: {error}") from error
        return True
    return False


SCENARIOS = (
    Scenario("denied", "permissions", "without a permission, nothing changes and the message names it", denied),
)
