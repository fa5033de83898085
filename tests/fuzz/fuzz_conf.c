/*
 * fuzz_conf.c - configuration files: whatever they hold, mistakes are told and nothing of one
 * reading reaches the next.
 *
 * The input is several files, cut at lines "----": the first is f0, which is read; it may
 * include the others, f1, f2 and so on, which lie beside it.
 *
 *  - 0 and a configuration, or an error and at least one line; each line names one of the files.
 *  - What is read obeys its table: bounds, choices, a default where nothing is given.
 *  - Read once more, it says the same; and a good file is read well after any other.
 *  - Blanking blocks moves nothing and leaves no block behind, so that it can be done twice.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/conf.h"
#include "conf/text.h"
#include "server/base/err.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 6
#define HOST \
	"host \"a.example\" {\ncertificate = \"/dev/null\"\nkey = \"/dev/null\"\n" \
	"gate { width = 7 }\n}\n"

struct gate_conf {
	bool open;
	int64_t width, weight, wait, side;
	struct str label;
	struct conf_list guests;
};

#define GATE struct gate_conf
static const char *const sides[] = { "left", "right", NULL };
static const struct conf_option gate_options[] = {
	CONF_OPT_BOOL("open", GATE, open, true, ""),
	CONF_OPT_INT("width", GATE, width, 3, -5, 100, ""),
	CONF_OPT_BYTES("weight", GATE, weight, KIB(2), 1, MIB(1), ""),
	CONF_OPT_TIME("wait", GATE, wait, SECONDS(30), 0, HOURS(48), ""),
	CONF_OPT_CHOICE("side", GATE, side, 1, sides, ""),
	CONF_OPT_TEXT("label", GATE, label, NULL, ""),
	CONF_OPT_LIST("guests", GATE, guests, "anne bob", ""),
	{ 0 },
};
static const struct conf_module modules[] = {
	{ .name = "gate",
	  .options = gate_options,
	  .size = sizeof(struct gate_conf),
	  .enabled = true },
	{ .name = "moat" },
};

/*
 * libconfuse 3.3 forgets the arguments of a call that is broken, include("a" "b"): nothing that
 * we could free.  What our own code allocates is still looked for.
 */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfuse.so\n";
}

/* ---- files ---- */

static char folder[] = "/tmp/jackdaw-fuzz-XXXXXX";

static const char *path_of(unsigned number)
{
	static char path[sizeof(folder) + 16];

	snprintf(path, sizeof(path), "%s/f%u", folder, number);
	return path;
}

static void remove_folder(void)
{
	for (unsigned i = 0; i < FILES; i++)
		unlink(path_of(i));
	rmdir(folder);
}

static void make_folder(void)
{
	static bool made;

	if (made)
		return;
	ASSERT(mkdtemp(folder) != NULL);
	ASSERT(atexit(remove_folder) == 0);
	made = true;
}

static void write_file(unsigned number, struct str bytes)
{
	int fd = open(path_of(number), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ASSERT(fd >= 0);
	ASSERT(write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
	close(fd);
}

static void write_files(struct str all)
{
	static const char mark[] = "\n----\n";

	for (unsigned i = 0; i < FILES; i++) {
		const char *end = all.n == 0 ? NULL : memmem(all.p, all.n, mark, strlen(mark));
		size_t n = end == NULL || i == FILES - 1 ? all.n : (size_t)(end - all.p) + 1;

		write_file(i, str_make(all.p, n));
		n += n == all.n ? 0 : strlen(mark) - 1;
		all = str_slice(all, n, all.n);
	}
}

/* ---- reading ---- */

static void gather(void *lines, const char *line)
{
	ASSERT(str_starts_with(str_of(line), str_of(folder)));
	buf_append(lines, str_of(line));
	buf_append_byte(lines, '\n');
}

static int prepare_domain(struct arena *arena, struct str text, struct str *out)
{
	*out = text;
	return text.n == 0 || text.n > 200 ? ERR_INVALID : 0;
}

static int prepare_account(struct arena *arena, struct str text, struct str *out)
{
	*out = text;
	return str_find(text, '@', 0) == text.n ? ERR_INVALID : 0;
}

typedef int read_fn(const char *file, const struct conf_context *context,
                    struct conf **conf_out);

static struct conf *read_with(read_fn *read, struct buf *lines)
{
	struct conf_context context = {
		.modules = modules,
		.n_modules = read == conf_read ? ARRAY_LEN(modules) : 0,
		.report = gather,
		.report_arg = lines,
		.prepare_domain = prepare_domain,
		.prepare_account = prepare_account,
	};
	struct conf *conf = NULL;
	int err = read(path_of(0), &context, &conf);

	ASSERT((err == 0) == (conf != NULL));
	ASSERT((err == 0) == (lines->n == 0));
	return conf;
}

/* ---- what is read ---- */

static void check_list(const struct conf_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		ASSERT(list->items[i].p[list->items[i].n] == '\0');
}

static void check_value(const struct conf_option *o, const void *at)
{
	int64_t choices = 0;

	switch (o->type) {
	case CONF_BOOL:
		break;
	case CONF_TEXT:
		ASSERT(o->def_text == NULL || !str_is_absent(*(const struct str *)at));
		break;
	case CONF_LIST:
		check_list(at);
		break;
	case CONF_CHOICE:
		while (o->choices[choices] != NULL)
			choices++;
		ASSERT(*(const int64_t *)at >= 0 && *(const int64_t *)at < choices);
		break;
	default:
		ASSERT(*(const int64_t *)at >= o->min && *(const int64_t *)at <= o->max);
		break;
	}
}

static void check_values(const struct conf_option *options, const void *values)
{
	for (const struct conf_option *o = options; o->name != NULL; o++)
		check_value(o, (const char *)values + o->offset);
}

static void check_conf(const struct conf *conf)
{
	check_values(conf_global_table, &conf->o);
	for (size_t i = 0; i < conf->n_hosts; i++) {
		const struct conf_host *h = &conf->hosts[i];

		ASSERT(conf_host(conf, h->name) == h);
		ASSERT(h->line > 0);
		check_values(conf_host_table, &h->o);
		check_values(gate_options, h->values[0]);
		ASSERT(h->values[1] == NULL);
	}
}

static void check_reading(read_fn *read)
{
	struct buf lines = { 0 }, again_lines = { 0 };
	struct conf *conf = read_with(read, &lines);
	struct conf *again = read_with(read, &again_lines);

	ASSERT((conf == NULL) == (again == NULL));
	ASSERT(str_eq(buf_str(&lines), buf_str(&again_lines)));
	if (conf != NULL) {
		check_conf(conf);
		ASSERT(conf->n_hosts == again->n_hosts && conf->n_listen == again->n_listen);
		ASSERT(str_eq(conf->o.data, again->o.data));
	}
	conf_free(&conf);
	conf_free(&again);
	buf_deinit(&lines);
	buf_deinit(&again_lines);
}

static void check_good_file(void)
{
	struct buf lines = { 0 };
	struct conf *conf;

	write_file(0, STR("data = \"/d\"\n" HOST));
	conf = read_with(conf_read, &lines);
	ASSERT(conf != NULL && conf->n_hosts == 1 && str_is(conf->o.data, "/d"));
	ASSERT(((const struct gate_conf *)conf->hosts[0].values[0])->width == 7);
	conf_free(&conf);
	buf_deinit(&lines);
}

static void check_blanks(struct str bytes)
{
	struct buf once = { 0 }, twice = { 0 };

	buf_append(&once, bytes);
	text_blank_blocks(&once);
	ASSERT(once.n == bytes.n);
	for (size_t i = 0; i < bytes.n; i++)
		ASSERT(once.p[i] == bytes.p[i] || (once.p[i] == ' ' && bytes.p[i] != '\n'));
	buf_append(&twice, buf_str(&once));
	text_blank_blocks(&twice);
	ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
	buf_deinit(&once);
	buf_deinit(&twice);
}

/*
 * Could it include what lies elsewhere on this machine: "/" in the name, "\x2f", or a variable?
 * That would try the machine and not the reader.
 */
static bool may_leave_the_folder(struct str bytes)
{
	return str_find(bytes, '(', 0) < bytes.n &&
	       (str_find(bytes, '/', 0) < bytes.n || str_find(bytes, '\\', 0) < bytes.n ||
	        str_find(bytes, '$', 0) < bytes.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = fuzz_str(data, size);

	check_blanks(bytes);
	if (may_leave_the_folder(bytes))
		return 0;
	make_folder();
	write_files(bytes);
	check_reading(conf_read_modules);
	check_reading(conf_read);
	check_good_file();
	return 0;
}
