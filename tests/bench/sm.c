/*
 * sm.c - a client's side of stream management (XEP-0198): what both sides have handled.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/sm.h"

#include <stdlib.h>

#define DIGITS_MAX 10 /* of a count, which has 32 bits (XEP-0198 §4) */

void sm_deinit(struct sm *sm)
{
	free(sm->id);
	*sm = (struct sm){ 0 };
}

void sm_enabled(struct sm *sm, struct piece enabled)
{
	struct piece id = piece_attribute(enabled, "id");
	struct piece resume = piece_attribute(enabled, "resume");

	free(sm->id);
	sm->id = NULL;
	if (id.n > 0 && (piece_is(resume, "true") || piece_is(resume, "1")))
		sm->id = buf_strndup(id.p, id.n);
	sm->is_on = true;
}

static bool read_count(struct piece text, uint32_t *out)
{
	uint64_t v = 0;

	if (text.n == 0 || text.n > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(text.p[i] - '0');
	}
	*out = (uint32_t)v;
	return v <= UINT32_MAX;
}

/* No run here sends so much that the counts wrap around. */
static bool take_count(struct sm *sm, struct piece got)
{
	uint32_t h;

	if (!read_count(piece_attribute(got, "h"), &h) || h > sm->sent || h < sm->acked)
		return false;
	sm->acked = h;
	return true;
}

enum sm_kind sm_take(struct sm *sm, struct piece got)
{
	if (piece_starts(got, "<message") || piece_starts(got, "<presence") ||
	    piece_starts(got, "<iq")) {
		sm->handled++;
		return SM_STANZA;
	}
	if (!piece_has(got, NS_SM))
		return SM_OTHER;
	if (piece_starts(got, "<r ") || piece_starts(got, "<r/"))
		return SM_ASKED;
	if (piece_starts(got, "<a "))
		return take_count(sm, got) ? SM_ACKED : SM_BAD_ACK;
	return SM_OTHER;
}

bool sm_resumed(struct sm *sm, struct piece resumed)
{
	return take_count(sm, resumed);
}

void sm_answer(const struct sm *sm, struct buf *out)
{
	buf_addf(out, "<a xmlns='" NS_SM "' h='%u'/>", sm->handled);
}

void sm_resume(const struct sm *sm, struct buf *out)
{
	buf_addf(out, "<resume xmlns='" NS_SM "' h='%u' previd='%s'/>", sm->handled, sm->id);
}
