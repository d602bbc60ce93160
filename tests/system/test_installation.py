# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installation guide, followed without a network: a local repository instead of GitHub, and no Galaxy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from .guides import Command, File, follow, steps

CHECKOUT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/cloudkeys/cloudkeys.aws"
GUIDE = CHECKOUT / "docs" / "docsite" / "rst" / "guide_install.rst"
INSTALLED = "~/.ansible/collections/ansible_collections"
AUTHOR = {f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def test_guide_install(tmp_path: Path) -> None:
    """Each way to install the collection, in a home that contains only amazon.aws."""
    environment = _environment(tmp_path)
    _repository(tmp_path / "cloudkeys.aws", environment)
    amazon_aws = _amazon_aws(tmp_path, environment)
    collections = Path(INSTALLED.replace("~", environment["HOME"]))
    collections.mkdir(parents=True)
    roots = [Path(root) for root in os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep)]
    amazon = next(root / "ansible_collections" / "amazon" for root in roots if (root / "ansible_collections").is_dir())
    (collections / "amazon").symlink_to(amazon.resolve())
    folder = tmp_path / "work"
    folder.mkdir()
    follow(list(_without_a_network(f"file://{tmp_path}/cloudkeys.aws", amazon_aws)), folder, environment)
    installed = collections / "cloudkeys" / "aws"
    assert (installed / "plugins" / "modules" / "kms_key_material.py").is_file()
    assert not (installed / "tests").exists()
    assert not (collections / "amazon").is_symlink(), "the last machine had none, and the folder contained it"


def _without_a_network(repository: str, amazon_aws: Path) -> Iterator[File | Command]:
    """The steps of the guide. Before each installation, the previous one is removed."""
    for step in steps(GUIDE.read_text("utf-8")):
        if isinstance(step, File):
            yield replace(step, content=step.content.replace(REPOSITORY, repository))
            continue
        line = step.line.replace(REPOSITORY, repository)
        if line.startswith("pip "):
            continue
        if line.startswith("ansible-galaxy collection install ") and "--force" not in line:
            yield Command(f"rm -rf {INSTALLED}/cloudkeys")
        if "--offline -r" in line:
            yield Command(f"rm -rf {INSTALLED}/amazon")
        if " download " in line:
            # From Galaxy on a machine that has a network.
            line += f" {amazon_aws}"
        yield replace(step, line=line)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    home = folder / "home"
    home.mkdir()
    return {**kept, **AUTHOR, "PATH": path, "HOME": str(home)}


def _repository(folder: Path, environment: dict[str, str]) -> None:
    """The files of this checkout as they are now, committed."""
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=CHECKOUT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Everything"]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)


def _amazon_aws(folder: Path, environment: dict[str, str]) -> Path:
    """A file such as Galaxy has it, for the dependency; without content."""
    (wanted,) = re.findall(r'amazon\.aws: ">=([0-9.]+)"', (CHECKOUT / "galaxy.yml").read_text("utf-8"))
    source = folder / "amazon.aws"
    source.mkdir()
    (source / "README.md").write_text("A stand-in.\n", "utf-8")
    about = {"namespace": "amazon", "name": "aws", "version": wanted, "readme": "README.md", "authors": ["The tests"]}
    (source / "galaxy.yml").write_text(yaml.safe_dump(about), "utf-8")
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(folder), str(source)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return folder / f"amazon-aws-{wanted}.tar.gz"


def test_all_install_hints_are_the_same() -> None:
    """README.md, the guide, and the note on each generated page of the website."""
    command = f"ansible-galaxy collection install git+{REPOSITORY}"
    for path in ("README.md", "docs/docsite/rst/guide_install.rst", "docs/antsibull-docs.cfg"):
        text = (CHECKOUT / path).read_text("utf-8")
        assert re.search(rf"(^| |\"){re.escape(command)}\"?$", text, re.MULTILINE), path
