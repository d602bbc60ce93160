# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: extra_varnames
author: The cloudkeys.aws authors (@cloudkeys)
version_added: 0.1.0
short_description: List extra variables with matching names
description:
  - Returns the names of extra variables, which are set by C(-e) and C(--extra-vars). In an AWX job, they include survey
    answers and launch variables. Their values are not returned.
  - Extra variables override all other variables of the same name, including block, task, role, loop, and registered
    variables. The playbooks and roles of this collection refuse extra variables that would override their own
    variables. C(ansible.builtin.varnames) cannot distinguish extra variables from variables that an earlier play or
    role registered.
options:
  _terms:
    description:
      - Regular expressions to search for in the names.
    type: list
    elements: str
    required: true
  twice:
    description:
      - Whether to return only names that several C(-e) options set. AWX passes the variables of a credential in a
        separate C(-e). If another C(-e) sets the same name, its value does not come from the credential.
    type: bool
    default: false
seealso:
  - plugin: ansible.builtin.varnames
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Verify that no extra variable overrides a registered variable
  ansible.builtin.assert:
    that: query('cloudkeys.aws.extra_varnames', '^mine_') | length == 0
"""

RETURN = r"""
_value:
  description: The names, in alphabetical order, without duplicates.
  type: list
  elements: str
"""

import re
import typing as t
from collections import Counter
from collections.abc import Sequence

from ansible import context
from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv
from ansible.plugins.lookup import LookupBase
from ansible.utils.vars import load_extra_vars


class LookupModule(LookupBase):
    def run(self, terms: Sequence[t.Any], variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        try:
            patterns = [re.compile(term) for term in terms]
        except (TypeError, re.error):
            raise AnsibleError("cloudkeys.aws.extra_varnames requires valid regular expressions.") from None
        names = self._twice() if self.get_option("twice") else self._all()
        return sorted(name for name in names if any(pattern.search(name) for pattern in patterns))

    def _all(self) -> set[str]:
        # Ansible caches the extra variables before the first play.
        return set(map(str, load_extra_vars(self._loader)))

    def _twice(self) -> set[str]:
        counted = Counter(name for given in context.CLIARGS.get("extra_vars", ()) for name in self._names(str(given)))
        return {name for name, number in counted.items() if number > 1}

    def _names(self, given: str) -> set[str]:
        """Return the names in one ``-e``, which is a file, a dictionary or key=value pairs."""
        if given.startswith("@"):
            return set(map(str, self._loader.load_from_file(given[1:]) or ()))
        if given[:1] in ("{", "["):
            return set(map(str, self._loader.load(given) or ()))
        return set(map(str, parse_kv(given)))
