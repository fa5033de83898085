/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/value.h"

#include "server/base/err.h"

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit sizes[] = {
	{ "GiB", KIB(1024) * 1024 },
	{ "MiB", MIB(1) },
	{ "KiB", KIB(1) },
	{ "GB", 1000000000 },
	{ "MB", 1000000 },
	{ "kB", 1000 },
	{ "KB", 1000 },
	{ "B", 1 },
	{ "", 1 },
	{ 0 },
};
static const struct unit times[] = {
	{ "days", HOURS(24) }, { "day", HOURS(24) },  { "d", HOURS(24) },
	{ "h", HOURS(1) },     { "min", MINUTES(1) }, { "ms", 1 },
	{ "s", SECONDS(1) },   { "", SECONDS(1) },    { 0 },
};
static const struct unit none[] = {
	{ "", 1 },
	{ 0 },
};

static const struct unit *units_of(enum conf_type type)
{
	return type == CONF_BYTES ? sizes : type == CONF_TIME ? times : none;
}

/* A number, maybe a space, a unit. */
static int read_number(struct str text, const struct unit *units, int64_t *value_out)
{
	size_t digits = 0;
	int64_t number;
	struct str unit;

	while (digits < text.n && ((text.p[digits] >= '0' && text.p[digits] <= '9') ||
	                           (digits == 0 && text.p[0] == '-')))
		digits++;
	if (str_to_i64(str_slice(text, 0, digits), &number) < 0)
		return ERR_INVALID;
	unit = str_trim(str_slice(text, digits, text.n));
	for (; units->name != NULL; units++)
		if (str_is(unit, units->name))
			return __builtin_mul_overflow(number, units->factor, value_out)
			               ? ERR_INVALID
			               : 0;
	return ERR_INVALID;
}

/* In the largest unit that divides it. */
static struct str print_number(struct arena *arena, int64_t value, const struct unit *units)
{
	const struct unit *best = NULL;

	for (; units->name != NULL; units++)
		if (units->name[0] != '\0' && value % units->factor == 0 &&
		    (best == NULL || units->factor > best->factor))
			best = units;
	if (best == NULL || value == 0)
		return arena_printf(arena, "%lld", (long long)value);
	return arena_printf(arena, "%lld %s", (long long)(value / best->factor), best->name);
}

static int read_bounded(struct arena *arena, const struct conf_option *o, struct str text,
                        int64_t *at, struct str *expected_out)
{
	const struct unit *units = units_of(o->type);
	const char *what = o->type == CONF_BYTES  ? "a size"
	                   : o->type == CONF_TIME ? "a time"
	                                          : "a number";
	int64_t value;

	if (read_number(text, units, &value) == 0 && value >= o->min && value <= o->max) {
		*at = value;
		return 0;
	}
	*expected_out = arena_printf(arena, "%s from " STR_FMT " to " STR_FMT, what,
	                             STR_ARG(print_number(arena, o->min, units)),
	                             STR_ARG(print_number(arena, o->max, units)));
	return ERR_INVALID;
}

static int read_bool(struct str text, bool *at, struct str *expected_out)
{
	if (str_is(text, "true") || str_is(text, "yes") || str_is(text, "on")) {
		*at = true;
		return 0;
	}
	if (str_is(text, "false") || str_is(text, "no") || str_is(text, "off")) {
		*at = false;
		return 0;
	}
	*expected_out = STR("true or false");
	return ERR_INVALID;
}

static int read_choice(struct arena *arena, const struct conf_option *o, struct str text,
                       int64_t *at, struct str *expected_out)
{
	struct str all = STR("");

	for (int64_t i = 0; o->choices[i] != NULL; i++) {
		if (str_is(text, o->choices[i])) {
			*at = i;
			return 0;
		}
		all = arena_printf(arena, STR_FMT "%s%s", STR_ARG(all), i == 0 ? "" : ", ",
		                   o->choices[i]);
	}
	*expected_out = arena_printf(arena, "one of " STR_FMT, STR_ARG(all));
	return ERR_INVALID;
}

int conf_value(struct arena *arena, const struct conf_option *o, const char *text, void *at,
               struct str *expected_out)
{
	struct str s = str_of(text);

	switch (o->type) {
	case CONF_BOOL:
		return read_bool(s, at, expected_out);
	case CONF_TEXT:
		*(struct str *)at = arena_copy(arena, s);
		return 0;
	case CONF_CHOICE:
		return read_choice(arena, o, s, at, expected_out);
	default:
		return read_bounded(arena, o, s, at, expected_out);
	}
}

struct conf_list conf_split(struct arena *arena, const char *text)
{
	struct str rest = str_of(text), all = rest;
	struct str *items;
	size_t n = 0;

	if (str_is_empty(rest))
		return (struct conf_list){ 0 };
	for (size_t i = 0; i < all.n; i++)
		n += all.p[i] == ' ';
	items = ARENA_ARRAY(arena, struct str, n + 1);
	for (size_t i = 0; i <= n; i++)
		items[i] = arena_copy(arena, str_cut(&rest, ' '));
	return (struct conf_list){ .items = items, .n = n + 1 };
}

struct str conf_print(struct arena *arena, const struct conf_option *o, int64_t value)
{
	switch (o->type) {
	case CONF_BOOL:
		return value != 0 ? STR("true") : STR("false");
	case CONF_CHOICE:
		return str_of(o->choices[value]);
	default:
		return print_number(arena, value, units_of(o->type));
	}
}
