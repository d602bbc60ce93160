# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of any size, and their pages, without a playbook.

``PYTHONPATH=.collections:tests .venv/bin/python tests/support/report_pages.py 3000 page.html`` writes the page of a
report on 3,000 invented keys.
"""

from __future__ import annotations

import functools
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jinja2
from ansible.plugins.filter.core import FilterModule as CoreFilters

from ansible_collections.cloudkeys.aws.plugins.filter.expiry_report import FilterModule, expiry_report
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import Reading, describe

ROLE: Final = Path(__file__).resolve().parents[2] / "roles" / "expiry_report"
NOW: Final = datetime(2027, 1, 4, 10, 30, 15, tzinfo=UTC)
REGIONS: Final = ("eu-central-1", "eu-west-1", "us-east-1", "ap-southeast-2")
OWNERS: Final = ("payments", "ledger", "treasury", "webhooks", "archive", "backups", "tokens", "card-vault")


def sample(keys: int, *, unread: bool = True) -> dict[str, dict[str, Any]]:
    """Results of ``kms_key_material_info`` for invented keys in several accounts and Regions, the same at every call.

    :param unread: one more host could not be read.
    """
    chance = random.Random(keys)
    hosts: dict[str, list[Reading]] = {}
    for number in range(keys):
        place = chance.randrange(min(24, 1 + keys // 3))
        account, region = f"{111122223333 + place // 4 * 1111}", REGIONS[place % 4]
        name = f"{OWNERS[place // 4]}-{region}"
        hosts.setdefault(name, []).append(_reading(chance, number, account, region))
    results = {
        name: {
            "kms_keys": [describe(one, NOW) for one in readings],
            "read_at": (NOW - timedelta(seconds=place)).isoformat(),
            "region": readings[0].name.split(":")[3],
            "alias_pattern_matches": {},
        }
        for place, (name, readings) in enumerate(sorted(hosts.items()))
    }
    denied = "kms:ListKeys is denied by the key policies and IAM policies of this account."
    return {**results, **({"legacy-us-west-2": {"failed": True, "msg": denied}} if unread else {})}


def _reading(chance: random.Random, number: int, account: str, region: str) -> Reading:
    key_id = f"{number:08x}-12ab-34cd-56ef-1234567890ab"
    arn = f"arn:aws:kms:{region}:{account}:key/{key_id}"
    if chance.random() < 0.004:
        return Reading(arn, unread={"key": "kms:DescribeKey is denied"})
    days = chance.choice([None, 2.6, 12.4, 25, *range(40, 360, 9)]) if chance.random() > 0.01 else None
    missing = chance.random() < 0.008
    state = "PENDING_IMPORT" if missing else "IMPORTED"
    end = None if days is None or missing else NOW + timedelta(days=days, seconds=chance.randrange(20000))
    model = None if missing else "KEY_MATERIAL_EXPIRES" if end else "KEY_MATERIAL_DOES_NOT_EXPIRE"
    current = Material(f"{number:064x}", "CURRENT", state, "envelope 7", model, end)
    older = Material(f"{number + 10**9:064x}", "NON_CURRENT", "IMPORTED", None, "KEY_MATERIAL_DOES_NOT_EXPIRE")
    rotated = current._replace(rotation_date=NOW - timedelta(days=40), rotation_type="ON_DEMAND")
    spec = chance.choice(["SYMMETRIC_DEFAULT"] * 6 + ["HMAC_256", "RSA_3072"])
    symmetric = spec == "SYMMETRIC_DEFAULT"
    facts = KeyFacts(
        key_id,
        arn,
        region,
        spec,
        "ENCRYPT_DECRYPT" if spec != "HMAC_256" else "GENERATE_VERIFY_MAC",
        "EXTERNAL",
        "PendingImport" if missing else "PendingDeletion" if chance.random() < 0.01 else "Enabled",
        expiration_model=model,
        valid_to=end,
        materials=((rotated, older) if chance.random() < 0.15 else (current,)) if symmetric else None,
    )
    owner = chance.choice(OWNERS)
    alias = f"alias/{owner}/{chance.choice(['prod', 'test', 'stage'])}-{number:04}"
    tags = {"owner": owner, "cost-center": str(1000 + number % 40)}
    return Reading(arn, facts, f"{owner} data key", aliases=(alias,), tags=tags, exists=True, read_at=NOW)


def page(report: dict[str, Any]) -> str:
    """The role's page, as the module template makes it."""
    return _render(report, "report.html.j2")


def markdown(report: dict[str, Any]) -> str:
    """The role's Markdown file, as the module template makes it."""
    return _render(report, "report.markdown.j2")


def _render(report: dict[str, Any], template: str) -> str:
    return _environment().get_template(template).render(expiry_report_internal_content=report)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROLE / "templates"),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    core = CoreFilters().filters()
    environment.filters |= {name: core[name] for name in ("regex_replace", "to_json")}
    for name, function in FilterModule().filters().items():
        environment.filters[f"cloudkeys.aws.{name}"] = function

    def lookup(plugin: str, name: str) -> str:
        assert plugin == "ansible.builtin.file"
        return (ROLE / "files" / name).read_text("utf-8").rstrip()

    environment.globals["lookup"] = lookup
    return environment


def main(keys: str, path: str) -> None:
    report = expiry_report(sample(int(keys)), "Key material in AWS KMS", 30, 7, {})
    Path(path).write_text(page(report), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
