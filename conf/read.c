/*
 * read.c - from the parsed file to a configuration: values, hosts, and what must be true of
 * them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/read.h"
#include "conf/conf.h"
#include "conf/parse.h"
#include "conf/value.h"

#include "server/base/err.h"
#include "server/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define HOSTS_MAX 4096
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* ---- values ---- */

/* What OPT holds; behind BEFORE, if the file only added to it: name += { … }. */
static struct conf_list read_list(cfg_opt_t *opt, struct conf_list before)
{
	size_t n = cfg_opt_size(opt), at = 0;
	struct str *items = ARENA_ARRAY(conf_reading->arena, struct str, before.n + n);

	if (conf_is_added_to(opt))
		for (; at < before.n; at++)
			items[at] = before.items[at];
	for (size_t i = 0; i < n; i++)
		if (conf_is_item(opt, i))
			items[at++] = arena_copy(conf_reading->arena,
			                         str_of(cfg_opt_getnstr(opt, (unsigned)i)));
	return (struct conf_list){ .items = items, .n = at };
}

void conf_fill(cfg_t *cfg, const struct conf_option *options, void *values)
{
	for (const struct conf_option *o = options; cfg != NULL && o != NULL && o->name != NULL;
	     o++) {
		cfg_opt_t *opt = cfg_getopt(cfg, o->name);
		void *at = (char *)values + o->offset;
		struct str expected;

		if (opt == NULL || !conf_is_given(opt, o->type))
			continue;
		if (o->type == CONF_LIST)
			*(struct conf_list *)at = read_list(opt, *(struct conf_list *)at);
		else if (conf_value(conf_reading->arena, o, cfg_opt_getnstr(opt, 0), at,
		                    &expected) < 0)
			ASSERT(conf_reading->mistakes > 0 ||
			       conf_reading->first_pass); /* on_value reported it */
	}
}

const char *conf_why_unreadable(const char *file)
{
	struct stat st;

	if (access(file, R_OK) < 0 || stat(file, &st) < 0)
		return strerror(errno);
	return S_ISDIR(st.st_mode) ? strerror(EISDIR) : NULL;
}

struct str conf_beside(struct str path)
{
	if (str_is_absent(path))
		return path;
	return str_of(
		conf_path_beside(conf_reading->arena, conf_reading->conf->file.p, path.p));
}

/* ---- hosts ---- */

void conf_mistake_of(cfg_t *cfg, const char *option, struct str what)
{
	conf_mistake(cfg_getopt(cfg, option), what);
}

void conf_mistake_again(cfg_t *cfg, const char *kind, const char *noun, struct str name)
{
	conf_mistake(cfg, arena_printf(conf_reading->arena,
	                               "%s \"" STR_FMT "\": this %s stands in the file already",
	                               kind, STR_ARG(name), noun));
}

static void check_file(cfg_t *cfg, const char *option, struct str path)
{
	const char *why;

	if (str_is_absent(path)) {
		conf_mistake(cfg, arena_printf(conf_reading->arena,
		                               "host \"%s\" has no %s: name a PEM file",
		                               cfg_title(cfg), option));
		return;
	}
	why = conf_why_unreadable(path.p);
	if (why != NULL)
		conf_mistake_of(cfg, option,
		                arena_printf(conf_reading->arena,
		                             "%s = \"%s\": cannot be read: %s", option, path.p,
		                             why));
}

static void prepare_admins(cfg_t *cfg, struct conf_list *admins)
{
	struct str *items = ARENA_ARRAY(conf_reading->arena, struct str, admins->n);

	for (size_t i = 0; i < admins->n; i++)
		if (conf_reading->context->prepare_account(conf_reading->arena,
		                                           admins->items[i], &items[i]) < 0)
			conf_mistake_of(cfg, "admins",
			                arena_printf(conf_reading->arena,
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
		if (conf_find_module(names->items[i].p) == NULL)
			conf_mistake_of(cfg, option,
			                arena_printf(conf_reading->arena,
			                             "%s: there is no module \"%s\"", option,
			                             names->items[i].p));
}

/* Passwords that another program checks have to be sent to it as they are. */
static void check_passwords(cfg_t *cfg, struct conf_host_options *o)
{
	if (o->passwords == PASSWORDS_INTERNAL)
		return;
	o->saslauthd_socket = conf_beside(o->saslauthd_socket);
	if (!o->plain)
		conf_mistake_of(
			cfg, "plain",
			STR("plain = false: with passwords = saslauthd nobody could log in: "
		            "take one of the two away"));
	if (o->saslauthd_socket.n > SOCKET_PATH_MAX)
		conf_mistake_of(
			cfg, "saslauthd-socket",
			arena_printf(conf_reading->arena,
		                     "saslauthd-socket: expected a path of at most %zu bytes",
		                     SOCKET_PATH_MAX));
}

/* A module's values: its defaults, then the file's section, then the host's. */
static void read_modules(cfg_t *root, cfg_t *cfg, struct conf_host *h)
{
	h->on = ARENA_ARRAY(conf_reading->arena, bool, conf_reading->context->n_modules + 1);
	h->values =
		ARENA_ARRAY(conf_reading->arena, void *, conf_reading->context->n_modules + 1);
	for (size_t i = 0; i < conf_reading->context->n_modules; i++) {
		const struct conf_module *m = &conf_reading->context->modules[i];

		h->on[i] = h->o.modules.n > 0 ? list_has(&h->o.modules, m->name) : m->enabled;
		h->on[i] = (h->on[i] || list_has(&h->o.with, m->name)) &&
		           !list_has(&h->o.without, m->name);
		if (m->size == 0)
			continue;
		h->values[i] = arena_zalloc(conf_reading->arena, m->size);
		conf_defaults(conf_reading->arena, m->options, h->values[i]);
		conf_fill(cfg_size(root, m->name) > 0 ? cfg_getsec(root, m->name) : NULL,
		          m->options, h->values[i]);
		conf_fill(cfg_size(cfg, m->name) > 0 ? cfg_getsec(cfg, m->name) : NULL,
		          m->options, h->values[i]);
	}
}

static bool is_on(const struct conf_host *h, const char *name)
{
	for (size_t i = 0; i < conf_reading->context->n_modules; i++)
		if (strcmp(conf_reading->context->modules[i].name, name) == 0)
			return h->on[i];
	return false;
}

static void check_needs(cfg_t *cfg, const struct conf_host *h)
{
	for (size_t i = 0; i < conf_reading->context->n_modules; i++) {
		const struct conf_module *m = &conf_reading->context->modules[i];

		if (h->on[i] && m->needs != NULL && !is_on(h, m->needs))
			conf_mistake(cfg,
			             arena_printf(conf_reading->arena,
			                          "host \"" STR_FMT
			                          "\": the module \"%s\" needs \"%s\": add "
			                          "that, or put \"%s\" into without",
			                          STR_ARG(h->name), m->name, m->needs,
			                          m->name));
	}
}

static void read_host(cfg_t *root, cfg_t *cfg, struct conf_host *h)
{
	struct str name = str_of(cfg_title(cfg));

	h->line = conf_find_place(cfg)->line;
	if (conf_reading->context->prepare_domain(conf_reading->arena, name, &h->name) < 0)
		conf_mistake(cfg, arena_printf(conf_reading->arena,
		                               "host \"" STR_FMT "\": expected a domain name",
		                               STR_ARG(name)));
	h->name = arena_copy(conf_reading->arena, h->name);
	conf_defaults(conf_reading->arena, conf_host_table, &h->o);
	conf_fill(cfg, conf_host_table, &h->o);
	h->o.certificate = conf_beside(h->o.certificate);
	h->o.key = conf_beside(h->o.key);
	h->o.client_ca = conf_beside(h->o.client_ca);
	check_file(cfg, "certificate", h->o.certificate);
	check_file(cfg, "key", h->o.key);
	if (!str_is_absent(h->o.client_ca))
		check_file(cfg, "client-ca", h->o.client_ca);
	check_passwords(cfg, &h->o);
	prepare_admins(cfg, &h->o.admins);
	check_module_names(cfg, "modules", &h->o.modules);
	check_module_names(cfg, "with", &h->o.with);
	check_module_names(cfg, "without", &h->o.without);
	read_modules(root, cfg, h);
	check_needs(cfg, h);
}

static void read_hosts(cfg_t *root)
{
	struct conf *conf = conf_reading->conf;
	size_t n = cfg_size(root, "host");

	if (n == 0)
		conf_mistake(NULL, STR("no host is served: add  host \"example.org\" { … }"));
	if (n > HOSTS_MAX)
		conf_mistake(NULL, STR("too many hosts"));
	if (conf_reading->mistakes > 0)
		return;
	conf->hosts = ARENA_ARRAY(conf_reading->arena, struct conf_host, n);
	for (size_t i = 0; i < n; i++)
		read_host(root, cfg_getnsec(root, "host", (unsigned)i), &conf->hosts[i]);
	conf->n_hosts = n;
	for (size_t i = 0; i < n; i++)
		if (conf_host(conf, conf->hosts[i].name) != &conf->hosts[i])
			conf_mistake_again(cfg_getnsec(root, "host", (unsigned)i), "host",
			                   "host", conf->hosts[i].name);
}

/* ---- the whole ---- */

static void add_listen(struct str address, int64_t port, enum conf_listen_kind kind)
{
	struct conf *conf = conf_reading->conf;

	if (port != 0)
		conf->listen[conf->n_listen++] = (struct conf_listen){ .address = address,
			                                               .port = (uint16_t)port,
			                                               .kind = kind };
}

static void read_global(cfg_t *root)
{
	struct conf *conf = conf_reading->conf;

	conf_defaults(conf_reading->arena, conf_global_table, &conf->o);
	conf_fill(root, conf_global_table, &conf->o);
	conf->o.data = conf_beside(conf->o.data);
	if (str_is_absent(conf->o.control))
		conf->o.control =
			arena_concat(conf_reading->arena, conf->o.data, STR("/control"));
	else
		conf->o.control = conf_beside(conf->o.control);
	conf->o.module_folder = conf_beside(conf->o.module_folder);
	conf->listen = ARENA_ARRAY(conf_reading->arena, struct conf_listen,
	                           4 * conf->o.listen_c2s.n + conf->o.listen_component.n + 1);
	for (size_t i = 0; i < conf->o.listen_c2s.n; i++) {
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_c2s, LISTEN_C2S);
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_c2s_tls, LISTEN_C2S_TLS);
		if (!conf->o.s2s)
			continue;
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_s2s, LISTEN_S2S);
		add_listen(conf->o.listen_c2s.items[i], conf->o.port_s2s_tls, LISTEN_S2S_TLS);
	}
	for (size_t i = 0; i < conf->o.listen_component.n && cfg_size(root, "component") > 0;
	     i++)
		add_listen(conf->o.listen_component.items[i], conf->o.port_component,
		           LISTEN_COMPONENT);
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
	peers_read(root);
	read_hosts(root);
	components_read(root);
}

static int run(struct reader *r, const char *file, cfg_flag_t flags, void (*use)(cfg_t *root),
               struct conf **conf_out)
{
	int err;

	r->conf = conf_new(file);
	r->arena = r->conf->arena;
	err = conf_parse(r, file, flags, use);
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
