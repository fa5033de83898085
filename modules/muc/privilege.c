/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/privilege.h"

/* ---- roles ---- */

/* What a change of a role is called. */
enum deed {
	VOICE,        /* §8.3 */
	MUTE,         /* §8.4 */
	PROMOTE,      /* §9.6 */
	DEMOTE,       /* §9.7 */
	KICK,         /* §8.2 */
	KICK_GREATER, /* the same, of a moderator */
};

/* §5.1.3, by what he is and what he becomes; who stays what he is stays it by the same right. */
static const enum deed deeds[ROLES][ROLES] = {
	[ROLE_VISITOR] = { KICK, VOICE, VOICE, PROMOTE },
	[ROLE_PARTICIPANT] = { KICK, MUTE, VOICE, PROMOTE },
	[ROLE_MODERATOR] = { KICK_GREATER, DEMOTE, DEMOTE, PROMOTE },
};

/* Whom a deed cannot be done to, by the affiliations. */
enum shield {
	SHIELDS_NOBODY,
	SHIELDS_HIGHER,       /* than the actor */
	SHIELDS_EQUALS,       /* at or above him, and admins and owners from everybody */
	SHIELDS_ADMINS,       /* admins and owners, from everybody */
	SHIELDS_UNLESS_ADMIN, /* everybody from who is no admin or owner, and those above him */
};

static const struct right {
	enum role role;               /* that it takes, */
	enum affiliation affiliation; /* and the affiliation; else it is forbidden */
	enum shield shield;
} rights[] = {
	[VOICE] = { ROLE_MODERATOR, AFFILIATION_NONE, SHIELDS_NOBODY },
	[MUTE] = { ROLE_MODERATOR, AFFILIATION_NONE, SHIELDS_EQUALS },
	[PROMOTE] = { ROLE_NONE, AFFILIATION_ADMIN, SHIELDS_NOBODY },
	[DEMOTE] = { ROLE_NONE, AFFILIATION_ADMIN, SHIELDS_ADMINS },
	[KICK] = { ROLE_MODERATOR, AFFILIATION_NONE, SHIELDS_HIGHER },
	[KICK_GREATER] = { ROLE_MODERATOR, AFFILIATION_NONE, SHIELDS_UNLESS_ADMIN },
};

static bool is_shielded(enum shield shield, enum affiliation actor, enum affiliation target)
{
	switch (shield) {
	case SHIELDS_HIGHER:
		return target > actor;
	case SHIELDS_EQUALS:
		return target >= AFFILIATION_ADMIN ||
		       (target >= actor && target > AFFILIATION_NONE);
	case SHIELDS_ADMINS:
		return target >= AFFILIATION_ADMIN;
	case SHIELDS_UNLESS_ADMIN:
		return actor < AFFILIATION_ADMIN || target > actor;
	default:
		return false;
	}
}

enum privilege privilege_role(struct standing actor, struct standing target, enum role to)
{
	const struct right *right = &rights[deeds[target.role][to]];

	/* §8.4: voice is theirs whatever else they lose, and every moderator might ask for it */
	if (to == ROLE_VISITOR && actor.role == ROLE_MODERATOR &&
	    target.affiliation >= AFFILIATION_ADMIN)
		return PRIVILEGE_NOT_ALLOWED;
	if (actor.role < right->role || actor.affiliation < right->affiliation)
		return PRIVILEGE_FORBIDDEN;
	return is_shielded(right->shield, actor.affiliation, target.affiliation)
	               ? PRIVILEGE_NOT_ALLOWED
	               : PRIVILEGE_GRANTED;
}

/* ---- affiliations ---- */

/* §5.2.2: who makes TO of FROM, at least. */
static const enum affiliation makers[AFFILIATIONS][AFFILIATIONS] = {
#define ADMIN AFFILIATION_ADMIN
#define OWNER AFFILIATION_OWNER
	/* to:                   outcast none   member admin  owner */
	[AFFILIATION_OUTCAST] = { ADMIN, ADMIN, ADMIN, OWNER, OWNER },
	[AFFILIATION_NONE] = { ADMIN, ADMIN, ADMIN, OWNER, OWNER },
	[AFFILIATION_MEMBER] = { ADMIN, ADMIN, ADMIN, OWNER, OWNER },
	[AFFILIATION_ADMIN] = { OWNER, OWNER, OWNER, OWNER, OWNER },
	[AFFILIATION_OWNER] = { OWNER, OWNER, OWNER, OWNER, OWNER },
#undef ADMIN
#undef OWNER
};

/* §9.1: a ban from below is not allowed; §10.5, §10.8: a list that is not his is forbidden. */
enum privilege privilege_affiliation(enum affiliation actor, bool is_himself,
                                     enum affiliation from, enum affiliation to)
{
	bool is_ban = to == AFFILIATION_OUTCAST;

	if (actor < AFFILIATION_ADMIN)
		return PRIVILEGE_FORBIDDEN;
	if (is_ban && is_himself)
		return PRIVILEGE_CONFLICT;
	if (actor >= makers[from][to])
		return PRIVILEGE_GRANTED;
	return is_ban ? PRIVILEGE_NOT_ALLOWED : PRIVILEGE_FORBIDDEN;
}

enum role privilege_role_after(struct standing now, enum affiliation to, bool is_moderated,
                               bool is_members_only)
{
	enum role initial = role_initial(to, is_moderated);
	bool loses_office = now.affiliation >= AFFILIATION_ADMIN && to < AFFILIATION_ADMIN;

	if (to < AFFILIATION_MEMBER && is_members_only)
		return ROLE_NONE;
	if (to == AFFILIATION_OUTCAST || loses_office)
		return initial;
	if (to < now.affiliation && to < AFFILIATION_ADMIN) /* no member any more */
		return now.role == ROLE_PARTICIPANT ? initial : now.role;
	return now.role > initial ? now.role : initial;
}
