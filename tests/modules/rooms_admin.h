/*
 * rooms_admin.h - requests about roles and affiliations in a room (rooms.h), and what is seen of
 * them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/modules/rooms.h"

#define ADMIN(items) "<query xmlns='" NS_MUC_ADMIN "'>" items "</query>"
#define ITEM(attrs) "<item " attrs "/>"
/* In presence: what stands in <x/>. */
#define X(items) "<x xmlns='" NS_MUC_USER "'>" items "</x>"
#define CODE(code) "<status code='" code "'/>"
#define GONE(nick, items) \
	"<presence type='unavailable' from='" ROOM "/" nick "'>" X(items) "</presence>"
#define HERE(nick, items) "<presence type='-' from='" ROOM "/" nick "'>" X(items) "</presence>"

/* C asks for it, and it is done; what comes of it, C is to read itself. */
static inline void room_set(struct client *c, const char *query)
{
	ask_result(c, "set", ROOM, query, "");
}

static inline void room_set_error(struct client *c, const char *query, const char *condition)
{
	ask_error(c, "set", ROOM, query, condition);
}

#define ROOM_FIELD(name, value) \
	"<field var='muc#roomconfig_" name "'><value>" value "</value></field>"

/* C configures the room by FIELDS; it reads over what comes before the answer. */
static inline void room_form(struct client *c, const char *fields)
{
	client_printf(c,
	              "<iq type='set' id='form' to='" ROOM "'><query xmlns='" NS_MUC_OWNER
	              "'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
	              "<value>http://jabber.org/protocol/muc#roomconfig</value></field>%s"
	              "</x></query></iq>",
	              fields);
	while (!client_matches(c->world->arena, client_next(c),
	                       "<iq type='result' id='form'/>"))
		;
}
