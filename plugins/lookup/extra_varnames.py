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
from collections.abc import Sequence

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.vars import load_extra_vars


class LookupModule(LookupBase):
    def run(self, terms: Sequence[t.Any], variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        try:
            patterns = [re.compile(term) for term in terms]
        except (TypeError, re.error):
            raise AnsibleError("cloudkeys.aws.extra_varnames requires valid regular expressions.") from None
        # Ansible caches them: it has read them before the first play.
        names = map(str, load_extra_vars(self._loader))
        return sorted(name for name in names if any(pattern.search(name) for pattern in patterns))
