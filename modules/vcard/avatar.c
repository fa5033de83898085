/*
 * avatar.c - the hash of the vCard's photo in presence (XEP-0153), put there by the server
 * (XEP-0398 §4).
 *
 *     client says               account has a photo       has none       never had a vCard
 *     nothing, or an empty x    its hash                  empty photo    as it is
 *     another hash              its hash                  empty photo    as it is
 *     an empty photo            as it is                  as it is       as it is
 *
 * When the photo changes, the presence of each available session is sent again.  What it holds
 * then is what was put there before, so what the client itself said is kept at its session.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/vcard/private.h"

#include <string.h>

/* ---- the photo ---- */

/* XEP-0153 §4.6: white space is ignored. */
static struct str without_space(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (memchr(" \t\r\n", text.p[i], 4) == NULL)
			out[n++] = text.p[i];
	out[n] = '\0';
	return str_make(out, n);
}

int vcard_photo(struct arena *arena, const struct xml_node *photo, struct str *text_out,
                struct str *image_out)
{
	*text_out = without_space(arena, xml_child_text(arena, photo, "BINVAL"));
	return base64_decode(arena, *text_out, image_out);
}

struct str vcard_hash_text(struct arena *arena, const uint8_t *hash)
{
	return base16_encode(arena, str_make((const char *)hash, VCARD_HASH_BYTES));
}

int avatar_read(struct arena *arena, const struct xml_node *card, struct str *text_out,
                struct str *image_out)
{
	const struct xml_node *photo = NULL;
	int err = 0;

	*text_out = *image_out = STR("");
	while (err == 0 && str_is_empty(*text_out) &&
	       (photo = xml_next_child(card, photo)) != NULL)
		if (xml_is(photo, NS_VCARD, "PHOTO"))
			err = vcard_photo(arena, photo, text_out, image_out);
	return err;
}

static void set_entity(struct vcard_entity *known, const struct vcard_state *state)
{
	known->what = state->has_photo ? VCARD_PHOTO : VCARD_NO_PHOTO;
	memcpy(known->hash, state->hash, VCARD_HASH_BYTES);
}

/* On disk, and the iq is answered.  Whoever opted out has nothing new to say. */
static void renew(struct entity *e, void *arg, int err)
{
	struct mod *m = arg;
	struct session *s = NULL;

	while (err == 0 && (s = entity_next_session(e, s)) != NULL) {
		const struct vcard_session *own = mod_session_state(m, s);

		if (!own->opted_out)
			session_renew_presence(s);
	}
}

void avatar_set(struct mod *m, struct event *ev, const struct vcard_state *state, bool changed)
{
	set_entity(mod_entity_state(m, ev->entity), state);
	if (changed)
		event_then(ev, renew, m);
}

/* ---- presence ---- */

static int know(struct mod *m, struct event *ev, const struct vcard_entity **known_out)
{
	struct vcard_entity *known = mod_entity_state(m, ev->entity);
	struct vcard_state state;
	int err;

	*known_out = known;
	if (known->what != VCARD_UNKNOWN)
		return 0;
	err = vcard_find_state(ev, &state);
	if (err == ERR_NOENT)
		known->what = VCARD_NEVER;
	else if (err == 0)
		set_entity(known, &state);
	else
		return err;
	return 0;
}

/* XEP-0153 §4.1: an empty photo is the client's word that it shows none. */
static bool says_no_photo(struct arena *arena, const struct xml_node *presence)
{
	const struct xml_node *update = xml_child(presence, NS_VCARD_UPDATE, "x");
	struct str photo = update == NULL ? STR_NONE : xml_child_text(arena, update, "photo");

	return !str_is_absent(photo) && str_is_empty(str_trim(photo));
}

static bool is_no_update(void *arg, const struct xml_node *child)
{
	return !xml_is(child, NS_VCARD_UPDATE, "x");
}

/* The stanza with another update. */
static const struct stanza *with_photo(struct arena *arena, const struct stanza *s,
                                       struct str photo)
{
	struct xml_node *node = xml_filter(arena, s->node, is_no_update, NULL);
	struct stanza *out = ARENA_NEW(arena, struct stanza);
	struct xml_node *update = xml_new(arena, NS_VCARD_UPDATE, "x");

	xml_add_leaf(arena, update, "photo", photo);
	xml_append(node, update);
	*out = *s;
	out->node = node;
	return out;
}

int avatar_on_sent(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	struct vcard_session *own = mod_session_state(m, ev->session);
	const struct vcard_entity *known;
	bool opted_out;
	int err;

	if (s->kind != STANZA_PRESENCE || s->type != TYPE_AVAILABLE)
		return MOD_PASS;
	opted_out = session_is_renewing(ev->session) ? own->opted_out
	                                             : says_no_photo(ev->arena, s->node);
	if (jid_is_none(s->to) && own->opted_out != opted_out) {
		own->opted_out = opted_out;
		session_changed(ev->session);
	}
	err = know(m, ev, &known);
	if (err < 0)
		return err;
	if (!opted_out && known->what != VCARD_NEVER)
		ev->stanza = with_photo(ev->arena, s,
		                        known->what == VCARD_PHOTO
		                                ? vcard_hash_text(ev->arena, known->hash)
		                                : STR(""));
	return MOD_PASS;
}

void avatar_session_save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct vcard_session *own = mod_session_state(m, s);

	if (own->opted_out)
		record_put_u64(w, 1);
}

int avatar_session_load(struct mod *m, struct session *s, struct record_reader *r)
{
	struct vcard_session *own = mod_session_state(m, s);

	own->opted_out = record_u64(r) == 1;
	return record_end(r);
}
