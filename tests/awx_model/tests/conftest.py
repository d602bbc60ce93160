# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For each test: a model, and one that is ready to launch a job; an emulator and an account."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fixtures import account, emulator, kms, undo

from awx_model.fixtures import awx
from awx_model.model import Model

from .client import Client

__all__ = ["account", "awx", "client", "emulator", "kms", "model", "ready", "undo"]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def client(model: Model) -> Client:
    return Client(model)


@pytest.fixture
def ready(client: Client, tmp_path: Path) -> Client:
    """A client of an AWX with an organization, a project, an inventory of two hosts, and a job template."""
    for name in ("renew.yml", "report.yml"):
        (tmp_path / name).write_text("- hosts: all\n", "utf-8")
    organization = client.create("organizations", name="Keys")
    project = client.create(
        "projects", name="Wrappers", organization=organization, scm_type="git", scm_url=f"file://{tmp_path}"
    )
    inventory = client.create("inventories", name="Accounts", organization=organization)
    for name in ("dublin", "frankfurt"):
        client.create("hosts", name=name, inventory=inventory)
    client.create("job_templates", name="Renew", project=project, inventory=inventory, playbook="renew.yml")
    return client
