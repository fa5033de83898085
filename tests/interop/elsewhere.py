# The cases: accounts whose passwords a directory knows, by way of saslauthd.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import contextlib
import os
import re
import signal
import subprocess

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error
from wire.world import Account

from directory import Directory

PEOPLE = (("juliet", "pencil"), ("romeo", "cr\u00e4yon & <b>"), ("nurse", "pencil"))
TOOL_SECONDS = 30
REGISTER = "<query xmlns='%s'><username>%%s</username><password>%%s</password></query>" % names.REGISTER


def by_saslauthd(text, folder):
    option = "\tpasswords = saslauthd\n\tsaslauthd-timeout = 2\n\tsaslauthd-socket = \"%s/ldap/mux/mux\"\n" % folder
    return text.replace("\tcertificate =", option + "\tcertificate =", 1)


@contextlib.contextmanager
def people(world):
    directory = Directory(world.server.folder, PEOPLE)
    try:
        yield directory.start()
    finally:
        directory.stop()


def person(world, user):
    return Account(user, dict(PEOPLE)[user], "%s@%s" % (user, world.domain))


def enter(world, user):
    client = world.to_sasl(source=world.new_source())
    client.log_in_again(person(world, user), mechanism="PLAIN")
    return client


def is_refused(world, user, password, condition):
    client = world.to_sasl(source=world.new_source())
    client.auth("PLAIN", ("\0%s\0%s" % (user, password)).encode())
    client.expect_sasl_failure(condition)


def jackdawctl(world, *arguments, text=""):
    program = os.path.join(os.path.dirname(world.server.path()), "jackdawctl")
    return subprocess.run([program, "-c", os.path.join(world.server.demo, "jackdaw.conf")] + list(arguments), input=text,
                          capture_output=True, text=True, timeout=TOOL_SECONDS)


def accounts(world):
    """Those that are people of the directory."""
    listed = set(re.findall(r"(\S+)@%s" % re.escape(world.domain), jackdawctl(world, "account", "list").stdout))
    return listed & {uid for uid, _ in PEOPLE}


@case(own_server=True, server={"edit": by_saslauthd})
def people_of_a_directory_log_in_and_talk(world):
    """RFC 4616, RFC 6120 §6"""
    with people(world):
        juliet, romeo = enter(world, "juliet").available(), enter(world, "romeo").available()
        juliet.send("<message to='%s' type='chat'><body>wherefore</body></message>" % romeo.jid)
        if romeo.expect_element("message").find("body").text != "wherefore":
            raise Unexpected("another message came")
        if accounts(world) != {"juliet", "romeo"}:
            raise Unexpected("there are the accounts %s" % accounts(world))


@case(own_server=True, server={"edit": by_saslauthd})
def who_the_directory_does_not_know_has_no_account(world):
    """RFC 6120 §6.5.10"""
    with people(world):
        for user, password in (("juliet", "crayon"), ("nobody", "pencil"), ("*", "pencil"), ("jul*", "pencil"),
                               ("juliet)(uid=*", "pencil"), ("juliet", "{SSHA}"), ("x" * 300, "pencil"),
                               ("juliet", "x" * 300)):
            is_refused(world, user, password, "not-authorized")
        if accounts(world):
            raise Unexpected("there are the accounts %s" % accounts(world))
        enter(world, "juliet")


@case(own_server=True, server={"edit": by_saslauthd})
def only_plain_is_offered_where_a_directory_knows_the_passwords(world):
    """RFC 6120 §6.4.1"""
    client = world.to_sasl()
    offered = {m.text for m in client.stream_features.find("mechanisms", names.SASL).all("mechanism")}
    if offered != {"PLAIN"}:
        raise Unexpected("offered are %s" % offered)


@case(own_server=True, server={"edit": by_saslauthd})
def nobody_makes_accounts_or_sets_passwords_in_band(world):
    """XEP-0077 §3.1, §3.3"""
    with people(world):
        stranger = world.to_sasl()
        if "iq-register" in str(stranger.stream_features):
            raise Unexpected("registration is offered: %s" % stranger.stream_features)
        check_error(stranger.ask(REGISTER % ("juliet", "x"), "set"), "not-allowed")
        juliet = enter(world, "juliet")
        check_error(juliet.ask(REGISTER % ("juliet", "x"), "set", to=world.domain), "not-allowed")
        enter(world, "juliet")


@case(own_server=True, server={"edit": by_saslauthd})
def an_account_of_the_directory_survives_a_kill(world):
    """what was let in is on disk"""
    with people(world):
        enter(world, "juliet")
        world.server.kill()
        world.server.start()
        if accounts(world) != {"juliet"}:
            raise Unexpected("there are the accounts %s" % accounts(world))
        enter(world, "juliet")


@case(own_server=True, server={"edit": by_saslauthd})
def an_operator_makes_an_account_ahead_without_a_password(world):
    """jackdawctl(8)"""
    with people(world):
        done = jackdawctl(world, "account", "add", "nurse@" + world.domain, text="secret\n")
        if done.returncode == 0 or accounts(world):
            raise Unexpected("a password was taken: %s" % done)
        done = jackdawctl(world, "account", "add", "nurse@" + world.domain)
        if done.returncode or accounts(world) != {"nurse"}:
            raise Unexpected("no account: %s" % done)
        enter(world, "nurse")


@case(own_server=True, server={"edit": by_saslauthd, "may_warn": True})
def while_the_daemon_is_away_or_hangs_it_is_a_temporary_failure(world):
    """RFC 6120 §6.5.11"""
    with people(world) as directory:
        enter(world, "juliet")
        directory.saslauthd.signal(signal.SIGSTOP)
        is_refused(world, "juliet", "pencil", "temporary-auth-failure")
        directory.saslauthd.signal(signal.SIGCONT)
        enter(world, "juliet")
        directory.stop_saslauthd()
        is_refused(world, "juliet", "pencil", "temporary-auth-failure")
        directory.start_saslauthd()
        enter(world, "juliet")


@case(own_server=True, server={"edit": by_saslauthd})
def while_the_directory_is_away_the_daemon_says_no(world):
    """saslauthd does not tell a directory that is away from a wrong password"""
    with people(world) as directory:
        enter(world, "juliet")
        directory.stop_slapd()
        is_refused(world, "juliet", "pencil", "not-authorized")
        directory.start_slapd()
        enter(world, "juliet")
