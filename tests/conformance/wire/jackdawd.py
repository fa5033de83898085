# jackdawd --demo, the server that these suites are for.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os

from .server import Server

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class Jackdawd(Server):
    def __init__(self, edit=None, arguments=()):
        """EDIT is a function from the text of the first start's jackdaw.conf to that of the second."""
        super().__init__()
        self.edit = edit
        self.arguments = list(arguments)
        self.demo = os.path.join(self.folder, "demo")

    @staticmethod
    def path():
        return os.path.abspath(os.environ.get("JACKDAWD", os.path.join(TOP, "build", "jackdawd")))

    def command(self):
        return [self.path(), "--demo", self.demo, "--port-base", str(self.base)] + self.arguments

    def start(self):
        super().start()
        if self.edit:
            complaints = self.stop()
            if complaints:
                raise RuntimeError("\n".join(complaints))
            name = os.path.join(self.demo, "jackdaw.conf")
            with open(name, encoding="utf-8") as f:
                text = self.edit(f.read())
            with open(name, "w", encoding="utf-8") as f:
                f.write(text)
            super().start()
        return self
