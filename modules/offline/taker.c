/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/taker.h"

bool taker_can(const struct session *s)
{
	return session_is_available(s) && session_priority(s) >= 0;
}

/* XEP-0013 §2.2: while one session chooses for itself, no other is flooded. */
static bool somebody_chooses(struct mod *m, struct entity *e)
{
	struct session *s = NULL;

	while ((s = entity_next_session(e, s)) != NULL)
		if (offline_session_of(m, s)->flexible)
			return true;
	return false;
}

int64_t taker_awaited_until(struct mod *m, struct session *s)
{
	const struct offline_session *state = offline_session_of(m, s);
	const struct offline_conf *conf = mod_conf(m);

	return state->upto == 0 ? 0 : state->asked_ms + conf->answer_timeout;
}

struct session *taker_find_awaited(struct mod *m, struct entity *e)
{
	struct session *s = NULL;

	while ((s = entity_next_session(e, s)) != NULL)
		if (taker_awaited_until(m, s) > core_now_ms(mod_core(m)))
			return s;
	return NULL;
}

bool taker_is_caught_up(struct mod *m, struct session *s)
{
	const struct offline_box *box = mod_entity_state(m, session_entity(s));

	return box->counted && offline_session_of(m, s)->caught_up == box->count;
}

bool taker_is_due(struct mod *m, struct session *s)
{
	return !taker_is_caught_up(m, s) && offline_session_of(m, s)->upto == 0 && taker_can(s);
}

static bool is_better(struct mod *m, struct session *s, struct session *than)
{
	bool reads = offline_session_of(m, s)->reading.follows;

	if (than == NULL)
		return true;
	if (reads != offline_session_of(m, than)->reading.follows)
		return !reads;
	if (session_is_connected(s) != session_is_connected(than))
		return session_is_connected(s);
	return session_priority(s) > session_priority(than);
}

struct session *taker_find_due(struct mod *m, struct entity *e)
{
	struct session *s = NULL, *best = NULL;

	if (somebody_chooses(m, e))
		return NULL;
	while ((s = entity_next_session(e, s)) != NULL)
		if (taker_is_due(m, s) && is_better(m, s, best))
			best = s;
	return best;
}
