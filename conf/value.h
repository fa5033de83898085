/*
 * value.h - from the text of an option to its value, and the words for what was expected
 * instead.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/option.h"

/*
 * Read TEXT as a value of option O (any type but CONF_LIST) into AT.  0, or ERR_INVALID with a
 * phrase in ARENA that says what was expected: "a size from 1 KiB to 16 MiB".
 */
MUST_CHECK int conf_value(struct arena *arena, const struct conf_option *o, const char *text,
                          void *at, struct str *expected_out);
/* A value of a bounded or bool or choice option as text: "64 KiB", "true", "replace". */
struct str conf_print(struct arena *arena, const struct conf_option *o, int64_t value);
/* Items separated by single spaces; NULL: none. */
struct conf_list conf_split(struct arena *arena, const char *text);
