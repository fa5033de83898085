# jackdawd --demo, the server that these suites are for.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import shutil

from .server import Server, free_port_base

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
ATTEMPTS = 3


class Jackdawd(Server):
    def __init__(self, edit=None, arguments=()):
        """EDIT(text, folder) makes the second start's jackdaw.conf out of that of the first; it may put files into FOLDER."""
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
        self._start_on_free_ports()
        if self.edit:
            complaints = self.stop()
            if complaints:
                raise RuntimeError("\n".join(complaints))
            name = os.path.join(self.demo, "jackdaw.conf")
            with open(name, encoding="utf-8") as f:
                text = self.edit(f.read(), self.folder)
            with open(name, "w", encoding="utf-8") as f:
                f.write(text)
            self.edit = None
            super().start()
        return self

    def _start_on_free_ports(self):
        """Another suite may take the ports between our look and the server's: then the demo begins anew elsewhere."""
        for left in reversed(range(ATTEMPTS)):
            fresh = not os.path.exists(self.demo)
            try:
                return super().start()
            except RuntimeError as e:
                if not left or not fresh or "use" not in str(e):
                    raise
                shutil.rmtree(self.demo, ignore_errors=True)
                self.base = free_port_base()
