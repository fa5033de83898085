/*
 * privilege.h - who may change whose role and affiliation, and to what (XEP-0045 §5).
 *
 * Pure functions of values: no room, no event.  What the text leaves open is told here:
 *
 * - §8.4 keeps a moderator from revoking the voice of those "at or above" his affiliation, §8.5 of
 *   those above it.  The stricter holds, for affiliations that there are: a moderator without one
 *   can take the voice of somebody without one, as §5.1.1 says of all moderators.
 * - A moderator is thrown out of a room by an admin or owner alone (§5.1.3), who is not of lower
 *   affiliation (§8.2).
 * - Who may do such things, but not to that one, hears not-allowed; else it is forbidden.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/role.h"

#include <stdbool.h>

enum privilege {
	PRIVILEGE_GRANTED,
	PRIVILEGE_FORBIDDEN,   /* he is none of those who change such things */
	PRIVILEGE_NOT_ALLOWED, /* he is, but he may not do this to that one */
	PRIVILEGE_CONFLICT,    /* he may not do this to himself */
};

/* Of somebody in a room, or not: then his role is ROLE_NONE. */
struct standing {
	enum affiliation affiliation;
	enum role role;
};

/* May ACTOR give TARGET, an occupant, the role TO?  ROLE_NONE: he is kicked. */
enum privilege privilege_role(struct standing actor, struct standing target, enum role to);
/* May ACTOR make TO of somebody who is FROM, or of himself? */
enum privilege privilege_affiliation(enum affiliation actor, bool is_himself,
                                     enum affiliation from, enum affiliation to);
/*
 * The role of an occupant whose affiliation changes: what he gains is his at once (§5.1.3), and he
 * keeps what was given to him; ROLE_NONE: he must go.
 */
enum role privilege_role_after(struct standing now, enum affiliation to, bool is_moderated,
                               bool is_members_only);
