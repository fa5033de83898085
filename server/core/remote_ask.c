/*
 * remote_ask.c - is that you?  A key of dialback that somebody has shown is put before the server that he says to be
 * (XEP-0220 §2.2), over the link to it, on the shard that has it.
 *
 *     shard of the stream            shard of the remote domain
 *     ask_remote      ── question ─▶ the link's stream: <db:verify/>
 *     s2s_verified    ◀── verdict ── ask_answered, or ask_give_up
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

struct question {
	struct shard_msg msg;
	struct entity_waiter waiter;
	LIST_ENTRY(question) link; /* of the remote link, until there is an answer */
	struct shard *home;
	uint64_t number;     /* of the stream that asks */
	struct arena *arena; /* this is in it */
	struct str local, remote, id, key;
	bool asked; /* the stream of the link has it */
	enum s2s_verdict verdict;
};

static void arrive_home(struct shard *here, struct shard_msg *msg)
{
	struct question *q = CONTAINER_OF(msg, struct question, msg);
	struct core *core = core_of(here);
	struct s2s *s = core == NULL ? NULL : s2s_find(&core->s2s, q->number);
	struct arena *arena = q->arena;

	if (s != NULL)
		s2s_verified(s, q->local, q->remote, q->verdict);
	arena_free(&arena);
}

static void send_home(struct shard *here, struct question *q, enum s2s_verdict verdict)
{
	q->verdict = verdict;
	q->msg.run = arrive_home;
	shard_post(here, q->home, &q->msg);
}

static void settle(struct remote_link *l, struct question *q, enum s2s_verdict verdict)
{
	LIST_REMOVE(q, link);
	send_home(link_core(l)->shard, q, verdict);
	link_pin(l);
}

/* False: the stream cannot take it now. */
static bool put(struct remote_link *l, struct question *q)
{
	q->asked = s2s_ask(l->stream, q->local, q->remote, q->id, q->key) == 0;
	return q->asked;
}

void ask_pending(struct remote_link *l)
{
	struct question *q, *next;

	for (q = LIST_FIRST(&l->questions); q != NULL; q = next) {
		next = LIST_NEXT(q, link);
		if (!put(l, q))
			settle(l, q, S2S_UNREACHABLE);
	}
}

void ask_answered(struct remote_link *l, struct str id, bool valid)
{
	struct question *q;

	LIST_FOREACH(q, &l->questions, link)
		if (q->asked && str_eq(q->id, id)) {
			settle(l, q, valid ? S2S_VALID : S2S_INVALID);
			return;
		}
}

void ask_give_up(struct remote_link *l)
{
	struct question *q;

	while ((q = LIST_FIRST(&l->questions)) != NULL)
		settle(l, q, S2S_UNREACHABLE);
}

/* ---- on its way ---- */

static void on_ready(struct entity *e, struct entity_waiter *w)
{
	struct question *q = CONTAINER_OF(w, struct question, waiter);
	struct remote_link *l = remote_asking_link(remote_of(e), q->local);

	LIST_INSERT_HEAD(&l->questions, q, link);
	link_pin(l);
	if (l->stream != NULL && !s2s_is_over(l->stream)) {
		if (!put(l, q))
			settle(l, q, S2S_UNREACHABLE);
	} else if (shard_is_stopping(e->core->shard)) {
		settle(l, q, S2S_UNREACHABLE);
	} else {
		link_hurry(l);
		link_want(l);
	}
	entity_unpin(e);
}

static void arrive(struct shard *here, struct shard_msg *msg)
{
	struct question *q = CONTAINER_OF(msg, struct question, msg);
	struct core *core = core_of(here);

	q->waiter.run = on_ready;
	if (core == NULL || core->abroad == NULL)
		send_home(here, q, S2S_UNREACHABLE);
	else
		entity_when_ready(remote_at(core, jid_of_domain(q->remote)), &q->waiter);
}

void ask_remote(struct s2s *s, struct str local, struct str remote, struct str id,
                struct str key)
{
	struct core *core = s2s_env_of(s)->owner;
	struct arena *arena = arena_new(512);
	struct question *q = ARENA_NEW(arena, struct question);

	q->arena = arena;
	q->home = core->shard;
	q->number = s2s_number(s);
	q->local = arena_copy(arena, local);
	q->remote = arena_copy(arena, remote);
	q->id = arena_copy(arena, id);
	q->key = arena_copy(arena, key);
	q->msg.run = arrive;
	shard_post(core->shard, core_owner_shard(core, remote), &q->msg);
}
