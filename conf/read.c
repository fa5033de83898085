/*
 * read.c - the configuration file through libconfuse.
 *
 * Every option is text to libconfuse; our tables say what the text means.  Values are read as they are parsed, when
 * libconfuse still knows file and line.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/conf.h"
#include "conf/value.h"

#include "server/base/err.h"
#include "server/base/mem.h"

#include <confuse.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOSTS_MAX 4096

struct reader {
	struct conf *conf;
	struct arena *arena;
	const struct conf_context *context;
	size_t mistakes;
	unsigned includes;
};

/* libconfuse calls back without a context of ours, so the reader at work on this thread stands here. */
static _Thread_local struct reader *reading;

/* ---- mistakes ---- */

static void mistake(const cfg_t *cfg, struct str what)
{
	struct arena *arena = arena_new(512);
	const char *file = cfg->filename == NULL ? reading->conf->file.p : cfg->filename;
	struct str line = cfg->line > 0 ? arena_printf(arena, "%s:%d: " STR_FMT, file, cfg->line, STR_ARG(what))
					: arena_printf(arena, "%s: " STR_FMT, file, STR_ARG(what));

	reading->mistakes++;
	reading->context->report(reading->context->report_arg, line.p);
	arena_free(&arena);
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

/* A value that cannot be read is reported now, with its line; it is read once more when the section's values are filled. */
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

	if (row == NULL || row->type == CONF_LIST || text == NULL)
		return 0;
	if (conf_value(reading->arena, row, text, &value, &expected) < 0)
		mistake(cfg, arena_printf(reading->arena, "%s = \"%s\": expected " STR_FMT, row->name, text,
					  STR_ARG(expected)));
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
		cfg_opt_t list = CFG_STR_LIST(options->name, NULL, CFGF_NODEFAULT);
		cfg_opt_t text = CFG_STR(options->name, NULL, CFGF_NODEFAULT);

		*at = options->type == CONF_LIST ? list : text;
		at->validcb = on_value;
		at++;
	}
	return at;
}

static cfg_opt_t *add_modules(cfg_opt_t *at)
{
	for (size_t i = 0; i < reading->context->n_modules; i++) {
		const struct conf_module *m = &reading->context->modules[i];
		cfg_opt_t *rows = ARENA_ARRAY(reading->arena, cfg_opt_t, table_size(m->options) + 1);
		cfg_opt_t section = CFG_SEC(m->name, rows, CFGF_NODEFAULT | CFGF_NO_TITLE_DUPES);

		*add_rows(rows, m->options) = (cfg_opt_t)CFG_END();
		*at++ = section;
	}
	return at;
}

static int on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	struct arena *arena;
	const char *file;
	struct str path;
	size_t folder;
	int ret;

	if (argc != 1) {
		mistake(cfg, STR("include takes one file"));
		return 1;
	}
	if (++reading->includes > 1000) { /* a file that includes itself; libconfuse bounds the depth, not the count */
		mistake(cfg, STR("too many includes"));
		return 1;
	}
	arena = arena_new(512);
	path = str_of(argv[0]);
	for (folder = strlen(cfg->filename); folder > 0 && cfg->filename[folder - 1] != '/'; folder--)
		;
	if (argv[0][0] != '/')
		path = arena_concat(arena, str_make(cfg->filename, folder), path);
	file = arena_cstr(arena, path);
	ret = cfg_include(cfg, opt, 1, &file);
	arena_free(&arena);
	return ret;
}

static cfg_t *make_parser(cfg_flag_t flags)
{
	size_t n_mods = reading->context->n_modules;
	cfg_opt_t *host = ARENA_ARRAY(reading->arena, cfg_opt_t, table_size(conf_host_table) + n_mods + 1);
	cfg_opt_t *root = ARENA_ARRAY(reading->arena, cfg_opt_t, table_size(conf_global_table) + n_mods + 4);
	cfg_opt_t hosts = CFG_SEC("host", host, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | flags);
	cfg_opt_t include = CFG_FUNC("include", on_include);
	cfg_opt_t *at;
	cfg_t *cfg;

	*add_modules(add_rows(host, conf_host_table)) = (cfg_opt_t)CFG_END();
	at = add_modules(add_rows(root, conf_global_table));
	*at++ = hosts;
	*at++ = include;
	*at = (cfg_opt_t)CFG_END();
	cfg = cfg_init(root, flags);
	ASSERT(cfg != NULL);
	cfg_set_error_function(cfg, on_error);
	return cfg;
}

/* ---- values ---- */

static struct conf_list read_list(cfg_opt_t *opt)
{
	size_t n = cfg_opt_size(opt);
	struct str *items = ARENA_ARRAY(reading->arena, struct str, n);

	for (size_t i = 0; i < n; i++)
		items[i] = arena_copy(reading->arena, str_of(cfg_opt_getnstr(opt, (unsigned)i)));
	return (struct conf_list){ .items = items, .n = n };
}

/* What CFG says over what VALUES holds. */
static void fill(cfg_t *cfg, const struct conf_option *options, void *values)
{
	for (const struct conf_option *o = options; cfg != NULL && o != NULL && o->name != NULL; o++) {
		cfg_opt_t *opt = cfg_getopt(cfg, o->name);
		void *at = (char *)values + o->offset;
		struct str expected;

		if (opt == NULL || cfg_opt_size(opt) == 0 || (o->type != CONF_LIST && cfg_opt_getnstr(opt, 0) == NULL))
			continue;
		if (o->type == CONF_LIST)
			*(struct conf_list *)at = read_list(opt);
		else if (conf_value(reading->arena, o, cfg_opt_getnstr(opt, 0), at, &expected) < 0)
			ASSERT(reading->mistakes > 0); /* on_value reported it */
	}
}

/* A path beside the configuration file, unless it is whole already. */
static struct str beside(struct str path)
{
	struct str file = reading->conf->file;
	size_t folder = file.n;

	if (str_is_absent(path) || str_starts_with(path, STR("/")))
		return path;
	while (folder > 0 && file.p[folder - 1] != '/')
		folder--;
	return arena_concat(reading->arena, str_slice(file, 0, folder), path);
}

/* ---- hosts ---- */

static void check_file(cfg_t *cfg, const char *option, struct str path)
{
	if (str_is_absent(path))
		mistake(cfg, arena_printf(reading->arena, "host \"%s\" has no %s: name a PEM file", cfg_title(cfg),
					  option));
	else if (access(path.p, R_OK) != 0)
		mistake(cfg, arena_printf(reading->arena, "%s = \"%s\": cannot be read: %s", option, path.p,
					  strerror(errno)));
}

static void prepare_admins(const cfg_t *cfg, struct conf_list *admins)
{
	struct str *items = ARENA_ARRAY(reading->arena, struct str, admins->n);

	for (size_t i = 0; i < admins->n; i++)
		if (reading->context->prepare_account(reading->arena, admins->items[i], &items[i]) < 0)
			mistake(cfg, arena_printf(reading->arena, "admins: \"%s\": expected user@host", admins->items[i].p));
	admins->items = items;
}

static bool list_has(const struct conf_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_is(list->items[i], name))
			return true;
	return false;
}

static void check_module_names(const cfg_t *cfg, const char *option, const struct conf_list *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (find_module(names->items[i].p) == NULL)
			mistake(cfg, arena_printf(reading->arena, "%s: there is no module \"%s\"", option, names->items[i].p));
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
		fill(cfg_size(root, m->name) > 0 ? cfg_getsec(root, m->name) : NULL, m->options, h->values[i]);
		fill(cfg_size(cfg, m->name) > 0 ? cfg_getsec(cfg, m->name) : NULL, m->options, h->values[i]);
	}
}

static void read_host(cfg_t *root, cfg_t *cfg, struct conf_host *h)
{
	struct str name = str_of(cfg_title(cfg));

	h->line = cfg->line;
	if (reading->context->prepare_domain(reading->arena, name, &h->name) < 0)
		mistake(cfg, arena_printf(reading->arena, "host \"" STR_FMT "\": expected a domain name", STR_ARG(name)));
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
		mistake(root, STR("no host is served: add  host \"example.org\" { … }"));
	if (n > HOSTS_MAX)
		mistake(root, STR("too many hosts"));
	if (reading->mistakes > 0)
		return;
	conf->hosts = ARENA_ARRAY(reading->arena, struct conf_host, n);
	for (size_t i = 0; i < n; i++)
		read_host(root, cfg_getnsec(root, "host", (unsigned)i), &conf->hosts[i]);
	conf->n_hosts = n;
	for (size_t i = 0; i < n; i++)
		if (conf_host(conf, conf->hosts[i].name) != &conf->hosts[i])
			mistake(cfg_getnsec(root, "host", (unsigned)i), STR("this host stands in the file already"));
}

/* ---- the whole ---- */

static void add_listen(struct str address, int64_t port, enum conf_listen_kind kind)
{
	struct conf *conf = reading->conf;

	if (port != 0)
		conf->listen[conf->n_listen++] =
			(struct conf_listen){ .address = address, .port = (uint16_t)port, .kind = kind };
}

static void read_global(cfg_t *root)
{
	struct conf *conf = reading->conf;

	conf_defaults(reading->arena, conf_global_table, &conf->o);
	fill(root, conf_global_table, &conf->o);
	conf->o.data = beside(conf->o.data);
	if (str_is_absent(conf->o.control))
		conf->o.control = arena_concat(reading->arena, conf->o.data, STR("/control"));
	conf->o.control = beside(conf->o.control);
	conf->o.module_folder = beside(conf->o.module_folder);
	conf->listen = ARENA_ARRAY(reading->arena, struct conf_listen, 2 * conf->o.listen_c2s.n + 1);
	for (size_t i = 0; i < conf->o.listen_c2s.n; i++) {
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_c2s, LISTEN_C2S);
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_c2s_tls, LISTEN_C2S_TLS);
	}
}

static int parse(struct reader *r, const char *file, cfg_flag_t flags, void (*use)(cfg_t *root))
{
	cfg_t *root;
	int err = 0;

	reading = r;
	root = make_parser(flags);
	switch (cfg_parse(root, file)) {
	case CFG_SUCCESS:
		use(root);
		break;
	case CFG_FILE_ERROR:
		err = -errno;
		mistake(root, arena_printf(r->arena, "cannot be read: %s", strerror(errno)));
		break;
	default:
		break; /* on_error reported it */
	}
	cfg_free(root);
	reading = NULL;
	if (err == 0 && r->mistakes > 0)
		err = ERR_CONFIG;
	return err;
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

static int run(struct reader *r, const char *file, cfg_flag_t flags, void (*use)(cfg_t *root), struct conf **conf_out)
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

int conf_read_modules(const char *file, const struct conf_context *context, struct conf **conf_out)
{
	struct reader r = { .context = context };

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
