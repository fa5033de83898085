# The servers of a test: each serves a domain of its own, and knows the others by the test's DNS alone.  Whatever happens,
# all are ended, each by its process id.
#
#	with Site(MODES["external"]) as site:
#	    site.add("prosody"), site.add("jackdaw", lines="s2s-wait = \"5 s\"\n")
#	    site.start()
#	    site.server("prosody").world().online()
#
# A mode says how servers prove who they are, and where TLS begins.  DNS names only those ports that the mode is about, and
# certificates suit it, so that nothing else can work.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import concurrent.futures
import importlib.util
import os
import re
import shutil
import socket
import tempfile
import time

from wire import jackdawd
from wire.server import free_port_base
from wire.world import Skip, World

from authority import Authority
from zone import Zone

HERE = os.path.dirname(os.path.abspath(__file__))


def _bench_servers():
    """tests/bench/servers.py, whose name is this file's too."""
    spec = importlib.util.spec_from_file_location("bench_servers", os.path.join(HERE, "..", "bench", "servers.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bench = _bench_servers()

PORTS = {"c2s": 5222, "tls": 5223, "starttls": 5269, "direct": 5280, "component": 5347}  # those of a free port base
SERVER_PORTS = [name for name in PORTS if name != "component"]  # that every server listens on
PROOF_SECONDS = 4
Mode = collections.namedtuple("Mode", "name title dialback direct bidi")
MODES = {mode.name: mode for mode in (
    Mode("external", "STARTTLS, EXTERNAL", False, False, False),
    Mode("direct", "direct TLS, EXTERNAL", False, True, False),
    Mode("dialback", "STARTTLS, dialback", True, False, False),
    Mode("direct-dialback", "direct TLS, dialback", True, True, False),
    Mode("bidi", "STARTTLS, EXTERNAL, one stream for both ways", False, False, True),
)}


class Party:
    """What the servers have in common.  Subclasses say what in the log of `domain` proves how a stream with PEER was made."""

    name = ""

    def settle(self, site, kind, options):
        self.site, self.mode = site, site.mode
        self.domain = kind + ".example"
        self.service = "conference." + self.domain
        self.base = free_port_base()
        names = (self.domain, self.service)
        self.certificate = options.pop("certificate", None) or site.authority.issue(*names, self_signed=self.mode.dialback)
        self.proof = options.pop("proof", None) or ("dialback" if self.mode.dialback else "certificate")
        self.lines = options.pop("lines", "")
        assert not options, options

    def port(self, name):
        return self.base + PORTS[name]

    def announce(self):
        ports = {"direct": self.port("direct")} if self.mode.direct else {"starttls": self.port("starttls")}
        for name in (self.domain, self.service):
            self.site.zone.serve(name, target="xmpp." + self.domain, **ports)

    def world(self):
        world = World(self)
        self.site.worlds.append(world)
        return world

    def proofs(self, peer, seconds=PROOF_SECONDS):
        """How streams were authenticated, as this server tells: a set of ("in" or "out", "EXTERNAL" or "dialback").  Logs are
        written late: it waits until both ways are told of."""
        end = time.monotonic() + seconds
        found = self._proofs(peer)
        while {way for way, _ in found} != {"in", "out"} and time.monotonic() < end:
            time.sleep(0.2)
            found = self._proofs(peer)
        return found

    def _proofs(self, peer):
        log, found = self.log(), set()
        for (way, proof), pattern in self.evidence.items():
            if re.search(pattern.format(peer=re.escape(peer), me=re.escape(self.domain)), log):
                found.add((way, proof))
        return found

    evidence = {}


class Foreign(Party):
    """A server of others, run as for the benchmarks."""

    def adopt(self, site, kind, parent, options):
        self.settle(site, kind, options)
        parent.__init__(self, site.folder, None, (self.certificate.cert, self.certificate.key), place=kind)
        del self.port  # one number there, our function here

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        text = ""
        for name in self.logs:
            if os.path.exists(self.path(name)):
                with open(self.path(name), encoding="utf-8", errors="replace") as f:
                    text += f.read()
        return text

    def has_log(self):
        return bool(self.log())

    def log_tail(self):
        return self.log()[-3000:]

    def answers(self):
        """On all its ports."""
        try:
            for name in SERVER_PORTS:
                socket.create_connection(("127.0.0.1", self.port(name)), timeout=1).close()
            return True
        except OSError:
            return False


class Prosody(Foreign, bench.Prosody):
    logs = ("prosody.log",)
    evidence = {
        ("out", "EXTERNAL"): r"SASL EXTERNAL with {peer} succeeded",
        ("in", "EXTERNAL"): r"Accepting SASL EXTERNAL identity from {peer}",
        ("out", "dialback"): r"s2sout\w+\s+debug\s+Sending\[s2sout_unauthed\]: <db:result[^>]*to='{peer}'",
        ("in", "dialback"): r"asking {peer} if key \S+ belongs to them",
    }

    def __init__(self, site, kind, **options):
        self.adopt(site, kind, bench.Prosody, options)

    def command(self):
        if not any(os.path.exists("/usr/lib/x86_64-linux-gnu/lua/%s/lunbound.so" % v) for v in ("5.4", "5.3", "5.2")):
            raise bench.Missing("the package lua-unbound is missing")
        return super().command()

    def configure(self):
        values = dict(folder=self.folder, cert=self.cert, key=self.key, authority=self.site.authority.pem, domain=self.domain,
                      service=self.service, dns=self.site.zone.port, secure="false" if self.proof == "dialback" else "true",
                      bidi='"s2s_bidi",' if self.mode.bidi else "", lines=self.lines,
                      **{name.replace("-", "_"): self.port(name) for name in PORTS})
        with open(self.path("prosody.cfg.lua"), "w", encoding="utf-8") as f:
            f.write(PROSODY.format(**values))


class Ejabberd(Foreign, bench.Ejabberd):
    logs = ("ejabberd.log",)
    evidence = {
        ("out", "EXTERNAL"): r"Accepted outbound s2s EXTERNAL authentication {me} -> {peer}",
        ("in", "EXTERNAL"): r"Accepted inbound s2s EXTERNAL authentication {peer} -> {me}",
        ("out", "dialback"): r"Accepted outbound s2s dialback authentication {me} -> {peer}",
        ("in", "dialback"): r"Accepted inbound s2s dialback authentication {peer} -> {me}",
    }

    def __init__(self, site, kind, **options):
        self.adopt(site, kind, bench.Ejabberd, options)

    def environment(self):
        return dict(super().environment(), ERL_INETRC=self.path("inetrc"))

    def configure(self):
        with open(self.path("inetrc"), "w", encoding="ascii") as f:
            f.write(INETRC % self.site.zone.localhost)
        text = EJABBERD.format(pem=self.certificate.both, authority=self.site.authority.pem, domain=self.domain,
                               service=self.service, dialback="  mod_s2s_dialback: {}" if self.proof == "dialback" else "",
                               **{name: self.port(name) for name in PORTS})
        with open(self.path("ejabberd.yml"), "w", encoding="utf-8") as f:
            f.write(text + self.lines)


class Jackdaw(Party, jackdawd.Jackdawd):
    name = "Jackdaw"
    evidence = {
        ("out", "EXTERNAL"): r"s2s-out\S* \S+ stream to {peer} for {me}, .*, certificate, to",
        ("in", "EXTERNAL"): r"s2s-in\S* \S+ stream from {peer} for {me}, by certificate,",
        ("out", "dialback"): r"s2s-out\S* \S+ stream to {peer} for {me}, .*, dialback, to",
        ("in", "dialback"): r"s2s-in\S* \S+ stream from {peer} for {me}, by dialback,",
    }

    def __init__(self, site, kind, **options):
        jackdawd.Jackdawd.__init__(self)
        shutil.rmtree(self.folder)
        self.folder = os.path.join(site.folder, kind)
        os.mkdir(self.folder)
        self._stderr = os.path.join(self.folder, "stderr.log")
        self.anchors = options.pop("anchors", "")
        self.global_lines = options.pop("conf", "")
        self.blocks = options.pop("blocks", "")
        self.settle(site, kind, options)

    def command(self):
        return [self.path(), "-c", os.path.join(self.folder, "jackdaw.conf")]

    def configure(self):
        if not os.access(self.path(), os.X_OK):
            raise bench.Missing("there is no %s" % self.path())
        with open(os.path.join(self.folder, "anchors"), "w", encoding="ascii") as f:
            f.write(self.anchors)
        self.write(self.global_lines, self.lines, self.blocks)

    def write(self, global_lines="", host_lines="", blocks=""):
        """The configuration; it is read at the next start."""
        with open(os.path.join(self.folder, "jackdaw.conf"), "w", encoding="utf-8") as f:
            f.write(JACKDAW.format(domain=self.domain, cert=self.certificate.cert, key=self.certificate.key, proof=self.proof,
                                   authority=self.site.authority.pem, dns=self.site.zone.port, conf=global_lines,
                                   lines=host_lines, blocks=blocks, **{name: self.port(name) for name in PORTS}))

    def start(self):
        return jackdawd.Server.start(self)


KINDS = {"jackdaw": Jackdaw, "second": Jackdaw, "prosody": Prosody, "ejabberd": Ejabberd}


class Site:
    """One DNS, one authority, and servers.  Whatever happens, all of it is gone at the end."""

    def __init__(self, mode):
        self.mode = mode
        self.folder = tempfile.mkdtemp(prefix="federation-")
        self.zone = Zone().start()
        self.authority = Authority(self.folder)
        self.servers = {}
        self.worlds = []
        self.missing = {}  # kind -> why
        self.complaints = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, kind, **options):
        server = self.servers[kind] = KINDS[kind](self, kind, **options)
        server.announce()
        return server

    def server(self, kind):
        return self.servers[kind]

    def start(self):
        """All at once; those that are not on this machine are `missing` then."""
        def one(kind, attempts=3):
            server = self.servers[kind]
            try:
                server.configure()
                server.start()
            except bench.Missing as why:
                self.missing[kind] = str(why)
            except RuntimeError as why:
                if attempts == 1 or "in use" not in str(why):
                    raise
                server.base = free_port_base()  # somebody was faster
                server.announce()
                one(kind, attempts - 1)
        with concurrent.futures.ThreadPoolExecutor(len(self.servers)) as pool:
            list(pool.map(one, self.servers))
        for kind in self.missing:
            self.servers.pop(kind)
        return self

    def require(self, *kinds):
        for kind in kinds:
            if kind in self.missing:
                raise Skip("%s: %s" % (kind, self.missing[kind]))

    def close(self):
        for world in self.worlds:
            world.close()
        try:
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                for complaints in pool.map(lambda server: server.stop(), self.servers.values()):
                    self.complaints += complaints or []
        finally:
            for server in self.servers.values():
                server.kill()
            self.zone.stop()
            if not os.environ.get("FEDERATION_KEEP"):
                shutil.rmtree(self.folder, ignore_errors=True)
            else:
                print("kept: %s" % self.folder)


PROSODY = """
run_as_root = true
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
plugin_paths = {{}}
log = {{ {{ levels = {{ min = "debug" }}, to = "file", filename = "{folder}/prosody.log" }} }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{ {tls} }}
s2s_ports = {{ {starttls} }}
s2s_direct_tls_ports = {{ {direct} }}
http_ports = {{}}
https_ports = {{}}
c2s_require_encryption = true
s2s_require_encryption = true
s2s_secure_auth = {secure}
ssl = {{ certificate = "{cert}"; key = "{key}"; cafile = "{authority}"; }}
unbound = {{
	resolvconf = false; hoststxt = false; forward = "127.0.0.1@{dns}"; options = {{ ["do-not-query-localhost:"] = "no" }};
}}
authentication = "internal_hashed"
allow_registration = true
modules_enabled = {{
	"disco", "roster", "saslauth", "tls", "dialback", "blocklist", "carbons", "pep", "private", "smacks", "vcard4",
	"vcard_legacy", "csi_simple", "ping", "register", "time", "uptime", "version", {bidi}
}}
{lines}
VirtualHost "{domain}"
Component "{service}" "muc"
	muc_room_locking = false
	modules_enabled = {{ "muc_mam" }}
"""

INETRC = """{lookup, [dns]}.
{resolv_conf, ""}.
{hosts_file, ""}.
{edns, 0}.
{cache_size, 0}.
{nameserver, {127,0,0,1}, %d}.
"""

EJABBERD = """
loglevel: info
hosts:
  - "{domain}"
certfiles:
  - "{pem}"
ca_file: "{authority}"
s2s_cafile: "{authority}"
s2s_use_starttls: required
outgoing_s2s_families: [ipv4]
s2s_max_retry_delay: 1
registration_timeout: infinity
auth_password_format: scram
disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2"]
listen:
  -
    port: {c2s}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 524288
    starttls_required: true
  -
    port: {tls}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 524288
    tls: true
  -
    port: {starttls}
    ip: "127.0.0.1"
    module: ejabberd_s2s_in
    max_stanza_size: 524288
  -
    port: {direct}
    ip: "127.0.0.1"
    module: ejabberd_s2s_in
    max_stanza_size: 524288
    tls: true
access_rules:
  everyone:
    allow: all
modules:
  mod_adhoc: {{}}
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_last: {{}}
  mod_muc:
    host: "{service}"
  mod_offline: {{}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_register:
    access: everyone
    ip_access: everyone
    welcome_message: {{}}
  mod_roster: {{}}
  mod_stream_mgmt: {{}}
  mod_time: {{}}
  mod_vcard:
    search: false
  mod_version: {{}}
{dialback}
"""

JACKDAW = """data = "data"
log-level = "debug"
listen = {{ "127.0.0.1" }}
port = {c2s}
tls-port = {tls}
s2s-port = {starttls}
component-port = {component}
s2s-tls-port = {direct}
s2s-proof = "{proof}"
s2s-trust = "{authority}"
dns-servers = {{ "127.0.0.1@{dns}" }}
dns-anchor = "anchors"
{conf}host "{domain}" {{
	certificate = "{cert}"
	key = "{key}"
	name-reuse = 0
	register {{
		allow = true
		burst = 1000000000
		reserved = {{}}
	}}
{lines}}}
{blocks}"""
