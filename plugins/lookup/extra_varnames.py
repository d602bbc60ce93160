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
  - Returns the names of extra variables, as set by C(-e) and C(--extra-vars). In a job of AWX, these include survey
    answers and the variables of the launch. Their values are not read.
  - Extra variables override all other variables of the same name, including those of a block, task, role or loop, and
    registered variables. The playbooks and roles of this collection refuse extra variables that would override their
    own. C(ansible.builtin.varnames) cannot distinguish them from variables that an earlier play or role registered.
options:
  _terms:
    description:
      - Regular expressions to search for in each name.
    type: list
    elements: str
    required: true
  twice:
    description:
      - Return only names that more than one C(-e) sets. AWX passes the variables of a credential in an C(-e) of their
        own, so a name that is also set elsewhere was set by somebody else.
    type: bool
    default: false
seealso:
  - plugin: ansible.builtin.varnames
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Check that no extra variable overrides a registered one
  ansible.builtin.assert:
    that: query('cloudkeys.aws.extra_varnames', '^mine_') | length == 0
"""

RETURN = r"""
_value:
  description: The names, in alphabetical order, each once.
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
        # Ansible caches them: it has read them before the first play.
        return set(map(str, load_extra_vars(self._loader)))

    def _twice(self) -> set[str]:
        counted = Counter(name for given in context.CLIARGS.get("extra_vars", ()) for name in self._names(str(given)))
        return {name for name, number in counted.items() if number > 1}

    def _names(self, given: str) -> set[str]:
        """Of one ``-e``, which is a file, a dictionary, or pairs."""
        if given.startswith("@"):
            return set(map(str, self._loader.load_from_file(given[1:]) or ()))
        if given[:1] in ("{", "["):
            return set(map(str, self._loader.load(given) or ()))
        return set(map(str, parse_kv(given)))
