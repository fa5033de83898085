/*
 * jid.c - addresses: parsed, put together, compared.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/jid.h"

#include "server/base/err.h"
#include "xml/jid_prepare.h"

#include <string.h>

struct parts {
	struct str local, domain, resource; /* absent where there is none */
};

/*
 * RFC 7622 §3.1: the first slash begins the resource; of what is before it, the first at sign
 * ends the localpart.
 */
static struct parts cut(struct str text)
{
	struct parts parts = { STR_NONE, text, STR_NONE };
	const char *slash = text.n == 0 ? NULL : memchr(text.p, '/', text.n);
	const char *at;

	if (slash != NULL) {
		parts.resource = str_make(slash + 1, (size_t)(text.p + text.n - slash) - 1);
		parts.domain.n = (size_t)(slash - text.p);
	}
	at = parts.domain.n == 0 ? NULL : memchr(text.p, '@', parts.domain.n);
	if (at != NULL) {
		parts.local = str_make(text.p, (size_t)(at - text.p));
		parts.domain = str_make(at + 1, parts.domain.n - parts.local.n - 1);
	}
	return parts;
}

static bool is_prepared(const struct parts *parts)
{
	return prepare_look_domain(parts->domain) == PREPARED &&
	       (str_is_absent(parts->local) || prepare_look_local(parts->local) == PREPARED) &&
	       (str_is_absent(parts->resource) ||
	        prepare_look_resource(parts->resource) == PREPARED);
}

static struct jid jid_of(const char *p, const struct parts *parts)
{
	return (struct jid){
		.p = p,
		.local_n = (uint16_t)parts->local.n,
		.domain_n = (uint16_t)parts->domain.n,
		.resource_n = (uint16_t)parts->resource.n,
	};
}

/* Prepared parts, in one piece of text. */
static struct jid join(struct arena *arena, const struct parts *parts)
{
	char *p = arena_alloc(arena, parts->local.n + parts->domain.n + parts->resource.n + 2);
	char *at = p;

	if (parts->local.n > 0) {
		at = mempcpy(at, parts->local.p, parts->local.n);
		*at++ = '@';
	}
	at = mempcpy(at, parts->domain.p, parts->domain.n);
	if (parts->resource.n > 0) {
		*at++ = '/';
		memcpy(at, parts->resource.p, parts->resource.n);
	}
	return jid_of(p, parts);
}

static int prepare_parts(struct arena *arena, struct parts *parts)
{
	int err = jid_prepare_domain(arena, parts->domain, &parts->domain);

	if (err == 0 && !str_is_absent(parts->local))
		err = jid_prepare_local(arena, parts->local, &parts->local);
	if (err == 0 && !str_is_absent(parts->resource))
		err = jid_prepare_resource(arena, parts->resource, &parts->resource);
	return err;
}

int jid_parse(struct arena *arena, struct str text, struct jid *jid_out)
{
	struct parts parts;
	int err;

	if (text.n == 0 || text.n > JID_MAX)
		return ERR_INVALID;
	parts = cut(text);
	if (is_prepared(&parts)) {
		*jid_out = jid_of(text.p, &parts);
		return 0;
	}
	err = prepare_parts(arena, &parts);
	if (err < 0)
		return err;
	*jid_out = join(arena, &parts);
	return 0;
}

int jid_make(struct arena *arena, struct str local, struct str domain, struct str resource,
             struct jid *jid_out)
{
	struct parts parts = {
		.local = local.n == 0 ? STR_NONE : local,
		.domain = domain,
		.resource = resource.n == 0 ? STR_NONE : resource,
	};
	int err = prepare_parts(arena, &parts);

	if (err < 0)
		return err;
	*jid_out = join(arena, &parts);
	return 0;
}

static size_t bare_n(struct jid j)
{
	return j.local_n > 0 ? (size_t)j.local_n + 1 + j.domain_n : j.domain_n;
}

static size_t full_n(struct jid j)
{
	return j.resource_n > 0 ? bare_n(j) + 1 + j.resource_n : bare_n(j);
}

struct str jid_full_str(struct jid j)
{
	return jid_is_none(j) ? STR_NONE : str_make(j.p, full_n(j));
}

struct str jid_bare_str(struct jid j)
{
	return jid_is_none(j) ? STR_NONE : str_make(j.p, bare_n(j));
}

struct str jid_local(struct jid j)
{
	return j.local_n == 0 ? STR_NONE : str_make(j.p, j.local_n);
}

struct str jid_domain(struct jid j)
{
	return jid_is_none(j) ? STR_NONE : str_make(j.p + (bare_n(j) - j.domain_n), j.domain_n);
}

struct str jid_resource(struct jid j)
{
	return j.resource_n == 0 ? STR_NONE : str_make(j.p + bare_n(j) + 1, j.resource_n);
}

struct jid jid_bare(struct jid j)
{
	j.resource_n = 0;
	return j;
}

struct jid jid_of_domain(struct str domain)
{
	return (struct jid){ .p = domain.p, .domain_n = (uint16_t)domain.n };
}

struct jid jid_with_resource(struct arena *arena, struct jid bare, struct str resource)
{
	struct parts parts = { jid_local(bare), jid_domain(bare), resource };

	ASSERT(resource.n > 0 && resource.n <= JID_PART_MAX);
	return join(arena, &parts);
}

struct jid jid_copy(struct arena *arena, struct jid j)
{
	j.p = arena_copy(arena, jid_full_str(j)).p;
	return j;
}

/*
 * The same text may be cut differently in theory only: a domain has no at sign, neither it nor
 * a localpart a slash.
 */
bool jid_eq(struct jid a, struct jid b)
{
	return str_eq(jid_full_str(a), jid_full_str(b)) && jid_is_none(a) == jid_is_none(b);
}

bool jid_bare_eq(struct jid a, struct jid b)
{
	return str_eq(jid_bare_str(a), jid_bare_str(b)) && jid_is_none(a) == jid_is_none(b);
}
