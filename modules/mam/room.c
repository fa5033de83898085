/*
 * room.c - the archive of a room, for the module that has the room.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"
#include "modules/mam/uid.h"

bool mam_is_on(struct event *ev)
{
	return ev->owner != 0 && host_module(ev->host, &mod_mam) != NULL;
}

int mam_keep(struct event *ev, const struct stanza *s)
{
	struct mod *m = host_module(ev->host, &mod_mam);

	ev->archive_id = 0;
	if (!mam_is_on(ev) || !worth_keeping(s))
		return 0;
	/* XEP-0313 §6.1.2: what is given out has no to */
	return keep_message(m, ev, stanza_readdress(ev->arena, s, s->from, JID_NONE), 0);
}

/* ---- reading ---- */

struct latest {
	struct mod *m;
	struct event *ev;
	uint64_t since;
	mam_fn *fn;
	void *arg;
};

/* What cannot be read is passed over. */
static int give(void *arg, struct str key, struct str value)
{
	const struct latest *l = arg;
	struct stanza *s = ARENA_NEW(l->ev->arena, struct stanza);
	struct archive_record record;

	if (archive_decode(key, value, &record) < 0)
		return 0;
	if (record.id < l->since)
		return 1;
	if ((record.flags & ARCHIVE_RETRACTED) != 0 ||
	    archive_message(l->ev->arena, &record, s) < 0)
		return 0;
	return l->fn(l->arg, stamp_add(l->m, l->ev, s, record.id), archive_id_ms(record.id));
}

int mam_latest(struct event *ev, size_t limit, int64_t since_ms, mam_fn *fn, void *arg)
{
	struct latest l = { host_module(ev->host, &mod_mam), ev, archive_ms_id(since_ms), fn,
		            arg };
	struct mam_entity *own;
	int err;

	if (!mam_is_on(ev) || limit == 0)
		return 0;
	own = mod_entity_state(l.m, ev->entity);
	err = archive_open(ev, &own->archive);
	if (err == 0)
		err = event_scan_down(ev, &archive_space, STR(""), STR_NONE, limit, give, &l);
	return err < 0 ? err : 0;
}

int mam_find(struct event *ev, struct str uid, uint64_t *id_out, const struct stanza **s_out)
{
	struct mod *m = host_module(ev->host, &mod_mam);
	struct mam_entity *own;
	int err;

	if (!mam_is_on(ev))
		return ERR_NOENT;
	own = mod_entity_state(m, ev->entity);
	err = archive_open(ev, &own->archive);
	if (err == 0)
		err = uid_parse(&own->archive.secret, uid, id_out);
	return err < 0 ? err : keep_find(m, ev, *id_out, s_out);
}
