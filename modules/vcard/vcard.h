/*
 * vcard.h - what other modules may know of an account's vCard (XEP-0054).
 *
 * Whoever keeps something made from vCards takes part in HOOK_VCARD: ev->payload is the new one,
 * which was checked and is in the event's batch already; without child elements, there is none any
 * more.  Each that an account sets has a number, its revision, which only grows; so what was
 * derived from one, maybe while its maker was not enabled, can be told from what is stale.
 *
 * Space "vcard", version 1, at the account:
 *     card   -> version, the vCard as XML; not there when there is none
 *     state  -> version, revision (number), SHA-1 of the photo (20 bytes; empty: there is none)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

#define VCARD_HASH_BYTES 20

extern const struct store_space vcard_space;

struct vcard_state {
	uint64_t revision;
	bool has_photo;
	uint8_t hash[VCARD_HASH_BYTES];
};

/*
 * What a <PHOTO/> holds: its BINVAL without white space, in *text_out, and the image, in *image_out;
 * both empty when it holds none.  ERR_INVALID: not base64 (XEP-0153 §4.6).
 */
MUST_CHECK int vcard_photo(struct arena *arena, const struct xml_node *photo,
                           struct str *text_out, struct str *image_out);
/* SHA-1 of an image, as presence tells it (XEP-0153 §3.1). */
struct str vcard_hash_text(struct arena *arena, const uint8_t *hash);

/* 0, or ERR_CORRUPT. */
MUST_CHECK int vcard_decode_state(struct str value, struct vcard_state *state_out);
/* The account's; 0, ERR_NOENT when it never had a vCard, an error.  Cost: one small read. */
MUST_CHECK int vcard_find_state(struct event *ev, struct vcard_state *state_out);
/* As a read job may ask, of any account; one that is gone has none: ERR_NOENT. */
MUST_CHECK int vcard_read_state(struct store_reader *reader, uint64_t owner,
                                struct vcard_state *state_out);
/* The vCard itself, in the event's arena; 0, ERR_NOENT, an error.  Reads the photo too. */
MUST_CHECK int vcard_find(struct event *ev, const struct xml_node **card_out);
