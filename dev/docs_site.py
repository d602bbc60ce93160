# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the website of the documentation without a network.

The home page is docs/home.rst, the guides are in docs/docsite/rst, playbook_pages.py writes the pages of playbooks, and
antsibull-docs generates the rest of the reference.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from layout import BUILD, NAME, NAMESPACE, ROOT
from playbook_pages import add_pages
from work import Done, Failed, Work

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
    for file in ("docs/conf.py", "docs/site.css", "docs/home.rst", "README.md"):
        shutil.copy(ROOT / file, source)
    _begin_at_home(source)
    work.run(["sphinx-build", "--nitpicky", "--fail-on-warning", "--keep-going", "--builder", "html", source, SITE])
    work.say(f"The home page is {(SITE / 'index.html').relative_to(ROOT)}.")
    return Done(len(list(SITE.glob("*.html"))), "pages")


def _leave_out(source: Path, module: str) -> None:
    """Remove the page of a module that tasks cannot call; antsibull-docs generates one for each module."""
    (source / f"{module}_module.rst").unlink()
    index = source / "index.rst"
    lines = index.read_text("utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if module not in line), "utf-8")


def _begin_at_home(source: Path) -> None:
    """Make home.rst the first page. It includes the generated list of guides and links to the generated index."""
    guides, reference = split_index((source / "index.rst").read_text("utf-8"))
    (source / "guides.txt").write_text(guides, "utf-8")
    (source / "reference.rst").write_text(reference, "utf-8")
    (source / "home.rst").rename(source / "index.rst")


def split_index(generated: str) -> tuple[str, str]:
    """Split the index that antsibull-docs generates into the list of guides and the rest, titled "Reference"."""
    title = f"{NAMESPACE}.{NAME}".title()
    heading = f"\n{title}\n{'=' * len(title)}\n"
    guides = re.search(r"\nGuides\n------\n(?P<list>\n\.\. toctree::\n(?:\n|    .*\n)+)", generated)
    if guides is None or heading not in generated:
        raise Failed("antsibull-docs generates another index than dev/docs_site.py expects")
    rest = generated.replace(guides[0], "\n").replace(heading, "\nReference\n=========\n")
    return guides["list"], rest
