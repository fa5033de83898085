# servers.py - how each server that is measured gets its configuration, is started and is stopped.
#
# A server lives in a folder of its own, listens on 127.0.0.1 alone, and is ended by the process id that its start
# gave.  The peers run with the modules that Debian's packages switch on, less what only listens or limits;
# passwords are stored as SCRAM-SHA-256 verifiers everywhere.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time

START_SECONDS = 60
STOP_SECONDS = 30
CONTACTS_SECONDS = 300
POLL_SECONDS = 0.005
FILES = 65536  # descriptors that a server may open, where the system lets us


class Missing(Exception):
    """The server is not on this machine, or does not start."""


def package_version(name):
    try:
        text = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name],
                              capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return text.split("-")[0]


def make_certificate(folder):
    """A self-signed ECDSA P-256 certificate for localhost: (certificate, key)."""
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    if shutil.which("openssl") is None:
        raise SystemExit("run: the openssl command is needed for a certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "30", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,DNS:conference.localhost,DNS:pubsub.localhost",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def raise_file_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (max(FILES, hard), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
            return
        except (ValueError, OSError):
            continue


class Server:
    """One server.  Subclasses say how it is configured and which command runs it."""

    name = ""
    load_options = ()
    says_ready = False  # prints the line "ready"; else it is ready when its port answers
    has_archive = False  # and stream management

    def __init__(self, folder, port, certificate, place=None):
        """PLACE: its folder in FOLDER, where its name does not tell it from others."""
        self.folder = os.path.join(folder, place or re.sub(r"\W+", "-", self.name.lower()))
        self.port = port
        self.cert, self.key = certificate
        self.process = None
        self.ready_seconds = None
        self.rss_at_start = None
        os.makedirs(self.folder, exist_ok=True)

    @property
    def label(self):
        return self.name

    def configure(self):
        pass

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    # Whether write_contacts() is there: else accounts and contacts come in over the wire, which some servers take
    # more than a quarter of an hour for.
    takes_contacts = False

    def write_contacts(self, rosters):
        """While it is stopped: make accounts like an existing one, and their contacts; ROSTERS: name -> names."""
        raise NotImplementedError

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        begin = time.monotonic()
        with open(self.path("out.txt"), "wb") as out, open(self.path("log.txt"), "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=log, stdin=subprocess.DEVNULL,
                                            env=self.environment(), cwd=self.folder, start_new_session=True)
        self.wait_ready(begin + START_SECONDS)
        self.ready_seconds = time.monotonic() - begin
        self.rss_at_start = self.read_rss()

    def wait_ready(self, deadline):
        while time.monotonic() < deadline:
            if self.has_said_ready() if self.says_ready else self.answers():
                return
            if self.process.poll() is not None:
                self.stop()
                raise Missing(f"it ended at its start: {self.last_words()}")
            time.sleep(POLL_SECONDS)
        self.stop()
        raise Missing(f"it was not ready within {START_SECONDS} s")

    def has_said_ready(self):
        with open(self.path("out.txt"), "rb") as f:
            return any(line == b"ready\n" for line in f)

    def last_words(self):
        with open(self.path("log.txt"), encoding="utf-8", errors="replace") as f:
            lines = f.read().strip().split("\n")
        return lines[-1]

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def read_rss(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as f:
            found = re.search(r"VmRSS:\s*(\d+) kB", f.read())
        return int(found.group(1)) * 1024 if found else None

    @property
    def pid(self):
        return self.process.pid

    def keep(self):
        """While it is stopped: remember its folder as it is, for restore()."""
        shutil.copytree(self.folder, self.folder + ".kept")

    def restore(self):
        """While it is stopped: go back to what keep() saw; all that it stored since then is gone."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.folder + ".kept", self.folder)

    def stop(self):
        """End the process that start() began, and whatever it began in its turn."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self):
        """The same by SIGKILL, so that it has no time for anything."""
        if self.process is None:
            return
        group = self.process.pid  # it leads a session of its own
        self.process.kill()
        self.process.wait()
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process = None


class Relay(Server):
    name = "relay"
    load_options = ("--protocol", "raw")
    says_ready = True

    def __init__(self, folder, port, certificate, program, rooms=False):
        super().__init__(folder, port, certificate, "relay-rooms" if rooms else None)
        self.program = program
        self.has_rooms = rooms

    def command(self):
        return [self.program, "--port", str(self.port), "--cert", self.cert, "--key", self.key,
                *(("--rooms",) if self.has_rooms else ())]


class Jackdaw(Server):
    says_ready = True
    has_archive = True

    def __init__(self, folder, port_base, certificate, program, shards, conf=(), arguments=(), place=None):
        self.name = "Jackdaw" if shards == 1 else f"Jackdaw, {shards} shards"
        super().__init__(folder, port_base + 5222, certificate, place)
        self.host_conf = []  # lines for its host
        self.port_base = port_base
        self.program = os.path.abspath(program)
        self.shards = shards
        self.conf = conf
        self.arguments = arguments

    def command(self):
        if not os.access(self.program, os.X_OK):
            raise Missing("it is not built")
        return [self.program, "--demo", self.path("demo"), "--port-base", str(self.port_base), *self.arguments]

    def configure(self):
        """The first start writes the configuration, and later ones read what is changed in it here."""
        self.start()
        self.stop()
        path = self.path("demo/jackdaw.conf")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        line = f"shards = {self.shards}"
        text, found = re.subn(r"(?m)^[ \t]*#?[ \t]*shards[ \t]*=.*$", line, text, count=1)
        if not found:
            text = line + "\n" + text
        text = "".join(added + "\n" for added in self.conf) + text
        text = re.sub(r"(?m)^host .*\{$", lambda m: "\n\t".join([m.group(0), *self.host_conf]), text, count=1)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


class Prosody(Server):
    name = "Prosody"

    def __init__(self, folder, port, certificate, archive=False, place=None, rooms=False):
        super().__init__(folder, port, certificate, place or ("prosody-archive" if archive else None))
        self.has_archive = archive
        self.has_rooms = rooms

    @property
    def label(self):
        return f"Prosody {package_version('prosody')}".strip()

    def command(self):
        program = shutil.which("prosody")
        if program is None:
            raise Missing("it is not installed")
        return [program, "--config", self.path("prosody.cfg.lua"), "-F"]

    def configure(self):
        with open(self.path("prosody.cfg.lua"), "w", encoding="utf-8") as f:
            f.write(PROSODY.format(folder=self.folder, port=self.port, cert=self.cert, key=self.key,
                                   archive=PROSODY_ARCHIVE if self.has_archive else ""))
            f.write(PROSODY_ROOMS if self.has_rooms else "")

    takes_contacts = True

    def write_contacts(self, rosters):
        """A file for each account's verifier, and one for its roster, as the server itself writes them."""
        accounts, folder = self.path("data/localhost/accounts"), self.path("data/localhost/roster")
        with open(os.path.join(accounts, os.listdir(accounts)[0]), encoding="ascii") as f:
            account = f.read()
        os.makedirs(folder, exist_ok=True)
        for name, contacts in rosters.items():
            items = "".join(PROSODY_CONTACT.format(contact) for contact in contacts)
            for parent, text in ((accounts, account), (folder, PROSODY_ROSTER.format(items))):
                with open(os.path.join(parent, f"{name}.dat"), "w", encoding="ascii") as f:
                    f.write(text)


class Ejabberd(Server):
    name = "ejabberd"

    def __init__(self, folder, port, certificate, archive=False, place=None, rooms=False):
        super().__init__(folder, port, certificate, place or ("ejabberd-archive" if archive else None))
        self.has_archive = archive
        self.has_rooms = rooms

    @property
    def label(self):
        return f"ejabberd {package_version('ejabberd')}".strip()

    def command(self):
        program, libraries = shutil.which("erl"), ejabberd_libraries()
        if program is None or libraries is None:
            raise Missing("it is not installed")
        # As ejabberdctl would, less the node's name, for which a daemon (epmd) would stay behind.
        return [program, "+K", "true", "+P", "250000", "-env", "ERL_CRASH_DUMP_BYTES", "0",
                "-mnesia", "dir", f'"{self.path("mnesia")}"', "-noinput", "-s", "ejabberd"]

    takes_contacts = True

    def write_contacts(self, rosters):
        """Into its database's tables, by a program for the machine that runs the server."""
        with open(self.path("rosters.txt"), "w", encoding="ascii") as f:
            f.writelines(" ".join([name, *contacts]) + "\n" for name, contacts in rosters.items())
        with open(self.path("log.txt"), "ab") as log:
            done = subprocess.run(["erl", "-mnesia", "dir", f'"{self.path("mnesia")}"', "-noinput",
                                   "-eval", EJABBERD_CONTACTS], cwd=self.folder, stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=log, env=self.environment(), timeout=CONTACTS_SECONDS)
        if done.returncode != 0:
            raise Missing(f"it did not take the contacts: {self.last_words()}")

    def environment(self):
        env = dict(os.environ)
        env.update(EJABBERD_CONFIG_PATH=self.path("ejabberd.yml"), EJABBERD_LOG_PATH=self.path("ejabberd.log"),
                   ERL_LIBS=ejabberd_libraries(), ERL_MAX_PORTS="65536", ERL_MAX_ETS_TABLES="1400",
                   HOME=self.folder)
        return env

    def configure(self):
        pem = self.path("both.pem")
        with open(pem, "w", encoding="ascii") as out:
            for part in (self.cert, self.key):
                with open(part, encoding="ascii") as f:
                    out.write(f.read())
        with open(self.path("ejabberd.yml"), "w", encoding="utf-8") as f:
            f.write(EJABBERD.format(pem=pem, port=self.port) + (EJABBERD_ROOMS if self.has_rooms else "") +
                    (EJABBERD_ARCHIVE if self.has_archive else ""))


def ejabberd_libraries():
    """The folder with ejabberd's and its friends' compiled modules."""
    for parent in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"):
        try:
            if any(name.startswith("ejabberd-") for name in os.listdir(parent)):
                return parent
        except OSError:
            continue
    return None


PROSODY = """
run_as_root = true
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
plugin_paths = {{}}
log = {{ error = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_require_encryption = true
ssl = {{ certificate = "{cert}"; key = "{key}" }}
authentication = "internal_hashed"
password_hash = "SHA-256"
allow_registration = true
modules_enabled = {{
	"disco", "roster", "saslauth", "tls", "blocklist", "bookmarks", "carbons", "pep", "private", "smacks",
	"vcard4", "vcard_legacy", "csi_simple", "ping", "register", "time", "uptime", "version", "admin_adhoc",
	{archive}
}}
modules_disabled = {{ "s2s" }}
VirtualHost "localhost"
"""

# For files, as it comes; what is archived it chooses itself.
PROSODY_ARCHIVE = '"mam",'

# Rooms are open to others as soon as somebody has entered them; history as it comes, 20 messages in memory.
PROSODY_ROOMS = """
Component "conference.localhost" "muc"
	muc_room_locking = false
"""

PROSODY_ROSTER = """return {{
	[false] = {{
		["version"] = 1;
		["pending"] = {{}};
	}};
{}}};
"""

PROSODY_CONTACT = """	["{}@localhost"] = {{
		["subscription"] = "both";
		["groups"] = {{}};
	}};
"""

EJABBERD = """
loglevel: error
hosts:
  - localhost
certfiles:
  - "{pem}"
listen:
  -
    port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    backlog: 1024
    starttls_required: true
auth_password_format: scram
auth_scram_hash: sha256
registration_timeout: infinity
disable_sasl_mechanisms:
  - "digest-md5"
  - "X-OAUTH2"
access_rules:
  everyone:
    allow: all
modules:
  mod_adhoc: {{}}
  mod_announce: {{}}
  mod_avatar: {{}}
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_configure: {{}}
  mod_disco: {{}}
  mod_last: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_pubsub:
    plugins:
      - flat
      - pep
  mod_push: {{}}
  mod_push_keepalive: {{}}
  mod_register:
    access: everyone
    ip_access: everyone
    welcome_message: {{}}
  mod_roster:
    versioning: true
  mod_shared_roster: {{}}
  mod_stream_mgmt:
    resend_on_timeout: if_offline
  mod_time: {{}}
  mod_vcard:
    search: false
  mod_vcard_xupdate: {{}}
  mod_version: {{}}
"""

# Without limits that a large room would meet; history as it comes, 20 messages in memory.
EJABBERD_ROOMS = """  mod_muc:
    host: conference.localhost
    max_users: 100000
    default_room_options:
      max_users: 100000
"""

# Into Mnesia, as Debian's configuration has it, which leaves the archive itself to be switched on.
EJABBERD_ARCHIVE = """  mod_mam:
    default: always
    assume_mam_usage: false
shaper_rules:
  max_user_offline_messages: 1000000
"""

# Reads rosters.txt.  The records are those of 23.01's ejabberd_auth_mnesia.erl and mod_roster.hrl.
EJABBERD_CONTACTS = r"""
ok = mnesia:start(),
ok = mnesia:wait_for_tables([passwd, roster], 60000),
Host = <<"localhost">>,
[Account] = mnesia:dirty_read(passwd, mnesia:dirty_first(passwd)),
{ok, Text} = file:read_file("rosters.txt"),
lists:foreach(
    fun(<<>>) -> ok;
       (Line) ->
        [Name | Contacts] = binary:split(Line, <<" ">>, [global]),
        User = {Name, Host},
        ok = mnesia:dirty_write(setelement(2, Account, User)),
        [ok = mnesia:dirty_write({roster, {Name, Host, {Contact, Host, <<>>}}, User, {Contact, Host, <<>>},
                                  <<>>, both, none, [], <<>>, []}) || Contact <- Contacts]
    end, binary:split(Text, <<"\n">>, [global])),
stopped = mnesia:stop(),
halt(0).
"""
