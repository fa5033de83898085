/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/caps/question.h"

#include "modules/caps/ver.h"
#include "xml/writer.h"

#include <string.h>

#define ANSWER_MS SECONDS(30) /* then another session may be asked */

/* ---- what is kept ---- */

bool caps_known(struct caps_state *state, struct str key, struct str *features_out,
                struct str *rest_out)
{
	struct record_reader r;
	struct str value;

	if (!lru_find(state->known, key, &value))
		return false;
	record_open(&r, value);
	*features_out = record_str(&r);
	*rest_out = record_str(&r);
	return record_end(&r) == 0;
}

static void keep(struct caps_state *state, struct arena *arena, struct str key,
                 const struct caps_info *info)
{
	struct buf features = { 0 };
	struct record_writer w;

	buf_append_byte(&features, '\0');
	for (size_t i = 0; i < info->n_features; i++) {
		buf_append(&features, info->features[i]);
		buf_append_byte(&features, '\0');
	}
	record_begin(&w, 1);
	record_put_str(&w, buf_str(&features));
	record_put_str(&w, xml_print(arena, info->rest));
	lru_put(state->known, key, record_finish(&w, arena));
	buf_deinit(&features);
}

/* ---- what a session announces ---- */

static void forget(struct caps_state *state, struct caps_session *cs)
{
	if (cs->question != 0)
		lru_remove(state->asked, caps_key(cs));
	*cs = (struct caps_session){ 0 };
}

/*
 * "sha-1 VER", absent when it is nothing that could be verified: without a hash (§5.4, 1: the
 * legacy format), with another hash (2), or of a length that the hash does not have.
 */
static struct str read_key(struct arena *arena, const struct xml_node *c)
{
	struct str name = xml_attr(c, "hash"), ver = xml_attr(c, "ver");
	enum digest_kind hash;

	if (str_is_empty(xml_attr(c, "node")) || caps_hash(name, &hash) < 0 ||
	    ver.n != (digest_size(hash) + 2) / 3 * 4)
		return STR_NONE;
	return arena_printf(arena, STR_FMT " " STR_FMT, STR_ARG(name), STR_ARG(ver));
}

static struct str make_node(struct arena *arena, const struct xml_node *c)
{
	return arena_printf(arena, STR_FMT "#" STR_FMT, STR_ARG(xml_attr(c, "node")),
	                    STR_ARG(xml_attr(c, "ver")));
}

/* Not every presence repeats what the client can do (§8.4): without <c/> (NULL) it is as before. */
static void note_shown(struct caps_state *state, struct caps_session *cs, struct event *ev,
                       const struct xml_node *c)
{
	struct str key, node;

	if (c == NULL)
		return;
	key = read_key(ev->arena, c);
	if (!str_eq(key, caps_key(cs))) {
		forget(state, cs);
		cs->key_n = (uint8_t)key.n;
		if (key.n > 0)
			memcpy(cs->key, key.p, key.n);
	}
	node = make_node(ev->arena, c);
	cs->node = hash_mem(node.p, node.n);
}

static void note_presence(struct caps_state *state, struct caps_session *cs, struct event *ev)
{
	if (ev->stanza->type == TYPE_UNAVAILABLE)
		forget(state, cs);
	else
		note_shown(state, cs, ev, xml_child(ev->stanza->node, NS_CAPS, "c"));
}

/* ---- asking ---- */

static bool is_asked(struct caps_state *state, struct str key, int64_t now)
{
	struct str value;
	int64_t at;

	if (!lru_find(state->asked, key, &value))
		return false;
	memcpy(&at, value.p, sizeof(at));
	return now - at < ANSWER_MS;
}

/* The <c/> that the session shows now, in the stanza at hand, if any, or before. */
static const struct xml_node *shown(struct event *ev)
{
	const struct stanza *s = ev->stanza;

	if (s == NULL || s->kind != STANZA_PRESENCE || !jid_is_none(s->to)) {
		s = session_presence(ev, ev->session, JID_NONE);
		s = s == NULL ? NULL : stanza_unshare(ev->arena, s);
	}
	return s == NULL ? NULL : xml_child(s->node, NS_CAPS, "c");
}

static struct str question_id(struct arena *arena, const struct caps_session *cs)
{
	return arena_printf(arena, "caps-%u", (unsigned)cs->question);
}

/* From the account itself, whom its client has the best reasons to answer. */
static void ask(struct caps_state *state, struct caps_session *cs, struct event *ev,
                const struct xml_node *c)
{
	struct stanza *iq = stanza_new(ev->arena, STANZA_IQ, TYPE_GET);
	struct xml_node *query = xml_add(ev->arena, stanza_node(iq), NS_DISCO_INFO, "query");
	int64_t now = core_now_ms(ev->core);

	if (++state->n_questions == 0) /* 0 is none */
		state->n_questions = 1;
	cs->question = state->n_questions;
	lru_put(state->asked, caps_key(cs), str_make((const char *)&now, sizeof(now)));
	xml_set(ev->arena, query, "node", make_node(ev->arena, c));
	iq->from = entity_jid(ev->entity);
	iq->to = session_jid(ev->session);
	iq->id = question_id(ev->arena, cs);
	event_offer(ev, ev->session, iq);
}

/* Whatever the session sends: is what it announced known, or does somebody have to be asked? */
static void look(struct caps_state *state, struct caps_session *cs, struct event *ev)
{
	const struct xml_node *c;
	struct str key = caps_key(cs), value;

	if (cs->key_n == 0 || (cs->known && cs->seen == lru_evictions(state->known)))
		return;
	cs->known = lru_find(state->known, key, &value);
	cs->seen = lru_evictions(state->known);
	if (cs->known || cs->refused || cs->question != 0 ||
	    is_asked(state, key, core_now_ms(ev->core)))
		return;
	c = shown(ev);
	if (c == NULL || !str_eq(read_key(ev->arena, c), key))
		return;
	if (mod_rate_take(state->rates, jid_bare_str(entity_jid(ev->entity))))
		ask(state, cs, ev, c);
}

/* ---- judging ---- */

static bool is_answer(const struct caps_session *cs, struct event *ev)
{
	const struct stanza *s = ev->stanza;

	return cs->question != 0 && s->kind == STANZA_IQ && !stanza_is_request(s) &&
	       jid_eq(s->to, entity_jid(ev->entity)) &&
	       str_eq(s->id, question_id(ev->arena, cs));
}

/* §5.4, 3.7 to 3.9. */
static bool is_true(struct caps_session *cs, struct event *ev, struct caps_info *info)
{
	const struct xml_node *query = xml_child(ev->stanza->node, NS_DISCO_INFO, "query");
	struct str ver = caps_key(cs), name = str_cut(&ver, ' ');
	enum digest_kind hash;

	return ev->stanza->type == TYPE_RESULT && query != NULL &&
	       caps_hash(name, &hash) == 0 && caps_read(ev->arena, query, info) == 0 &&
	       !info->ambiguous && str_eq(caps_ver(ev->arena, hash, info), ver);
}

static void judge(struct caps_state *state, struct caps_session *cs, struct event *ev)
{
	struct caps_info info;

	cs->question = 0;
	lru_remove(state->asked, caps_key(cs));
	if (is_true(cs, ev, &info))
		keep(state, ev->arena, caps_key(cs), &info);
	else
		cs->refused = true;
}

/* ---- hooks ---- */

int caps_on_sent(struct mod *m, struct event *ev)
{
	struct caps_session *cs = mod_session_state(m, ev->session);
	struct caps_state *state = mod_state(m);

	if (is_answer(cs, ev)) {
		judge(state, cs, ev);
		return MOD_HANDLED;
	}
	if (ev->stanza->kind == STANZA_PRESENCE && jid_is_none(ev->stanza->to))
		note_presence(state, cs, ev);
	look(state, cs, ev);
	return MOD_PASS;
}

/* The server was restarted: what it knew of clients is to be learnt anew. */
int caps_on_resumed(struct mod *m, struct event *ev)
{
	struct caps_session *cs = mod_session_state(m, ev->session);
	struct caps_state *state = mod_state(m);

	if (session_was_restored(ev->session)) {
		note_shown(state, cs, ev, shown(ev));
		look(state, cs, ev);
	}
	return MOD_PASS;
}

int caps_on_ended(struct mod *m, struct event *ev)
{
	forget(mod_state(m), mod_session_state(m, ev->session));
	return MOD_PASS;
}
