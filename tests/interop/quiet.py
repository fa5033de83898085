# A server whose log must be clean: clients that behave give it nothing to warn of.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import re

from wire.jackdawd import Jackdawd

WARNING = re.compile(r"^\S+ (warning|error)\b.*", re.MULTILINE)


class Quiet(Jackdawd):
    def __init__(self, may_warn=False, **arguments):
        super().__init__(**arguments)
        self.may_warn = may_warn

    def stop(self):
        complaints = super().stop()
        if not self.may_warn:
            complaints += ["its log says: %s" % m.group() for m in WARNING.finditer(self.log())]
        return complaints
