/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/owed.h"

#include "modules/roster/contacts.h"

#define HEARD_AFTER SECONDS(5) /* a stanza on its way and its commit take milliseconds */

/* A scan may not write, so what it finds is listed. */
struct debt {
	struct debt *next;
	struct jid contact;
	int64_t started_ms; /* of the server that sent it last */
	int64_t sent_ms;    /* by its monotonic clock */
	unsigned what;      /* of enum owed */
};

static void put(struct event *ev, struct jid contact, unsigned what)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, jid_bare_str(contact));
	record_put_i64(&w, core_started_ms(ev->core));
	record_put_i64(&w, core_now_ms(ev->core));
	record_put_u64(&w, what);
	event_put(ev, &roster_owed_space, item_key(ev, contact), record_finish(&w, ev->arena));
}

static int decode(struct arena *arena, struct str value, struct debt *debt)
{
	struct record_reader r;
	struct str text;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	text = arena_copy(arena, record_str(&r));
	debt->started_ms = record_i64(&r);
	debt->sent_ms = record_i64(&r);
	debt->what = (unsigned)record_u64(&r);
	if (record_end(&r) < 0 || jid_parse(arena, text, &debt->contact) < 0)
		return ERR_CORRUPT;
	return 0;
}

int owed_change(struct event *ev, struct jid contact, unsigned what, unsigned avoided)
{
	struct debt debt = { .what = 0 };
	struct str key = item_key(ev, contact), value;
	int err = event_find(ev, &roster_owed_space, key, &value);

	if (err == 0)
		err = decode(ev->arena, value, &debt);
	if (err < 0 && err != ERR_NOENT)
		return err;
	what |= debt.what & ~avoided;
	if (what != 0)
		put(ev, contact, what);
	else if (err == 0)
		event_delete(ev, &roster_owed_space, key);
	return 0;
}

struct walk {
	struct event *ev;
	struct debt *first;
};

static int on_debt(void *arg, struct str key, struct str value)
{
	struct walk *walk = arg;
	struct debt *debt = ARENA_NEW(walk->ev->arena, struct debt);
	int err = decode(walk->ev->arena, value, debt);

	debt->next = walk->first;
	walk->first = debt;
	return err;
}

static void send_once_more(struct event *ev, const struct debt *debt)
{
	if ((debt->what & OWED_UNSUBSCRIBE) != 0)
		contact_tell(ev, TYPE_UNSUBSCRIBE, debt->contact);
	if ((debt->what & OWED_SUBSCRIBED) != 0)
		contact_tell(ev, TYPE_SUBSCRIBED, debt->contact);
}

static int list_debts(struct event *ev, struct debt **first_out)
{
	struct walk walk = { .ev = ev };
	int err = event_scan(ev, &roster_owed_space, STR(""), STR_NONE, 0, on_debt, &walk);

	*first_out = walk.first;
	return err;
}

static bool is_own(struct event *ev, const struct debt *debt)
{
	return debt->started_ms == core_started_ms(ev->core);
}

static void settle(struct event *ev, const struct debt *debt)
{
	if (is_own(ev, debt) && core_now_ms(ev->core) - debt->sent_ms >= HEARD_AFTER)
		event_delete(ev, &roster_owed_space, item_key(ev, debt->contact));
}

int owed_send(struct event *ev)
{
	struct debt *debt;
	int err = list_debts(ev, &debt);

	for (; err == 0 && debt != NULL; debt = debt->next) {
		if (is_own(ev, debt)) {
			settle(ev, debt);
			continue;
		}
		send_once_more(ev, debt);
		put(ev, debt->contact, debt->what);
	}
	return err;
}

int owed_settle(struct event *ev)
{
	struct debt *debt;
	int err = list_debts(ev, &debt);

	for (; err == 0 && debt != NULL; debt = debt->next)
		settle(ev, debt);
	return err;
}
