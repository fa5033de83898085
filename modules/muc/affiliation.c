/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/affiliation.h"

const struct store_space muc_affiliation_space = { .name = "muc-affiliation", .version = 1 };
const struct store_space muc_nick_space = { .name = "muc-nick", .version = 1 };

static int decode(struct arena *arena, struct str value, struct affiliated *a)
{
	struct record_reader r;
	uint64_t affiliation;
	struct str jid;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	affiliation = record_u64(&r);
	jid = arena_copy(arena, record_str(&r));
	a->nick = arena_copy(arena, record_str(&r));
	a->reason = arena_copy(arena, record_str(&r));
	if (record_end(&r) < 0 || affiliation >= AFFILIATIONS ||
	    jid_parse(arena, jid, &a->jid) < 0)
		return ERR_CORRUPT;
	a->affiliation = (enum affiliation)affiliation;
	return 0;
}

static struct str key_of(struct event *ev, struct str text)
{
	return store_key(ev->arena, text, STR_NONE, STR_NONE);
}

int affiliation_find(struct event *ev, struct jid bare, struct affiliated *a_out)
{
	struct str value;
	int err =
		event_find(ev, &muc_affiliation_space, key_of(ev, jid_bare_str(bare)), &value);

	return err < 0 ? err : decode(ev->arena, value, a_out);
}

static int find_rank(struct event *ev, struct jid bare, enum affiliation *a_out)
{
	struct affiliated a;
	int err = affiliation_find(ev, bare, &a);

	*a_out = AFFILIATION_NONE;
	if (err == 0)
		*a_out = a.affiliation;
	return err == ERR_NOENT ? 0 : err;
}

int affiliation_of(struct event *ev, struct jid jid, enum affiliation *a_out)
{
	struct jid domain;
	int err;

	*a_out = AFFILIATION_OWNER;
	if (host_is_admin(host_parent(ev->host), jid))
		return 0;
	err = find_rank(ev, jid, a_out);
	if (err < 0 || *a_out != AFFILIATION_NONE)
		return err;
	err = jid_parse(ev->arena, jid_domain(jid), &domain);
	return err < 0 ? err : find_rank(ev, domain, a_out);
}

static void put(struct event *ev, const struct affiliated *a)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_u64(&w, a->affiliation);
	record_put_str(&w, jid_bare_str(a->jid));
	record_put_str(&w, a->nick);
	record_put_str(&w, a->reason);
	event_put(ev, &muc_affiliation_space, key_of(ev, jid_bare_str(a->jid)),
	          record_finish(&w, ev->arena));
}

static void put_nick(struct event *ev, const struct affiliated *a)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, jid_bare_str(a->jid));
	record_put_str(&w, a->nick);
	event_put(ev, &muc_nick_space, key_of(ev, a->nick), record_finish(&w, ev->arena));
}

int affiliation_set(struct event *ev, const struct affiliated *a)
{
	struct affiliated old = { .nick = STR("") };
	int err = affiliation_find(ev, a->jid, &old);
	bool is_kept = a->affiliation != AFFILIATION_NONE;

	if (err < 0 && err != ERR_NOENT)
		return err;
	if (!str_is_empty(old.nick) && (!is_kept || !str_eq(old.nick, a->nick)))
		event_delete(ev, &muc_nick_space, key_of(ev, old.nick));
	if (!is_kept) {
		event_delete(ev, &muc_affiliation_space, key_of(ev, jid_bare_str(a->jid)));
		return 0;
	}
	put(ev, a);
	if (!str_is_empty(a->nick))
		put_nick(ev, a);
	return 0;
}

int affiliation_of_nick(struct event *ev, struct str nick, struct jid *bare_out)
{
	struct record_reader r;
	struct str value, bare;
	int err = event_find(ev, &muc_nick_space, key_of(ev, nick), &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	bare = arena_copy(ev->arena, record_str(&r));
	record_str(&r);
	if (record_end(&r) < 0 || jid_parse(ev->arena, bare, bare_out) < 0)
		return ERR_CORRUPT;
	return 0;
}

int affiliation_nick_is_anothers(struct event *ev, struct str nick, struct jid jid)
{
	struct jid owner;
	int err = affiliation_of_nick(ev, nick, &owner);

	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	return !jid_bare_eq(owner, jid);
}

struct walk {
	struct event *ev;
	affiliation_fn *fn;
	void *arg;
};

static int on_record(void *arg, struct str key, struct str value)
{
	struct walk *w = arg;
	struct affiliated a;
	int err = decode(w->ev->arena, value, &a);

	return err < 0 ? err : w->fn(w->arg, &a);
}

int affiliation_each(struct event *ev, affiliation_fn *fn, void *arg)
{
	struct walk w = { ev, fn, arg };

	return event_scan(ev, &muc_affiliation_space, STR(""), STR_NONE, 0, on_record, &w);
}
