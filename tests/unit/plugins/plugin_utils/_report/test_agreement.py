# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON, CSV, Markdown and HTML files and the summary agree on statuses, days, times and numbers of keys."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.report_pages import markdown, page

from ansible_collections.cloudkeys.aws.plugins.filter.expiry_report import expiry_report
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import Reading, describe
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.summary import summarize
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.table import to_csv

# Boto3 returns times in the zone of the target. The leap day and the last year of the calendar are among them.
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
nows = st.datetimes(datetime(2027, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
lives = st.one_of(
    st.sampled_from([timedelta(0), timedelta(seconds=-1), timedelta(microseconds=1), timedelta(days=30)]),
    st.timedeltas(timedelta(days=-1), timedelta(days=400)),
    st.none(),
    st.just("9999"),
)


@st.composite
def fleets(draw: st.DrawFn) -> tuple[datetime, dict[str, dict[str, Any]]]:
    """Hosts with their keys, and a host that was not read."""
    now = draw(nows)
    sources: dict[str, dict[str, Any]] = {}
    for host in range(draw(st.integers(0, 3))):
        readings = []
        for number, life in enumerate(draw(st.lists(lives, max_size=4))):
            arn = f"arn:aws:kms:eu-west-1:{host:012}:key/{number:08}"
            if draw(st.integers(0, 9)) == 0:
                readings.append(Reading(arn, unread={"key": "denied"}, exists=draw(st.sampled_from([None, False]))))
                continue
            end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) if life == "9999" else life and now + life
            metadata: dict[str, Any] = {
                "KeyId": arn[-8:],
                "Arn": arn,
                "Origin": "EXTERNAL",
                "KeySpec": "HMAC_256",
                "KeyState": draw(st.sampled_from(["Enabled", "Enabled", "PendingImport", "PendingDeletion"])),
                "ExpirationModel": "KEY_MATERIAL_EXPIRES" if life is not None else "KEY_MATERIAL_DOES_NOT_EXPIRE",
            }
            if isinstance(end, datetime):
                metadata["ValidTo"] = end if life == "9999" else end.astimezone(draw(zones))
            readings.append(Reading(arn, KeyFacts.from_kms(metadata), exists=True))
        # Each host was read at its own time, and the report has the time of the last one.
        read_at = now - timedelta(hours=host)
        sources[f"host-{host}"] = {
            "kms_keys": [describe(one, read_at) for one in readings],
            "read_at": read_at.isoformat(),
            "region": "eu-west-1",
            "alias_pattern_matches": {},
        }
    if draw(st.booleans()):
        sources["unread"] = {"msg": "denied"}
    return now, sources


def shown(moment: str | None) -> str:
    return f"{moment[:10]} {moment[11:19]} UTC" if moment else ""


def rows_of(text: str) -> dict[str, list[str]]:
    """The cells of each key of the page, by its key ID, as text."""
    rows = {}
    for row in re.findall(r'<tr id="key-\d+".*?</tr>', text, re.DOTALL):
        cells = [html.unescape(re.sub("<[^>]*>", " ", cell)) for cell in re.split("</t[hd]>", row)]
        account = re.search(r"host-(\d)", cells[7])
        assert account
        rows[f"{account[1]} {cells[0].split()[0]}"] = [" ".join(cell.split()) for cell in cells]
    return rows


@settings(max_examples=60, deadline=None)
@given(fleets(), st.integers(1, 400), st.one_of(st.none(), st.integers(0, 400)))
def test_all_files_agree(fleet: tuple[datetime, dict[str, dict[str, Any]]], warn: int, fail: int | None) -> None:
    now, sources = fleet
    report = json.loads(json.dumps(expiry_report(sources, "Title", warn, fail, {})))
    lines = list(csv.DictReader(io.StringIO(to_csv(report), newline="")))
    text, table, summary = page(report), markdown(report), summarize(report)
    on_page = rows_of(text)
    in_markdown = [line.split(" | ") for line in table.splitlines() if re.match(r"\| 0000", line)]
    keys = report["keys"]
    assert len(keys) == len(lines) == len(on_page) == len(in_markdown) == summary["keys"]
    for key, line, cells in zip(keys, lines, in_markdown, strict=True):
        row = on_page[f"{key['source'][-1]} {key['name']}"]
        days = "" if key["days_left"] is None else str(key["days_left"])
        assert (line["status"], line["days_left"], line["expires_at"]) == (key["status"], days, key["expires_at"] or "")
        assert [cell.strip() for cell in cells[1:4]] == [key["status"], days, shown(key["expires_at"])]
        assert row[1].startswith(report["statuses"][key["status"]]["name"])
        assert row[2:4] == [days, shown(key["expires_at"])]
        if key["expires_at"]:
            # An auditor subtracts the times that the page shows.
            left = datetime.fromisoformat(key["expires_at"]) - datetime.fromisoformat(report["as_of"])
            assert key["days_left"] == max(0, left // timedelta(days=1))
        if key["expires_at"] and key["status"] in ("later", "never"):
            assert left >= timedelta(days=max(warn, fail or 0))
    for status, number in report["summary"].items():
        assert number == sum(line["status"] == status for line in lines) == summary["summary"][status]
        card = re.search(rf'data-status="{status}"><b>(\d+)</b>', text)
        assert number == (int(card[1]) if card else 0)
    assert summary["soonest_expiry"] == min((key["expires_at"] for key in keys if key["expires_at"]), default=None)
    assert (summary["hosts_not_read"] > 0) is ("unread" in sources)
    if "unread" in sources or not keys:
        assert summary["assessment"] != "good"
        assert "No action required" not in text
    if sources.keys() - {"unread"}:
        assert report["as_of"] == now.isoformat()
        assert shown(report["as_of"]) in text
        assert f"As of {shown(report['as_of'])}." in table
