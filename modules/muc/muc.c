/*
 * muc.c - rooms (XEP-0045): what becomes of each stanza to the service, to a room, to an occupant.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/mam.h"
#include "modules/muc/announce.h"
#include "modules/muc/ask.h"
#include "modules/muc/hats.h"
#include "modules/muc/leave.h"
#include "modules/muc/listing.h"
#include "modules/muc/service.h"
#include "modules/muc/vcard.h"

#define VOICES 3 /* requests of a visitor at once, and in */
#define VOICES_MS SECONDS(600)
#define MENTIONS 3 /* that somebody is told of in a room at once, and in */
#define MENTIONS_MS SECONDS(600)
#define SEARCHES 20 /* of one account in a minute: each may walk all rooms */
#define SEARCHES_BURST 10

static const char *const create_choices[] = { "local", "admins", NULL };

static const struct conf_option options[] = {
	CONF_OPT_TEXT("domain", struct muc_conf, domain, NULL,
	              "where rooms are; conference. and the host's name, if it is not given"),
	CONF_OPT_CHOICE(
		"create", struct muc_conf, create, CREATE_LOCAL, create_choices,
		"who may make rooms: accounts of the host, or its administrators alone"),
	CONF_OPT_BOOL(
		"lock", struct muc_conf, lock, true,
		"nobody enters a new room before its owner has accepted its configuration"),
	CONF_OPT_INT("rooms-per-hour", struct muc_conf, rooms_per_hour, 60, 1, 1000000,
	             "rooms that an account may make in an hour"),
	CONF_OPT_INT("max-occupants", struct muc_conf, max_occupants, 10000, 1, 1000000,
	             "occupants of a room"),
	CONF_OPT_INT("max-affiliations", struct muc_conf, max_affiliations, 5000, 1, 1000000,
	             "members, admins, owners and banned people of a room"),
	CONF_OPT_INT("history", struct muc_conf, history, 20, 0, 1000,
	             "messages that newcomers get, where the room does not say"),
	CONF_OPT_BYTES("max-message", struct muc_conf, max_message, KIB(64), 256, MIB(1),
	               "largest message to a room"),
	CONF_OPT_BYTES("max-vcard", struct muc_conf, max_vcard, KIB(128), KIB(1), MIB(1),
	               "largest vCard of a room, its picture included"),
	CONF_OPT_INT("messages-per-minute", struct muc_conf, messages_per_minute, 600, 1,
	             1000000,
	             "messages of one occupant; admins and owners of the room are free"),
	CONF_OPT_INT("joins-per-minute", struct muc_conf, joins_per_minute, 60, 1, 1000000,
	             "how often one account may enter the same room"),
	CONF_OPT_INT("invitations-per-minute", struct muc_conf, invites_per_minute, 30, 1,
	             1000000, "invitations of one account that rooms pass on"),
	CONF_OPT_BOOL("public", struct muc_conf, is_public, true, "new rooms are listed"),
	CONF_OPT_BOOL("persistent", struct muc_conf, is_persistent, false,
	              "new rooms stay when the last occupant leaves"),
	CONF_OPT_BOOL("members-only", struct muc_conf, is_members_only, false,
	              "new rooms are for members only"),
	CONF_OPT_BOOL("moderated", struct muc_conf, is_moderated, false,
	              "in new rooms, who is no member has no voice"),
	CONF_OPT_BOOL("show-jids", struct muc_conf, shows_jids, false,
	              "in new rooms everybody sees the addresses of occupants"),
	CONF_OPT_BOOL("logging", struct muc_conf, logs, true,
	              "new rooms keep an archive that occupants can read"),
	{ 0 },
};

/* ---- which handler ---- */

const struct muc_iq *muc_find_iq(const struct muc_iq *rows, const struct event *ev)
{
	unsigned method = ev->stanza->type == TYPE_GET ? IQ_GET : IQ_SET;

	for (; rows->ns != NULL; rows++)
		if (xml_is(ev->payload, rows->ns, rows->name) && (rows->methods & method) != 0)
			return rows;
	return NULL;
}

struct str muc_rate_key(struct muc_event *me, struct jid who)
{
	struct jid room = entity_jid(me->ev->entity);

	return jid_full_str(jid_with_resource(me->ev->arena, room, jid_bare_str(who)));
}

static int on_presence(struct muc_event *me)
{
	switch (me->ev->stanza->type) {
	case TYPE_AVAILABLE:
		return enter(me);
	case TYPE_UNAVAILABLE:
		return leave(me);
	case TYPE_PROBE:
		return enter_again(me);
	case TYPE_UNSUBSCRIBED:
		return leave_as_unknown(me);
	case TYPE_ERROR:
		return leave_is_gone(me->ev->stanza) ? leave_as_gone(me) : MOD_HANDLED;
	default:
		return MOD_HANDLED;
	}
}

static int on_message(struct muc_event *me)
{
	const struct stanza *s = me->ev->stanza;

	if (s->type == TYPE_ERROR)
		return talk_error(me);
	if (announce_is_one(me->ev))
		return announce_in_room(me);
	if (!jid_is_bare(s->to))
		return talk_in_private(me);
	return s->type == TYPE_GROUPCHAT ? talk(me) : talk_to_room(me);
}

static int on_iq(struct muc_event *me)
{
	const struct muc_iq *iq;

	if (!jid_is_bare(me->ev->stanza->to))
		return ask_occupant(me);
	if (!stanza_is_request(me->ev->stanza))
		return MOD_HANDLED;
	iq = muc_find_iq(room_iqs, me->ev);
	return iq == NULL ? event_error(me->ev, STANZA_SERVICE_UNAVAILABLE) : iq->fn(me);
}

static int at_room(struct muc_event *me)
{
	int err = room_open(me->mod, me->ev, &me->room);

	if (err < 0)
		return err;
	me->seat = room_seat(me->room, me->ev->stanza->from);
	switch (me->ev->stanza->kind) {
	case STANZA_PRESENCE:
		return on_presence(me);
	case STANZA_MESSAGE:
		return on_message(me);
	default:
		return on_iq(me);
	}
}

/* A name without a room: presence makes one. */
static int at_nothing(struct muc_event *me)
{
	const struct stanza *s = me->ev->stanza;

	if (s->kind == STANZA_IQ && !jid_is_bare(s->to))
		return ask_nobody(me);
	if (s->kind != STANZA_PRESENCE)
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	if (s->type == TYPE_PROBE)
		return enter_again(me);
	return s->type == TYPE_AVAILABLE ? enter_new(me) : MOD_HANDLED;
}

static int received(struct mod *m, struct event *ev)
{
	struct muc_event me = { .mod = m, .ev = ev };

	if (ev->stanza->inner != NULL) /* shared content of a broadcast: rooms look at it */
		ev->stanza = stanza_unshare(ev->arena, ev->stanza);
	if (ev->stanza == NULL)
		return ERR_INVALID;
	if (entity_is_host(ev->entity))
		return service_received(&me);
	return entity_is_item(ev->entity) ? at_room(&me) : at_nothing(&me);
}

/* ---- the module ---- */

static struct str domain(const void *conf)
{
	return ((const struct muc_conf *)conf)->domain;
}

static int start(struct mod *m)
{
	const struct muc_conf *conf = mod_conf(m);
	struct muc_state *state = mod_state(m);
	int64_t n = conf->messages_per_minute;

	state->messages = mod_rates_new(m, n, n, SECONDS(60));
	state->joins =
		mod_rates_new(m, conf->joins_per_minute, conf->joins_per_minute, SECONDS(60));
	state->invites = mod_rates_new(m, conf->invites_per_minute, conf->invites_per_minute,
	                               SECONDS(60));
	state->voices = mod_rates_new(m, VOICES, VOICES, VOICES_MS);
	state->made = mod_rates_new(m, conf->rooms_per_hour, conf->rooms_per_hour, HOURS(1));
	state->mentions = mod_rates_new(m, MENTIONS, MENTIONS, MENTIONS_MS);
	state->searches = mod_rates_new(m, SEARCHES_BURST, SEARCHES, SECONDS(60));
	return 0;
}

static void stop(struct mod *m)
{
	struct muc_state *state = mod_state(m);

	mod_rates_free(&state->messages);
	mod_rates_free(&state->joins);
	mod_rates_free(&state->invites);
	mod_rates_free(&state->voices);
	mod_rates_free(&state->made);
	mod_rates_free(&state->mentions);
	mod_rates_free(&state->searches);
}

static const struct mod_def *const with[] = { &mod_mam, NULL };
static const struct mod_service service = {
	.name = "Rooms",
	.label = "conference",
	.domain = domain,
	.with = with,
	.received = received,
};

const struct mod_def mod_muc = {
	.abi = MOD_ABI,
	.name = "muc",
	.summary = "rooms for many to talk in",
	.xep = "XEP-0045 1.35.5, XEP-0249 1.2, XEP-0317 0.3.1, XEP-0410 1.1.0, XEP-0421 1.0.1, "
	       "XEP-0425 0.3.0, XEP-0433 0.1.0, XEP-0486 0.1.0",
	.conf_size = sizeof(struct muc_conf),
	.options = options,
	.state_size = sizeof(struct muc_state),
	.start = start,
	.stop = stop,
	.entity_size = sizeof(struct room),
	.entity_end = room_close,
	.wants_care = leave_wants_care,
	.care = leave_visit,
	.spaces = MOD_SPACES(&muc_config_space, &muc_affiliation_space, &muc_nick_space,
	                     &muc_seat_space, &muc_left_space, &muc_subject_space,
	                     &muc_run_space, &muc_public_space, &muc_vcard_space,
	                     &muc_hat_space, &muc_hat_worn_space),
	.service = &service,
};
