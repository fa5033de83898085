/*
 * remote_env.c - a shard's part in speaking with other servers: what their streams ask (s2s_ops), start and stop.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/mem.h"

#include <stdlib.h>

/* ---- streams' questions ---- */

static bool on_serves(struct s2s_env *env, struct str domain)
{
	return remote_is_open(env->owner, domain);
}

static struct s2s_policy on_policy(struct s2s_env *env, struct str local, struct str remote)
{
	return remote_policy(env->owner, local, remote);
}

/* A stream that proves to be another server's goes to the shard of that. */
struct move {
	struct shard_msg msg;
	struct shard *to;
	uint64_t number;
	struct s2s *s;
	struct transport_parcel *parcel;
};

static void move_arrived(struct shard *here, struct shard_msg *msg)
{
	struct move *m = CONTAINER_OF(msg, struct move, msg);
	struct core *core = core_of(here);

	if (core == NULL || shard_is_stopping(here))
		s2s_parcel_drop(m->s, &m->parcel);
	else
		s2s_unpack(m->s, &core->s2s, &m->parcel);
	free(m);
}

/* A message to oneself: a stream cannot be packed from inside its own callback. */
static void move_leave(struct shard *here, struct shard_msg *msg)
{
	struct move *m = CONTAINER_OF(msg, struct move, msg);
	struct core *core = core_of(here);

	m->s = core == NULL ? NULL : s2s_find(&core->s2s, m->number);
	if (m->s == NULL || s2s_is_over(m->s)) {
		free(m);
		return;
	}
	m->parcel = s2s_pack(m->s);
	m->msg.run = move_arrived;
	shard_post(here, m->to, &m->msg);
}

static bool on_claims(struct s2s *s, struct str remote)
{
	struct core *core = s2s_env_of(s)->owner;
	struct shard *to = core_owner_shard(core, remote);
	struct move *m;

	if (to == core->shard)
		return true;
	m = MEM_NEW(struct move);
	m->msg.run = move_leave;
	m->to = to;
	m->number = s2s_number(s);
	shard_post(core->shard, core->shard, &m->msg);
	return false;
}

static void on_answered(struct s2s *s, struct str local, struct str remote, struct str id,
                        bool valid)
{
	ask_answered(s2s_owner(s), id, valid);
}

/* The owner of a stream is the link that opened it, or what comes on it. */
static void on_ready(struct s2s *s)
{
	if (s2s_is_outgoing(s))
		link_opened(s2s_owner(s));
	else
		in_ready(s2s_owner(s));
}

static void on_element(struct s2s *s, struct arena *arena, struct xml_node *element)
{
	if (s2s_is_outgoing(s))
		link_element(s2s_owner(s), arena, element);
	else
		in_element(s2s_owner(s), arena, element);
}

static void on_gone(struct s2s *s, const char *why)
{
	if (s2s_owner(s) == NULL)
		return;
	if (s2s_is_outgoing(s))
		link_lost(s2s_owner(s), why);
	else
		in_gone(s2s_owner(s));
}

const struct s2s_ops remote_ops = {
	.serves = on_serves,
	.policy = on_policy,
	.component = component_find,
	.claims = on_claims,
	.verify = ask_remote,
	.authenticated = in_authenticated,
	.ready = on_ready,
	.answered = on_answered,
	.element = on_element,
	.gone = on_gone,
};

/* ---- life ---- */

static struct resolver_config resolver_config_of(const struct conf *conf)
{
	const struct conf_options *o = &conf->o;

	return (struct resolver_config){
		.servers = o->dns_servers.items,
		.n_servers = o->dns_servers.n,
		.anchor_file = str_is(o->dns_anchor, "none") ? "" : o->dns_anchor.p,
	};
}

int remotes_check(const struct conf *conf)
{
	struct resolver_config config = resolver_config_of(conf);

	return conf->o.s2s ? resolver_check(&config) : 0;
}

void remotes_start(struct core *core)
{
	/* nothing of a host's but that its records are on disk before they are acted upon */
	static const struct conf_host conf = { .o.durability = DURABILITY_COMMIT };
	const struct conf *first = core->server->first->conf;
	struct resolver_config config = resolver_config_of(first);

	s2s_env_init(&core->s2s, core->shard, &core->streams, &remote_ops, core);
	core->s2s.limits = &core->generation->s2s_limits;
	if (core->generation->tls_s2s != NULL)
		core->s2s.tls = tls_server_ref(core->generation->tls_s2s);
	core->s2s.secret = core->server->dialback_secret;
	core->s2s.bidi = true;
	if (first->o.s2s)
		core->resolver = resolver_new(core->shard, &config);
	if (!first->o.s2s && first->n_components == 0)
		return;
	core->abroad = MEM_NEW(struct host);
	core->abroad->core = core;
	core->abroad->conf = &conf;
}

static int resume_one(void *arg, struct str key, struct str value)
{
	struct core *core = arg;
	struct arena *arena = arena_new(256);
	uint64_t owner = 0;
	size_t pos = 0;
	struct jid jid;
	bool mine = key_read_u64(key, &pos, &owner) == 0 && core_owns(core, owner);

	if (mine && jid_parse(arena, value, &jid) == 0)
		entity_unpin_when_ready(remote_at(core, jid));
	arena_free(&arena);
	return mine ? 0 : 1;
}

int remotes_resume(struct core *core)
{
	struct store_key from;
	int err;

	if (core->abroad == NULL)
		return 0;
	key_init(&from);
	key_u64(&from, core_first_owner(core));
	err = store_scan(core->view, &remote_index_space, STORE_OWNER_STORE, STR(""),
	                 key_str(&from), 0, resume_one, core);
	return err < 0 ? err : 0;
}

void remotes_stop(struct core *core)
{
	struct remote_link *l;

	for (struct entity *e = core->entities; e != NULL; e = e->hh.next)
		if (e->remote != NULL)
			LIST_FOREACH(l, &e->remote->links, link)
				link_stop(l);
	s2s_env_shutdown(&core->s2s, STREAM_SYSTEM_SHUTDOWN);
	resolver_free(&core->resolver);
}

void remotes_free(struct core *core)
{
	struct remote_link *l;

	s2s_env_deinit(&core->s2s);
	tls_server_unref(&core->s2s.tls);
	for (struct entity *e = core->entities; e != NULL; e = e->hh.next) {
		if (e->remote == NULL)
			continue;
		LIST_FOREACH(l, &e->remote->links, link)
			if (l->pinned) {
				l->pinned = false;
				entity_unpin(e);
			}
	}
}

void remotes_renew(struct core *core, struct tls_server *tls)
{
	core->s2s.limits = &core->generation->s2s_limits;
	if (tls == NULL)
		return;
	tls_server_unref(&core->s2s.tls);
	core->s2s.tls = tls_server_ref(tls);
}
