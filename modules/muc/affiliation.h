/*
 * affiliation.h - who belongs to a room, and who must not enter (XEP-0045 §5.2).
 *
 * Space "muc-affiliation", version 1:
 *     bare JID (text) -> version, affiliation (number), JID, reserved nick, reason (texts)
 * Space "muc-nick", version 1:
 *     reserved nick (text) -> version, bare JID, nick
 *
 * A domain may be an outcast as a whole (§9.1); administrators of the host are owners of all rooms.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/role.h"
#include "server/module.h"

extern const struct store_space muc_affiliation_space, muc_nick_space;

/* Strings are borrowed from the event's arena. */
struct affiliated {
	struct jid jid; /* bare, or a domain */
	enum affiliation affiliation;
	struct str nick; /* that he has reserved; empty: none */
	struct str reason;
};

/* What is stored of JID itself; ERR_NOENT, ERR_CORRUPT. */
MUST_CHECK int affiliation_find(struct event *ev, struct jid bare, struct affiliated *a_out);
/* What holds for JID, full or bare: the highest that there is a reason for. */
MUST_CHECK int affiliation_of(struct event *ev, struct jid jid, enum affiliation *a_out);
/* From now on; AFFILIATION_NONE: he is forgotten, reserved nick and all. */
MUST_CHECK int affiliation_set(struct event *ev, const struct affiliated *a);
/* Whose nick is that?  ERR_NOENT: nobody has reserved it. */
MUST_CHECK int affiliation_of_nick(struct event *ev, struct str nick, struct jid *bare_out);
/* Has somebody other than JID, full or bare, reserved it?  1, 0, or an error. */
MUST_CHECK int affiliation_nick_is_anothers(struct event *ev, struct str nick, struct jid jid);
/* Each that is stored, until FN returns other than 0, which is returned.  FN writes nothing. */
typedef int affiliation_fn(void *arg, const struct affiliated *a);
MUST_CHECK int affiliation_each(struct event *ev, affiliation_fn *fn, void *arg);
