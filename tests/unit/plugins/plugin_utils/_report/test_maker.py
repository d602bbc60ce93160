# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The author of a report: only known facts."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
import yaml
from ansible.release import __version__ as ansible_core

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report import maker

CHECKOUT = Path(__file__).resolve().parents[5]


def test_the_controller_and_both_versions() -> None:
    made = maker.describe_maker({})
    assert (made["user"], made["controller"]) == (pwd.getpwuid(os.getuid()).pw_name, os.uname().nodename)
    assert made["ansible_core"] == ansible_core
    assert made["job"] is None


def test_the_version_of_a_checkout_and_of_an_installed_collection(tmp_path: Path) -> None:
    assert maker._version(tmp_path) is None
    (tmp_path / "galaxy.yml").write_text(yaml.safe_dump({"version": "1.2.3"}), "utf-8")
    assert maker._version(tmp_path) == "1.2.3"
    (tmp_path / "MANIFEST.json").write_text('{"collection_info": {"version": "1.2.4"}}', "utf-8")
    assert maker._version(tmp_path) == "1.2.4"


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody-else")

    def no_entry(_number: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", no_entry)
    assert maker.describe_maker({})["user"] is None


@pytest.mark.parametrize(
    ("job", "known"),
    [
        (
            {"id": 42, "template": "Report", "user": "", "more": 1},
            {"id": "42", "template": "Report", "user": None, "workflow_id": None},
        ),
        ({"id": "", "user": "admin"}, None),
        ({"id": None}, None),
    ],
)
def test_a_job_is_what_awx_says_of_it(job: dict[str, object], known: dict[str, str] | None) -> None:
    assert maker.describe_maker(job)["job"] == known
