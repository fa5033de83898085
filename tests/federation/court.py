# Where a case of a scripted server is heard: the server under test, its users, and fakes with domains of their own.
#
#	@case
#	def a_sentence(court):
#	    """RFC 6120 §…"""
#	    romeo, fake = court.user(), court.fake()
#
# Cases with the same keyword arguments in `server` share one server; `own_server=True` is for those that stop it.  The subject
# may be another server ($FEDERATION_SUBJECT), by which the fake itself is proven.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import concurrent.futures
import os
import time

from wire import runner
from wire.case import ALL
from wire.client import Unexpected
from wire.world import Skip, World

import features
from fake import Fake
from servers import MODES, Site

SUBJECT = os.environ.get("FEDERATION_SUBJECT", "jackdaw")
SHORT = 's2s-wait = "3 s"\n'  # so that what cannot be sent comes back soon


class Court:
    def __init__(self, site):
        self.site, self.server = site, site.server(SUBJECT)
        self.domain = self.server.domain
        self.world = World(self.server)
        self.fakes = []

    def user(self):
        """Somebody online."""
        return features.enter(self.world)

    def fake(self, **options):
        fake = Fake(self.site, self.server, World.new_source(), **options)
        self.fakes.append(fake)
        return fake

    def certificate(self, *names, **options):
        """By the authority that the server trusts."""
        return self.site.authority.issue(*names, **options)

    def nothing_came(self, user):
        """No message, once what was sent before is through."""
        got = [e for e in user.fence() if e.name == "message"]
        if got:
            raise Unexpected("it was delivered: %s" % got[0])

    def came(self, user, body, sender):
        features.await_message(user, body, sender)

    def transcript(self):
        lines = [self.world.transcript()]
        for fake in self.fakes:
            for i, link in enumerate(fake.links[-3:]):
                lines.append("  %s, link %d (C is the fake)" % (fake.domain, i + 1))
                lines += ["    " + line for line in link.log]
        return "\n".join(lines)

    def close(self):
        self.world.close()
        for fake in self.fakes:
            fake.close()


def open_site(arguments):
    """A server with these options: `mode`, and those of servers.Jackdaw."""
    options = dict(arguments)
    mode = MODES[options.pop("mode", "external")]
    if SUBJECT == "jackdaw":
        options["conf"] = options.get("conf", SHORT)
    elif set(options) - {"proof"}:
        raise Skip("options of Jackdaw")
    site = Site(mode)
    try:
        # dialback among servers whose certificates are good, too: the fake chooses
        site.add(SUBJECT, certificate=site.authority.issue(SUBJECT + ".example", "conference.%s.example" % SUBJECT), **options)
        site.start()
        site.require(SUBJECT)
    except BaseException:
        site.close()
        raise
    return site


def run_case(case, site):
    """As wire.runner.run_case."""
    start = time.monotonic()
    court = None
    try:
        court = Court(site)
        case.function(court)
        outcome = ("pass", "")
    except Skip as why:
        outcome = ("skip", str(why))
    except Exception as error:  # noqa: a broken case must not end the run
        text = runner.reason_of(error)
        if court:
            text += "\n" + court.transcript()
        if not site.server(SUBJECT).alive() or case.own_server:
            text += "\n  the server's log ends with:\n" + site.server(SUBJECT).log_tail()
        outcome = ("fail", text)
    finally:
        if court:
            court.close()
    return outcome + (time.monotonic() - start,)


def run_group(tally, arguments, cases, jobs):
    name = "a server with %s" % (arguments or "no options")
    try:
        site = open_site(arguments)
    except Skip as why:
        for case in cases:
            tally.skips(str(case), str(why))
        return
    except RuntimeError as why:
        for case in cases:
            tally.fails(str(case), case.section, "  %s: %s" % (name, why))
        return
    with site:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for case, future in [(c, pool.submit(run_case, c, site)) for c in cases]:
                runner.record(tally, case, future.result())
    if site.complaints:
        tally.fails("%s stops with status 0 and a clean log" % name, "", "  " + "\n  ".join(site.complaints))


def run(tally, wanted, jobs):
    groups, own = {}, []
    for case in ALL:
        if not wanted(str(case)):
            continue
        if case.own_server:
            own.append(case)
        else:
            key = tuple(sorted((k, str(v)) for k, v in case.server_arguments.items()))
            groups.setdefault(key, (case.server_arguments, []))[1].append(case)
    for arguments, cases in groups.values():
        run_group(tally, arguments, cases, jobs)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda case: run_group(tally, case.server_arguments, [case], 1), own))
