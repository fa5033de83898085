# A directory and the daemon that asks it: a real slapd and a real saslauthd in a folder of their own, on loopback.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import shutil
import signal
import socket
import subprocess
import time

from wire.world import Skip

SUFFIX = "dc=example"
START_SECONDS = 20
STOP_SECONDS = 10
TOOL_SECONDS = 30
MODULES = "/usr/lib/ldap"
SCHEMA = "/etc/ldap/schema"
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

CONFIGURATION = """\
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath {modules}
moduleload back_mdb
database mdb
maxsize 16777216
suffix {suffix}
directory {folder}/db
access to attrs=userPassword by anonymous auth
access to * by * read
"""

ENTRIES = """\
dn: {suffix}
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: ou=people,{suffix}
objectClass: organizationalUnit
ou: people
"""

PERSON = """
dn: uid={uid},ou=people,{suffix}
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid}
userPassword: {password}
"""

# saslauthd says "no" for all that goes wrong, so it should find out soon that the directory is away.
SASLAUTHD = """\
ldap_servers: ldap://127.0.0.1:{port}
ldap_search_base: ou=people,{suffix}
ldap_filter: (uid=%U)
ldap_timeout: 3
"""


def tool(name, package):
    path = shutil.which(name, path=PATH)
    if not path:
        raise Skip("the package %s is missing" % package)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_connection(process, family, address, what):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket(family) as probe:
            try:
                probe.connect(address)
                return
            except OSError:
                time.sleep(0.05)
    raise RuntimeError("%s does not start" % what)


class Daemon:
    """A process in a session of its own, so that those that it forks are stopped with it."""

    def __init__(self, command, folder, name):
        with open(os.path.join(folder, name + ".log"), "ab") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    def signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def stop(self):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        self.signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)


class Directory:
    """PEOPLE are (uid, password); the passwords are stored salted and hashed."""

    def __init__(self, folder, people):
        self.folder = os.path.join(folder, "ldap")
        self.port = free_port()
        self.slapd = self.saslauthd = None
        self.tools = {name: tool(name, package) for name, package in (
            ("slapd", "slapd"), ("slapadd", "slapd"), ("slappasswd", "slapd"), ("saslauthd", "sasl2-bin"))}
        self._write(people)

    def _write(self, people):
        os.makedirs(os.path.join(self.folder, "db"))
        os.makedirs(os.path.join(self.folder, "mux"))
        self._file("slapd.conf", CONFIGURATION)
        self._file("saslauthd.conf", SASLAUTHD)
        text = ENTRIES
        for uid, password in people:
            text += PERSON.format(uid=uid, password=self._hashed(password), suffix="{suffix}")
        self._file("people.ldif", text)
        self._run("slapadd", "-f", self.path("slapd.conf"), "-l", self.path("people.ldif"))

    def path(self, name):
        return os.path.join(self.folder, name)

    @property
    def socket(self):
        return self.path("mux/mux")

    def _file(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text.format(folder=self.folder, port=self.port, suffix=SUFFIX, modules=MODULES, schema=SCHEMA))

    def _run(self, name, *arguments):
        done = subprocess.run((self.tools[name],) + arguments, capture_output=True, text=True, timeout=TOOL_SECONDS)
        if done.returncode:
            raise RuntimeError("%s: %s" % (name, done.stderr))
        return done.stdout

    def _hashed(self, password):
        return self._run("slappasswd", "-h", "{SSHA}", "-s", password).strip().replace("{", "{{").replace("}", "}}")

    def start_slapd(self):
        self.slapd = Daemon([self.tools["slapd"], "-f", self.path("slapd.conf"), "-h", "ldap://127.0.0.1:%d" % self.port,
                             "-d", "0"], self.folder, "slapd")
        await_connection(self.slapd.process, socket.AF_INET, ("127.0.0.1", self.port), "slapd")

    def start_saslauthd(self):
        self.saslauthd = Daemon([self.tools["saslauthd"], "-a", "ldap", "-O", self.path("saslauthd.conf"),
                                 "-m", self.path("mux"), "-n", "2", "-d"], self.folder, "saslauthd")
        await_connection(self.saslauthd.process, socket.AF_UNIX, self.socket, "saslauthd")

    def start(self):
        self.start_slapd()
        self.start_saslauthd()
        return self

    def stop_slapd(self):
        if self.slapd:
            self.slapd.stop()
            self.slapd = None

    def stop_saslauthd(self):
        if self.saslauthd:
            self.saslauthd.stop()
            self.saslauthd = None

    def stop(self):
        self.stop_saslauthd()
        self.stop_slapd()
