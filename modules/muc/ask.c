/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/ask.h"

#define ID_MAX KIB(1) /* bytes of a request's id, which come back with the answer */
#define MAC_BYTES 16
#define ASKED_FORMAT 1

/* ---- refusals ---- */

/* RFC 6120 §8.3.1: as of the room, which says whose error it is.  TYPE absent: the usual one. */
static int refuse_as(struct muc_event *me, enum stanza_error condition, struct str type,
                     const char *text)
{
	struct event *ev = me->ev;
	struct stanza *reply = stanza_error_reply(ev->arena, ev->stanza, condition, text, NULL);
	struct xml_node *error = stanza_node(reply)->last;

	if (!str_is_absent(type))
		xml_set(ev->arena, error, "type", type);
	xml_set(ev->arena, error, "by", jid_bare_str(entity_jid(ev->entity)));
	event_send(ev, reply);
	return MOD_HANDLED;
}

static int refuse(struct muc_event *me, enum stanza_error condition, const char *text)
{
	return refuse_as(me, condition, STR_NONE, text);
}

/* §6.6, §17.4, XEP-0410 §3.2: of that type, there. */
static int refuse_stranger(struct muc_event *me)
{
	const struct xml_node *payload = me->ev->payload;

	if (xml_in_ns(payload, NS_DISCO_INFO) || xml_in_ns(payload, NS_DISCO_ITEMS))
		return refuse(me, STANZA_BAD_REQUEST, NULL);
	return refuse_as(me, STANZA_NOT_ACCEPTABLE, STR("cancel"), NULL);
}

/* ---- what stands in an id ---- */

struct asked {
	uint64_t asker;  /* hash of the full JID */
	struct str nick; /* that was asked */
	struct str id;   /* of the request */
};

static uint64_t hash_of(const struct muc_event *me, const struct seat *seat)
{
	return hash_str(&me->room->config.secret, jid_full_str(seat->jid));
}

static struct str encode_asked(struct event *ev, const struct asked *asked)
{
	struct record_writer w;

	record_begin(&w, ASKED_FORMAT);
	record_put_u64(&w, asked->asker);
	record_put_str(&w, asked->nick);
	record_put_str(&w, asked->id);
	return record_finish(&w, ev->arena);
}

static bool decode_asked(struct str record, struct asked *asked_out)
{
	struct record_reader r;

	if (record_open(&r, record) != ASKED_FORMAT)
		return false;
	asked_out->asker = record_u64(&r);
	asked_out->nick = record_str(&r);
	asked_out->id = record_str(&r);
	return record_end(&r) == 0;
}

/* The room asks ANSWERER what is in RECORD. */
static void mac_of(const struct muc_event *me, struct jid answerer, struct str record,
                   uint8_t mac[DIGEST_MAX])
{
	const struct hash_key *key = &me->room->config.secret;
	struct record_writer w;

	record_begin(&w, ASKED_FORMAT);
	record_put_str(&w, jid_full_str(answerer));
	record_put_str(&w, record);
	digest_hmac(DIGEST_SHA256, str_make((const char *)key->bytes, sizeof(key->bytes)),
	            record_finish(&w, me->ev->arena), mac);
}

static struct str make_id(struct muc_event *me, const struct occupant *o, struct jid answerer)
{
	const struct asked asked = { hash_of(me, me->seat), o->nick, me->ev->stanza->id };
	struct str record = encode_asked(me->ev, &asked);
	uint8_t mac[DIGEST_MAX];

	mac_of(me, answerer, record, mac);
	return base64_encode_url(
		me->ev->arena,
		arena_concat(me->ev->arena, record, str_make((const char *)mac, MAC_BYTES)));
}

/* Base64 of the URL-safe alphabet, as make_id wrote it. */
static int decode_url(struct arena *arena, struct str text, struct str *bytes_out)
{
	size_t padding = (4 - text.n % 4) % 4;
	char *plain = arena_alloc(arena, text.n + padding);

	for (size_t i = 0; i < text.n + padding; i++) {
		char c = i < text.n ? text.p[i] : '=';

		plain[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	return base64_decode(arena, str_make(plain, text.n + padding), bytes_out);
}

/* Did the room ask who answers now, and what? */
static bool read_id(struct muc_event *me, struct asked *asked_out)
{
	const struct stanza *s = me->ev->stanza;
	uint8_t mac[DIGEST_MAX];
	struct str bytes;

	if (str_is_absent(s->id) || s->id.n > 8 * ID_MAX ||
	    decode_url(me->ev->arena, s->id, &bytes) < 0 || bytes.n < MAC_BYTES)
		return false;
	mac_of(me, s->from, str_slice(bytes, 0, bytes.n - MAC_BYTES), mac);
	return digest_equal(mac, bytes.p + bytes.n - MAC_BYTES, MAC_BYTES) &&
	       decode_asked(str_slice(bytes, 0, bytes.n - MAC_BYTES), asked_out);
}

/* ---- requests ---- */

static bool is_own_ping(const struct muc_event *me, const struct occupant *to)
{
	return to == me->seat->occupant && me->ev->stanza->type == TYPE_GET &&
	       xml_is(me->ev->payload, NS_PING, "ping");
}

/* XEP-0054 §3.3: a vCard is the account's, as at any address of it. */
static struct jid answerer_of(const struct muc_event *me, const struct occupant *to)
{
	bool is_vcard =
		me->ev->stanza->type == TYPE_GET && xml_is(me->ev->payload, NS_VCARD, "vCard");

	return is_vcard ? jid_bare(to->seats->jid) : to->seats->jid;
}

static void pass_on(struct muc_event *me, const struct occupant *to)
{
	struct event *ev = me->ev;
	struct jid answerer = answerer_of(me, to);
	struct stanza *s =
		stanza_readdress(ev->arena, ev->stanza, occupant_jid(ev, me->seat->occupant),
	                         jid_copy(ev->arena, answerer));

	s->id = make_id(me, to, answerer);
	if (event_sender_lasts(ev))
		event_send(ev, s);
	else
		event_send_lightly(ev, s);
}

/* A change is as good as a private message: who may not send these, may not that. */
static bool may_ask(const struct muc_event *me)
{
	return me->ev->stanza->type == TYPE_GET ||
	       (me->room->config.pm & ROLE_BIT(me->seat->occupant->role)) != 0;
}

static int request(struct muc_event *me)
{
	const struct stanza *s = me->ev->stanza;
	const struct occupant *to = room_occupant(me->room, jid_resource(s->to));

	if (me->seat == NULL)
		return refuse_stranger(me);
	if (to == NULL)
		return refuse(me, STANZA_ITEM_NOT_FOUND, NULL);
	if (is_own_ping(me, to))
		return event_result(me->ev, NULL);
	if (!may_ask(me))
		return refuse(me, STANZA_FORBIDDEN, NULL);
	if (s->id.n > ID_MAX)
		return refuse(me, STANZA_BAD_REQUEST, "the id is too long");
	if (xml_size(s->node) > (size_t)muc_conf_of(me)->max_message)
		return refuse(me, STANZA_POLICY_VIOLATION, "the request is too large");
	pass_on(me, to);
	return MOD_HANDLED;
}

/* ---- answers ---- */

/* His nick may be another by now. */
static const struct seat *find_asker(struct muc_event *me, uint64_t asker)
{
	const struct seat *seat = NULL;

	while ((seat = room_next_seat(me->room, seat)) != NULL)
		if (hash_of(me, seat) == asker)
			return seat;
	return NULL;
}

/* §17.4: "by" of an error would tell the address of who was asked. */
static struct xml_node *without_by(struct arena *arena, const struct xml_node *node)
{
	struct xml_node *copy = xml_copy(arena, node);

	for (struct xml_node *child = copy->first; child != NULL; child = child->next)
		if (xml_is_element(child) && str_is(child->name, "error"))
			xml_set(arena, child, "by", STR_NONE);
	return copy;
}

static int answer(struct muc_event *me)
{
	struct event *ev = me->ev;
	const struct seat *asker;
	struct asked asked;
	struct stanza *s;

	if (!read_id(me, &asked))
		return MOD_HANDLED;
	asker = find_asker(me, asked.asker);
	if (asker == NULL)
		return MOD_HANDLED;
	s = stanza_readdress(ev->arena, ev->stanza,
	                     jid_with_resource(ev->arena, entity_jid(ev->entity), asked.nick),
	                     jid_copy(ev->arena, asker->jid));
	s->id = asked.id;
	if (s->type == TYPE_ERROR)
		s->node = without_by(ev->arena, s->node);
	if (asker->lasts)
		event_send(ev, s);
	else
		event_send_lightly(ev, s);
	return MOD_HANDLED;
}

int ask_occupant(struct muc_event *me)
{
	return stanza_is_request(me->ev->stanza) ? request(me) : answer(me);
}

int ask_nobody(struct muc_event *me)
{
	return stanza_is_request(me->ev->stanza) ? refuse_stranger(me) : MOD_HANDLED;
}
