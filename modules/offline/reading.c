/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/reading.h"

#include "modules/offline/ping.h"

#define COST_LOOK 2 /* bytes sent, for a record: ten for a microsecond */

/* ---- what is not handed out ---- */

bool reading_skips(struct mod *m, struct session *s, const struct offline_record *record)
{
	const struct reading *reading = &offline_session_of(m, s)->reading;

	if (record->archive_id == 0)
		return false;
	if (!host_has_archive(mod_host(m))) /* it waits until there is one again */
		return true;
	return reading->follows &&
	       (record->archive_id <= reading->end || record->number < reading->below);
}

int reading_present(struct mod *m, struct event *ev, struct session *s)
{
	struct reading *reading = &offline_session_of(m, s)->reading;
	struct offline_box *box;
	int err;

	if (!reading->follows || reading->saw_end || reading->below != 0)
		return 0;
	err = box_open(m, ev, &box);
	if (err < 0)
		return err;
	reading->below = box->next;
	session_changed(s);
	return 0;
}

/* ---- pages ---- */

static void follow(struct mod *m, struct session *s, const struct offline_page *page)
{
	struct offline_session *state = offline_session_of(m, s);
	struct reading *reading = &state->reading;

	if (state->present || (reading->follows && !page->is_end))
		return;
	reading->follows = true;
	reading->saw_end = reading->saw_end || page->is_end;
	if (page->is_end && page->newest > reading->end)
		reading->end = page->newest;
	session_changed(s);
}

static bool is_in(void *arg, const struct offline_record *record)
{
	const struct offline_page *page = arg;

	return record->archive_id != 0 && record->archive_id >= page->first &&
	       record->archive_id <= page->last;
}

static int find_one(void *arg, const struct offline_record *record)
{
	return is_in(arg, record) ? 1 : 0;
}

int offline_page_sent(struct event *ev, struct session *to, const struct offline_page *page)
{
	struct mod *m = host_module(ev->host, &mod_offline);
	struct offline_page copy = *page;
	struct offline_box *box;
	int found;

	if (m == NULL || ev->owner == 0)
		return 0;
	follow(m, to, page);
	found = box_open(m, ev, &box);
	if (found < 0 || box->n == 0 || page->last == 0)
		return found;
	session_charge(to, (int64_t)box->n * COST_LOOK);
	found = box_scan(ev, 1, find_one, &copy);
	if (found > 0)
		ping_send(ev, to, ping_id_of_page(ev->arena, page->first, page->last));
	return found < 0 ? found : 0;
}

int reading_on_answer(struct mod *m, struct event *ev)
{
	struct offline_page page = { 0 };
	int err;

	if (!ping_is_answer(ev) || ping_read_page(ev->stanza->id, &page.first, &page.last) < 0)
		return MOD_PASS;
	err = box_remove_upto(m, ev, UINT64_MAX, is_in, &page);
	return err < 0 ? err : MOD_HANDLED;
}

/* ---- sessions that are resumed ---- */

void reading_save(const struct reading *reading, struct record_writer *w)
{
	if (!reading->follows)
		return;
	record_put_u64(w, reading->saw_end);
	record_put_u64(w, reading->end);
	record_put_u64(w, reading->below);
}

void reading_load(struct reading *reading, struct record_reader *r)
{
	if (!record_more(r))
		return;
	reading->follows = true;
	reading->saw_end = record_u64(r) != 0;
	reading->end = record_u64(r);
	reading->below = record_u64(r);
}
