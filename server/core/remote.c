/*
 * remote.c - the entity of another server's domain, and its links.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/mem.h"
#include "server/core/event.h"
#include "server/store/names.h"

#include <stdlib.h>

/* ---- addresses ---- */

bool remote_is_open(struct core *core, struct str local)
{
	const struct host *h = host_find(core, local);
	const struct conf *first = core->server->first->conf;

	/* a reload may close it, not open it */
	if (core->abroad == NULL || !first->o.s2s || !core->generation->conf->o.s2s)
		return false;
	return h != NULL ? h->conf->o.s2s : component_is_open(core, local);
}

bool remote_is_abroad(struct core *core, struct jid jid)
{
	return core->abroad != NULL && !jid_is_none(jid) &&
	       host_find(core, jid_domain(jid)) == NULL;
}

struct entity *remote_at(struct core *core, struct jid jid)
{
	return entity_at(core, core->abroad, jid_of_domain(jid_domain(jid)));
}

/* ---- the entity ---- */

struct remote *remote_of(struct entity *e)
{
	if (e->remote == NULL) {
		e->remote = MEM_NEW(struct remote);
		e->remote->entity = e;
		e->remote->component = remote_component(e->core, jid_domain(e->jid));
	}
	return e->remote;
}

struct str remote_name(const struct remote *r)
{
	return jid_domain(r->entity->jid);
}

void remote_load(struct entity *e)
{
	if (e->owner != 0)
		queue_load(remote_of(e));
}

void remote_found(struct event *ev)
{
	struct entity *e = ev->entity;

	if (e->owner == 0)
		e->owner = names_add(event_batch(ev), jid_domain(e->jid), jid_local(e->jid),
		                     jid_bare_str(e->jid));
	ev->owner = e->owner;
}

void remote_note_certificate(struct remote *r, struct s2s *s)
{
	struct arena *arena = arena_new(256);
	struct str fingerprint = s2s_fingerprint(s, arena);

	if (!str_is_absent(fingerprint) && !str_eq(fingerprint, str_of(r->fingerprint))) {
		log_info(NULL,
		         "the certificate of " STR_FMT " has the SHA-256 fingerprint " STR_FMT,
		         STR_ARG(remote_name(r)), STR_ARG(fingerprint));
		mem_keep(&r->fingerprint, fingerprint);
	}
	arena_free(&arena);
}

/* ---- links ---- */

struct remote_link *remote_find_link(struct remote *r, struct str local)
{
	struct remote_link *l;

	LIST_FOREACH(l, &r->links, link)
		if (!l->asks && str_eq(l->local, local))
			return l;
	return NULL;
}

static struct remote_link *link_new(struct remote *r, struct str local)
{
	struct remote_link *l = mem_zalloc(sizeof(*l) + local.n);

	memcpy(l->text, local.p, local.n);
	l->local = str_make(l->text, local.n);
	l->remote = r;
	TAILQ_INIT(&l->items);
	LIST_INIT(&l->questions);
	link_attempt_init(l);
	link_answer_init(l);
	LIST_INSERT_HEAD(&r->links, l, link);
	return l;
}

struct remote_link *remote_link(struct remote *r, struct str local)
{
	struct remote_link *l;

	if (r->component != NULL)
		local = component_speaker(r->entity->core, remote_name(r));
	l = remote_find_link(r, local);
	return l != NULL ? l : link_new(r, local);
}

/* Questions of dialback go on a stream that was opened here. */
struct remote_link *remote_asking_link(struct remote *r, struct str local)
{
	struct remote_link *l = remote_link(r, local);

	if (l->stream == NULL || s2s_is_outgoing(l->stream))
		return l;
	LIST_FOREACH(l, &r->links, link)
		if (l->asks && str_eq(l->local, local))
			return l;
	l = link_new(r, local);
	l->asks = true;
	return l;
}

void link_pin(struct remote_link *l)
{
	bool used = l->state != LINK_IDLE || !TAILQ_EMPTY(&l->items) || l->pushing ||
	            !LIST_EMPTY(&l->questions);

	if (used == l->pinned)
		return;
	l->pinned = used;
	if (used) {
		link_core(l)->n_links++;
		entity_pin(l->remote->entity);
	} else {
		link_core(l)->n_links--;
		entity_unpin(l->remote->entity);
	}
}

static void link_free(struct remote_link *l)
{
	struct remote_item *item;

	while ((item = TAILQ_FIRST(&l->items)) != NULL)
		queue_drop(l, item);
	LIST_REMOVE(l, link);
	batch_chain_leave(&l->chain);
	free(l->id);
	free(l->why);
	free(l);
}

void remote_free(struct entity *e)
{
	struct remote *r = e->remote;
	struct remote_link *l;

	if (r == NULL)
		return;
	e->remote = NULL;
	while ((l = LIST_FIRST(&r->links)) != NULL)
		link_free(l);
	strset_clear(&r->seen);
	free(r->fingerprint);
	free(r);
}

/* ---- what is sent there ---- */

void remote_take(struct entity *e, struct arena *arena, const struct letter *l,
                 struct parcel *parcel)
{
	struct shared_buf *inner = l->stanza->inner;
	struct remote_link *link = remote_link(remote_of(e), jid_domain(l->stanza->from));

	queue_add(link, l);
	shared_unref(&inner);
	parcel_unref(&parcel);
	arena_free(&arena);
}
