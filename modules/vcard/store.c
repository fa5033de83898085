/*
 * store.c - vCards in the store: vcard.h.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/vcard/private.h"

#include "xml/writer.h"

#include <string.h>

#define FORMAT 1
#define KEY_CARD STR("card")
#define KEY_STATE STR("state")

const struct store_space vcard_space = { .name = "vcard", .version = FORMAT };

int vcard_decode_state(struct str value, struct vcard_state *state_out)
{
	struct vcard_state state = { 0 };
	struct record_reader r;
	struct str hash;

	if (record_open(&r, value) != FORMAT)
		return ERR_CORRUPT;
	state.revision = record_u64(&r);
	hash = record_str(&r);
	if (record_end(&r) < 0 || (hash.n != 0 && hash.n != VCARD_HASH_BYTES))
		return ERR_CORRUPT;
	state.has_photo = hash.n != 0;
	if (state.has_photo)
		memcpy(state.hash, hash.p, VCARD_HASH_BYTES);
	*state_out = state;
	return 0;
}

int vcard_find_state(struct event *ev, struct vcard_state *state_out)
{
	struct str value;
	int err = event_find(ev, &vcard_space, KEY_STATE, &value);

	return err < 0 ? err : vcard_decode_state(value, state_out);
}

int vcard_read_state(struct store_reader *reader, uint64_t owner, struct vcard_state *state_out)
{
	struct str value;
	int err = store_reader_find(reader, &vcard_space, owner, KEY_STATE, &value);

	return err < 0 ? err : vcard_decode_state(value, state_out);
}

int vcard_find(struct event *ev, const struct xml_node **card_out)
{
	struct record_reader r;
	struct str value, text;
	int err = event_find(ev, &vcard_space, KEY_CARD, &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != FORMAT)
		return ERR_CORRUPT;
	text = record_str(&r);
	if (record_end(&r) < 0 || xml_read(ev->arena, text, card_out) < 0)
		return ERR_CORRUPT;
	return 0;
}

void vcard_put(struct event *ev, struct str card, const struct vcard_state *state)
{
	struct record_writer w;

	if (str_is_empty(card)) {
		event_delete(ev, &vcard_space, KEY_CARD);
	} else {
		record_begin(&w, FORMAT);
		record_put_str(&w, card);
		event_put(ev, &vcard_space, KEY_CARD, record_finish(&w, ev->arena));
	}
	record_begin(&w, FORMAT);
	record_put_u64(&w, state->revision);
	record_put_str(&w, str_make((const char *)state->hash,
	                            state->has_photo ? VCARD_HASH_BYTES : 0));
	event_put(ev, &vcard_space, KEY_STATE, record_finish(&w, ev->arena));
}
