# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module is in the action group. A missing module would ignore module_defaults without a message."""

from __future__ import annotations

from pathlib import Path

import yaml

COLLECTION = Path(__file__).resolve().parents[2]
OFFLINE = {"kms_wrapped_key_material"}
# No task calls these modules. The actions that run them have received module_defaults and pass them on.
INTERNAL = {"kms_requests", "kms_key_requests"}


def test_every_module_that_calls_aws_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text("utf-8"))
    group = {entry for entry in runtime["action_groups"]["aws"] if isinstance(entry, str)}
    modules = {path.stem for path in (COLLECTION / "plugins" / "modules").glob("*.py")}
    actions = {path.stem for path in (COLLECTION / "plugins" / "action").glob("*.py")}
    assert group == modules - OFFLINE - INTERNAL
    assert set(runtime["action_groups"]["kms"]) == group, "the group must not contain modules of amazon.aws"
    assert actions <= modules, "the module of an action plugin documents it and adds it to the group"


def test_the_group_configures_amazon_aws_too() -> None:
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text("utf-8"))
    metadata = [entry["metadata"] for entry in runtime["action_groups"]["aws"] if isinstance(entry, dict)]
    assert metadata == [{"extend_group": ["amazon.aws.aws"]}]
