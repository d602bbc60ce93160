# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build context that differs from the definition is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from awx import compare_context, definition, lowest
from work import Failed

CONTAINER = """ARG EE_BASE_IMAGE="{image}"
ARG PYCMD="{path}"
ARG PYPKG="{package}"
ARG ANSIBLE_INSTALL_REFS="{tools}"
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A build context as ansible-builder creates it from the definition."""
    wanted = definition()
    dependencies = wanted["dependencies"]
    python = dependencies["python_interpreter"]
    tools = f"{dependencies['ansible_core']['package_pip']} {dependencies['ansible_runner']['package_pip']}"
    container = CONTAINER.format(
        image=wanted["images"]["base_image"]["name"],
        path=python["python_path"],
        package=python["package_system"],
        tools=tools,
    )
    (tmp_path / "Containerfile").write_text(container, "utf-8")
    build = tmp_path / "_build"
    build.mkdir()
    (build / "requirements.txt").write_text("\n".join(dependencies["python"]), "utf-8")
    (build / "exclude-requirements.txt").write_text("\n".join(dependencies["exclude"]["python"]), "utf-8")
    (build / "requirements.yml").write_text(yaml.safe_dump(dependencies["galaxy"]), "utf-8")
    return tmp_path


def test_the_definition_is_recognized(context: Path) -> None:
    compare_context(context, definition())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Containerfile", "ansible-core>=", "ansible-core~="),
        ("Containerfile", "ubi9", "ubi8"),
        ("_build/requirements.txt", "boto3>=", "boto3<"),
        ("_build/requirements.txt", "cryptography", "pycryptodome"),
        ("_build/exclude-requirements.txt", "aiobotocore", "boto3"),
        ("_build/requirements.yml", "amazon.aws", "community.aws"),
    ],
)
def test_another_one_is_refused(context: Path, name: str, old: str, new: str) -> None:
    text = (context / name).read_text("utf-8")
    assert old in text
    (context / name).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(Failed, match=Path(name).name):
        compare_context(context, definition())


def test_lowest_versions() -> None:
    assert lowest(["boto3>=1.38.31", "ansible-core>=2.17.6"]) == ["boto3==1.38.31", "ansible-core==2.17.6"]


@pytest.mark.parametrize("requirement", ["boto3", "boto3==1.38.31", "boto3>=1.38.31,<2", "boto3~=1.38"])
def test_what_has_no_lowest_version_is_refused(requirement: str) -> None:
    with pytest.raises(Failed, match="no lowest version"):
        lowest([requirement])
