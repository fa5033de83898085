/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/vcard.h"

#include "modules/muc/notify.h"
#include "modules/muc/show.h"
#include "modules/vcard/vcard.h"
#include "xml/writer.h"

#define PHOTOS_MAX 4 /* forms of one picture (XEP-0486 §5.1) */

const struct store_space muc_vcard_space = { .name = "muc-vcard", .version = 1 };

/* ---- reading ---- */

/* XEP-0054 §3.1: what is not there is not found. */
int room_vcard_get(struct muc_event *me)
{
	struct event *ev = me->ev;
	const struct xml_node *card;
	struct record_reader r;
	struct str value, xml;
	int err = event_find(ev, &muc_vcard_space, STR(""), &value);

	if (err < 0)
		return err == ERR_NOENT ? event_error(ev, STANZA_ITEM_NOT_FOUND) : err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	xml = record_str(&r);
	if (record_end(&r) < 0 || xml_read(ev->arena, xml, &card) < 0)
		return ERR_CORRUPT;
	return event_result(ev, xml_copy(ev->arena, card));
}

/* ---- the picture ---- */

/* Of one <PHOTO/>: empty, where it has no image in it.  ERR_INVALID: no base64. */
static int hash_photo(struct arena *arena, const struct xml_node *photo, struct str *hash_out)
{
	struct str text, image;
	uint8_t sha1[DIGEST_MAX];
	int err = vcard_photo(arena, photo, &text, &image);

	*hash_out = STR("");
	if (err < 0 || str_is_empty(text))
		return err;
	digest_hash(DIGEST_SHA1, image, sha1);
	*hash_out = vcard_hash_text(arena, sha1);
	return 0;
}

/* All of them, with spaces between; ERR_INVALID also for too many. */
static int hash_photos(struct arena *arena, const struct xml_node *card, struct str *hashes_out)
{
	const struct xml_node *photo = NULL;
	size_t n = 0;

	*hashes_out = STR("");
	while ((photo = xml_next_child(card, photo)) != NULL) {
		struct str hash;

		if (!xml_is(photo, NS_VCARD, "PHOTO"))
			continue;
		if (n++ == PHOTOS_MAX || hash_photo(arena, photo, &hash) < 0)
			return ERR_INVALID;
		if (!str_is_empty(*hashes_out) && !str_is_empty(hash))
			*hashes_out = arena_concat(arena, *hashes_out, STR(" "));
		*hashes_out = arena_concat(arena, *hashes_out, hash);
	}
	return 0;
}

/* XEP-0153 §3.1: an empty one says that there is no picture. */
static struct stanza *photo_presence(struct muc_event *me)
{
	struct arena *arena = me->ev->arena;
	struct stanza *s = stanza_new(arena, STANZA_PRESENCE, TYPE_AVAILABLE);
	struct xml_node *x = xml_add(arena, stanza_node(s), NS_VCARD_UPDATE, "x");
	struct str rest = me->room->config.avatar_hash;

	s->from = entity_jid(me->ev->entity);
	xml_add_leaf(arena, x, "photo", arena_copy(arena, str_cut(&rest, ' ')));
	return s;
}

void room_vcard_show(struct muc_event *me, const struct seat *to)
{
	if (!str_is_empty(me->room->config.avatar_hash))
		show_send(me, photo_presence(me), to);
}

static void show_to_all(struct muc_event *me)
{
	const struct stanza *presence = event_share(me->ev, photo_presence(me));
	const struct seat *to = NULL;

	while ((to = room_next_seat(me->room, to)) != NULL)
		show_send(me, presence, to);
}

/* ---- writing ---- */

static void put_card(struct event *ev, struct str xml)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, xml);
	event_put(ev, &muc_vcard_space, STR(""), record_finish(&w, ev->arena));
}

/* XEP-0486 §3.2: all hear that something has changed, and see the picture. */
static int set_hashes(struct muc_event *me, struct str hashes)
{
	struct config config = me->room->config;
	bool is_new = !str_eq(config.avatar_hash, hashes);
	int err;

	config.avatar_hash = hashes;
	err = room_configure(me->ev, me->room, &config);
	if (err < 0)
		return err;
	if (is_new)
		show_to_all(me);
	notify_changed(me);
	return 0;
}

/* XEP-0486 §3.2: an empty one takes it back. */
int room_vcard_set(struct muc_event *me)
{
	struct event *ev = me->ev;
	struct str xml = xml_print(ev->arena, ev->payload), hashes;
	enum affiliation a;
	int err = affiliation_of(ev, jid_bare(ev->stanza->from), &a);

	if (err < 0)
		return err;
	if (a != AFFILIATION_OWNER)
		return event_error_text(ev, STANZA_FORBIDDEN,
		                        "only owners may set a room's vCard");
	if (xml.n > (size_t)muc_conf_of(me)->max_vcard)
		return event_error_text(ev, STANZA_POLICY_VIOLATION, "the vCard is too large");
	if (hash_photos(ev->arena, ev->payload, &hashes) < 0)
		return event_error_text(ev, STANZA_BAD_REQUEST, "a photo cannot be read");
	if (xml_next_child(ev->payload, NULL) == NULL)
		event_delete(ev, &muc_vcard_space, STR(""));
	else
		put_card(ev, xml);
	err = set_hashes(me, hashes);
	return err < 0 ? err : event_result(ev, NULL);
}
