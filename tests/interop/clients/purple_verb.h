/*
 * purple_verb.h - what a test asks of the client of libpurple, by the first word of a line.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

struct verb { /* a table of them ends with { 0 } */
	const char *name;
	void (*function)(const char *rest); /* of the line */
};
