# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx for the website, which `make docs` builds without a network."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

project = "cloudkeys.aws"
copyright = "the cloudkeys.aws authors"  # noqa: A001 (Sphinx's name)
title = "cloudkeys.aws"
html_title = title
html_short_title = title
extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
_REPOSITORY = "https://github.com/cloudkeys/cloudkeys.aws"
html_theme_options = {
    # An absolute address, which the theme uses on every page. The name of the project in the sidebar is the home page.
    "documentation_home_url": _REPOSITORY,
    "topbar_links": {
        "Repository": _REPOSITORY,
        "Issues": f"{_REPOSITORY}/issues",
        "Ansible documentation": "https://docs.ansible.com",
    },
}
html_show_sphinx = False
html_use_smartypants = True
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
nitpicky = True

_ANSIBLE_DOCS = "https://docs.ansible.com/projects/ansible/latest"
_PLUGIN = re.compile(r"ansible_collections\.(\w+)\.(\w+)\.(\w+?)(?:__(parameter|return|attribute)-(.+))?")
_GUIDE = re.compile(r"ansible_collections\.(\w+)\.(\w+)\.docsite\.(\w+)")
# The labels of Ansible's own guides that the generated pages refer to.
_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def _elsewhere(label: str) -> str | None:
    """Return the address of a label in Ansible's documentation. Sphinx would download a list of labels for this."""
    if label.startswith(f"ansible_collections.{project}."):
        return None
    if label in _PAGES:
        return f"{_ANSIBLE_DOCS}/{_PAGES[label]}"
    if label.startswith("ANSIBLE_"):
        return f"{_ANSIBLE_DOCS}/reference_appendices/config.html#envvar-{label}"
    guide, plugin = _GUIDE.fullmatch(label), _PLUGIN.fullmatch(label)
    if guide:
        return f"{_ANSIBLE_DOCS}/collections/{guide[1]}/{guide[2]}/docsite/{guide[3]}.html"
    if plugin:
        anchor = f"#{plugin[4]}-{plugin[5]}" if plugin[4] else ""
        return f"{_ANSIBLE_DOCS}/collections/{plugin[1]}/{plugin[2]}/{plugin[3]}.html{anchor}"
    return None


def _resolve(
    _app: Sphinx, _environment: BuildEnvironment, reference: pending_xref, content: nodes.Node
) -> nodes.reference | None:
    address = _elsewhere(str(reference["reftarget"]))
    return nodes.reference("", "", content, refuri=address, internal=False) if address else None


def setup(app: Sphinx) -> None:
    app.connect("missing-reference", _resolve)
