# The audit of rooms audited: cases for selftest.py.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

# Three in a room, of whom one speaks twice; each case changes lines of it.
GOOD = """
bound a/1 1
bound b/1 1
bound c/1 1
entered a/1 1 hall a member participant
entered b/1 1 hall b none participant
entered c/1 1 hall c none participant
sent a/1 a.hall.0.room
sent a/1 a.hall.1.room
acked a.hall.0.room
acked a.hall.1.room
arrived a/1 1 a.hall.0.room direct
arrived b/1 1 a.hall.0.room direct
arrived c/1 1 a.hall.0.room direct
arrived a/1 1 a.hall.1.room direct
arrived b/1 1 a.hall.1.room direct
arrived c/1 1 a.hall.1.room direct
resumed b/1 yes restart
list hall
listed hall a member participant
listed hall b none participant
listed hall c none participant
archive hall
archived hall a.hall.0.room
archived hall a.hall.1.room
"""
FIRST_AT_B = "arrived b/1 1 a.hall.0.room direct\n"
SECOND_AT_B = "arrived b/1 1 a.hall.1.room direct\n"
RESUMED = "resumed b/1 yes restart\n"
ENTERED = "entered b/1 1 hall b none participant\n"
SECOND_SENT = "sent a/1 a.hall.1.room\n"
ACKED = "acked a.hall.1.room\n"
IN_ARCHIVE = "archived hall a.hall.1.room\n"
B_LISTED = "listed hall b none participant\n"
ANEW = "bound b/1 2\nentered b/1 2 hall b none participant\n"
FROM_B = "sent b/1 b.hall.0.room\nacked b.hall.0.room\n"
B_LAST = "arrived %s 1 b.hall.0.room direct\n"

# sentence, (what of GOOD, by what it is replaced) …, the faults that must be found
CASES = (
    ("a room without a fault has none", (), ""),
    ("one occupant without a message", ((SECOND_AT_B, ""), (IN_ARCHIVE, "")), "lost archive"),
    ("a room's archive does not deliver", ((SECOND_AT_B, ""),), "unread"),
    ("whoever enters later is owed nothing", ((ENTERED, ""), (SECOND_SENT, SECOND_SENT + ENTERED), (FIRST_AT_B, "")), ""),
    ("whoever gives up a session is owed nothing of it", (
        (SECOND_AT_B, ""), (RESUMED, "forsook b/1\n" + ANEW)), ""),
    ("whose session was forgotten is owed all", (
        (SECOND_AT_B, ""), (RESUMED, "resumed b/1 no restart\n" + ANEW)), "unread not resumed"),
    ("a room owes nothing that was not acknowledged", ((SECOND_AT_B, ""), (ACKED, "")), ""),
    ("a message that came twice in a room", ((SECOND_AT_B, SECOND_AT_B * 2),), "duplicated"),
    ("a message in a room behind a later one", (
        (FIRST_AT_B, ""), (SECOND_AT_B, SECOND_AT_B + FIRST_AT_B)), "disordered other order"),
    ("two who have another order", (
        (RESUMED, FROM_B + "".join(B_LAST % x for x in ("a/1", "c/1"))), (SECOND_AT_B, B_LAST % "b/1" + SECOND_AT_B),
        (IN_ARCHIVE, IN_ARCHIVE + "archived hall b.hall.0.room\n")), "other order"),
    ("an archive that has another order", (
        (RESUMED, FROM_B + "".join(B_LAST % x for x in ("a/1", "b/1", "c/1"))),
        (IN_ARCHIVE, "archived hall b.hall.0.room\n" + IN_ARCHIVE)), "other order"),
    ("what is repeated in a new session may stand anywhere", (
        (RESUMED, "again a/1 a.hall.0.room\n" + FIRST_AT_B),), ""),
    ("what was refused and all have got has bounced", (("archive hall\n", "refused a.hall.1.room x\narchive hall\n"),),
     "bounced"),
    ("an occupant who is not listed", ((B_LISTED, ""),), "occupants"),
    ("an occupant in another role", ((B_LISTED, "listed hall b none visitor\n"),), "occupants"),
    ("an occupant who was told of his role", (
        (RESUMED, ENTERED.replace("participant", "visitor")), (B_LISTED, "listed hall b none visitor\n")), ""),
    ("an occupant whom the room forgot", ((RESUMED, "outcast b/1 hall not-acceptable\n" + ENTERED),), "occupants"),
    ("somebody who may not enter", ((RESUMED, "barred b/1 hall conflict\n" + ENTERED),), "occupants"),
    ("somebody who is listed and not there", ((B_LISTED, B_LISTED + "listed hall d none participant\n"),), "ghosts"),
    ("somebody who has gone and is listed", (("list hall\n", "forsook b/1\nlist hall\n"),), "ghosts"),
    ("somebody who has gone and is not listed", (("list hall\n", "forsook b/1\nlist hall\n"), (B_LISTED, "")), ""),
    ("others are told of an end in a room that was none", ((RESUMED, "unavailable a/1 b/1\n"),), "flickers"),
    ("a room's archive with what was for one alone", (
        (RESUMED, "sent a/1 a.b.0.private\nacked a.b.0.private\narrived b/1 1 a.b.0.private direct\n"),
        (IN_ARCHIVE, IN_ARCHIVE + "archived hall a.b.0.private\n")), "archive"),
    ("a message for one that came nowhere", (
        (RESUMED, "sent a/1 a.b.0.private\nacked a.b.0.private\n"),), "lost"),
    ("what a plain stream says may be anywhere", (
        (RESUMED, "uttered c/1 c.hall.0.room\n" + "arrived b/1 1 c.hall.0.room direct\n"),
        (IN_ARCHIVE, IN_ARCHIVE + "archived hall c.hall.0.room\n")), ""),
)
