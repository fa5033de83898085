/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/early.h"

#include "server/base/mem.h"
#include "server/core/host.h"

#include <stdlib.h>

struct early_iq {
	struct core *core;
	uint64_t number; /* of the stream, which may be gone when the answer comes */
	struct arena *arena;
	struct str address;
	struct stanza stanza;
};

bool early_take(struct c2s *c, struct arena *arena, struct xml_node *element)
{
	struct core *core = c2s_env_of(c)->owner;
	struct host *host = host_find(core, c2s_host_of(c)->name);
	struct early_iq *iq = MEM_NEW(struct early_iq);

	iq->core = core;
	iq->number = c2s_number(c);
	iq->arena = arena;
	iq->address = arena_copy(arena, c2s_address(c));
	if (stanza_parse(arena, element, &iq->stanza) == STANZA_PARSED &&
	    stanza_is_request(&iq->stanza) &&
	    (jid_is_none(iq->stanza.to) || jid_eq(iq->stanza.to, host->jid))) {
		iq->stanza.from = JID_NONE;
		c2s_hold(c);
		for (size_t i = 0; i < host->n_mods; i++) {
			struct mod *m = &host->mods[i];

			if (m->def->early != NULL && m->def->early(m, iq))
				return true;
		}
		c2s_go(c);
	}
	free(iq);
	return false;
}

const struct stanza *early_stanza(const struct early_iq *iq)
{
	return &iq->stanza;
}

struct arena *early_arena(const struct early_iq *iq)
{
	return iq->arena;
}

struct core *early_core(const struct early_iq *iq)
{
	return iq->core;
}

struct str early_address(const struct early_iq *iq)
{
	return iq->address;
}

static void answer(struct early_iq *iq, struct stanza *reply)
{
	struct c2s *c = c2s_find(&iq->core->c2s, iq->number);

	if (c != NULL) {
		c2s_early_reply(c, reply);
		c2s_go(c);
	}
	arena_free(&iq->arena);
	free(iq);
}

void early_result(struct early_iq *iq, struct xml_node *payload)
{
	struct stanza *reply = stanza_result(iq->arena, &iq->stanza);

	if (payload != NULL)
		xml_append(stanza_node(reply), payload);
	answer(iq, reply);
}

void early_error(struct early_iq *iq, enum stanza_error condition, const char *text)
{
	answer(iq, stanza_error_reply(iq->arena, &iq->stanza, condition, text, NULL));
}
