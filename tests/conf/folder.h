/*
 * folder.h - a folder of configuration files for the tests of this folder, and what reading
 * them says.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/conf.h"
#include "server/base/buf.h"
#include "tests/lib/check_main.h"

/* What a module of the tests can be told. */
struct gate_conf {
	bool open;
	int64_t width, weight, wait, side;
	struct str label;
	struct conf_list guests;
};
extern const struct conf_option gate_options[];

/* "gate", on by default; "cellar", off by default; "moat", without options. */
extern const struct conf_module test_modules[];

struct folder {
	char path[64];
	struct arena *arena;
	struct conf *conf; /* of the last reading, when it went well */
	struct buf lines;  /* what the last reading reported, the folder's path left out */
};

/* Has a.crt and a.key, which every host may name. */
void folder_open(struct folder *f);
void folder_close(struct folder *f);
/* Write a file.  Names may have folders before them. */
void folder_write(struct folder *f, const char *name, const char *text);
const char *folder_file(struct folder *f, const char *name);
/* A conf_report_fn that gathers the lines. */
void folder_report(void *folder, const char *line);
/* Read jackdaw.conf, made of TEXT. */
int folder_read(struct folder *f, const char *text);
int folder_read_again(struct folder *f);

/* A host that has all that it needs. */
#define HOST_FILES "certificate = \"a.crt\"\nkey = \"a.key\"\n"
#define A_HOST "host \"a.example\" {\n" HOST_FILES "}\n"

/* TEXT is refused with exactly these lines, FILE:LINE and all. */
#define expect_mistakes(f, text, literal) \
	do { \
		ck_assert_int_eq(folder_read((f), (text)), ERR_CONFIG); \
		ck_assert_ptr_null((f)->conf); \
		ck_assert_str_is(buf_str(&(f)->lines), literal); \
	} while (0)
#define expect_good(f, text) \
	do { \
		int good_err = folder_read((f), (text)); \
\
		ck_assert_str_is(buf_str(&(f)->lines), ""); \
		ck_assert_int_eq(good_err, 0); \
	} while (0)
