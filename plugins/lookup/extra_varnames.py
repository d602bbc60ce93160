# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: extra_varnames
author: The cloudkeys.aws authors (@cloudkeys)
version_added: 0.1.0
short_description: Find the extra variables with names that match
description:
  - Returns the names of extra variables, those of C(-e) and C(--extra-vars), of which the job of a controller has a
    survey's answers and the launcher's variables, too. Their values are not looked at.
  - Extra variables replace every other variable of their name, those of a block, a task, a role, a loop and what a task
    registers included. The playbooks and roles of this collection refuse those that would replace their own variables.
    C(ansible.builtin.varnames) cannot tell them from what an earlier play or role has registered.
options:
  _terms:
    description:
      - Regular expressions, which are searched for in each name.
    type: list
    elements: str
    required: true
seealso:
  - plugin: ansible.builtin.varnames
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Nobody replaces what this play registers
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
            raise AnsibleError(
                "cloudkeys.aws.extra_varnames takes regular expressions, and was given another."
            ) from None
        # Ansible has read them before the first play, and keeps them.
        names = map(str, load_extra_vars(self._loader))
        return sorted(name for name in names if any(pattern.search(name) for pattern in patterns))
