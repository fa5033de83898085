# A case is a function whose name is a sentence and whose docstring is the section that it checks.
#
#	@case
#	def a_comment_is_restricted_xml(world):
#	    """RFC 6120 §4.9.3.18"""
#
# `@case(alone=True)` runs with no other case beside it; `@case(own_server=True)` gets a server of its own, started with
# the keyword arguments in `server`.  Cases of one file are listed in the order in which they stand.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import re


class Case:
    def __init__(self, function, alone=False, own_server=False, server=None):
        self.function = function
        self.area = function.__module__.rpartition(".")[2]
        self.name = function.__name__.replace("_", " ")
        self.section = re.sub(r"\s+", " ", (function.__doc__ or "").strip())
        self.alone = alone
        self.own_server = own_server
        self.server_arguments = server or {}

    def __str__(self):
        return "%s: %s" % (self.area, self.name)


ALL = []


def case(function=None, **options):
    def add(f):
        ALL.append(Case(f, **options))
        return f
    return add(function) if function else add


def add_case(module, sentence, section, function, **options):
    """For a table of cases: FUNCTION(world) under the name SENTENCE."""
    function.__module__, function.__doc__ = module, section
    function.__name__ = sentence.replace(" ", "_")
    ALL.append(Case(function, **options))
