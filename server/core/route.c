/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/route.h"

#include "server/core/dispatch.h"
#include "server/core/entity.h"
#include "server/core/remote.h"

#define PARCEL_BYTES 1024 /* at first, of one that is copied together */
#define EVENT_BYTES 640   /* of an event whose stanza came with others */

/* A stanza on its way.  It holds a reference to its shared content, if it has that. */
struct routed {
	struct routed *next;
	struct parcel *parcel;
	struct entity_waiter waiter; /* while the entity is loaded */
	struct letter letter;
};

/* Lives in its own arena. */
struct parcel {
	struct shard_msg msg;
	struct parcel *next; /* until it is posted */
	struct shard *to;
	struct arena *arena;
	struct routed *first, **last;
	unsigned n, refs; /* stanzas; those of them that are not done with */
};

/* ---- at the receivers' shard ---- */

void parcel_unref(struct parcel **pp)
{
	struct parcel *p = *pp;
	struct arena *arena;

	*pp = NULL;
	if (p == NULL || --p->refs > 0)
		return;
	arena = p->arena;
	arena_free(&arena);
}

/* Who came alone brings the memory for its event along. */
static void arrive(struct entity *e, struct entity_waiter *w)
{
	struct routed *r = CONTAINER_OF(w, struct routed, waiter);
	struct parcel *p = r->parcel;

	if (p->n == 1)
		dispatch_received(e, p->arena, &r->letter, NULL);
	else
		dispatch_received(e, arena_new(EVENT_BYTES), &r->letter, p);
	entity_unpin(e);
}

static void drop(struct routed *r)
{
	struct parcel *p = r->parcel;
	struct shared_buf *inner = r->letter.stanza->inner;

	shared_unref(&inner);
	parcel_unref(&p);
}

/* Pinned; NULL: nobody's. */
static struct entity *find_entity(struct core *core, struct jid to)
{
	struct host *host = host_find(core, jid_domain(to));

	if (host != NULL)
		return entity_at(core, host, jid_bare(to));
	return core->abroad == NULL ? NULL : remote_at(core, to);
}

static void on_parcel(struct shard *here, struct shard_msg *msg)
{
	struct parcel *p = CONTAINER_OF(msg, struct parcel, msg);
	struct core *core = core_of(here);

	/* the last one may take the parcel along */
	for (struct routed *r = p->first, *next; r != NULL; r = next) {
		struct entity *to =
			core == NULL ? NULL : find_entity(core, r->letter.stanza->to);

		next = r->next;
		r->waiter.run = arrive;
		if (to == NULL)
			drop(r);
		else
			entity_when_ready(to, &r->waiter);
	}
}

/* ---- at the sender's ---- */

static struct parcel *parcel_new(struct arena *arena, struct shard *to)
{
	struct parcel *p = ARENA_NEW(arena, struct parcel);

	p->to = to;
	p->msg.run = on_parcel;
	p->arena = arena;
	p->last = &p->first;
	return p;
}

static void parcel_add(struct parcel *p, const struct letter *l, const struct stanza *s)
{
	struct routed *r = ARENA_NEW(p->arena, struct routed);

	r->parcel = p;
	r->letter = *l;
	r->letter.stanza = s;
	if (s->inner != NULL)
		shared_ref(s->inner);
	*p->last = r;
	p->last = &r->next;
	p->n++;
	p->refs++;
}

/* The address of the entity that S goes to: an account, a room, or all of another server.  Absent: nobody. */
static struct str receiver_of(struct core *core, const struct stanza *s)
{
	struct str domain;

	if (jid_is_none(s->to))
		return STR_NONE;
	domain = jid_domain(s->to);
	if (host_find(core, domain) != NULL)
		return jid_bare_str(s->to);
	return remote_reaches(core, jid_domain(s->from), domain) ? domain : STR_NONE;
}

/*
 * What is for a domain elsewhere, from one that speaks with no other server, becomes an error; NULL: for
 * nobody.  RECEIVER_OUT: as receiver_of.
 */
static const struct stanza *deliverable(struct core *core, struct arena *arena,
                                        const struct stanza *s, struct str *receiver_out)
{
	*receiver_out = receiver_of(core, s);
	if (!str_is_absent(*receiver_out))
		return s;
	s = stanza_error_reply(arena, s, STANZA_REMOTE_SERVER_NOT_FOUND, NULL, NULL);
	if (s != NULL)
		*receiver_out = receiver_of(core, s);
	return str_is_absent(*receiver_out) ? NULL : s;
}

/* The parcel for SHARD, in ARENA (NULL: in an arena of its own) if there is none yet. */
static struct parcel *parcel_for(struct parcel **parcels, struct shard *shard,
                                 struct arena *arena)
{
	struct parcel *p = *parcels;

	while (p != NULL && p->to != shard)
		p = p->next;
	if (p != NULL)
		return p;
	p = parcel_new(arena == NULL ? arena_new(PARCEL_BYTES) : arena, shard);
	p->next = *parcels;
	*parcels = p;
	return p;
}

struct parcel *route_pack(struct core *core, struct arena **arena,
                          const struct route_item *first)
{
	struct arena *errors = arena == NULL ? arena_new(256) : *arena; /* see deliverable() */
	struct parcel *parcels = NULL;
	struct shard *home = NULL; /* whose parcel is in *ARENA: that of the first */

	for (const struct route_item *item = first; item != NULL; item = item->next) {
		struct str receiver;
		const struct stanza *s =
			deliverable(core, errors, item->letter.stanza, &receiver);
		struct shard *to;
		struct parcel *p;

		if (s == NULL) {
			if (outbox_has(item->letter.row))
				outbox_drop(core, item->letter.row);
			continue;
		}
		to = core_owner_shard(core, receiver);
		if (home == NULL && arena != NULL)
			home = to;
		p = parcel_for(&parcels, to, to == home ? *arena : NULL);
		parcel_add(p, &item->letter, to == home ? s : stanza_copy(p->arena, s));
	}
	if (arena == NULL)
		arena_free(&errors);
	else if (home != NULL)
		*arena = NULL;
	return parcels;
}

void route_post(struct core *core, struct parcel *parcels)
{
	for (struct parcel *p = parcels, *next; p != NULL; p = next) {
		next = p->next;
		shard_post(core->shard, p->to, &p->msg);
	}
}
