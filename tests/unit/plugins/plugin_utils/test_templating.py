# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's values in templates, with every supported ansible-core."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.cloudkeys.aws.plugins.filter.awx_setup import FilterModule as AwxSetup
from ansible_collections.cloudkeys.aws.plugins.filter.copies import FilterModule as Copies
from ansible_collections.cloudkeys.aws.plugins.filter.expiry_report import FilterModule as ExpiryReport
from ansible_collections.cloudkeys.aws.plugins.filter.not_renewed import FilterModule as NotRenewed
from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._templating import as_filter, as_template, not_as_template

FILTERS = {**AwxSetup().filters(), **Copies().filters(), **ExpiryReport().filters(), **NotRenewed().filters()}
VALUE = "wJalrXUtnFEMI"
WRONG: dict[str, tuple[Any, ...]] = {
    "awx_setup_missing": ({VALUE: VALUE}, {VALUE: [VALUE]}, VALUE),
    "awx_setup_nodes": ({VALUE: VALUE}, VALUE, [{VALUE: VALUE}]),
    "awx_setup_plan": (
        {
            "accounts": [{"name": "a", "account_id": VALUE, "region": VALUE}],
            "keys": [{"alias": VALUE, "key_material": VALUE}],
        },
    ),
    "awx_setup_types": ([{"name": VALUE}], [{VALUE: VALUE}], [{VALUE: VALUE}]),
    "awx_setup_unfilled": ([{VALUE: VALUE}], [{VALUE: VALUE}]),
    "copies_in_custody": ([{"key_arn": VALUE}],),
    "expiry_report": ({"here": {"kms_keys": [{"arn": VALUE}], "read_at": VALUE, "alias_pattern_matches": {}}},),
    "expiry_report_csv": ({"keys": [VALUE]},),
    "expiry_report_page": ({"keys": [VALUE]},),
    "expiry_report_summary": ({"keys": [VALUE], "sources": [VALUE]},),
    "not_renewed": ([], VALUE),
    "recovery_drill_plan": ([{VALUE: VALUE}], [{"kms_keys": [{VALUE: VALUE}]}]),
    "recovery_drill_report": ([{VALUE: VALUE}], [{VALUE: VALUE}]),
    "verified_copies": ([{VALUE: VALUE}], [VALUE]),
}


def templated(value: Any) -> Any:
    return Templar(DataLoader(), variables={"it": "templated"}).template(value)


@pytest.mark.parametrize("text", ["{{ it }}", "%{{ it }}"])
def test_only_what_is_one_is_a_template(text: str) -> None:
    assert "templated" in templated(as_template(text))
    assert templated(not_as_template([{text: text}])) == [{text: text}]


def test_results_of_filters_are_no_templates() -> None:
    @as_filter
    def some(text: str) -> dict[str, str]:
        return {"description": text}

    assert templated(some("{{ it }}")) == {"description": "{{ it }}"}


def test_a_refusal_is_the_sentence_of_a_filter() -> None:
    @as_filter
    def refusing() -> None:
        raise Refusal("No such day.")

    with pytest.raises(AnsibleFilterError, match=r"cloudkeys\.aws\.refusing: No such day\."):
        refusing()


def test_every_filter_has_its_wrong_input() -> None:
    assert sorted(WRONG) == sorted(FILTERS)


@pytest.mark.parametrize("name", [name for name in WRONG if name != "copies_in_custody"])
def test_no_value_is_in_the_error_of_a_filter(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"cloudkeys\.aws\.{name}") as caught:
        FILTERS[name](*WRONG[name])
    assert VALUE not in str(caught.value)
    assert caught.value.__cause__ is None


def test_nor_among_the_faults_of_a_list() -> None:
    with pytest.raises(AnsibleFilterError, match="TypeError"):
        FILTERS["copies_in_custody"](*WRONG["copies_in_custody"])
    (fault, *_more) = FILTERS["copies_in_custody"](*WRONG["copies_in_custody"], "keys")["faults"]
    assert VALUE not in fault
