# The log of an audit: what each client saw, in the order in which it was seen.
#
# A fact is a tuple of a verb and its words; ID names a message, WRITER.READER.NUMBER.bare or .full by how it is addressed,
# WRITER.ROOM.NUMBER.room to all in a room or WRITER.READER.NUMBER.private to one of them; DEVICE one client, USER/RESOURCE.
#
#	bound DEVICE SESSION              a new session; SESSION counts those of the device
#	copies DEVICE                     it gets carbon copies from now on
#	resumed DEVICE yes|no restart|here   a resumption that was tried, and whether the server had been restarted since
#	left DEVICE                       the session was ended by its client, in order
#	forsook DEVICE                    the session was given up by its client, without a word
#	sent DEVICE ID                    for the first time, and in a stream with XEP-0198
#	again DEVICE ID                   in a new session, as the server had not acknowledged it in the old one
#	resent DEVICE ID                  in a session that was resumed
#	acked ID                          the server's h covers it
#	refused ID CONDITION              an error came back
#	arrived DEVICE SESSION ID HOW     HOW: direct, or received and sent for a carbon copy
#	confirmed DEVICE SESSION COUNT    the server's h covers something behind our <a/> for so many arrivals of the session
#	unavailable DEVICE OTHER          DEVICE was told that OTHER has gone
#	archived USER ID                  the archive at the end, in its order; of a room, too
#	archive USER                      that archive was read
#	entered DEVICE SESSION ROOM NICK AFFILIATION ROLE   the room says that it is there, or now in another role
#	barred DEVICE ROOM CONDITION      it might not enter
#	outcast DEVICE ROOM WHY           it had entered and not left, and the room does not know it any more
#	uttered DEVICE ID                 for the first time, in a stream without XEP-0198
#	listed ROOM NICK AFFILIATION ROLE   who is in the room at the end
#	list ROOM                         that list was read
#	complaint TEXT                    the server did what it may not
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import threading


class Facts:
    """Written by many threads, each fact at once."""

    def __init__(self):
        self.all = []
        self._lock = threading.Lock()
        self._open = {}      # id -> 1, while it was sent and neither acknowledged nor refused
        self._awaited = {}   # id -> 1, while it has arrived nowhere

    def add(self, *fact):
        with self._lock:
            self.all.append(fact)
            verb = fact[0]
            if verb == "sent":
                self._open[fact[2]] = self._awaited[fact[2]] = 1
            elif verb in ("acked", "refused"):
                self._open.pop(fact[1], None)
            if verb == "arrived" and fact[4] != "sent":
                self._awaited.pop(fact[3], None)
            elif verb == "refused":
                self._awaited.pop(fact[1], None)

    def count_unacknowledged(self):
        return len(self._open)

    def count_awaited(self):
        return len(self._awaited)

    def write(self, name):
        with open(name, "w", encoding="utf-8") as f:
            f.writelines(" ".join(map(str, fact)) + "\n" for fact in self.all)


def read(text):
    """Facts from lines as write() makes them; "#" begins a comment."""
    lines = (line.split("#")[0].split() for line in text.split("\n"))
    return [tuple(words) for words in lines if words]


def message_id(writer, reader, number, kind):
    return "%s.%s.%d.%s" % (writer, reader, number, kind)


def writer_of(name):
    return name.split(".")[0]


def reader_of(name):
    return name.split(".")[1]


def number_of(name):
    return int(name.split(".")[2])


def is_full(name):
    return name.endswith(".full")


def is_room(name):
    return name.endswith(".room")


def is_private(name):
    return name.endswith(".private")


def user_of(device):
    return device.split("/")[0]
