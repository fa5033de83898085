# A small authoritative DNS server on loopback, over UDP and TCP, whose records a test changes as it goes.
#
#	zone = Zone().start()
#	zone.serve("a.example", starttls=5269)       SRV, and the address of its target
#	zone.add("_x._tcp.a.example", TXT, txt("…"))
#	zone.fail("a.example", "silent")             or "servfail": that name and all below it
#	zone.sign("a.example", Signer("a.example"))  DNSSEC for that name and all below it
#
# Asked on the port `localhost`, it says "localhost" for the target of every SRV record: ejabberd asks the system for addresses.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import socket
import struct
import threading

A, SOA, TXT, AAAA, SRV, OPT, RRSIG, NSEC, DNSKEY, TLSA = 1, 6, 16, 28, 33, 41, 46, 47, 48, 52
IN = 1
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5
ANSWER_AUTHORITATIVE, TRUNCATED = 0x8580, 0x0200  # recursion is said to be had, as resolvers want it
DO = 0x8000
TTL = 1  # seconds: what a test changes is seen soon
UDP_BYTES = 1232


def wire_name(name):
    labels = [label.encode() for label in name.lower().rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_name(data, at):
    labels = []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("ascii", "replace").lower())
        at += 1 + data[at]
    return ".".join(labels), at + 1


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def srv(port, target, priority=0, weight=0):
    return struct.pack("!HHH", priority, weight, port) + wire_name(target)


def txt(text):
    return bytes([len(text)]) + text.encode()


def tlsa(usage, selector, matching, data):
    return bytes([usage, selector, matching]) + data


def soa(origin):
    return wire_name("ns." + origin) + wire_name("admin." + origin) + struct.pack("!IIIII", 1, TTL, TTL, 3600, TTL)


def record(name, kind, rdata, kind_class=IN, ttl=TTL):
    return wire_name(name) + struct.pack("!HHIH", kind, kind_class, ttl, len(rdata)) + rdata


def is_below(name, parent):
    return name == parent or name.endswith("." + parent)


class Question:
    def __init__(self, data):
        self.id, _, count, _, _, extra = struct.unpack("!HHHHHH", data[:12])
        if count != 1:
            raise ValueError
        self.name, end = read_name(data, 12)
        self.kind, _ = struct.unpack("!HH", data[end:end + 4])
        self.text = data[12:end + 4]
        rest = data[end + 4:]
        self.edns = extra > 0 and rest[:1] == b"\0" and struct.unpack("!H", rest[1:3])[0] == OPT
        self.dnssec = self.edns and bool(struct.unpack("!H", rest[7:9])[0] & DO)


class Zone:
    def __init__(self):
        self.records = {}   # name -> type -> list of rdata
        self.failing = {}   # name -> "silent" or "servfail"
        self.signers = {}   # origin -> Signer
        self.asked = []     # (name, type)
        self.sockets = []
        self.port = self.localhost = None

    # ---- what it says

    def add(self, name, kind, *rdata):
        self.records.setdefault(name, {}).setdefault(kind, []).extend(rdata)

    def remove(self, name):
        for known in [n for n in self.records if is_below(n, name)]:
            del self.records[known]

    def serve(self, domain, starttls=None, direct=None, at="127.0.0.1", target=None):
        """DOMAIN's server is on these ports; the domain itself has no address, so nobody tries its port 5269."""
        target = target or "xmpp." + domain
        for service, port in (("_xmpp-server", starttls), ("_xmpps-server", direct)):
            name = "%s._tcp.%s" % (service, domain)
            self.records.pop(name, None)
            if port:
                self.add(name, SRV, srv(port, target))
        self.records.setdefault(target, {})[AAAA if ":" in at else A] = [address(at)]

    def fail(self, name, how=None):
        if how:
            self.failing[name] = how
        else:
            self.failing.pop(name, None)

    def sign(self, origin, signer):
        self.signers[origin] = signer
        self.records.setdefault(origin, {})[DNSKEY] = [signer.dnskey]

    # ---- one question

    def answer(self, data, limit, localhost):
        """The answer's bytes, or None for silence."""
        try:
            question = Question(data)
        except (ValueError, IndexError, struct.error):
            return None
        name, kind = question.name, question.kind
        self.asked.append((name, kind))
        how = next((how for parent, how in self.failing.items() if is_below(name, parent)), None)
        if how == "silent":
            return None
        if how == "servfail":
            return self._message(question, SERVFAIL, [], [])
        signer = next((s for origin, s in self.signers.items() if is_below(name, origin)), None)
        found = self.records.get(name, {})
        rdatas = list(found.get(kind, ()))
        if localhost and kind == SRV:
            rdatas = [r[:6] + wire_name("localhost") for r in rdatas]
        if rdatas:
            return self._fit(question, NOERROR, self._set(question, signer, name, kind, rdatas), [], limit)
        return self._fit(question, *self._nothing(question, signer, name, found), limit)

    def _set(self, question, signer, name, kind, rdatas):
        records = [record(name, kind, r) for r in rdatas]
        if signer and question.dnssec:
            records.append(record(name, RRSIG, signer.sign(name, kind, rdatas, TTL)))
        return records

    def _nothing(self, question, signer, name, found):
        """A signed zone says of every name that it is there and has no such record: that needs no walk through its names."""
        origin = signer.origin if signer else self._origin(name)
        authority = self._set(question, signer, origin, SOA, [soa(origin)])
        if signer and question.dnssec:
            authority += self._set(question, signer, name, NSEC, [signer.nsec(name, found)])
            return NOERROR, [], authority
        exists = any(is_below(known, name) and self.records[known] for known in list(self.records))
        return NOERROR if exists else NXDOMAIN, [], authority

    @staticmethod
    def _origin(name):
        return ".".join(name.split(".")[-2:])

    def _message(self, question, rcode, answers, authority, flags=ANSWER_AUTHORITATIVE):
        extra = [record("", OPT, b"", UDP_BYTES, DO if question.dnssec else 0)] if question.edns else []
        return (struct.pack("!HHHHHH", question.id, flags | rcode, 1, len(answers), len(authority), len(extra)) +
                question.text + b"".join(answers + authority + extra))

    def _fit(self, question, rcode, answers, authority, limit):
        message = self._message(question, rcode, answers, authority)
        if len(message) > limit:
            message = self._message(question, rcode, [], [], ANSWER_AUTHORITATIVE | TRUNCATED)
        return message

    # ---- the network

    def start(self):
        self.port = self._listen(False)
        self.localhost = self._listen(True)
        return self

    def _listen(self, localhost):
        """The same port for both protocols."""
        while True:
            udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tcp.bind(udp.getsockname())
                break
            except OSError:
                udp.close()
                tcp.close()
        tcp.listen()
        self.sockets += [udp, tcp]
        threading.Thread(target=self._serve_udp, args=(udp, localhost), daemon=True).start()
        threading.Thread(target=self._serve_tcp, args=(tcp, localhost), daemon=True).start()
        return udp.getsockname()[1]

    def _serve_udp(self, sock, localhost):
        while True:
            try:
                data, peer = sock.recvfrom(4096)
                reply = self.answer(data, UDP_BYTES, localhost)
                if reply:
                    sock.sendto(reply, peer)
            except OSError:
                if sock.fileno() < 0:
                    return

    def _serve_tcp(self, sock, localhost):
        while True:
            try:
                connection, _ = sock.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_connection, args=(connection, localhost), daemon=True).start()

    def _serve_connection(self, connection, localhost):
        with connection, connection.makefile("rb") as stream:
            while True:
                size = stream.read(2)
                if len(size) < 2:
                    return
                reply = self.answer(stream.read(struct.unpack("!H", size)[0]), 65535, localhost)
                if reply:
                    connection.sendall(struct.pack("!H", len(reply)) + reply)

    def stop(self):
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
