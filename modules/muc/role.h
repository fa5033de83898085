/*
 * role.h - affiliations and roles, and what each may do to whom (XEP-0045 §5).
 *
 * Pure functions of values: no room, no event.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/* §5.2, by rank. */
enum affiliation {
	AFFILIATION_OUTCAST,
	AFFILIATION_NONE,
	AFFILIATION_MEMBER,
	AFFILIATION_ADMIN,
	AFFILIATION_OWNER,
	AFFILIATIONS,
};

/* §5.1, by rank. */
enum role {
	ROLE_NONE,
	ROLE_VISITOR,
	ROLE_PARTICIPANT,
	ROLE_MODERATOR,
	ROLES,
};

const char *affiliation_name(enum affiliation a);
const char *role_name(enum role r);
/* ERR_INVALID: none of that name. */
MUST_CHECK int affiliation_parse(struct str name, enum affiliation *a_out);
MUST_CHECK int role_parse(struct str name, enum role *r_out);

/* The role with which somebody enters (§5.1.2). */
enum role role_initial(enum affiliation a, bool is_moderated);
