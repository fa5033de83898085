# The audit audited: small logs, each with one fault in it, which has to be found, and only that.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import sys

from . import selfrooms
from .facts import read
from .verdict import FAULTS, Verdict

# Two messages from one to the other, all as it should be; each case changes lines of it.
GOOD = """
bound a/1 1
bound b/1 1
copies a/1
copies b/1
sent a/1 a.b.0.bare
sent a/1 a.b.1.bare
acked a.b.0.bare
acked a.b.1.bare
arrived b/1 1 a.b.0.bare direct
arrived b/1 1 a.b.1.bare direct
resumed b/1 yes restart
archive a
archived a a.b.0.bare
archived a a.b.1.bare
archive b
archived b a.b.0.bare
archived b a.b.1.bare
"""
FIRST_COMES = "arrived b/1 1 a.b.0.bare direct\n"
SECOND_COMES = "arrived b/1 1 a.b.1.bare direct\n"
BEHIND = "arrived b/1 2 a.b.1.bare direct\narrived b/1 2 a.b.0.bare direct\n"
RESUMED = "resumed b/1 yes restart\n"
IN_ARCHIVE = "archived b a.b.1.bare\n"
SECOND_DEVICES = "bound b/2 1\ncopies b/2\nbound a/2 1\ncopies a/2\n"
COPIES = "".join("arrived %s 1 a.b.%d.bare %s\n" % (device, n, how)
                 for device, how in (("b/2", "received"), ("a/2", "sent")) for n in (0, 1))

# sentence, (what of GOOD, by what it is replaced) …, the faults that must be found
CASES = (
    ("a run without a fault has none", (), ""),
    ("a message that came nowhere is lost", ((SECOND_COMES, ""), (IN_ARCHIVE, "")), "lost archive"),
    ("an archive does not deliver", ((SECOND_COMES, ""),), "unread"),
    ("what is not acknowledged is not lost", (
        (SECOND_COMES, ""), (IN_ARCHIVE, ""), ("acked a.b.1.bare\n", ""), ("archived a a.b.1.bare\n", "")), ""),
    ("what was refused is not lost", (
        (SECOND_COMES, "refused a.b.1.bare resource-constraint\n"), (IN_ARCHIVE, "")), ""),
    ("what was refused and came has bounced", ((RESUMED, "refused a.b.1.bare resource-constraint\n"),), "bounced"),
    ("what was refused and is sent again may come", (
        ("acked a.b.1.bare\n", "refused a.b.1.bare resource-constraint\nresent a/1 a.b.1.bare\nacked a.b.1.bare\n"),),
     ""),
    ("what came to a session that was given up may bounce", (
        (RESUMED, "refused a.b.1.bare resource-constraint\nforsook b/1\nbound b/1 2\n"),), ""),
    ("but not what was acknowledged there", (
        (RESUMED, "refused a.b.1.bare resource-constraint\nconfirmed b/1 1 2\nforsook b/1\nbound b/1 2\n"),), "bounced"),
    ("what is sent again in a new session may be refused there", (
        (RESUMED, "again a/1 a.b.1.bare\nrefused a.b.1.bare resource-constraint\n"),), ""),
    ("what was refused and is sent again may come late", (
        ("sent a/1 a.b.1.bare\n", "refused a.b.0.bare resource-constraint\nsent a/1 a.b.1.bare\nresent a/1 a.b.0.bare\n"),
        (FIRST_COMES, ""), (SECOND_COMES, SECOND_COMES + FIRST_COMES)), ""),
    ("what a server gives back that waits for another one was given up too soon", (
        (SECOND_COMES, "refused a.b.1.bare remote-server-timeout\n"), (IN_ARCHIVE, "")), "given up"),
    ("a message that came twice is duplicated", ((SECOND_COMES, SECOND_COMES * 2),), "duplicated"),
    ("a session that was resumed is the same one", ((RESUMED, RESUMED + SECOND_COMES),), "duplicated"),
    ("a copy of what came is duplicated", ((RESUMED, "arrived b/1 1 a.b.1.bare received\n"),), "duplicated"),
    ("what the writer repeats is his affair", ((RESUMED, "again a/1 a.b.1.bare\n" + SECOND_COMES),), ""),
    ("what a new session gets again may not have been acknowledged", (
        (RESUMED, "left b/1\nbound b/1 2\narrived b/1 2 a.b.1.bare direct\n"),), ""),
    ("what was acknowledged does not come to a new session", (
        (RESUMED, "confirmed b/1 1 2\nleft b/1\nbound b/1 2\narrived b/1 2 a.b.1.bare direct\n"),), "duplicated"),
    ("no more is confirmed than was", (
        (RESUMED, "confirmed b/1 1 1\nleft b/1\nbound b/1 2\narrived b/1 2 a.b.1.bare direct\n"),), ""),
    ("a message behind a later one is disordered", (
        (FIRST_COMES, ""), (SECOND_COMES, SECOND_COMES + FIRST_COMES)), "disordered"),
    ("what was sent before an orderly login comes in order", (
        (FIRST_COMES + SECOND_COMES, ""), (RESUMED, "left b/1\nbound b/1 2\n" + BEHIND)), "disordered"),
    ("what was in a session that was forsaken comes when it is given up", (
        (FIRST_COMES + SECOND_COMES, ""), (RESUMED, "forsook b/1\nbound b/1 2\n" + BEHIND)), ""),
    ("a second device gets it all", (("bound b/1 1\n", "bound b/1 1\n" + SECOND_DEVICES), (RESUMED, COPIES)), ""),
    ("a reader's device without its copy", (
        ("bound b/1 1\n", "bound b/1 1\n" + SECOND_DEVICES),
        (RESUMED, COPIES.replace("arrived b/2 1 a.b.1.bare received\n", ""))), "carbons"),
    ("a writer's device without its copy", (
        ("bound b/1 1\n", "bound b/1 1\n" + SECOND_DEVICES),
        (RESUMED, COPIES.replace("arrived a/2 1 a.b.0.bare sent\n", ""))), "carbons"),
    ("a device that comes later is owed no copies", (("archive a\n", SECOND_DEVICES + "archive a\n"),), ""),
    ("a message that is missing in an archive", ((IN_ARCHIVE, ""),), "archive"),
    ("a message that an archive has twice", ((IN_ARCHIVE, IN_ARCHIVE * 2),), "archive"),
    ("an archive out of order", (
        ("archived b a.b.0.bare\n", ""), (IN_ARCHIVE, IN_ARCHIVE + "archived b a.b.0.bare\n")), "archive"),
    ("an archive with what nobody sent", ((IN_ARCHIVE, IN_ARCHIVE + "archived b a.b.7.bare\n"),), "archive"),
    ("an archive with nothing in it", (
        (IN_ARCHIVE, ""), ("archived b a.b.0.bare\n", "")), "archive"),
    ("a session that is not known after a restart", ((RESUMED, "resumed b/1 no restart\n"),), "not resumed"),
    ("a contact who is told of an end that was none", ((RESUMED, "unavailable a/1 b/1\n"),), "flickers"),
    ("whoever leaves is gone", ((RESUMED, "left b/1\nunavailable a/1 b/1\n"),), ""),
    ("a complaint is one", ((RESUMED, "complaint it said too much\n"),), "complaints"),
)


def change(text, changes):
    for old, new in changes:
        if old not in text:
            raise ValueError("there is no %r" % old)
        text = text.replace(old, new, 1)
    return text


def split(wanted):
    return [fault for fault in FAULTS if fault in wanted]


def check(good, changes, wanted):
    """What is wrong with the verdict, or ""."""
    found = Verdict(read(change(good, changes))).found
    for fault in FAULTS:
        if bool(found[fault]) != (fault in wanted):
            return "%s: %s" % (fault, found[fault] or "nothing found")
    return ""


def run():
    failed = 0
    cases = [(good, *case) for good, all_of_it in ((GOOD, CASES), (selfrooms.GOOD, selfrooms.CASES)) for case in all_of_it]
    for good, sentence, changes, wanted in cases:
        complaint = check(good, changes, split(wanted))
        failed += bool(complaint)
        if complaint:
            print("FAIL  %s: %s" % (sentence, complaint))
    untried = set(FAULTS).difference(*(split(wanted) for *_, wanted in cases))
    for fault in untried:
        print("FAIL  no case has the fault %s" % fault)
    print("%d passed, %d failed, 0 skipped" % (len(cases) - failed, failed + len(untried)))
    return 1 if failed or untried else 0


if __name__ == "__main__":
    sys.exit(run())
