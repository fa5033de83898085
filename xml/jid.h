/*
 * jid.h - addresses: localpart@domainpart/resourcepart (RFC 7622, prepared by the rules of RFC
 * 6122).
 *
 * A jid is 16 bytes by value and borrows its text: the whole address, prepared, in one piece.
 * Because it is always prepared, comparing is memcmp and the bare JID is a prefix.  Plain ASCII
 * takes a table-driven fast path; other text goes through libidn (nodeprep, resourceprep) and
 * libidn2 (domains, kept as U-labels).  Each part is 1 to 1023 bytes after preparation; text
 * before preparation is bounded too.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

#define JID_PART_MAX 1023
#define JID_MAX (3 * JID_PART_MAX + 2)

struct jid {
	const char *p;    /* NULL: no address */
	uint16_t local_n; /* 0: no localpart */
	uint16_t domain_n;
	uint16_t resource_n; /* 0: bare */
};

#define JID_NONE ((struct jid){ .p = NULL })

/*
 * Parse and prepare.  *jid_out points into ARENA, or into TEXT itself when that was prepared
 * already (so TEXT must live as long). ERR_INVALID: *jid_out untouched.
 */
MUST_CHECK int jid_parse(struct arena *arena, struct str text, struct jid *jid_out);
/* From parts, each prepared; local and resource may be absent or empty. */
MUST_CHECK int jid_make(struct arena *arena, struct str local, struct str domain,
                        struct str resource, struct jid *jid_out);
/* One part alone, prepared, in ARENA (or the input itself). */
MUST_CHECK int jid_prepare_local(struct arena *arena, struct str text, struct str *out);
MUST_CHECK int jid_prepare_domain(struct arena *arena, struct str text, struct str *out);
/* A prepared domain as it is in DNS and in certificates: with A-labels.  ERR_INVALID: it has no such form. */
MUST_CHECK int jid_domain_ascii(struct arena *arena, struct str domain, struct str *out);
MUST_CHECK int jid_prepare_resource(struct arena *arena, struct str text, struct str *out);
/*
 * SASLprep (RFC 4013) of a user name or password. STORED: for a verifier, unassigned code
 * points are refused.
 */
MUST_CHECK int saslprep(struct arena *arena, struct str text, bool stored, struct str *out);

static inline bool jid_is_none(struct jid j)
{
	return j.p == NULL;
}
static inline bool jid_is_bare(struct jid j)
{
	return j.resource_n == 0;
}
static inline bool jid_is_domain(struct jid j) /* nothing but a domain */
{
	return j.p != NULL && j.local_n == 0 && j.resource_n == 0;
}
struct str jid_full_str(struct jid j); /* all there is; absent for JID_NONE */
struct str jid_bare_str(struct jid j);
struct str jid_local(struct jid j); /* absent when there is none */
struct str jid_domain(struct jid j);
struct str jid_resource(struct jid j); /* absent when there is none */
struct jid jid_bare(struct jid j);
/* The address that is nothing but DOMAIN, which is prepared; borrows its text. */
struct jid jid_of_domain(struct str domain);
/* The bare JID BARE with RESOURCE, which is prepared already. */
struct jid jid_with_resource(struct arena *arena, struct jid bare, struct str resource);
struct jid jid_copy(struct arena *arena, struct jid j);
bool jid_eq(struct jid a, struct jid b);
bool jid_bare_eq(struct jid a, struct jid b); /* resources apart */
