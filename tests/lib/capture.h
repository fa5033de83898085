/*
 * capture.h - what the process writes to standard error between two calls: the server's log.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

struct capture {
	int fd, before;
};
void capture_begin(struct capture *c);
struct str capture_end(struct capture *c, struct arena *arena);

/* The log has a line with that in it. */
#define ck_assert_says(text, part) \
	do { \
		struct str says_all = (text); \
\
		ck_assert_msg(memmem(says_all.p, says_all.n, (part), strlen(part)) != NULL, \
		              "\"%s\" is not in \"" STR_FMT "\"", (part), STR_ARG(says_all)); \
	} while (0)
