# Namespaces, the one timeout of every wait, and how a connection may end badly.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os

CLIENT = "jabber:client"
STREAMS = "http://etherx.jabber.org/streams"
STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
CHANNEL_BINDING = "urn:xmpp:sasl-cb:0"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
REGISTER = "jabber:iq:register"
REGISTER_FEATURE = "http://jabber.org/features/iq-register"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
DELAY = "urn:xmpp:delay"
PING = "urn:xmpp:ping"
VERSION = "jabber:iq:version"
TIME = "urn:xmpp:time"
LAST = "jabber:iq:last"
CARBONS = "urn:xmpp:carbons:2"
FORWARD = "urn:xmpp:forward:0"
CSI = "urn:xmpp:csi:0"
MUC = "http://jabber.org/protocol/muc"
MUC_USER = MUC + "#user"
MUC_ADMIN = MUC + "#admin"
MUC_OWNER = MUC + "#owner"
OCCUPANT_ID = "urn:xmpp:occupant-id:0"
STANZA_ID = "urn:xmpp:sid:0"
FORMS = "jabber:x:data"

# Seconds until a wait for something that must come is given up; a slow build (valgrind) may ask for more.
TIMEOUT = float(os.environ.get("CONFORMANCE_TIMEOUT", "10"))


class Reset(Exception):
    """The connection ended without an orderly close (RST, or TLS without close_notify)."""
