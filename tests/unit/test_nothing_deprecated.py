# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection uses no deprecated parts of Ansible. tests/system checks the deprecation warnings of a run."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.module_utils.common import warnings

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
FILES = sorted(PLUGINS.rglob("*.py"))
# Deprecated as a whole, even if the ansible-core of this run does not report it.
LEGACY = (
    "ansible.module_utils._text",
    "ansible.module_utils.common._collections_compat",
    "ansible.module_utils.six",
)
# Since ansible-core 2.22, no_log values are not masked in results, so a result must not contain secrets.
LEGACY_NAMES = ("remove_values", "sanitize_keys")


def imports(source: str) -> Iterator[tuple[str, str]]:
    """The module and name of each import from Ansible."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "ansible":
            yield from ((node.module or "", alias.name) for alias in node.names)
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.split(".")[0] == "ansible")


def legacy(source: str) -> Iterator[str]:
    for module, name in imports(source):
        whole = f"{module}.{name}"
        if name in LEGACY_NAMES or any(f"{whole}.".startswith(f"{old}.") for old in LEGACY):
            yield whole
    for node in ast.walk(ast.parse(source)):
        # The name of the first parameter of AnsibleModule.warn is not part of its public interface.
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "warn":
            yield from (f"warn({keyword.arg}=)" for keyword in node.keywords if keyword.arg in ("msg", "warning"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_nothing_deprecated_is_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(warnings, "deprecate", lambda msg, *_more, **_named: said.append(msg))
    source = path.read_text("utf-8")
    for module, name in imports(source):
        # A deprecated name prints a warning when it is imported from its module.
        taken = importlib.import_module(module)
        if name and not hasattr(taken, name):
            importlib.import_module(f"{module}.{name}")
    assert [*said, *legacy(source)] == []


@pytest.mark.parametrize(
    "source",
    [
        "from ansible.module_utils._text import to_text",
        "from ansible.module_utils import six",
        "import ansible.module_utils.six.moves",
        "from ansible.module_utils.common.parameters import remove_values",
        "module.warn(warning=text)",
    ],
)
def test_what_is_deprecated_is_found(source: str) -> None:
    assert len(list(legacy(source))) == 1


@pytest.mark.parametrize(
    "source", ["from ansible.module_utils.common.text.converters import to_text", "module.warn(text)"]
)
def test_what_is_not_is_let_pass(source: str) -> None:
    assert list(legacy(source)) == []
