# What the programs in Python write and read: lines, each at once.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import hashlib

VERBS = ("send", "carbons", "add", "accept", "remove", "status", "avatar", "photo", "block", "unblock", "pages", "search", "prefer",
         "preferences", "enter", "leave", "configure", "invite", "say", "kick")
FULLTEXT = "{urn:xmpp:fulltext:0}fulltext"
# Unbuffered: whoever waits for the descriptor must see what has not been taken.
COMMANDS = open(0, "rb", buffering=0)


def say(*words):
    print(*[w for w in words if w], flush=True)


def say_contact(jid, subscription):
    """What the roster now says of somebody, by the value of RFC 6121 §2.1.2.5."""
    if subscription == "remove":
        say("GONE", jid)
    else:
        say("SEES" if subscription in ("to", "both") else "LOST", jid)


def say_preferences(default, always, never):
    say("PREFERS", default, "always", *sorted(str(jid) for jid in always), "never", *sorted(str(jid) for jid in never))


def say_photo(jid, photo):
    say("PHOTO", jid, hashlib.sha1(photo).hexdigest() if photo else "none")
