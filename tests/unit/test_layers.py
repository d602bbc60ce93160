# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allowed imports: only from lower layers. Code that makes decisions uses no Ansible, no AWS, and no clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"

# Each line may import from the lines above it, and a package from itself.
LAYERS = (
    ("module_utils._errors", "module_utils._json", "module_utils._versions"),
    ("module_utils._kms",),
    ("module_utils._key",),
    ("module_utils._messages",),
    ("module_utils._material", "module_utils._external_key", "module_utils._report", "module_utils._proof"),
    ("module_utils._bundle", "module_utils._fleet", "module_utils._requests"),
    ("plugin_utils._trust", "plugin_utils._templating"),
    ("plugin_utils._inventory", "plugin_utils._report", "plugin_utils._copies"),
    ("plugin_utils._controller",),
    ("plugin_utils._cryptography",),
    ("plugin_utils._bundle",),
    ("plugin_utils._material",),
    ("plugin_utils._key_list",),
    ("plugin_utils._fleet",),
    ("plugin_utils._awx",),
    ("action", "filter", "inventory", "lookup", "modules"),
)
# They make decisions or only define data. Everything that they require, including the time, is an argument.
PURE = (
    "module_utils/_errors.py",
    "module_utils/_json.py",
    "module_utils/_messages.py",
    "module_utils/_kms/error_codes.py",
    "module_utils/_kms/error_sentences.py",
    "module_utils/_kms/identifiers.py",
    "module_utils/_kms/quotas.py",
    "module_utils/_kms/rate.py",
    "module_utils/_key/ensured_key.py",
    "module_utils/_key/expiration.py",
    "module_utils/_key/expiration_options.py",
    "module_utils/_key/facts.py",
    "module_utils/_key/material_label.py",
    "module_utils/_key/snapshot.py",
    "module_utils/_key/specs.py",
    "module_utils/_material/deletion.py",
    "module_utils/_material/foreseen.py",
    "module_utils/_material/import_description.py",
    "module_utils/_material/imports.py",
    "module_utils/_material/match.py",
    "module_utils/_material/plan.py",
    "module_utils/_material/rotation.py",
    "module_utils/_material/wanted.py",
    "module_utils/_external_key/alias.py",
    "module_utils/_external_key/declaration.py",
    "module_utils/_external_key/options.py",
    "module_utils/_external_key/policy.py",
    "module_utils/_external_key/replicas.py",
    "module_utils/_fleet/options.py",
    "module_utils/_requests/wire.py",
    "module_utils/_proof/scheme.py",
    "module_utils/_report/entry.py",
    "module_utils/_report/regions.py",
    "plugin_utils/_awx/accounts.py",
    "plugin_utils/_awx/canary_keys.py",
    "plugin_utils/_awx/ceremony_keys.py",
    "plugin_utils/_awx/credential_types.py",
    "plugin_utils/_awx/existing.py",
    "plugin_utils/_awx/inventory.py",
    "plugin_utils/_awx/job_templates.py",
    "plugin_utils/_awx/keys.py",
    "plugin_utils/_awx/plan.py",
    "plugin_utils/_awx/values.py",
    "plugin_utils/_awx/workflows.py",
    "plugin_utils/_controller/conversations.py",
    "plugin_utils/_bundle/contents.py",
    "plugin_utils/_bundle/file.py",
    "plugin_utils/_copies/drill.py",
    "plugin_utils/_copies/drill_report.py",
    "plugin_utils/_copies/entries.py",
    "plugin_utils/_copies/verification.py",
    "plugin_utils/_key_list/checks.py",
    "plugin_utils/_key_list/csv_list.py",
    "plugin_utils/_key_list/entries.py",
    "plugin_utils/_key_list/given.py",
    "plugin_utils/_fleet/admission.py",
    "plugin_utils/_fleet/fleet_key.py",
    "plugin_utils/_fleet/keep.py",
    "plugin_utils/_fleet/limits.py",
    "plugin_utils/_fleet/progress.py",
    "plugin_utils/_fleet/result.py",
    "plugin_utils/_fleet/whole_fleet.py",
    "plugin_utils/_key_list/list_file.py",
    "plugin_utils/_key_list/yaml_list.py",
    "plugin_utils/_inventory/groups.py",
    "plugin_utils/_inventory/hosts.py",
    "plugin_utils/_material/advance.py",
    "plugin_utils/_material/apply.py",
    "plugin_utils/_material/carry_out.py",
    "plugin_utils/_material/combinations.py",
    "plugin_utils/_material/compare.py",
    "plugin_utils/_material/converge.py",
    "plugin_utils/_material/look.py",
    "plugin_utils/_material/one_key.py",
    "plugin_utils/_material/outcome.py",
    "plugin_utils/_material/replicas.py",
    "plugin_utils/_report/coverage.py",
    "plugin_utils/_report/expiry_report.py",
    "plugin_utils/_report/failures.py",
    "plugin_utils/_report/page.py",
    "plugin_utils/_report/regions.py",
    "plugin_utils/_report/renewal.py",
    "plugin_utils/_report/row.py",
    "plugin_utils/_report/statuses.py",
    "plugin_utils/_report/summary.py",
    "plugin_utils/_report/table.py",
    "plugin_utils/_report/text.py",
    "plugin_utils/_report/timeline.py",
    "plugin_utils/_trust.py",
)
IMPURE = {"ansible", "boto3", "botocore", "os", "random", "secrets", "socket", "subprocess", "threading", "time"}
PREFIX = "ansible_collections.cloudkeys.aws.plugins."


def imported(file: Path) -> set[str]:
    """The modules that a file imports. The modules of the collection are named by their path below plugins."""
    package = list(file.relative_to(PLUGINS).parts[:-1])
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            found.add(".".join([*above, *([node.module] if node.module else [])]).removeprefix(PREFIX))
    return found


def layer(module: str) -> tuple[int, str] | None:
    """The number of a module's layer, and its package."""
    for number, packages in enumerate(LAYERS):
        for package in packages:
            if module == package or module.startswith(f"{package}."):
                return number, package
    return None


FILES = [
    path.relative_to(PLUGINS)
    for path in sorted(PLUGINS.rglob("*.py"))
    if path.name != "__init__.py" and path.parts[len(PLUGINS.parts)] != "doc_fragments"
]


@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_arrow_goes_up(file: Path) -> None:
    own = layer(".".join(file.with_suffix("").parts))
    assert own is not None, "a new package must be assigned to a layer"
    for module in imported(PLUGINS / file):
        other = layer(module)
        if other is not None:
            assert other[0] < own[0] or other[1] == own[1], f"{file} imports {module}"


@pytest.mark.parametrize("file", PURE)
def test_what_decides_is_pure(file: str) -> None:
    roots = {module.partition(".")[0] for module in imported(PLUGINS / file)}
    assert not roots & IMPURE
    text = (PLUGINS / file).read_text("utf-8")
    assert "datetime.now" not in text
    assert "utcnow" not in text
