# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the playbooks, from ``playbooks/docs/NAME.yml`` and the argument specifications of the roles.

The texts are in Ansible markup, like the documentation of plugins and roles. ``antsibull-docs`` has no pages for
playbooks, so this module converts them to reStructuredText.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from layout import NAME, NAMESPACE, ROOT

COLLECTION = f"{NAMESPACE}.{NAME}"
DOCS = ROOT / "playbooks" / "docs"
SHARED = "shared"
"""The file with the variables that several playbooks share."""

_PLUGIN_INDEX = f".. _plugin_index_for_{COLLECTION}:"
_LABEL = f"ansible_collections.{COLLECTION}.docsite"
_MARKUP = re.compile(r"\b([BCIMOPRV]|RV)\((.*?)\)")
_ROLES = {"O": "ansopt", "RV": "ansretval"}
Json = dict[str, Any]


def playbooks() -> list[Path]:
    return sorted((ROOT / "playbooks").glob("*.yml"))


def read_spec(name: str) -> Json:
    spec: Json = yaml.safe_load((DOCS / f"{name}.yml").read_text("utf-8"))
    return spec


def variables_of(playbook: Path) -> dict[str, Json]:
    """Return the documented variables of a playbook: its own or its role's, and the shared ones that it reads."""
    spec = read_spec(playbook.stem)
    own: Mapping[str, Json] = spec.get("options") or {}
    if "role" in spec:
        path = ROOT / "roles" / spec["role"] / "meta" / "argument_specs.yml"
        own = yaml.safe_load(path.read_text("utf-8"))["argument_specs"]["main"]["options"]
    read = json.dumps(yaml.safe_load(playbook.read_text("utf-8")))
    shared = {name: one for name, one in read_spec(SHARED)["options"].items() if re.search(rf"\b{name}\b", read)}
    return {**own, **{name: one for name, one in shared.items() if name not in own}}


def add_pages(site: Path) -> None:
    """Write the page of each playbook, and list the pages in the index that antsibull-docs has written."""
    names = [f"docsite/playbook_{playbook.stem}" for playbook in playbooks()]
    for playbook, name in zip(playbooks(), names, strict=True):
        (site / f"{name}.rst").write_text(page(playbook), "utf-8")
    section = [*_heading("Playbooks"), ".. toctree::", "    :maxdepth: 1", "", *(f"    {name}" for name in names), ""]
    index = site / "index.rst"
    before, label, after = index.read_text("utf-8").partition(_PLUGIN_INDEX)
    index.write_text("\n".join([before + section[0], *section[1:], label + after]), "utf-8")


def page(playbook: Path) -> str:
    spec, name = read_spec(playbook.stem), f"{COLLECTION}.{playbook.stem}"
    variables, shared = variables_of(playbook), read_spec(SHARED)
    lines = [
        *_heading(f"{name} playbook -- {spec['short_description']}", f"{_LABEL}.playbook_{playbook.stem}", "="),
        *_paragraphs(spec["description"]),
        f"The guide :ref:`{_LABEL}.{spec['guide']}` uses this playbook in context.",
        "",
        *_heading("Variables"),
        *(_paragraphs(shared["note"]) if set(variables) & set(shared["options"]) else ()),
        *_table(
            ("Variable", "Description"),
            ((_name_cell(name, one), _text_cell(one)) for name, one in variables.items()),
        ),
        *_heading("Example"),
        *spec["example"].splitlines(),
        "",
        *_heading("Changes"),
        *_paragraphs(spec["changes"]),
        *_heading("Exit status"),
        "``ansible-playbook`` exits with 0 if the playbook succeeds, and with another status if it fails.",
        "",
        *_paragraphs(spec["fails"]),
    ]
    if spec.get("publishes"):
        lines += [
            *_heading("Published statistics"),
            "The playbook publishes these statistics with :ansplugin:`ansible.builtin.set_stats#module`. Later jobs of"
            " an AWX workflow receive them as variables, and AWX displays them as artifacts of the job.",
            "",
            *_table(
                ("Statistic", "Content"),
                (([f"``{name}``"], [to_rst(text)]) for name, text in spec["publishes"].items()),
            ),
        ]
    return "\n".join([*lines, *_heading("Permissions"), *_paragraphs(spec["permissions"])]).rstrip() + "\n"


def to_rst(text: str) -> str:
    """Convert Ansible markup to reStructuredText."""
    return _MARKUP.sub(_converted, " ".join(text.split()))


def _converted(match: re.Match[str]) -> str:
    kind, content = match[1], match[2]
    if kind == "B":
        return f"**{content}**"
    if kind == "I":
        return f"*{content}*"
    if kind == "M":
        return f":ansplugin:`{content}#module`"
    if kind == "P":
        return f":ansplugin:`{content}`"
    if kind == "R":
        title, label = content.rsplit(",", 1)
        return f":ref:`{title} <{label.strip()}>`"
    if kind in _ROLES and "#" in content:
        return f":{_ROLES[kind]}:`{content}`"
    return f"``{content}``"


def _heading(title: str, label: str = "", line: str = "-") -> list[str]:
    return [*([f".. _{label}:", ""] if label else []), title, line * len(title), ""]


def _paragraphs(texts: str | list[str]) -> list[str]:
    return [line for text in ([texts] if isinstance(texts, str) else texts) for line in (to_rst(text), "")]


def _name_cell(name: str, option: Json) -> list[str]:
    kind = option["type"] + (f" / elements={option['elements']}" if "elements" in option else "")
    return [f"``{name}``", "", f"*{kind}*", *(["", "**required**"] if option.get("required") else [])]


def _text_cell(option: Json) -> list[str]:
    lines = _paragraphs(option["description"])
    choices = [one for one in option.get("choices", ()) if one != ""]
    if choices:
        lines += [f"Choices: {', '.join(f'``{one}``' for one in choices)}", ""]
    if "default" in option:
        default = option["default"]
        lines += [f"Default: ``{default if isinstance(default, str) else json.dumps(default)}``", ""]
    return lines[:-1]


def _table(head: tuple[str, str], rows: Any) -> Iterator[str]:
    yield from (".. list-table::", "    :header-rows: 1", "    :widths: 35 65", "")
    for left, right in (([head[0]], [head[1]]), *rows):
        for mark, cell in (("* -", left), ("  -", right)):
            yield from textwrap.indent(f"{mark} {_hanging(cell)}", "    ").splitlines()
    yield ""


def _hanging(lines: list[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ").lstrip()
