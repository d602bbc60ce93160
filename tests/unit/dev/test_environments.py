# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which settings of the user's get into programs that make starts."""

from __future__ import annotations

import environments
import pytest


def test_only_acceptance_runs_see_the_users_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "sandbox")
    monkeypatch.setenv("HOME", "/home/jane")
    usual = environments.main().variables()
    assert "AWS_PROFILE" not in usual
    assert usual["HOME"] != "/home/jane"
    users = usual | environments.users_aws_settings()
    assert (users["AWS_PROFILE"], users["HOME"]) == ("sandbox", "/home/jane")
    assert users["ANSIBLE_HOME"] == usual["ANSIBLE_HOME"]


@pytest.mark.parametrize(("given", "seen"), [(None, "false"), ("true", "true")], ids=["omitted", "disabled"])
def test_the_role_of_an_instance(monkeypatch: pytest.MonkeyPatch, given: str | None, seen: str) -> None:
    """It is as good as other credentials, unless the user has said otherwise."""
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    if given:
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", given)
    assert environments.users_aws_settings()["AWS_EC2_METADATA_DISABLED"] == seen
