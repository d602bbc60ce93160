# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the documentation site from plugins, roles, playbooks and the guides in docs/docsite/rst, without a network."""

from __future__ import annotations

import shutil
from pathlib import Path

from layout import BUILD, NAME, NAMESPACE, ROOT
from playbook_pages import add_pages
from work import Done, Work

SITE = BUILD / "docs" / "html"


def run_docs(work: Work) -> Done:
    source = BUILD / "docs" / "source"
    shutil.rmtree(BUILD / "docs", ignore_errors=True)
    source.mkdir(parents=True)
    command = ["antsibull-docs", "--config-file", "docs/antsibull-docs.cfg", "collection", "--use-current"]
    work.run([*command, "--squash-hierarchy", "--fail-on-error", "--dest-dir", source, f"{NAMESPACE}.{NAME}"])
    for module in ("kms_requests", "kms_key_requests"):
        _leave_out(source, module)
    add_pages(source)
    shutil.copy(ROOT / "docs" / "conf.py", source)
    work.run(["sphinx-build", "--nitpicky", "--fail-on-warning", "--keep-going", "--builder", "html", source, SITE])
    work.say(f"The site is {(SITE / 'index.html').relative_to(ROOT)}.")
    return Done(len(list(SITE.glob("*.html"))), "pages")


def _leave_out(source: Path, module: str) -> None:
    """A module that no task may call needs no page; antsibull-docs makes one of each."""
    (source / f"{module}_module.rst").unlink()
    index = source / "index.rst"
    lines = index.read_text("utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if module not in line), "utf-8")
