/*
 * fuzz_datetime.c - dates: what is read and written again names the same moment.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/fuzz/fuzz.h"
#include "xml/datetime.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1024);
	int64_t ms, again;

	if (datetime_parse(fuzz_str(data, size), &ms) == 0) {
		/* An offset can lead out of the years that can be written. */
		if (ms >= -62167219200000 && ms <= 253402300799999) {
			ASSERT(datetime_parse(datetime_format(arena, ms, false), &again) == 0);
			ASSERT(again == ms);
		}
	}
	if (size >= sizeof(ms)) {
		memcpy(&ms, data, sizeof(ms));
		ASSERT(datetime_parse(datetime_format(arena, ms, true), &again) == 0);
	}
	arena_free(&arena);
	return 0;
}
