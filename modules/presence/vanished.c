/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/presence/vanished.h"

#define SEEN_MAX 32        /* of an account; beyond, the oldest is forgotten */
#define WAITS_MS HOURS(24) /* resume-time at most */

const struct store_space seen_space = { .name = "presence-seen", .version = 1 };

struct seen {
	struct str resource;
	int64_t started_ms; /* of the process */
	int64_t at_ms;
};

static struct str key_of(struct arena *arena, struct str resource)
{
	struct store_key key;

	key_init(&key);
	key_text(&key, resource);
	return arena_copy(arena, key_str(&key));
}

static int decode(struct str value, struct seen *seen_out)
{
	struct record_reader r;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	seen_out->started_ms = record_i64(&r);
	seen_out->at_ms = record_i64(&r);
	seen_out->resource = record_str(&r);
	if (record_end(&r) < 0 || str_is_empty(seen_out->resource))
		return ERR_CORRUPT;
	return 0;
}

static bool is_own(struct event *ev, const struct seen *seen)
{
	return seen->started_ms == core_started_ms(ev->core);
}

/* Sessions that wait since before this process may still come back. */
static bool somebody_waits(struct event *ev)
{
	return core_wall_ms(ev->core) - core_started_ms(ev->core) < WAITS_MS;
}

/* ---- noting ---- */

struct sweep {
	struct event *ev;
	struct str stale[SEEN_MAX], oldest;
	size_t n, n_stale;
	int64_t oldest_ms;
};

static int sweep_one(void *arg, struct str key, struct str value)
{
	struct sweep *s = arg;
	struct seen seen = { .at_ms = 0 };
	bool readable = decode(value, &seen) == 0;

	s->n++;
	if (!readable || (!is_own(s->ev, &seen) && !somebody_waits(s->ev))) {
		if (s->n_stale < SEEN_MAX)
			s->stale[s->n_stale++] = arena_copy(s->ev->arena, key);
	} else if (str_is_absent(s->oldest) || seen.at_ms < s->oldest_ms) {
		s->oldest = arena_copy(s->ev->arena, key);
		s->oldest_ms = seen.at_ms;
	}
	return 0;
}

static int note(struct mod *m, struct event *ev)
{
	struct str resource = jid_resource(session_jid(ev->session));
	struct sweep sweep = { .ev = ev, .oldest = STR_NONE };
	struct record_writer w;
	int err = event_scan(ev, &seen_space, STR(""), STR_NONE, 0, sweep_one, &sweep);

	if (err < 0)
		return err;
	for (size_t i = 0; i < sweep.n_stale; i++)
		event_delete(ev, &seen_space, sweep.stale[i]);
	if (sweep.n - sweep.n_stale >= SEEN_MAX && !str_is_absent(sweep.oldest))
		event_delete(ev, &seen_space, sweep.oldest);
	record_begin(&w, 1);
	record_put_i64(&w, core_started_ms(ev->core));
	record_put_i64(&w, core_wall_ms(ev->core));
	record_put_str(&w, resource);
	event_put(ev, &seen_space, key_of(ev->arena, resource), record_finish(&w, ev->arena));
	return 0;
}

void vanished_note(struct mod *m, struct event *ev)
{
	struct str resource = jid_resource(session_jid(ev->session)), value;
	struct seen seen;

	if (ev->owner == 0)
		return;
	if (event_find(ev, &seen_space, key_of(ev->arena, resource), &value) == 0 &&
	    decode(value, &seen) == 0 && is_own(ev, &seen))
		return;
	if (event_aside(ev, note, m) < 0)
		log_debug(NULL, "a session that is seen is not noted");
}

/* ---- telling ---- */

struct walk {
	struct event *ev;
	presence_vanished_fn *fn;
	void *arg;
};

static int each(void *arg, struct str key, struct str value)
{
	struct walk *walk = arg;
	struct event *ev = walk->ev;
	struct seen seen;
	struct session *s;

	if (decode(value, &seen) < 0 || is_own(ev, &seen))
		return 0;
	s = entity_session(ev->entity, seen.resource);
	if (s == NULL || !session_is_available(s))
		walk->fn(walk->arg,
		         jid_with_resource(ev->arena, entity_jid(ev->entity), seen.resource));
	return 0;
}

void presence_each_vanished(struct event *ev, presence_vanished_fn *fn, void *arg)
{
	struct walk walk = { .ev = ev, .fn = fn, .arg = arg };

	if (ev->owner != 0 && somebody_waits(ev) &&
	    event_scan(ev, &seen_space, STR(""), STR_NONE, 0, each, &walk) < 0)
		log_error(NULL, "who is not there any more cannot be read");
}
