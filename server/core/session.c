/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/session.h"

#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/core/dispatch.h"

#include <stdlib.h>

#define PRESENCE_BYTES 256 /* for the header of a session's presence */
#define RESOURCE_BYTES 9   /* of randomness in a resource that we make (RFC 6120 §7.6) */

enum conflict_policy { /* conf.h: what a second binding of a resource does */
	               CONFLICT_REPLACE,
	               CONFLICT_REFUSE,
	               CONFLICT_RENAME,
};

static struct session *session_add(struct entity *e, struct c2s *c, struct jid full)
{
	struct str text = jid_full_str(full);
	struct session *s = mem_zalloc(sizeof(*s) + e->host->session_bytes + text.n);

	s->text = s->states + e->host->session_bytes;
	memcpy(s->text, text.p, text.n);
	s->jid = full;
	s->jid.p = s->text;
	s->entity = e;
	s->c2s = c;
	TAILQ_INSERT_TAIL(&e->sessions, s, link);
	e->n_sessions++;
	e->core->n_sessions++;
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

/* RFC 6120 §7.7.2.2: who yields.  ERR_EXISTS: the newcomer. */
static int settle_conflict(struct entity *e, struct arena *arena, struct str *resource)
{
	struct session *old = entity_session(e, *resource);

	if (old == NULL)
		return 0;
	switch (e->host->conf->o.conflict) {
	case CONFLICT_REFUSE:
		return ERR_EXISTS;
	case CONFLICT_RENAME:
		*resource = make_resource(e, arena);
		return 0;
	default:
		c2s_fail(old->c2s, STREAM_CONFLICT, "another client took over this resource");
		session_end(old);
		return 0;
	}
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
	} else if ((int64_t)e->n_sessions >=
	           e->core->generation->conf->o.sessions_per_account) {
		*condition_out = STANZA_RESOURCE_CONSTRAINT; /* §7.6.2.1 */
		err = ERR_DENIED;
	} else {
		*session_out = session_add(e, c, jid_with_resource(arena, e->jid, resource));
	}
	arena_free(&arena);
	return err;
}

void session_began(struct session *s)
{
	struct event *ev = event_begin(arena_new(512), s->entity, s, NULL);

	event_end(ev, event_hooks(ev, HOOK_BOUND));
}

/* Its stream may live on for a moment, to say why; it knows the session no more. */
void session_end(struct session *s)
{
	struct entity *e = s->entity;
	struct event *ev = event_begin(arena_new(512), e, s, NULL);
	int result = event_hooks(ev, HOOK_ENDED);

	TAILQ_REMOVE(&e->sessions, s, link);
	e->n_sessions--;
	e->core->n_sessions--;
	c2s_unbind(s->c2s);
	event_forget_session(ev, s);
	event_end_anyhow(ev, result);
	session_set_presence(s, NULL, 0);
	free(s);
}

void session_send(struct session *s, const struct stanza *stanza)
{
	if (s->filter == NULL || !s->filter(s->filter_mod, s, stanza))
		session_write(s, stanza);
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
	c2s_charge(s->c2s, n);
}

int64_t session_idle_ms(const struct session *s)
{
	return c2s_idle_ms(s->c2s);
}

void *mod_session_state(const struct mod *m, struct session *s)
{
	return s->states + m->session_at;
}
