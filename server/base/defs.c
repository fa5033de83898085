/*
 * defs.c - how a broken invariant ends the process.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/defs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Without the log and without the heap: either may be what is broken. */
void assert_failed(const char *cond, const char *file, int line)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s:%d: broken invariant: %s\n", file, line, cond);

	if (n >= (int)sizeof(text)) {
		n = (int)sizeof(text) - 1;
		text[n - 1] = '\n';
	}
	if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
		abort();
	abort();
}
