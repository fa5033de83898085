/*
 * warm.c - what the archive has of stored messages is read ahead when a session is bound, as it
 * will become available soon: a shard waits for no disk.  Of an archive that is just loaded the
 * last few messages are in memory.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/warm.h"

#include "modules/mam/mam.h"
#include "modules/offline/box.h"

#define IN_MEMORY 30 /* archived messages that were read ahead with the account */

struct warming {
	uint64_t owner, *ids;
	size_t n, max;
};

static int note_id(void *arg, const struct offline_record *record)
{
	struct warming *w = arg;

	if (record->archive_id != 0)
		w->ids[w->n++] = record->archive_id;
	return w->n == w->max;
}

static void touch(struct store_reader *reader, void *arg)
{
	const struct warming *w = arg;

	for (size_t i = 0; i < w->n; i++)
		mam_touch(reader, w->owner, w->ids[i]);
}

static int done(struct event *ev, void *arg)
{
	return MOD_HANDLED;
}

static int visit(struct mod *m, struct event *ev, struct str data)
{
	struct warming *w = ARENA_NEW(ev->arena, struct warming);
	struct offline_box *box;
	int err = box_open(m, ev, &box);

	if (err < 0 || ev->owner == 0 || box->n == 0)
		return err < 0 ? err : MOD_HANDLED;
	w->owner = ev->owner;
	w->max = box->n;
	w->ids = ARENA_ARRAY(ev->arena, uint64_t, box->n);
	err = box_scan(ev, 1, note_id, w);
	return err < 0 ? err : event_read(ev, touch, done, w);
}

int warm_on_bound(struct mod *m, struct event *ev)
{
	struct offline_box *box;

	/* what is wrong with a box is told to who reads it */
	if (host_module(ev->host, &mod_mam) != NULL && box_open(m, ev, &box) == 0 &&
	    box->n > IN_MEMORY)
		mod_visit(m, entity_jid(ev->entity), visit, STR(""));
	return MOD_PASS;
}
