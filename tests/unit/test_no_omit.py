# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and playbooks do not override a user's module_defaults.

``default(omit)`` for a Region would override them. Key material would then be imported into an account that the play
does not name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.arguments import AWS_OPTIONS

COLLECTION = Path(__file__).resolve().parents[2]
PLAYBOOKS = sorted((COLLECTION / "playbooks").glob("*.yml"))
TASKS = sorted([*COLLECTION.glob("roles/*/tasks/*.yml"), *COLLECTION.glob("playbooks/tasks/*.yml")])
# A Region from KMS's response, which is always defined.
FROM_A_RESULT = re.compile(r"\{\{ \w+\.region \}\}")


def dictionaries(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, dict):
        yield content
    for one in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from dictionaries(one)


def by_name(path: Path) -> str:
    return str(path.relative_to(COLLECTION))


def test_there_are_files_to_look_at() -> None:
    assert len(PLAYBOOKS) > 3
    assert len(TASKS) > 1


@pytest.mark.parametrize("path", [*PLAYBOOKS, *TASKS], ids=by_name)
def test_no_task_sets_an_option_of_the_connection(path: Path) -> None:
    for one in dictionaries(yaml.safe_load(path.read_text("utf-8"))):
        for module, options in one.items():
            if module.startswith(("cloudkeys.aws.", "amazon.aws.")) and isinstance(options, dict):
                own = {name: value for name, value in options.items() if name in AWS_OPTIONS}
                assert not [name for name, value in own.items() if not FROM_A_RESULT.fullmatch(str(value))], module


@pytest.mark.parametrize("path", TASKS, ids=by_name)
def test_no_tasks_have_module_defaults(path: Path) -> None:
    """They would replace the module_defaults of the play."""
    assert not [one for one in dictionaries(yaml.safe_load(path.read_text("utf-8"))) if "module_defaults" in one]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=by_name)
def test_a_playbook_takes_region_profile_and_account_for_the_whole_play(path: Path) -> None:
    """A playbook has only plays. The value is a template for a dictionary of the defined options."""
    (play,) = yaml.safe_load(path.read_text("utf-8"))
    found = [one["module_defaults"] for one in dictionaries(play) if "module_defaults" in one]
    modules = {name for one in dictionaries(play) for name in one if name.startswith("cloudkeys.aws.")}
    roles = {one["role"] for one in play.get("roles", [])}
    if modules == {"cloudkeys.aws.kms_wrapped_key_material"} or roles == {"cloudkeys.aws.awx_setup"}:
        assert found == [], "it sends no requests to AWS"
        return
    (defaults,) = found
    assert defaults == play["module_defaults"]
    assert list(defaults) == ["group/cloudkeys.aws.aws", "group/cloudkeys.aws.kms"]
    used = {name for options in defaults.values() for name in re.findall(r"\b\w+_\w+\b(?!')", options)}
    assert used == {"cloudkeys_region", "cloudkeys_profile", "cloudkeys_account_id"}, (
        "another variable could set any option with -e"
    )
    assert not [options for options in defaults.values() if "omit" in options]


def test_all_playbooks_have_the_same_defaults() -> None:
    plays = [play for path in PLAYBOOKS for play in yaml.safe_load(path.read_text("utf-8"))]
    defaults = [play["module_defaults"] for play in plays if "module_defaults" in play]
    assert len(defaults) > 3
    assert defaults == [defaults[0]] * len(defaults)


@pytest.mark.parametrize("path", [*PLAYBOOKS, *TASKS], ids=by_name)
def test_no_omit_near_an_option_of_the_connection(path: Path) -> None:
    """Check the text of each file, for code that the other tests do not parse."""
    options = "|".join(sorted(AWS_OPTIONS))
    assert not re.findall(rf"\b(?:{options})\b[^\n]*\bomit\b", path.read_text("utf-8"))
