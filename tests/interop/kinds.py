# The client libraries under test: what each needs, and how its program is made.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import shutil
import subprocess
import tempfile
import threading

from wire.world import Skip

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
PYTHON = "/usr/bin/python3"
BUILD_SECONDS = 120
TRY_SECONDS = 30


class Kind:
    """One library.  `command` gives the command line of its program, or raises Skip with the package that is missing."""

    def __init__(self, name, package):
        self.name, self.package = name, package
        self._lock = threading.Lock()
        self._command = None

    def command(self):
        with self._lock:
            if self._command is None:
                self._command = self.prepare()
        return self._command

    def prepare(self):
        raise NotImplementedError

    def missing(self):
        raise Skip("the package %s is missing" % self.package)


class PythonKind(Kind):
    """A script that imports MODULE, or drives the program TOOL on a terminal."""

    def __init__(self, name, package, module=None, tool=None):
        super().__init__(name, package)
        self.module, self.tool = module, tool

    def prepare(self):
        if self.tool and not shutil.which(self.tool):
            self.missing()
        if self.module and subprocess.run([PYTHON, "-c", "import " + self.module], capture_output=True,
                                          timeout=TRY_SECONDS).returncode:
            self.missing()
        return [PYTHON, os.path.join(HERE, self.name + "_client.py")]


class CompiledKind(Kind):
    """A small program of ours against the library's headers, in C or C++, compiled when first needed."""

    folder = tempfile.TemporaryDirectory(prefix="interop-bin-", ignore_cleanup_errors=True)

    def __init__(self, name, package, pkg_config, *sources, compiler="cc"):
        super().__init__(name, package)
        self.pkg_config, self.sources, self.compiler = pkg_config, sources, compiler

    def prepare(self):
        if not shutil.which("pkg-config") or not shutil.which(self.compiler):
            raise Skip("no %s or pkg-config" % self.compiler)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", self.pkg_config], capture_output=True, text=True,
                               timeout=TRY_SECONDS)
        if flags.returncode:
            self.missing()
        program = os.path.join(self.folder.name, self.name)
        sources = [os.path.join(HERE, source) for source in self.sources]
        subprocess.run([self.compiler, "-O1", "-w", "-o", program] + sources + flags.stdout.split(), check=True,
                       timeout=BUILD_SECONDS)
        return [program]


KINDS = [
    PythonKind("slixmpp", "python3-slixmpp", module="slixmpp"),
    PythonKind("aioxmpp", "python3-aioxmpp", module="aioxmpp"),
    PythonKind("nbxmpp", "python3-nbxmpp", module="nbxmpp.client"),
    CompiledKind("strophe", "libstrophe-dev", "libstrophe", "strophe.c"),
    CompiledKind("purple", "libpurple-dev", "purple", "purple.c", "purple_people.c", "purple_rooms.c"),
    CompiledKind("gloox", "libgloox-dev", "gloox", "gloox.cpp", compiler="c++"),
    PythonKind("profanity", "profanity", tool="profanity"),
    PythonKind("mcabber", "mcabber", tool="mcabber"),
]
BY_NAME = {k.name: k for k in KINDS}
