# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page in a browser: complete, accessible, one file, and text from other sources is not markup or code."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import re
from typing import Any

import pytest
from support.report_pages import NOW, ROLE, markdown, page, sample

from ansible_collections.cloudkeys.aws.plugins.filter.expiry_report import expiry_report
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import Reading, describe
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.page import make_page

HOSTILE = """</script></style><script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>"' {{ 7*7 }} =x | `"""
VOID = {"meta", "input", "br", "wbr", "rect"}


class Document(html.parser.HTMLParser):
    """The elements of a page, their attributes, and their nesting."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: dict[int, list[list[tuple[str, dict[str, str | None]]]]] = {}
        self.captions = 0
        self.text = ""
        self.code: dict[str, str] = {}
        self._open: list[str] = []
        self._tables = 0
        self.feed(text)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            assert "table" not in self._open, "no table contains a table"
            self._tables += 1
            self.rows[self._tables] = []
        elif tag == "caption":
            self.captions += 1
        elif tag == "tr":
            self.rows[self._tables].append([])
        elif tag in ("td", "th"):
            self.rows[self._tables][-1].append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            self.code[self._open[-1]] = self.code.get(self._open[-1], "") + data
        else:
            self.text += data

    def attributes(self, name: str) -> list[str]:
        return [value for _tag, given in self.elements if (value := given.get(name)) is not None]


def hostile(text: str = HOSTILE) -> dict[str, dict[str, Any]]:
    """Every text that another user can choose is this one."""
    material = Material("c" * 64, "CURRENT", "IMPORTED", text, "KEY_MATERIAL_EXPIRES", NOW.replace(month=2))
    arn = "arn:aws:kms:eu-west-1:111122223333:key/x"
    facts = KeyFacts("x", arn, "eu-west-1", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "EXTERNAL", "Enabled")
    facts = facts._replace(
        expiration_model=material.expiration_model, valid_to=material.valid_to, materials=(material,)
    )
    key = Reading(
        arn,
        facts,
        description=text,
        aliases=(f"alias/{text}", f"alias/{text}2"),
        tags={text: text},
        unread={"rotation": text},
        exists=True,
    )
    named = Reading(text, unread={"key": text}, exists=False)
    here = {
        "kms_keys": [describe(key, NOW), describe(named, NOW)],
        "read_at": NOW.isoformat(),
        "alias_pattern_matches": {text: 0, f"{text}2": None},
        "region": "eu-west-1",
    }
    return {text: here, f"{text}2": {"msg": text}}


JOB = {"id": HOSTILE, "template": HOSTILE, "user": HOSTILE, "workflow_id": HOSTILE}
SELECTION = {"alias_patterns": [HOSTILE], "tags": {HOSTILE: HOSTILE}, "key_ids": [HOSTILE]}
REPORTS = {
    "nothing": expiry_report({}),
    "unread": expiry_report(sample(0)),
    "3": expiry_report(sample(3, unread=False), fail_within_days=7),
    "300": expiry_report(sample(300), "Title", 30, 7, {"id": 42, "template": "Report", "user": "admin"}),
    "hostile": expiry_report(hostile(), HOSTILE, 60, None, JOB, {HOSTILE: SELECTION}, HOSTILE),
}
PAGES = {name: page(report) for name, report in REPORTS.items()}
DOCUMENTS = {name: Document(text) for name, text in PAGES.items()}
every_page = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=list(DOCUMENTS))


@every_page
def test_tables_can_be_read_aloud(document: Document) -> None:
    tables = [rows for rows in document.rows.values() if rows]
    assert document.captions == len(tables)
    for head, *rows in tables:
        assert all(tag == "th" and given["scope"] == "col" for tag, given in head)
        for row in rows:
            assert len(row) == len(head)
            assert (row[0][0], row[0][1]["scope"]) == ("th", "row")
            assert {tag for tag, _given in row[1:]} == {"td"}


@every_page
def test_links_lead_somewhere_on_the_page(document: Document) -> None:
    ids = document.attributes("id")
    assert len(set(ids)) == len(ids)
    assert {link.removeprefix("#") for link in document.attributes("href")} <= set(ids)
    assert set(document.attributes("aria-labelledby")) <= set(ids)


@every_page
def test_the_page_is_one_file_and_sends_no_requests(document: Document) -> None:
    assert {name for _tag, given in document.elements for name in given} & {"src", "style", "srcset", "action"} == set()
    assert not [name for _tag, given in document.elements for name in given if name.startswith("on")]
    assert not [link for link in document.attributes("href") if not link.startswith("#")]
    assert "url(" not in document.code["style"]
    assert "@import" not in document.code["style"]
    assert {tag for tag, _given in document.elements} & {"link", "img", "iframe", "object", "base", "embed"} == set()


@every_page
def test_only_this_style_and_this_script_may_run(document: Document) -> None:
    """The policy contains their hashes, so that injected code is not executed."""
    (policy,) = [text for text in document.attributes("content") if text.startswith("default-src")]
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; ")
    assert "unsafe" not in policy
    for kind, name in (("style", "report.css"), ("script", "report.js")):
        code = document.code[kind]
        assert code == (ROLE / "files" / name).read_text("utf-8").rstrip()
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy, f"{name} has changed: write this into report.html.j2"
    assert [tag for tag, _given in document.elements].count("script") == 1


def test_the_script_creates_no_markup_and_sends_no_requests() -> None:
    script = (ROLE / "files" / "report.js").read_text("utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch("):
        assert word not in script
    assert not re.search(r"XMLHttpRequest|WebSocket|localStorage|import\(|setAttribute\(.on", script)


def test_untrusted_text_is_text() -> None:
    document = DOCUMENTS["hostile"]
    assert document.text.count(HOSTILE) >= 15
    assert "<img" not in PAGES["hostile"]
    assert "49" not in document.text


def test_no_text_changes_the_direction_of_text_or_controls_a_terminal() -> None:
    made = expiry_report(hostile("\u202e\x1b[31m\x9b\x00\u2066"), "\u202e", 60, None, dict.fromkeys(JOB, "\x85\u202d"))
    for text in (page(made), markdown(made)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_no_text_is_markdown() -> None:
    """As GitHub renders it: no emphasis, formula or link, and no cell or line of its own."""
    text = "_a_ b_c *d* ~~e~~ $f$ https://g www.h.example [i](j) | k\n# l <m> `n` &lt;"
    shown = r"\_a\_ b_c \*d\* \~\~e\~\~ \$f\$ https:\//g www\.h.example \[i\](j) \| k # l &lt;m> &#96;n&#96; &amp;lt;"
    made = markdown(expiry_report(hostile(text), text, 60, None, dict.fromkeys(JOB, text), {text: SELECTION}))
    assert made.count(shown) >= 15
    assert not re.search(r"(?<!\\)[*~$]", made.replace("- **", "- ").replace("**: ", ": "))
    tables = [line for line in made.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {3, 4, 7, 10, 14}


def test_a_page_has_everything_without_the_script() -> None:
    """Controls that require the script are hidden until it runs."""
    report, document = REPORTS["300"], DOCUMENTS["300"]
    rows = [given for tag, given in document.elements if tag == "tr" and "id" in given]
    assert len(rows) == len(report["keys"]) == 300
    assert not [given for given in rows if "hidden" in given]
    assert [given for tag, given in document.elements if tag == "details" and "open" not in given] == []
    (form,) = [given for tag, given in document.elements if tag == "form"]
    assert "hidden" in form
    for key in report["keys"]:
        assert key["key_id"] in document.text
    for source in report["sources"]:
        assert source["name"] in document.text
    for words in report["statuses"].values():
        assert words["meaning"] in document.text
    for part in ("AWX job 42, Report, launched by admin", "2027-01-04 10:30:15 UTC", report["days_left_means"]):
        assert part in document.text


def test_every_card_leads_to_the_first_of_its_rows() -> None:
    view = make_page(REPORTS["300"])
    rows = [row for group in view["groups"] for row in group["rows"]]
    assert [row["anchor"] for row in rows] == [f"key-{number}" for number in range(1, 301)]
    for card in view["cards"]:
        first = next(row for row in rows if row["status"] == card["status"])
        assert (card["anchor"], card["keys"]) == (first["anchor"], REPORTS["300"]["summary"][card["status"]])
    for soon in view["bars"]["keys"]:
        (row,) = [row for row in rows if row["anchor"] == soon["anchor"]]
        assert (row["arn"], soon["share"]) == (soon["arn"], round(100 * soon["days_left"] / 30, 1))
    assert max(week["share"] for week in view["weeks"]) == 100


@pytest.mark.parametrize(
    ("name", "heading", "level"),
    [
        ("nothing", "Incomplete report", "incomplete"),
        ("unread", "Incomplete report", "incomplete"),
        ("3", "No action required", "good"),
        ("300", "Action required", "alarm"),
    ],
)
def test_what_comes_first_is_never_greener_than_the_report(name: str, heading: str, level: str) -> None:
    document = DOCUMENTS[name]
    assert heading in document.text
    assert f"card assessment {level}" in document.attributes("class")
    assert REPORTS[name]["assessment"]["level"] == level


def test_three_thousand_keys_are_a_file_that_can_be_mailed() -> None:
    assert len(page(expiry_report(sample(3000))).encode()) < 3_000_000
