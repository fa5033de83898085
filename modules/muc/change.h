/*
 * change.h - somebody's affiliation or role becomes another, and what comes of it: his records, his
 * role, his place in the room, what all see (XEP-0045 §5.1.3, §5.2.2).
 *
 * Nobody is asked here whether that may be (privilege.h).  It is done at once and cannot fail for a
 * reason that a peer could be told.
 *
 * The last occupant of a room that does not last may go by it, and the room with him.  What is to be
 * written besides, must be before; further changes do nothing then.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/show.h"

/* By whom, and why; absent: that is not told. */
struct cause {
	struct str actor_nick, reason;
};

/*
 * From now on A holds: a bare JID, or a domain, for all of it who have no affiliation of their own.
 * A's nick: absent, it remains what it is.  Who may not stay goes, with 301 or 321; everybody is
 * shown who has changed; of somebody who is not there, those hear who see JIDs.  Where so many go
 * that it is too much for one event, the rest of them go in another.  0; ERR_CORRUPT, ERR_STORE.
 */
MUST_CHECK int change_affiliation(struct muc_event *me, const struct affiliated *a,
                                  const struct cause *cause);
/* The same of an occupant's role; ROLE_NONE: he is kicked (307), and O is gone. */
void change_role(struct muc_event *me, struct occupant *o, enum role role,
                 const struct cause *cause);
/* Is somebody in ROOM who is banned: were they too many for one event? */
bool change_is_owed(const struct room *room);
/* A visit: they go. */
int change_visit(struct mod *m, struct event *ev, struct str data);
/* Is there place for so many more who have an affiliation?  1, 0, or an error. */
MUST_CHECK int change_has_place(struct muc_event *me, size_t more);
