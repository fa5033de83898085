/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/ping.h"

#define PAGE "offline-page-"

struct str ping_id_of_part(struct arena *arena, uint64_t upto)
{
	return arena_printf(arena, "offline-%llu", (unsigned long long)upto);
}

struct str ping_id_of_page(struct arena *arena, uint64_t first, uint64_t last)
{
	return arena_printf(arena, PAGE "%llu-%llu", (unsigned long long)first,
	                    (unsigned long long)last);
}

int ping_read_page(struct str id, uint64_t *first_out, uint64_t *last_out)
{
	struct str rest = str_slice(id, sizeof(PAGE) - 1, id.n), first;

	if (!str_starts_with(id, STR(PAGE)))
		return ERR_INVALID;
	first = str_cut(&rest, '-');
	if (str_to_u64(first, first_out) < 0 || str_to_u64(rest, last_out) < 0)
		return ERR_INVALID;
	return 0;
}

void ping_send(struct event *ev, struct session *to, struct str id)
{
	struct stanza *ping = stanza_new(ev->arena, STANZA_IQ, TYPE_GET);

	ping->from = host_jid(ev->host);
	ping->to = jid_copy(ev->arena, session_jid(to));
	ping->id = id;
	xml_add(ev->arena, stanza_node(ping), NS_PING, "ping");
	event_offer(ev, to, ping);
}

bool ping_is_answer(const struct event *ev)
{
	const struct stanza *s = ev->stanza;

	return s->kind == STANZA_IQ && !stanza_is_request(s) &&
	       jid_eq(s->to, host_jid(ev->host));
}
