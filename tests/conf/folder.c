/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/conf/folder.h"

#include "server/base/err.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const sides[] = { "left", "right", NULL };

#define GATE struct gate_conf
const struct conf_option gate_options[] = {
	CONF_OPT_BOOL("open", GATE, open, true, "is it open"),
	CONF_OPT_INT("width", GATE, width, 3, -5, 100, "in feet"),
	CONF_OPT_BYTES("weight", GATE, weight, KIB(2), 1, MIB(1), "of a cart"),
	CONF_OPT_TIME("wait", GATE, wait, SECONDS(30), 0, HOURS(48), "before it shuts"),
	CONF_OPT_CHOICE("side", GATE, side, 1, sides, "where it is"),
	CONF_OPT_TEXT("label", GATE, label, NULL, "what stands on it"),
	CONF_OPT_LIST("guests", GATE, guests, "anne bob", "who may pass"),
	{ 0 },
};

const struct conf_module test_modules[] = {
	{ .name = "gate",
	  .options = gate_options,
	  .size = sizeof(struct gate_conf),
	  .enabled = true },
	{ .name = "cellar", .options = gate_options, .size = sizeof(struct gate_conf) },
	{ .name = "moat", .enabled = true },
	{ .name = "bridge", .needs = "moat" },
};

void folder_open(struct folder *f)
{
	*f = (struct folder){ .path = "/tmp/jackdaw-conf-XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(f->path));
	f->arena = arena_new(4096);
	folder_write(f, "a.crt", "certificate");
	folder_write(f, "a.key", "key");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

void folder_close(struct folder *f)
{
	conf_free(&f->conf);
	buf_deinit(&f->lines);
	arena_free(&f->arena);
	ck_assert_int_eq(nftw(f->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *folder_file(struct folder *f, const char *name)
{
	return arena_printf(f->arena, "%s/%s", f->path, name).p;
}

void folder_write(struct folder *f, const char *name, const char *text)
{
	const char *slash = strchr(name, '/');
	FILE *file;

	if (slash != NULL)
		mkdir(folder_file(
			      f,
			      arena_copy(f->arena, str_make(name, (size_t)(slash - name))).p),
		      0700);
	file = fopen(folder_file(f, name), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/*
 * Every line begins with a file's path: "/tmp/…/jackdaw.conf:3: …" becomes "jackdaw.conf:3: …".
 */
void folder_report(void *arg, const char *line)
{
	struct folder *f = arg;
	size_t n = strlen(f->path);

	for (const char *at = line; *at != '\0'; at++) {
		if (strncmp(at, f->path, n) == 0 && at[n] == '/')
			at += n + 1;
		buf_append_byte(&f->lines, *at);
	}
	buf_append_byte(&f->lines, '\n');
}

/*
 * The real ones are the XML layer's; here a domain is lower case letters, digits, "." and "-".
 */
static int prepare_domain(struct arena *arena, struct str text, struct str *out)
{
	char *lower = arena_alloc(arena, text.n + 1);

	for (size_t i = 0; i < text.n; i++) {
		lower[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] + 32
		                                                       : text.p[i]);
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", lower[i]) == NULL)
			return ERR_INVALID;
	}
	*out = str_make(lower, text.n);
	return text.n == 0 ? ERR_INVALID : 0;
}

static int prepare_account(struct arena *arena, struct str text, struct str *out)
{
	size_t at = str_find(text, '@', 0);

	*out = text;
	return at == 0 || at + 1 >= text.n ? ERR_INVALID : 0;
}

int folder_read_again(struct folder *f)
{
	const struct conf_context context = {
		.modules = test_modules,
		.n_modules = ARRAY_LEN(test_modules),
		.report = folder_report,
		.report_arg = f,
		.prepare_domain = prepare_domain,
		.prepare_account = prepare_account,
	};

	conf_free(&f->conf);
	buf_clear(&f->lines);
	return conf_read(folder_file(f, "jackdaw.conf"), &context, &f->conf);
}

int folder_read(struct folder *f, const char *text)
{
	folder_write(f, "jackdaw.conf", text);
	return folder_read_again(f);
}
