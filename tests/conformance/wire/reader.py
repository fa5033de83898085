# Reads one XML stream as it arrives, strictly: what the server writes must be namespace-well-formed.
# Events: ("open", header), ("element", top-level element), ("close", None).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import xml.parsers.expat

from .element import Element


class BadXml(Exception):
    """The server wrote something that is not a well-formed stream."""


class StreamReader:
    def __init__(self):
        self.events = collections.deque()
        self._open = []
        self._pending = b""
        self._parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end
        self._parser.CharacterDataHandler = self._on_text
        self._parser.CommentHandler = self._on_restricted
        self._parser.ProcessingInstructionHandler = self._on_restricted
        self._parser.StartDoctypeDeclHandler = self._on_restricted

    def feed(self, data):
        # Only whole tags go to expat, whose newer versions put off a half-read token until much more has come.
        self._pending += data
        cut = self._pending.rfind(b">") + 1
        try:
            self._parser.Parse(self._pending[:cut], False)
        except xml.parsers.expat.ExpatError as e:
            raise BadXml("%s in %r" % (e, self._pending[-300:])) from None
        self._pending = self._pending[cut:]

    def _on_start(self, name, attrs):
        element = Element(name, attrs)
        if not self._open:
            self.events.append(("open", element))
        self._open.append(element)

    def _on_end(self, _name):
        element = self._open.pop()
        if not self._open:
            self.events.append(("close", None))
        elif len(self._open) == 1:
            self.events.append(("element", element))
        else:
            self._open[-1].nodes.append(element)

    def _on_text(self, text):
        if len(self._open) > 1:
            self._open[-1].nodes.append(text)
        elif text.strip(" \t\r\n"):
            raise BadXml("text between stanzas: %r" % text)

    def _on_restricted(self, *args):
        raise BadXml("restricted XML from the server (RFC 6120 §11.1): %r" % (args,))
