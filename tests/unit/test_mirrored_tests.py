# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit test of a pure module has the same path as the module: tests/unit/plugins/<folder>/test_<name>.py."""

from __future__ import annotations

from pathlib import Path

import pytest

COLLECTION = Path(__file__).resolve().parents[2]
FOLDERS = ("module_utils", "plugin_utils")

# Files without a unit test, and the tests that cover them.
IN_TESTS_ENGINE = "it asks KMS, or drives what does: tests/engine"
CONSTANTS = "it only says what there is, and does nothing"
ELSEWHERE = {
    "module_utils/_bundle/options.py": f"{CONSTANTS}; ansible-test compares it with the documentation",
    "module_utils/_errors.py": CONSTANTS,
    "module_utils/_key/ensured_key.py": CONSTANTS,
    "module_utils/_external_key/answer.py": IN_TESTS_ENGINE,
    "module_utils/_external_key/apply.py": IN_TESTS_ENGINE,
    "module_utils/_external_key/find.py": IN_TESTS_ENGINE,
    "module_utils/_external_key/options.py": f"{CONSTANTS}; ansible-test compares it with the documentation",
    "module_utils/_external_key/replication.py": IN_TESTS_ENGINE,
    "module_utils/_external_key/keys_without_alias.py": IN_TESTS_ENGINE,
    "module_utils/_kms/aws_module.py": IN_TESTS_ENGINE,
    "module_utils/_kms/caller.py": IN_TESTS_ENGINE,
    "module_utils/_material/options.py": f"{CONSTANTS}; ansible-test compares it with the documentation",
    "module_utils/_material/answer.py": IN_TESTS_ENGINE,
    "module_utils/_proof/round_trip.py": IN_TESTS_ENGINE,
    "module_utils/_report/survey.py": IN_TESTS_ENGINE,
    "module_utils/_requests/answer.py": IN_TESTS_ENGINE,
    "module_utils/_requests/module.py": "it is the main function of modules: tests/system",
    "module_utils/_versions.py": f"{CONSTANTS}; tests/unit/test_minimum_versions.py compares it with other files",
    "plugin_utils/_controller/internal.py": "Ansible has a part in it: tests/system/test_failures.py",
    "plugin_utils/_cryptography/errors.py": CONSTANTS,
    "plugin_utils/_fleet/declaration.py": IN_TESTS_ENGINE,
    "plugin_utils/_fleet/fleet_key.py": CONSTANTS,
    "plugin_utils/_fleet/keep.py": IN_TESTS_ENGINE,
    "plugin_utils/_fleet/run.py": IN_TESTS_ENGINE,
    "plugin_utils/_fleet/survey.py": IN_TESTS_ENGINE,
    "plugin_utils/_inventory/places.py": IN_TESTS_ENGINE,
    "plugin_utils/_material/carry_out.py": IN_TESTS_ENGINE,
    "plugin_utils/_material/converge.py": IN_TESTS_ENGINE,
    "plugin_utils/_material/look.py": IN_TESTS_ENGINE,
    "plugin_utils/_material/encrypt.py": IN_TESTS_ENGINE,
}


def _files() -> list[str]:
    plugins = COLLECTION / "plugins"
    found = (path for folder in FOLDERS for path in sorted((plugins / folder).rglob("*.py")))
    return [str(path.relative_to(plugins)) for path in found if path.name != "__init__.py"]


def _test_of(file: str) -> Path:
    path = Path(file)
    return COLLECTION / "tests" / "unit" / "plugins" / path.parent / f"test_{path.name.removeprefix('_')}"


@pytest.mark.parametrize("file", _files())
def test_every_file_has_its_test_or_a_reason(file: str) -> None:
    listed = file in ELSEWHERE
    expected = _test_of(file)
    assert expected.is_file() + listed == 1, f"write {expected.relative_to(COLLECTION)}, or remove {file} from the list"


def test_what_is_listed_exists() -> None:
    assert set(ELSEWHERE) <= set(_files())
