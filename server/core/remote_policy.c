/*
 * remote_policy.c - which other servers are spoken to, and what they must prove.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

/* PATTERN is a domain, or "*." and one, for all below that. */
static bool matches(struct str pattern, struct str domain)
{
	if (!str_starts_with(pattern, STR("*.")))
		return str_eq(pattern, domain);
	return domain.n >= pattern.n && str_ends_with(domain, str_slice(pattern, 1, pattern.n));
}

static bool list_has(const struct conf_list *list, struct str domain)
{
	for (size_t i = 0; i < list->n; i++)
		if (matches(list->items[i], domain))
			return true;
	return false;
}

static bool is_refused(const struct conf *conf, const struct conf_peer *peer, struct str domain)
{
	if (peer != NULL && peer->o.deny)
		return true;
	if (list_has(&conf->o.s2s_deny, domain))
		return true;
	return conf->o.s2s_allow.n > 0 && peer == NULL && !list_has(&conf->o.s2s_allow, domain);
}

/* Nobody else can be what is served here. */
static bool is_ours(struct core *core, struct str domain)
{
	return host_find(core, domain) != NULL || remote_component(core, domain) != NULL;
}

struct s2s_policy remote_policy(struct core *core, struct str local, struct str remote)
{
	const struct conf *conf = core->generation->conf;
	const struct conf_peer *peer = conf_peer(conf, remote);
	int64_t proof = peer != NULL ? peer->o.proof : conf->o.s2s_proof;
	int64_t bytes = peer != NULL ? peer->o.bytes_per_second : conf->o.s2s_bytes_per_second;

	return (struct s2s_policy){
		.refused = !remote_is_open(core, local) || is_ours(core, remote) ||
		           is_refused(conf, peer, remote),
		.dialback = proof == PROOF_DIALBACK,
		.bytes = { .burst = 2 * bytes, .per_second = 1000 * bytes },
	};
}
