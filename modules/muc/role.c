/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/role.h"

static const char *const affiliations[AFFILIATIONS] = { "outcast", "none", "member", "admin",
	                                                "owner" };
static const char *const roles[ROLES] = { "none", "visitor", "participant", "moderator" };

const char *affiliation_name(enum affiliation a)
{
	return affiliations[a];
}

const char *role_name(enum role r)
{
	return roles[r];
}

static int find(struct str name, const char *const *names, int n, int *at_out)
{
	for (int i = 0; i < n; i++) {
		if (!str_is(name, names[i]))
			continue;
		*at_out = i;
		return 0;
	}
	return ERR_INVALID;
}

int affiliation_parse(struct str name, enum affiliation *a_out)
{
	int at, err = find(name, affiliations, AFFILIATIONS, &at);

	if (err == 0)
		*a_out = (enum affiliation)at;
	return err;
}

int role_parse(struct str name, enum role *r_out)
{
	int at, err = find(name, roles, ROLES, &at);

	if (err == 0)
		*r_out = (enum role)at;
	return err;
}

enum role role_initial(enum affiliation a, bool is_moderated)
{
	switch (a) {
	case AFFILIATION_OWNER:
	case AFFILIATION_ADMIN:
		return ROLE_MODERATOR;
	case AFFILIATION_MEMBER:
		return ROLE_PARTICIPANT;
	case AFFILIATION_NONE:
		return is_moderated ? ROLE_VISITOR : ROLE_PARTICIPANT;
	default:
		return ROLE_NONE;
	}
}
