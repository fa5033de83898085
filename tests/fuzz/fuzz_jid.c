/*
 * fuzz_jid.c - addresses: a prepared one is within its bounds and stays as it is, whole and in parts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/fuzz/fuzz.h"
#include "xml/jid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8192);
	struct str input = fuzz_str(data, size);
	struct jid jid, again;
	struct str out;

	if (jid_parse(arena, input, &jid) == 0) {
		struct str full = jid_full_str(jid);

		ASSERT(jid.domain_n > 0 && jid.local_n <= JID_PART_MAX &&
		       jid.domain_n <= JID_PART_MAX && jid.resource_n <= JID_PART_MAX);
		ASSERT(jid_parse(arena, full, &again) == 0);
		ASSERT(str_eq(full, jid_full_str(again)) && jid.local_n == again.local_n &&
		       jid.resource_n == again.resource_n);
		ASSERT(jid_make(arena, jid_local(jid), jid_domain(jid), jid_resource(jid),
		                &again) == 0);
		ASSERT(jid_eq(jid, again) && jid_bare_eq(jid, again));
		ASSERT(str_find(jid_bare_str(jid), '/', 0) == jid_bare_str(jid).n);
	}
	for (int stored = 0; stored < 2; stored++)
		if (saslprep(arena, input, stored, &out) == 0)
			ASSERT(out.n > 0 && out.n <= JID_PART_MAX);
	arena_free(&arena);
	return 0;
}
