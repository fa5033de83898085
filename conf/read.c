/*
 * read.c - the configuration file through libconfuse.
 *
 * Every option is text to libconfuse; our tables say what the text means.  Values are read as
 * they are parsed, when libconfuse still knows file and line.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/conf.h"
#include "conf/text.h"
#include "conf/value.h"

#include "server/base/err.h"
#include "server/base/mem.h"

#include <confuse.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOSTS_MAX 4096
#define CALLS 3         /* include, END_OF_FILE, the table's end */
#define INCLUDES_MAX 10 /* one in another */
#define NOT_GIVEN \
	"(not given)" /* what a list holds before the file sets it, be it to nothing */
#define END_OF_FILE \
	"end-of-file" /* called behind the file's last line: a mistake inside of a block */

/*
 * Where an option (cfg_opt_t) was set, or a block (cfg_t) begins; libconfuse knows only where
 * it is now.
 */
struct place {
	const struct place *next;
	const void *what;
	const char *file;
	int line;
};

struct reader {
	struct conf *conf;
	struct arena *arena;
	const struct conf_context *context;
	const struct place *places;
	const cfg_t
		/* what the file stands in: the root, or the block that includes it */
		*base;
	bool first_pass; /* options outside of blocks, and no word about wrong values */
	size_t mistakes;
	unsigned depth; /* of includes */
};

/*
 * libconfuse calls back without a context of ours, so the reader at work on this thread stands
 * here.
 */
static _Thread_local struct reader *reading;

/* ---- mistakes ---- */

/* LINE 0: the file as a whole. */
static void mistake_at(const char *file, int line, struct str what)
{
	struct arena *arena = arena_new(512);
	struct str text =
		line > 0 ? arena_printf(arena, "%s:%d: " STR_FMT, file, line, STR_ARG(what))
			 : arena_printf(arena, "%s: " STR_FMT, file, STR_ARG(what));

	reading->mistakes++;
	reading->context->report(reading->context->report_arg, text.p);
	arena_free(&arena);
}

/* Where CFG is being read now. */
static void mistake(const cfg_t *cfg, struct str what)
{
	mistake_at(cfg->filename == NULL ? reading->conf->file.p : cfg->filename, cfg->line,
	           what);
}

static void note_place(const void *what, const cfg_t *cfg)
{
	struct place *place;

	if (cfg->filename == NULL)
		return;
	place = ARENA_NEW(reading->arena, struct place);
	place->next = reading->places;
	place->what = what;
	place->file = arena_copy(reading->arena, str_of(cfg->filename)).p;
	place->line = cfg->line;
	reading->places = place;
}

/* Where WHAT was noted last. */
static const struct place *find_place(const void *what)
{
	const struct place *place = reading->places;

	while (place != NULL && place->what != what)
		place = place->next;
	return place;
}

static void mistake_in(const void *what, struct str text)
{
	const struct place *place = find_place(what);

	if (place == NULL)
		mistake_at(reading->conf->file.p, 0, text);
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

static const struct conf_module *find_module(const char *name)
{
	for (size_t i = 0; i < reading->context->n_modules; i++)
		if (strcmp(reading->context->modules[i].name, name) == 0)
			return &reading->context->modules[i];
	return NULL;
}

static const struct conf_option *table_of(const cfg_t *cfg)
{
	const struct conf_module *module = find_module(cfg->name);

	if (module != NULL)
		return module->options;
	return strcmp(cfg->name, "host") == 0 ? conf_host_table : conf_global_table;
}

static const struct conf_option *row_of(const cfg_t *cfg, const char *name)
{
	for (const struct conf_option *o = table_of(cfg); o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
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
	note_place(row->type == CONF_LIST && strcmp(text, NOT_GIVEN) == 0 ? (const void *)cfg
	                                                                  : opt,
	           cfg);
	if (row->type == CONF_LIST)
		return 0;
	if (conf_value(reading->arena, row, text, &value, &expected) < 0 &&
	    !reading->first_pass)
		mistake(cfg, arena_printf(reading->arena, "%s = \"%s\": expected " STR_FMT,
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

static int on_end(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	if (cfg == reading->base)
		return 0;
	mistake_in(cfg, arena_printf(reading->arena, "%s: this block does not end: expected }",
	                             cfg->name));
	return 1;
}

static int on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv);

/* What may be called anywhere. */
static void add_calls(cfg_opt_t *at)
{
	cfg_opt_t include = CFG_FUNC("include", on_include);
	cfg_opt_t end = CFG_FUNC(END_OF_FILE, on_end);

	*at++ = include;
	*at++ = end;
	*at = (cfg_opt_t)CFG_END();
}

static cfg_opt_t *add_modules(cfg_opt_t *at)
{
	for (size_t i = 0; i < reading->context->n_modules; i++) {
		const struct conf_module *m = &reading->context->modules[i];
		cfg_opt_t *rows =
			ARENA_ARRAY(reading->arena, cfg_opt_t, table_size(m->options) + CALLS);
		cfg_opt_t section =
			CFG_SEC(m->name, rows, CFGF_NODEFAULT | CFGF_NO_TITLE_DUPES);

		add_calls(add_rows(rows, m->options));
		*at++ = section;
	}
	return at;
}

static cfg_t *make_parser(cfg_flag_t flags)
{
	size_t n_mods = reading->context->n_modules;
	cfg_opt_t *host = ARENA_ARRAY(reading->arena, cfg_opt_t,
	                              table_size(conf_host_table) + n_mods + CALLS);
	cfg_opt_t *root = ARENA_ARRAY(reading->arena, cfg_opt_t,
	                              table_size(conf_global_table) + n_mods + 1 + CALLS);
	cfg_opt_t hosts =
		CFG_SEC("host", host, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | flags);
	cfg_opt_t *at;
	cfg_t *cfg;

	add_calls(add_modules(add_rows(host, conf_host_table)));
	at = add_modules(add_rows(root, conf_global_table));
	*at++ = hosts;
	add_calls(at);
	cfg = cfg_init(root, flags);
	ASSERT(cfg != NULL);
	cfg_set_error_function(cfg, on_error);
	return cfg;
}

/* ---- files ---- */

static const char *path_beside(struct arena *arena, const char *file, const char *name)
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
	const cfg_t *base = reading->base;
	char *file_before = cfg->filename;
	int line_before = cfg->line, result;
	FILE *from = fmemopen(text->p, text->n, "r");

	ASSERT(from != NULL);
	cfg->filename = strdup(file);
	reading->base = cfg;
	result = cfg_parse_fp(cfg, from);
	reading->base = base;
	free(cfg->filename);
	cfg->filename = file_before;
	cfg->line = line_before;
	fclose(from);
	return result == CFG_SUCCESS ? 0 : ERR_CONFIG;
}

/* Read FILE as if it stood in CFG.  0; ERR_CONFIG, reported; or -errno, not yet reported. */
static int parse_file(cfg_t *cfg, const char *file)
{
	struct buf text = { 0 };
	int err = text_read(file, &text);

	if (err == 0) {
		if (reading->first_pass)
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

	if (reading->depth >= INCLUDES_MAX) {
		mistake(cfg, arena_printf(reading->arena,
		                          "include(\"%s\"): more than %d files one in another",
		                          name, INCLUDES_MAX));
		return ERR_CONFIG;
	}
	reading->depth++;
	err = parse_file(cfg, file);
	reading->depth--;
	if (err < 0 && err != ERR_CONFIG)
		mistake(cfg, arena_printf(reading->arena, "include(\"%s\"): cannot be read: %s",
		                          name, strerror(-err)));
	return err;
}

/* A name with wildcards may match nothing; one without must be there. */
static int include_all(cfg_t *cfg, const char *name)
{
	glob_t files;
	int err = 0;

	if (glob(path_beside(reading->arena, cfg->filename, name), GLOB_NOMAGIC, NULL,
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

/* ---- values ---- */

static struct conf_list read_list(cfg_opt_t *opt)
{
	size_t n = cfg_opt_size(opt);
	struct str *items = ARENA_ARRAY(reading->arena, struct str, n);

	for (size_t i = 0; i < n; i++)
		items[i] =
			arena_copy(reading->arena, str_of(cfg_opt_getnstr(opt, (unsigned)i)));
	return (struct conf_list){ .items = items, .n = n };
}

static bool is_given(cfg_opt_t *opt, enum conf_type type)
{
	const char *first = cfg_opt_size(opt) == 0 ? NULL : cfg_opt_getnstr(opt, 0);

	if (type == CONF_LIST)
		return first == NULL || strcmp(first, NOT_GIVEN) != 0;
	return first != NULL;
}

/* What CFG says over what VALUES holds. */
static void fill(cfg_t *cfg, const struct conf_option *options, void *values)
{
	for (const struct conf_option *o = options; cfg != NULL && o != NULL && o->name != NULL;
	     o++) {
		cfg_opt_t *opt = cfg_getopt(cfg, o->name);
		void *at = (char *)values + o->offset;
		struct str expected;

		if (opt == NULL || !is_given(opt, o->type))
			continue;
		if (o->type == CONF_LIST)
			*(struct conf_list *)at = read_list(opt);
		else if (conf_value(reading->arena, o, cfg_opt_getnstr(opt, 0), at, &expected) <
		         0)
			ASSERT(reading->mistakes > 0 ||
			       reading->first_pass); /* on_value reported it */
	}
}

/* Why a file cannot be read; NULL: it can. */
static const char *why_unreadable(const char *file)
{
	struct stat st;

	if (access(file, R_OK) < 0 || stat(file, &st) < 0)
		return strerror(errno);
	return S_ISDIR(st.st_mode) ? strerror(EISDIR) : NULL;
}

/* A path beside the configuration file, unless it is whole already. */
static struct str beside(struct str path)
{
	if (str_is_absent(path))
		return path;
	return str_of(path_beside(reading->arena, reading->conf->file.p, path.p));
}

/* ---- hosts ---- */

/* Where the option of a host was set. */
static void mistake_of(cfg_t *cfg, const char *option, struct str what)
{
	mistake_in(cfg_getopt(cfg, option), what);
}

static void check_file(cfg_t *cfg, const char *option, struct str path)
{
	const char *why;

	if (str_is_absent(path)) {
		mistake_in(cfg, arena_printf(reading->arena,
		                             "host \"%s\" has no %s: name a PEM file",
		                             cfg_title(cfg), option));
		return;
	}
	why = why_unreadable(path.p);
	if (why != NULL)
		mistake_of(cfg, option,
		           arena_printf(reading->arena, "%s = \"%s\": cannot be read: %s",
		                        option, path.p, why));
}

static void prepare_admins(cfg_t *cfg, struct conf_list *admins)
{
	struct str *items = ARENA_ARRAY(reading->arena, struct str, admins->n);

	for (size_t i = 0; i < admins->n; i++)
		if (reading->context->prepare_account(reading->arena, admins->items[i],
		                                      &items[i]) < 0)
			mistake_of(cfg, "admins",
			           arena_printf(reading->arena,
			                        "admins: \"%s\": expected user@host",
			                        admins->items[i].p));
	admins->items = items;
}

static bool list_has(const struct conf_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_is(list->items[i], name))
			return true;
	return false;
}

static void check_module_names(cfg_t *cfg, const char *option, const struct conf_list *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (find_module(names->items[i].p) == NULL)
			mistake_of(cfg, option,
			           arena_printf(reading->arena, "%s: there is no module \"%s\"",
			                        option, names->items[i].p));
}

/* A module's values: its defaults, then the file's section, then the host's. */
static void read_modules(cfg_t *root, cfg_t *cfg, struct conf_host *h)
{
	h->on = ARENA_ARRAY(reading->arena, bool, reading->context->n_modules + 1);
	h->values = ARENA_ARRAY(reading->arena, void *, reading->context->n_modules + 1);
	for (size_t i = 0; i < reading->context->n_modules; i++) {
		const struct conf_module *m = &reading->context->modules[i];

		h->on[i] = h->o.modules.n > 0 ? list_has(&h->o.modules, m->name) : m->enabled;
		h->on[i] = h->on[i] && !list_has(&h->o.without, m->name);
		if (m->size == 0)
			continue;
		h->values[i] = arena_zalloc(reading->arena, m->size);
		conf_defaults(reading->arena, m->options, h->values[i]);
		fill(cfg_size(root, m->name) > 0 ? cfg_getsec(root, m->name) : NULL, m->options,
		     h->values[i]);
		fill(cfg_size(cfg, m->name) > 0 ? cfg_getsec(cfg, m->name) : NULL, m->options,
		     h->values[i]);
	}
}

static void read_host(cfg_t *root, cfg_t *cfg, struct conf_host *h)
{
	struct str name = str_of(cfg_title(cfg));

	h->line = find_place(cfg)->line;
	if (reading->context->prepare_domain(reading->arena, name, &h->name) < 0)
		mistake_in(cfg, arena_printf(reading->arena,
		                             "host \"" STR_FMT "\": expected a domain name",
		                             STR_ARG(name)));
	h->name = arena_copy(reading->arena, h->name);
	conf_defaults(reading->arena, conf_host_table, &h->o);
	fill(cfg, conf_host_table, &h->o);
	h->o.certificate = beside(h->o.certificate);
	h->o.key = beside(h->o.key);
	h->o.client_ca = beside(h->o.client_ca);
	check_file(cfg, "certificate", h->o.certificate);
	check_file(cfg, "key", h->o.key);
	if (!str_is_absent(h->o.client_ca))
		check_file(cfg, "client-ca", h->o.client_ca);
	prepare_admins(cfg, &h->o.admins);
	check_module_names(cfg, "modules", &h->o.modules);
	check_module_names(cfg, "without", &h->o.without);
	read_modules(root, cfg, h);
}

static void read_hosts(cfg_t *root)
{
	struct conf *conf = reading->conf;
	size_t n = cfg_size(root, "host");

	if (n == 0)
		mistake_in(NULL, STR("no host is served: add  host \"example.org\" { … }"));
	if (n > HOSTS_MAX)
		mistake_in(NULL, STR("too many hosts"));
	if (reading->mistakes > 0)
		return;
	conf->hosts = ARENA_ARRAY(reading->arena, struct conf_host, n);
	for (size_t i = 0; i < n; i++)
		read_host(root, cfg_getnsec(root, "host", (unsigned)i), &conf->hosts[i]);
	conf->n_hosts = n;
	for (size_t i = 0; i < n; i++)
		if (conf_host(conf, conf->hosts[i].name) != &conf->hosts[i])
			mistake_in(cfg_getnsec(root, "host", (unsigned)i),
			           arena_printf(reading->arena,
			                        "host \"" STR_FMT
			                        "\": this host stands in the file already",
			                        STR_ARG(conf->hosts[i].name)));
}

/* ---- the whole ---- */

static void add_listen(struct str address, int64_t port, enum conf_listen_kind kind)
{
	struct conf *conf = reading->conf;

	if (port != 0)
		conf->listen[conf->n_listen++] = (struct conf_listen){ .address = address,
			                                               .port = (uint16_t)port,
			                                               .kind = kind };
}

static void read_global(cfg_t *root)
{
	struct conf *conf = reading->conf;

	conf_defaults(reading->arena, conf_global_table, &conf->o);
	fill(root, conf_global_table, &conf->o);
	conf->o.data = beside(conf->o.data);
	if (str_is_absent(conf->o.control))
		conf->o.control = arena_concat(reading->arena, conf->o.data, STR("/control"));
	else
		conf->o.control = beside(conf->o.control);
	conf->o.module_folder = beside(conf->o.module_folder);
	conf->listen =
		ARENA_ARRAY(reading->arena, struct conf_listen, 2 * conf->o.listen_c2s.n + 1);
	for (size_t i = 0; i < conf->o.listen_c2s.n; i++) {
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_c2s, LISTEN_C2S);
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_c2s_tls, LISTEN_C2S_TLS);
	}
}

static int parse(struct reader *r, const char *file, cfg_flag_t flags, void (*use)(cfg_t *root))
{
	cfg_t *root;
	int err;

	reading = r;
	root = make_parser(flags);
	err = parse_file(root, file);
	if (err < 0 && err != ERR_CONFIG)
		mistake_at(file, 0,
		           arena_printf(r->arena, "cannot be read: %s", strerror(-err)));
	if (err == 0)
		use(root);
	cfg_free(root);
	reading = NULL;
	return err == 0 && r->mistakes > 0 ? ERR_CONFIG : err;
}

static struct conf *conf_new(const char *file)
{
	struct conf *conf = MEM_NEW(struct conf);

	conf->arena = arena_new(4096);
	conf->file = arena_copy(conf->arena, str_of(file));
	return conf;
}

static void use_all(cfg_t *root)
{
	read_global(root);
	read_hosts(root);
}

static int run(struct reader *r, const char *file, cfg_flag_t flags, void (*use)(cfg_t *root),
               struct conf **conf_out)
{
	int err;

	r->conf = conf_new(file);
	r->arena = r->conf->arena;
	err = parse(r, file, flags, use);
	if (err < 0)
		conf_free(&r->conf);
	else
		*conf_out = r->conf;
	return err;
}

int conf_read_modules(const char *file, const struct conf_context *context,
                      struct conf **conf_out)
{
	struct reader r = { .context = context, .first_pass = true };

	return run(&r, file, CFGF_IGNORE_UNKNOWN, read_global, conf_out);
}

int conf_read(const char *file, const struct conf_context *context, struct conf **conf_out)
{
	struct reader r = { .context = context };

	return run(&r, file, CFGF_NONE, use_all, conf_out);
}

void conf_free(struct conf **conf)
{
	struct arena *arena;

	if (*conf == NULL)
		return;
	arena = (*conf)->arena;
	arena_free(&arena);
	free(*conf);
	*conf = NULL;
}

const struct conf_host *conf_host(const struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->n_hosts; i++)
		if (str_eq(conf->hosts[i].name, name))
			return &conf->hosts[i];
	return NULL;
}
