/*
 * private.h - the parts of the module vcard among themselves: storing (store.c), the hash in
 * presence (avatar.c).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/vcard/vcard.h"

/* At each entity, so that presence costs no read. */
struct vcard_entity {
	enum {
		VCARD_UNKNOWN, /* not yet read */
		VCARD_NEVER,   /* none was ever set: nothing is said of photos */
		VCARD_NO_PHOTO,
		VCARD_PHOTO,
	} what;
	uint8_t hash[VCARD_HASH_BYTES];
};

/* At each session. */
struct vcard_session {
	bool opted_out; /* its last broadcast presence says that it shows no photo */
};

/* CARD as XML (empty: none) with what is known of it, in the event's batch. */
void vcard_put(struct event *ev, struct str card, const struct vcard_state *state);

/*
 * The photo in a vCard: its BINVAL without white space, in *text_out, and the image, in
 * *image_out; both empty when there is none.  ERR_INVALID: not base64 (XEP-0153 §4.6).
 */
MUST_CHECK int avatar_read(struct arena *arena, const struct xml_node *card,
                           struct str *text_out, struct str *image_out);
/* Presence of the account tells of STATE from now on; if CHANGED, again, when that is stored. */
void avatar_set(struct mod *m, struct event *ev, const struct vcard_state *state, bool changed);
/* session_save and session_load of the descriptor. */
void avatar_session_save(struct mod *m, struct session *s, struct record_writer *w);
int avatar_session_load(struct mod *m, struct session *s, struct record_reader *r);
/* As a handler of HOOK_SENT: the hash goes into available presence. */
int avatar_on_sent(struct mod *m, struct event *ev);
