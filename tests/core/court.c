/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/core/court.h"

#include "server/base/mem.h"

#include <string.h>

static const struct store_space space = { .name = "court", .version = 1 };

/* ---- presence ---- */

static int on_sent(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	int64_t priority = 0;

	if (s->kind != STANZA_PRESENCE || !jid_is_none(s->to))
		return MOD_PASS;
	if (str_to_i64(xml_child_text(ev->arena, s->node, "priority"), &priority) < 0)
		priority = 0;
	session_set_presence(ev->session, s->type == TYPE_AVAILABLE ? event_share(ev, s) : NULL,
	                     (int)priority);
	event_deliver(ev, ev->session, stanza_readdress(ev->arena, s, s->from, s->from));
	return MOD_HANDLED;
}

/* ---- iqs ---- */

static void put(struct event *ev)
{
	uint64_t n = 0;

	ck_assert_int_eq(str_to_u64(xml_attr(ev->payload, "bytes"), &n), 0);
	event_put(ev, &space, xml_attr(ev->payload, "key"),
	          str_make(arena_zalloc(ev->arena, n), n));
}

static int on_put(struct mod *m, struct event *ev)
{
	put(ev);
	return event_result(ev, NULL);
}

static int on_half(struct mod *m, struct event *ev)
{
	put(ev);
	return ERR_CORRUPT;
}

static int on_both(struct mod *m, struct event *ev)
{
	struct stanza *message = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_NORMAL);

	put(ev);
	message->from = message->to = jid_copy(ev->arena, ev->stanza->from);
	message->id = STR("one");
	event_send(ev, message);
	return event_result(ev, NULL);
}

static int on_get(struct mod *m, struct event *ev)
{
	struct xml_node *reply = xml_new(ev->arena, "urn:court", "get");
	struct str value;
	int err = event_find(ev, &space, xml_attr(ev->payload, "key"), &value);

	if (err == ERR_NOENT)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (err < 0)
		return err;
	xml_set(ev->arena, reply, "bytes", arena_printf(ev->arena, "%zu", value.n));
	return event_result(ev, reply);
}

/* The same on a reader thread, and then once more. */
struct peek {
	struct str key;
	uint64_t owner;
	unsigned reads;
	struct str value;
	int err;
};

static void read_key(struct store_reader *reader, void *arg)
{
	struct peek *peek = arg;

	peek->err = store_reader_find(reader, &space, peek->owner, peek->key, &peek->value);
}

static int on_read(struct event *ev, void *arg)
{
	struct peek *peek = arg;
	struct xml_node *reply = xml_new(ev->arena, "urn:court", "read");

	if (peek->err < 0)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (++peek->reads == 1)
		return event_read(ev, read_key, on_read, peek);
	xml_set(ev->arena, reply, "bytes", arena_printf(ev->arena, "%zu", peek->value.n));
	return event_result(ev, reply);
}

static int on_get_off_loop(struct mod *m, struct event *ev)
{
	struct peek *peek = ARENA_NEW(ev->arena, struct peek);

	peek->key = xml_attr(ev->payload, "key");
	peek->owner = ev->owner;
	return event_read(ev, read_key, on_read, peek);
}

static int on_none(struct mod *m, struct event *ev)
{
	return event_result(ev, NULL);
}

static int on_fail(struct mod *m, struct event *ev)
{
	int64_t err = 0;

	ck_assert_int_eq(str_to_i64(xml_attr(ev->payload, "err"), &err), 0);
	event_result(ev, NULL);
	return (int)err;
}

struct later {
	struct shard_msg msg;
	struct event *ev;
};

static void finish(struct shard *here, struct shard_msg *msg)
{
	struct later *later = CONTAINER_OF(msg, struct later, msg);

	ck_assert_ptr_null(later->ev->session);
	event_finish(later->ev, event_result(later->ev, NULL));
}

static int on_later(struct mod *m, struct event *ev)
{
	struct later *later = ARENA_NEW(ev->arena, struct later);

	later->msg.run = finish;
	later->ev = ev;
	shard_post(ev->core->shard, ev->core->shard, &later->msg);
	return MOD_LATER;
}

static const struct mod_iq iqs[] = {
	{ "urn:court", "put", IQ_SET | TO_SELF, on_put },
	{ "urn:court", "half", IQ_SET | TO_SELF, on_half },
	{ "urn:court", "both", IQ_SET | TO_SELF, on_both },
	{ "urn:court", "get", IQ_GET | TO_SELF, on_get },
	{ "urn:court", "read", IQ_GET | TO_SELF, on_get_off_loop },
	{ "urn:court", "none", IQ_GET | TO_SELF, on_none },
	{ "urn:court", "fail", IQ_SET | TO_SELF, on_fail },
	{ "urn:court", "later", IQ_SET | TO_SELF, on_later },
	{ "urn:court", "hidden", IQ_GET | IQ_SET | TO_OTHER, iq_forbidden },
	{ "urn:court", "where", IQ_GET | TO_HOST, on_none },
	{ 0 },
};
static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_ACT, on_sent },
	{ 0 },
};

const struct mod_def mod_court = {
	.abi = MOD_ABI,
	.name = "court",
	.iqs = iqs,
	.hooks = hooks,
	.spaces = MOD_SPACES(&space),
};
const struct mod_def *const court[] = { &mod_court, NULL };

struct world *court_world(unsigned shards)
{
	return world_new(&(struct world_options){ .modules = court, .shards = shards });
}

const char *court_account(struct world *w, const char *prefix, unsigned shard)
{
	const char *jid;
	int i = 0;

	do
		jid = arena_printf(w->arena, "%s%d@a.example", prefix, i++).p;
	while (world_owner(w, jid) != shard);
	world_account(w, jid, "secret");
	return jid;
}
