/*
 * defs.h - the handful of attributes and macros that every file may use.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_arg, first_arg) \
	__attribute__((format(printf, format_arg, first_arg)))
#define NORETURN __attribute__((noreturn))

#define KIB(n) ((int64_t)(n)*1024)
#define MIB(n) ((int64_t)(n)*1024 * 1024)
#define SECONDS(n) ((int64_t)(n)*1000) /* durations are int64_t milliseconds everywhere */
#define MINUTES(n) ((int64_t)(n)*60 * 1000)
#define HOURS(n) ((int64_t)(n)*3600 * 1000)

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/*
 * A broken invariant stops the process, in every build: the store is consistent at any instant,
 * and going on with wrong state is worse.  Bad input is never an assert.
 */
#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))
NORETURN void assert_failed(const char *cond, const char *file, int line);
