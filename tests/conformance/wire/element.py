# An XML element as it was read: name, namespace, attributes, and children in order.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from xml.sax.saxutils import escape, quoteattr

XML_NS = "http://www.w3.org/XML/1998/namespace"


def split_name(expat_name):
    """"ns name" as expat writes it, into (ns, name)."""
    ns, _, name = expat_name.rpartition(" ")
    return ns, name


class Element:
    def __init__(self, expat_name, expat_attrs):
        self.ns, self.name = split_name(expat_name)
        self.nodes = []
        self.attrs = {}
        for key, value in expat_attrs.items():
            ns, name = split_name(key)
            self.attrs["xml:" + name if ns == XML_NS else name if not ns else "{%s}%s" % (ns, name)] = value

    def get(self, attr):
        return self.attrs.get(attr)

    @property
    def children(self):
        return [n for n in self.nodes if isinstance(n, Element)]

    @property
    def text(self):
        return "".join(n for n in self.nodes if isinstance(n, str))

    def find(self, name, ns=None):
        """The first child of that name (in the parent's namespace unless NS says otherwise), or None."""
        wanted = self.ns if ns is None else ns
        return next((c for c in self.children if c.name == name and c.ns == wanted), None)

    def all(self, name, ns=None):
        wanted = self.ns if ns is None else ns
        return [c for c in self.children if c.name == name and c.ns == wanted]

    def is_a(self, name, ns):
        return self.name == name and self.ns == ns

    def inner(self):
        return "".join(n.xml(self.ns) if isinstance(n, Element) else escape(n) for n in self.nodes)

    def xml(self, outer_ns=None):
        attrs = "".join(" %s=%s" % (k, quoteattr(v)) for k, v in self.attrs.items())
        if self.ns != outer_ns:
            attrs = " xmlns=%s" % quoteattr(self.ns) + attrs
        inner = self.inner()
        return "<%s%s>%s</%s>" % (self.name, attrs, inner, self.name) if inner else "<%s%s/>" % (self.name, attrs)

    def __str__(self):
        return self.xml()
