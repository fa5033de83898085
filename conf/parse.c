/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/parse.h"

#include "conf/text.h"
#include "conf/value.h"
#include "server/base/err.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS 4         /* BEGIN, include, END_OF_FILE, the table's end */
#define INCLUDES_MAX 10 /* one in another */
#define FILES_MAX 10000 /* read for one configuration, each time that it is included */
/*
 * what a list holds before the file sets it, be it to nothing; libconfuse adds it once more
 * where the list's block is opened again
 */
#define NOT_GIVEN "(not given)"
/* a list that no file sets: what it holds is set as any list's when its block begins */
#define BEGIN " "
/* called behind the file's last line: a mistake inside of a block */
#define END_OF_FILE "end-of-file"

_Thread_local struct reader *conf_reading;

/* ---- mistakes ---- */

/* LINE 0: the file as a whole. */
static void mistake_at(const char *file, int line, struct str what)
{
	struct arena *arena = arena_new(512);
	struct str text =
		line > 0 ? arena_printf(arena, "%s:%d: " STR_FMT, file, line, STR_ARG(what))
			 : arena_printf(arena, "%s: " STR_FMT, file, STR_ARG(what));

	conf_reading->mistakes++;
	conf_reading->context->report(conf_reading->context->report_arg, text.p);
	arena_free(&arena);
}

/* Where CFG is being read now. */
static void mistake(const cfg_t *cfg, struct str what)
{
	mistake_at(cfg->filename == NULL ? conf_reading->conf->file.p : cfg->filename,
	           cfg->line, what);
}

static void note_place(const void *what, const cfg_t *cfg)
{
	struct place *place;

	if (cfg->filename == NULL)
		return;
	place = ARENA_NEW(conf_reading->arena, struct place);
	place->next = conf_reading->places;
	place->what = what;
	place->file = arena_copy(conf_reading->arena, str_of(cfg->filename)).p;
	place->line = cfg->line;
	conf_reading->places = place;
}

/* Where WHAT was noted last. */
const struct place *conf_find_place(const void *what)
{
	const struct place *place = conf_reading->places;

	while (place != NULL && place->what != what)
		place = place->next;
	return place;
}

void conf_mistake(const void *what, struct str text)
{
	const struct place *place = conf_find_place(what);

	if (place == NULL)
		mistake_at(conf_reading->conf->file.p, 0, text);
	else
		mistake_at(place->file, place->line, text);
}

static void on_error(cfg_t *cfg, const char *format, va_list args) PRINTF_LIKE(2, 0);
static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	mistake(cfg, str_of(text));
}

/* ---- tables to libconfuse's ---- */

const struct conf_module *conf_find_module(const char *name)
{
	for (size_t i = 0; i < conf_reading->context->n_modules; i++)
		if (strcmp(conf_reading->context->modules[i].name, name) == 0)
			return &conf_reading->context->modules[i];
	return NULL;
}

static const struct conf_option *table_of(const cfg_t *cfg)
{
	const struct conf_module *module = conf_find_module(cfg->name);

	if (module != NULL)
		return module->options;
	if (strcmp(cfg->name, "peer") == 0)
		return conf_peer_table;
	if (strcmp(cfg->name, "component") == 0)
		return conf_component_table;
	return strcmp(cfg->name, "host") == 0 ? conf_host_table : conf_global_table;
}

static const struct conf_option *row_of(const cfg_t *cfg, const char *name)
{
	for (const struct conf_option *o = table_of(cfg); o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

bool conf_is_item(cfg_opt_t *list, size_t i)
{
	return strcmp(cfg_opt_getnstr(list, (unsigned)i), NOT_GIVEN) != 0;
}

/*
 * Called for each value as it is set, and for what lists hold when their block begins.  A value
 * that cannot be read is reported now, with its line; it is read once more when the section's
 * values are filled.
 */
static int on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct conf_option *row = row_of(cfg, cfg_opt_name(opt));
	char *text = cfg_opt_getnstr(opt, 0);
	struct str expected;
	union {
		bool b;
		int64_t n;
		struct str s;
	} value;

	if (row == NULL || text == NULL)
		return 0;
	if (row->type != CONF_LIST || conf_is_item(opt, cfg_opt_size(opt) - 1))
		note_place(opt, cfg);
	if (row->type == CONF_LIST)
		return 0;
	if (conf_value(conf_reading->arena, row, text, &value, &expected) < 0 &&
	    !conf_reading->first_pass)
		mistake(cfg, arena_printf(conf_reading->arena, "%s = \"%s\": expected " STR_FMT,
		                          row->name, text, STR_ARG(expected)));
	return 0;
}

static size_t table_size(const struct conf_option *options)
{
	size_t n = 0;

	while (options != NULL && options[n].name != NULL)
		n++;
	return n;
}

static cfg_opt_t *add_rows(cfg_opt_t *at, const struct conf_option *options)
{
	for (; options != NULL && options->name != NULL; options++) {
		cfg_opt_t list = CFG_STR_LIST(options->name, "{\"" NOT_GIVEN "\"}", CFGF_NONE);
		cfg_opt_t text = CFG_STR(options->name, NULL, CFGF_NODEFAULT);

		*at = options->type == CONF_LIST ? list : text;
		at->validcb = on_value;
		at++;
	}
	return at;
}

static int on_begin(cfg_t *cfg, cfg_opt_t *opt)
{
	note_place(cfg, cfg);
	return 0;
}

static int on_end(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	conf_reading->ended = true;
	if (cfg == conf_reading->base)
		return 0;
	conf_mistake(cfg, arena_printf(conf_reading->arena,
	                               "%s: this block does not end: expected }", cfg->name));
	return 1;
}

static int on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv);

/* What may be called anywhere, and what tells that a block begins. */
static void add_calls(cfg_opt_t *at)
{
	cfg_opt_t begin = CFG_STR_LIST(BEGIN, "{\"" NOT_GIVEN "\"}", CFGF_NONE);
	cfg_opt_t include = CFG_FUNC("include", on_include);
	cfg_opt_t end = CFG_FUNC(END_OF_FILE, on_end);

	begin.validcb = on_begin;
	*at++ = begin;
	*at++ = include;
	*at++ = end;
	*at = (cfg_opt_t)CFG_END();
}

static cfg_opt_t *add_modules(cfg_opt_t *at)
{
	for (size_t i = 0; i < conf_reading->context->n_modules; i++) {
		const struct conf_module *m = &conf_reading->context->modules[i];
		cfg_opt_t *rows = ARENA_ARRAY(conf_reading->arena, cfg_opt_t,
		                              table_size(m->options) + CALLS);
		cfg_opt_t section =
			CFG_SEC(m->name, rows, CFGF_NODEFAULT | CFGF_NO_TITLE_DUPES);

		add_calls(add_rows(rows, m->options));
		*at++ = section;
	}
	return at;
}

static cfg_t *make_parser(cfg_flag_t flags)
{
	size_t n_mods = conf_reading->context->n_modules;
	cfg_opt_t *host = ARENA_ARRAY(conf_reading->arena, cfg_opt_t,
	                              table_size(conf_host_table) + n_mods + CALLS);
	cfg_opt_t *root = ARENA_ARRAY(conf_reading->arena, cfg_opt_t,
	                              table_size(conf_global_table) + n_mods + 3 + CALLS);
	cfg_opt_t *peer = ARENA_ARRAY(conf_reading->arena, cfg_opt_t,
	                              table_size(conf_peer_table) + CALLS);
	cfg_opt_t *component = ARENA_ARRAY(conf_reading->arena, cfg_opt_t,
	                                   table_size(conf_component_table) + CALLS);
	cfg_opt_t peers =
		CFG_SEC("peer", peer, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | flags);
	cfg_opt_t components = CFG_SEC("component", component,
	                               CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | flags);
	cfg_opt_t hosts =
		CFG_SEC("host", host, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | flags);
	cfg_opt_t *at;
	cfg_t *cfg;

	add_calls(add_modules(add_rows(host, conf_host_table)));
	add_calls(add_rows(peer, conf_peer_table));
	add_calls(add_rows(component, conf_component_table));
	at = add_modules(add_rows(root, conf_global_table));
	*at++ = hosts;
	*at++ = peers;
	*at++ = components;
	add_calls(at);
	cfg = cfg_init(root, flags);
	ASSERT(cfg != NULL);
	cfg_set_error_function(cfg, on_error);
	return cfg;
}

static bool has_items(cfg_opt_t *list)
{
	for (size_t i = 0; i < cfg_opt_size(list); i++)
		if (conf_is_item(list, i))
			return true;
	return false;
}

bool conf_is_added_to(cfg_opt_t *list)
{
	return has_items(list) && !conf_is_item(list, 0);
}

bool conf_is_given(cfg_opt_t *opt, enum conf_type type)
{
	if (type == CONF_LIST)
		return cfg_opt_size(opt) == 0 || has_items(opt);
	return cfg_opt_size(opt) > 0 && cfg_opt_getnstr(opt, 0) != NULL;
}

/* ---- files ---- */

const char *conf_path_beside(struct arena *arena, const char *file, const char *name)
{
	size_t folder = strlen(file);

	while (folder > 0 && file[folder - 1] != '/')
		folder--;
	return name[0] == '/' ? name
	                      : arena_concat(arena, str_make(file, folder), str_of(name)).p;
}

/*
 * libconfuse's own include ends the process at a folder, and reads past blocks that do not end:
 * so it is not used.
 */
static int parse_text(cfg_t *cfg, const char *file, struct buf *text)
{
	const cfg_t *base = conf_reading->base;
	char *file_before = cfg->filename;
	size_t mistakes_before = conf_reading->mistakes;
	int line_before = cfg->line, result;
	FILE *from = fmemopen(text->p, text->n, "r");

	ASSERT(from != NULL);
	cfg->filename = strdup(file);
	conf_reading->base = cfg;
	conf_reading->ended = false;
	result = cfg_parse_fp(cfg, from);
	if (result == CFG_SUCCESS && !conf_reading->ended) {
		cfg->line -= 2; /* END_OF_FILE's and the one behind it */
		mistake(cfg, STR("a comment that does not end: expected */"));
		result = CFG_PARSE_ERROR;
	} else if (result != CFG_SUCCESS && conf_reading->mistakes == mistakes_before) {
		mistake(cfg, STR("expected name = value, or name { … }"));
	}
	conf_reading->base = base;
	conf_reading->ended = false;
	free(cfg->filename);
	cfg->filename = file_before;
	cfg->line = line_before;
	fclose(from);
	return result == CFG_SUCCESS ? 0 : ERR_CONFIG;
}

/* The line of the first C. */
static int line_of(const struct buf *text, char c)
{
	int line = 1;

	for (size_t i = 0; i < text->n && text->p[i] != c; i++)
		line += text->p[i] == '\n';
	return line;
}

/* Read FILE as if it stood in CFG.  0; ERR_CONFIG, reported; or -errno, not yet reported. */
static int parse_file(cfg_t *cfg, const char *file)
{
	struct buf text = { 0 };
	int err = text_read(file, &text);

	if (err == 0 && memchr(text.p, '\0', text.n) != NULL) {
		mistake_at(file, line_of(&text, '\0'), STR("expected text, found a NUL byte"));
		err = ERR_CONFIG;
	}
	if (err == 0) {
		if (conf_reading->first_pass)
			text_blank_blocks(&text);
		buf_append(&text, STR("\n" END_OF_FILE "()\n"));
		err = parse_text(cfg, file, &text);
	}
	buf_deinit(&text);
	return err;
}

static int include_one(cfg_t *cfg, const char *name, const char *file)
{
	int err;

	if (conf_reading->depth >= INCLUDES_MAX) {
		mistake(cfg, arena_printf(conf_reading->arena,
		                          "include(\"%s\"): more than %d files one in another",
		                          name, INCLUDES_MAX));
		return ERR_CONFIG;
	}
	if (++conf_reading->files > FILES_MAX) {
		mistake(cfg,
		        arena_printf(conf_reading->arena, "include(\"%s\"): more than %d files",
		                     name, FILES_MAX));
		return ERR_CONFIG;
	}
	conf_reading->depth++;
	err = parse_file(cfg, file);
	conf_reading->depth--;
	if (err < 0 && err != ERR_CONFIG)
		mistake(cfg,
		        arena_printf(conf_reading->arena, "include(\"%s\"): cannot be read: %s",
		                     name, strerror(-err)));
	return err;
}

/* A name with wildcards may match nothing; one without must be there. */
static int include_all(cfg_t *cfg, const char *name)
{
	glob_t files;
	int err = 0;

	if (glob(conf_path_beside(conf_reading->arena, cfg->filename, name), GLOB_NOMAGIC, NULL,
	         &files) != 0)
		return 0;
	for (size_t i = 0; i < files.gl_pathc && err == 0; i++)
		err = include_one(cfg, name, files.gl_pathv[i]);
	globfree(&files);
	return err;
}

static int on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	if (argc != 1) {
		mistake(cfg, STR("include takes one file"));
		return 1;
	}
	return include_all(cfg, argv[0]) < 0;
}

/* ---- the whole ---- */

int conf_parse(struct reader *r, const char *file, cfg_flag_t flags, void (*use)(cfg_t *root))
{
	cfg_t *root;
	int err;

	conf_reading = r;
	root = make_parser(flags);
	err = parse_file(root, file);
	if (err < 0 && err != ERR_CONFIG)
		mistake_at(file, 0,
		           arena_printf(r->arena, "cannot be read: %s", strerror(-err)));
	if (err == 0)
		use(root);
	cfg_free(root);
	conf_reading = NULL;
	return err == 0 && r->mistakes > 0 ? ERR_CONFIG : err;
}
