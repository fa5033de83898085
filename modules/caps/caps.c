/*
 * caps.c - entity capabilities (XEP-0115): the host's own, and a cache of what clients can do.
 *
 * The host announces a hash of its disco#info in the stream's features (§6.3), and answers
 * disco#info for it.  What clients announce is asked for and verified (question.h); the
 * account's own user sees what came of it by asking the account with the client's node.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/caps/caps.h"

#include "modules/caps/question.h"
#include "modules/caps/ver.h"
#include "modules/disco/disco.h"
#include "xml/writer.h"

#include <string.h>

/* Names this software: §4 wants a URI that nobody else has. */
#define NODE "urn:uuid:d0fbc459-f4be-4cae-9cea-844217ebbf04"

extern const struct mod_def mod_caps;

#define ASKED_MAX 4096 /* questions under way */
#define ASKED_BYTES KIB(1024)

static const struct conf_option options[] = {
	CONF_OPT_INT("entries", struct caps_conf, entries, 2000, 1, 1000000,
	             "kinds of clients whose capabilities are kept, on each shard"),
	CONF_OPT_BYTES("memory", struct caps_conf, bytes, MIB(4), KIB(64), MIB(1024),
	               "what they may take in memory, on each shard"),
	{ 0 },
};

/* ---- the host's own ---- */

static struct str own_ver(struct mod *m)
{
	struct caps_state *state = mod_state(m);
	struct arena *arena = arena_new(8192);
	struct caps_info info;
	struct str ver;

	if (state->ver_n == 0 &&
	    caps_read(arena, disco_host_info(mod_host(m), arena), &info) == 0) {
		ver = caps_ver(arena, DIGEST_SHA1, &info);
		ASSERT(ver.n == sizeof(state->ver));
		memcpy(state->ver, ver.p, ver.n);
		state->ver_n = (uint8_t)ver.n;
	}
	arena_free(&arena);
	return str_make(state->ver, state->ver_n);
}

/* §6.3. */
static struct xml_node *make_feature(struct mod *m, struct arena *arena)
{
	struct xml_node *c = xml_new(arena, NS_CAPS, "c");
	struct str ver = own_ver(m);

	if (host_module(mod_host(m), &mod_disco) == NULL)
		return NULL;
	if (str_is_empty(ver)) {
		log_warning(NULL,
		            STR_FMT " announces no capabilities: its modules declare "
		                    "something twice",
		            STR_ARG(host_name(mod_host(m))));
		return NULL;
	}
	xml_set(arena, c, "hash", STR("sha-1"));
	xml_set(arena, c, "node", STR(NODE));
	xml_set(arena, c, "ver", ver);
	return c;
}

static int answer_host(struct mod *m, struct event *ev, struct str node)
{
	struct xml_node *query;

	if (!str_starts_with(node, STR(NODE "#")) ||
	    !str_eq(str_slice(node, sizeof(NODE), node.n), own_ver(m)))
		return MOD_PASS;
	query = disco_host_info(ev->host, ev->arena);
	xml_set(ev->arena, query, "node", node);
	return event_result(ev, query);
}

/* ---- those of clients ---- */

static struct caps_session *announcer(struct mod *m, struct event *ev, struct str node)
{
	uint64_t wanted = hash_mem(node.p, node.n);
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		struct caps_session *cs = mod_session_state(m, s);

		if (cs->key_n > 0 && cs->node == wanted)
			return cs;
	}
	return NULL;
}

static int answer_account(struct mod *m, struct event *ev, struct str node)
{
	struct caps_session *cs = announcer(m, ev, node);
	const struct xml_node *rest;
	struct str features, text;
	struct xml_node *query;

	if (cs == NULL || !caps_known(mod_state(m), caps_key(cs), &features, &text) ||
	    xml_read(ev->arena, arena_copy(ev->arena, text), &rest) < 0)
		return MOD_PASS;
	query = xml_copy(ev->arena, rest);
	xml_set(ev->arena, query, "node", node);
	features = arena_copy(ev->arena, features);
	while (!str_is_absent(features)) {
		struct str feature = str_cut(&features, '\0');

		if (!str_is_empty(feature))
			xml_set(ev->arena, xml_add(ev->arena, query, NULL, "feature"), "var",
			        feature);
	}
	return event_result(ev, query);
}

int caps_answer(struct event *ev)
{
	struct str node = xml_attr(ev->payload, "node");
	struct mod *m = host_module(ev->host, &mod_caps);

	if (m == NULL)
		return MOD_PASS;
	if (entity_is_host(ev->entity))
		return answer_host(m, ev, node);
	return jid_bare_eq(ev->stanza->from, entity_jid(ev->entity))
	               ? answer_account(m, ev, node)
	               : MOD_PASS;
}

bool caps_has(struct event *ev, struct session *session, const char *feature)
{
	struct mod *m = host_module(ev->host, &mod_caps);
	struct caps_session *cs = m == NULL ? NULL : mod_session_state(m, session);
	struct str features, rest, wanted = str_of(feature);

	if (cs == NULL || cs->key_n == 0 ||
	    !caps_known(mod_state(m), caps_key(cs), &features, &rest))
		return false;
	while (!str_is_absent(features))
		if (str_eq(str_cut(&features, '\0'), wanted))
			return true;
	return false;
}

/* ---- the descriptor ---- */

static int start(struct mod *m)
{
	const struct caps_conf *conf = mod_conf(m);
	struct caps_state *state = mod_state(m);

	state->known = lru_new((size_t)conf->entries, (size_t)conf->bytes);
	state->asked = lru_new(ASKED_MAX, ASKED_BYTES);
	/* resumed clients answer what was asked before a restart */
	state->n_questions = (uint32_t)rand_u64();
	/* so that one account cannot push all others out */
	state->rates = mod_rates_new(m, 20, 60, HOURS(1));
	return 0;
}

static void stop(struct mod *m)
{
	struct caps_state *state = mod_state(m);

	lru_free(&state->known);
	lru_free(&state->asked);
	mod_rates_free(&state->rates);
}

static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_FILTER, caps_on_sent },
	{ HOOK_RESUMED, PHASE_ACT, caps_on_resumed },
	{ HOOK_ENDED, PHASE_ACT, caps_on_ended },
	{ 0 },
};

static const struct mod_stream_feature stream_features[] = {
	{ .make = make_feature },
	{ 0 },
};

const struct mod_def mod_caps = {
	.abi = MOD_ABI,
	.name = "caps",
	.summary = "announces what the server can do, and learns what clients can",
	.xep = "XEP-0115 1.6.0",
	.conf_size = sizeof(struct caps_conf),
	.options = options,
	.state_size = sizeof(struct caps_state),
	.start = start,
	.stop = stop,
	.session_size = sizeof(struct caps_session),
	.hooks = hooks,
	.features = MOD_FEATURES(NS_CAPS),
	.stream_features = stream_features,
};
