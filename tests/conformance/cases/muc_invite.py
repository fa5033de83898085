# Invitations by way of the room (XEP-0045 §7.8.2).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.rooms import Room, admin, an_item, extension, item
from wire.talk import bare, must

from .muc_owner import made
from .muc_talk import three


def invite(room, client, *whom, name="inv", inside=""):
    client.send("<message id='%s' to='%s'><x xmlns='%s'>%s</x></message>" % (name, room.jid, names.MUC_USER, "".join(
        "<invite to='%s'><reason>Hey &lt;you&gt;</reason>%s</invite>" % (w, inside) for w in whom)))


def invited(room, client, inviter, nick):
    message = client.expect("element", "an invitation")
    must(("message", room.jid), (message.name, message.get("from")), "an invitation")
    must(True, message.get("type") in (None, "normal"), "its type")
    found = extension(message).find("invite")
    must(True, found.get("from") in (inviter.jid, bare(inviter), room.occupant(nick)), "by whom: %s" % message)
    must(None, found.get("to"), "to")
    must("Hey <you>", found.find("reason").text, "reason")
    return message


@case
def an_occupant_invites_somebody(world):
    """XEP-0045 §7.8.2: the room says by whom; nobody else hears of it"""
    room, alice, bob, carol = three(world)
    guest = world.online()
    invite(room, bob, bare(guest))
    message = invited(room, guest, bob, "bob")
    must(None, extension(message).find("password"), "password")
    for p in (alice, bob, carol):
        must([], room.heard(p), "what is heard of it")
    must("none", item(room.enter(guest, "guest").own).get("affiliation"), "his affiliation: the room is open")


@case
def an_invitation_keeps_how_it_goes_on(world):
    """XEP-0045 §7.9"""
    room, alice, bob, _ = three(world)
    guest = world.online()
    invite(room, bob, bare(guest), inside="<continue thread='t1'/>")
    must("t1", extension(invited(room, guest, bob, "bob")).find("invite").find("continue").get("thread"), "thread")


@case
def an_invitation_has_the_password(world):
    """XEP-0045 §7.8.2"""
    room, alice, _ = made(world, passwordprotectedroom=1, roomsecret="cauldron")
    guest = world.online()
    invite(room, alice, bare(guest))
    must("cauldron", extension(invited(room, guest, alice, "alice")).find("password").text, "password")


@case
def who_is_no_occupant_invites_nobody(world):
    """XEP-0045 §7.8.2: of a room in which one is"""
    room, alice, bob, _ = three(world)
    guest, stranger = world.online(), world.connect()
    invite(room, stranger, bare(guest))
    stranger.expect_error(("not-acceptable", "forbidden", "not-allowed"), id="inv")
    must([], guest.fence(), "what the guest gets")


@case
def an_invitation_into_a_room_for_members_makes_a_member(world):
    """XEP-0045 §9.5: by an admin; without the privilege it is forbidden"""
    room, alice, bob = made(world, membersonly=1, allowinvites=0)
    room.must(alice, admin(an_item(affiliation="member", jid=bare(bob))))
    room.enter(bob, "bob")
    first, second = world.online(), world.online()
    invite(room, bob, bare(first))
    room.hears_error(bob, "forbidden", "auth", "inv")
    must([], first.fence(), "what the guest gets")
    room.refuses(first, "first", "registration-required", "auth")
    invite(room, alice, bare(second))
    invited(room, second, alice, "alice")
    must("member", item(room.enter(second, "second").own).get("affiliation"), "his affiliation")
    room.configure(alice, allowinvites=1)
    room.heard(bob)
    invite(room, bob, bare(first))
    invited(room, first, bob, "bob")
    room.enter(first, "first")


@case
def who_is_banned_is_not_invited_in(world):
    """XEP-0045 §9.1, §9.5: an invitation by a member does not undo a ban"""
    room, alice, bob = made(world, membersonly=1, allowinvites=1)
    guest = world.connect()
    room.must(alice, admin(an_item(affiliation="member", jid=bare(bob)), an_item(affiliation="outcast", jid=bare(guest))))
    room.enter(bob, "bob")
    invite(room, bob, bare(guest))
    room.settle(bob)
    room.refuses(guest, "guest", "forbidden", "auth")


@case
def an_invitation_is_declined(world):
    """XEP-0045 §7.8.2: the room says by whom"""
    room, alice, bob, carol = three(world)
    bob.available()
    guest = world.online()
    invite(room, bob, bare(guest))
    inviter = extension(invited(room, guest, bob, "bob")).find("invite").get("from")
    guest.send("<message to='%s' id='no'><x xmlns='%s'><decline to='%s'><reason>too busy</reason></decline></x></message>" % (
        room.jid, names.MUC_USER, inviter))
    guest.fence()
    message = bob.expect("element", "that it is declined")
    must(("message", room.jid), (message.name, message.get("from")), "header")
    decline = extension(message).find("decline")
    must((bare(guest), "too busy", None), ((decline.get("from") or "").partition("/")[0], decline.find("reason").text,
                                           decline.get("to")), "decline")
    must([], room.heard(carol), "what others hear of it")


@case
def an_invitation_that_makes_no_sense_comes_back(world):
    """XEP-0045 §7.8.2"""
    room, alice, bob, _ = three(world)
    for i, inside in enumerate(("<invite/>", "<invite to='@@'/>")):
        bob.send("<message id='n%d' to='%s'><x xmlns='%s'>%s</x></message>" % (i, room.jid, names.MUC_USER, inside))
        room.hears_error(bob, ("bad-request", "jid-malformed", "not-acceptable"), None, "n%d" % i)


@case
def a_room_that_is_not_there_invites_nobody(world):
    """XEP-0045 §17.2, 3"""
    room, bob, guest = Room(world), world.connect(), world.online()
    invite(room, bob, bare(guest))
    bob.expect_error("item-not-found", "cancel", id="inv")
    must([], guest.fence(), "what the guest gets")
    if room.request(bob, "<query xmlns='%s'/>" % names.DISCO_INFO, "get").get("type") != "error":
        raise Unexpected("the room is there")
