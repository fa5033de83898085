/*
 * option.h - options as typed tables: the one way in which the server and its modules describe
 * what can be configured.
 *
 * A table is an array of conf_option that ends with { 0 }; each row says where in a plain
 * struct the value goes.  From it come parsing, defaults, bounds, messages and the
 * documentation.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

enum conf_type {
	CONF_BOOL = 1, /* bool */
	CONF_INT,      /* int64_t */
	CONF_BYTES,    /* int64_t; "64 KiB", "10 MB", 4096 */
	/* int64_t milliseconds; "250 ms", "5 min", "7 days"; a bare number: seconds */
	CONF_TIME,
	/* struct str, NUL-terminated; absent when not given and without default */
	CONF_TEXT,
	CONF_LIST,   /* struct conf_list */
	CONF_CHOICE, /* int64_t: index into CHOICES */
};

struct conf_list {
	const struct str *items; /* each NUL-terminated as well */
	size_t n;
};

struct conf_option {
	const char *name; /* lower case, words joined by "-" */
	enum conf_type type;
	size_t offset;
	int64_t def, min, max; /* numbers; def for bool and choice too */
	/* for text; list: items separated by one space; NULL: none */
	const char *def_text;
	const char *const *choices; /* NULL-terminated */
	const char *help;           /* one line for the manual */
};

#define CONF_OPT_BOOL(n, type_, member, d, h) \
	{ \
		.name = (n), .type = CONF_BOOL, .offset = offsetof(type_, member), .def = (d), \
		.help = (h) \
	}
#define CONF_OPT_INT(n, type_, member, d, lo, hi, h) \
	{ \
		.name = (n), .type = CONF_INT, .offset = offsetof(type_, member), .def = (d), \
		.min = (lo), .max = (hi), .help = (h) \
	}
#define CONF_OPT_BYTES(n, type_, member, d, lo, hi, h) \
	{ \
		.name = (n), .type = CONF_BYTES, .offset = offsetof(type_, member), \
		.def = (d), .min = (lo), .max = (hi), .help = (h) \
	}
#define CONF_OPT_TIME(n, type_, member, d, lo, hi, h) \
	{ \
		.name = (n), .type = CONF_TIME, .offset = offsetof(type_, member), .def = (d), \
		.min = (lo), .max = (hi), .help = (h) \
	}
#define CONF_OPT_TEXT(n, type_, member, d, h) \
	{ \
		.name = (n), .type = CONF_TEXT, .offset = offsetof(type_, member), \
		.def_text = (d), .help = (h) \
	}
#define CONF_OPT_LIST(n, type_, member, d, h) \
	{ \
		.name = (n), .type = CONF_LIST, .offset = offsetof(type_, member), \
		.def_text = (d), .help = (h) \
	}
#define CONF_OPT_CHOICE(n, type_, member, d, c, h) \
	{ \
		.name = (n), .type = CONF_CHOICE, .offset = offsetof(type_, member), \
		.def = (d), .choices = (c), .help = (h) \
	}

/* Fill VALUES with the table's defaults. */
void conf_defaults(struct arena *arena, const struct conf_option *options, void *values);
