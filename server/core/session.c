/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/session.h"

#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/core/dispatch.h"
#include "server/core/sm.h"

#include <stdlib.h>

#define PRESENCE_BYTES 256 /* for the header of a session's presence */
#define RESOURCE_BYTES 9   /* of randomness in a resource that we make (RFC 6120 §7.6) */

enum conflict_policy { /* conf.h: what a second binding of a resource does */
	               CONFLICT_REPLACE,
	               CONFLICT_REFUSE,
	               CONFLICT_RENAME,
};

struct session *session_add(struct entity *e, struct str resource)
{
	struct arena *arena = arena_new(256);
	struct jid full = jid_with_resource(arena, e->jid, resource);
	struct str text = jid_full_str(full);
	struct session *s = mem_zalloc(sizeof(*s) + e->host->session_bytes + text.n);

	s->text = s->states + e->host->session_bytes;
	memcpy(s->text, text.p, text.n);
	s->jid = full;
	s->jid.p = s->text;
	s->entity = e;
	TAILQ_INSERT_TAIL(&e->sessions, s, link);
	e->n_sessions++;
	e->core->n_sessions++;
	arena_free(&arena);
	return s;
}

static struct str make_resource(struct entity *e, struct arena *arena)
{
	struct str resource;

	do
		resource = rand_token(arena, RESOURCE_BYTES);
	while (entity_session(e, resource) != NULL);
	return resource;
}

/*
 * RFC 6120 §7.7.2.2: who yields.  ERR_EXISTS: the newcomer.  One without a connection always
 * does: it may be the newcomer's own, who lost what was needed to resume it.
 */
static int settle_conflict(struct entity *e, struct arena *arena, struct str *resource)
{
	struct session *old = entity_session(e, *resource);

	if (old == NULL)
		return 0;
	switch (old->c2s == NULL ? CONFLICT_REPLACE : e->host->conf->o.conflict) {
	case CONFLICT_REFUSE:
		return ERR_EXISTS;
	case CONFLICT_RENAME:
		*resource = make_resource(e, arena);
		return 0;
	default:
		if (old->c2s != NULL)
			c2s_fail(old->c2s, STREAM_CONFLICT,
			         "another client took over this resource");
		session_end(old);
		return 0;
	}
}

/* Who has hibernated longest makes room. */
static bool is_crowded(struct entity *e)
{
	struct session *s, *oldest = NULL;

	if ((int64_t)e->n_sessions < e->core->generation->conf->o.sessions_per_account)
		return false;
	TAILQ_FOREACH(s, &e->sessions, link)
		if (s->c2s == NULL &&
		    (oldest == NULL || s->sm->since_ms < oldest->sm->since_ms))
			oldest = s;
	if (oldest != NULL)
		session_end(oldest);
	return oldest == NULL;
}

int session_bind(struct entity *e, struct c2s *c, struct str resource,
                 struct session **session_out, enum stanza_error *condition_out)
{
	struct arena *arena = arena_new(512);
	int err;

	if (str_is_empty(resource))
		resource = make_resource(e, arena);
	err = settle_conflict(e, arena, &resource);
	if (err < 0) {
		*condition_out = STANZA_CONFLICT;
	} else if (!entity_is_account(e)) {
		*condition_out = STANZA_NOT_ALLOWED;
		err = ERR_DENIED;
	} else if (is_crowded(e)) {
		*condition_out = STANZA_RESOURCE_CONSTRAINT; /* §7.6.2.1 */
		err = ERR_DENIED;
	} else {
		*session_out = session_add(e, resource);
		(*session_out)->c2s = c;
	}
	arena_free(&arena);
	return err;
}

void session_began(struct session *s)
{
	struct event *ev = event_begin(arena_new(512), s->entity, s, NULL);

	event_end(ev, event_hooks(ev, HOOK_BOUND));
}

static void take_out(struct session *s)
{
	struct entity *e = s->entity;

	TAILQ_REMOVE(&e->sessions, s, link);
	e->n_sessions--;
	e->core->n_sessions--;
	if (s->c2s != NULL)
		c2s_unbind(s->c2s);
}

static void session_free(struct session *s)
{
	struct entity *e = s->entity;
	bool hibernates = s->c2s == NULL;

	sm_free(&s->sm);
	session_set_presence(s, NULL, 0);
	free(s);
	if (hibernates)
		entity_unpin(e);
}

/* Its stream may live on for a moment, to say why; it knows the session no more. */
void session_end(struct session *s)
{
	struct event *ev = event_begin(arena_new(512), s->entity, s, NULL);
	int result = event_hooks(ev, HOOK_ENDED);

	take_out(s);
	if (s->sm != NULL)
		sm_send_again(ev, s->sm);
	event_forget_session(ev, s);
	event_end_anyhow(ev, result);
	session_free(s);
}

/* Modules give back what they hold, and what they would say is not sent. */
void session_leave(struct session *s)
{
	struct event *ev = event_begin(arena_new(512), s->entity, s, NULL);

	if (event_hooks(ev, HOOK_ENDED) < 0)
		log_debug(NULL, "a session was not left in order");
	take_out(s);
	event_forget_session(ev, s);
	event_cancel(ev);
	session_free(s);
}

/* ---- module.h ---- */

struct jid session_jid(const struct session *s)
{
	return s->jid;
}

struct entity *session_entity(const struct session *s)
{
	return s->entity;
}

bool session_is_available(const struct session *s)
{
	return s->presence != NULL;
}

int session_priority(const struct session *s)
{
	return s->priority;
}

void session_set_presence(struct session *s, const struct stanza *presence, int priority)
{
	struct arena *old = s->presence_arena;
	struct shared_buf *inner = s->presence == NULL ? NULL : s->presence->inner;

	s->presence_arena = NULL;
	s->presence = NULL;
	s->priority = (int8_t)priority;
	if (presence != NULL) {
		s->presence_arena = arena_new(PRESENCE_BYTES);
		s->presence = stanza_copy(s->presence_arena, presence);
		shared_ref(s->presence->inner);
	}
	shared_unref(&inner);
	arena_free(&old);
	session_changed(s);
}

const struct stanza *session_presence(struct event *ev, struct session *s, struct jid to)
{
	struct stanza *presence;

	if (s->presence == NULL)
		return NULL;
	presence = stanza_readdress(ev->arena, event_share(ev, s->presence),
	                            jid_copy(ev->arena, s->jid), to);
	presence->id = STR_NONE; /* it was that of one stanza */
	presence->lang = arena_copy(ev->arena, presence->lang);
	return presence;
}

/* Filters need the content as a tree. */
void session_renew_presence(struct session *s)
{
	struct arena *arena;
	struct stanza *again;

	if (s->presence == NULL)
		return;
	arena = arena_new(1024);
	again = stanza_unshare(arena, s->presence);
	if (again == NULL) {
		arena_free(&arena);
		return;
	}
	again->id = STR_NONE;
	s->renewing = true;
	dispatch_again(s, arena, again);
	s->renewing = false;
}

bool session_is_renewing(const struct session *s)
{
	return s->renewing;
}

void session_set_filter(struct session *s, struct mod *m, session_filter_fn *fn)
{
	s->filter = fn;
	s->filter_mod = m;
}

void session_write(struct session *s, const struct stanza *stanza)
{
	s->entity->core->figures.stanzas_out++;
	c2s_send(s->c2s, stanza);
}

void session_charge(struct session *s, int64_t n)
{
	if (s->c2s != NULL)
		c2s_charge(s->c2s, n);
}

int64_t session_idle_ms(const struct session *s)
{
	return s->c2s != NULL ? c2s_idle_ms(s->c2s)
	                      : shard_now(s->entity->core->shard) - s->sm->since_ms;
}

bool session_is_connected(const struct session *s)
{
	return s->c2s != NULL;
}

void session_changed(struct session *s)
{
	if (s->sm == NULL)
		return;
	s->sm->changed = true;
	s->entity->sessions_changed = true;
}

bool session_is_managed(const struct session *s)
{
	return s->sm != NULL && s->sm->stored;
}

bool session_was_restored(const struct session *s)
{
	return s->sm != NULL && s->sm->restored;
}

void *mod_session_state(const struct mod *m, struct session *s)
{
	return s->states + m->session_at;
}
