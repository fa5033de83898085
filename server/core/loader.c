/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/loader.h"

#include "server/base/mem.h"
#include "server/core/account.h"
#include "server/core/remote.h"
#include "server/core/resting.h"
#include "server/core/sm.h"

#include <dlfcn.h>
#include <stdlib.h>

static void log_mistake(void *arg, const char *line)
{
	log_error(NULL, "%s", line);
}

static int prepare_account(struct arena *arena, struct str text, struct str *out)
{
	struct jid jid;

	if (jid_parse(arena, text, &jid) < 0 || !jid_is_bare(jid) || jid_is_domain(jid))
		return ERR_INVALID;
	*out = arena_copy(arena, jid_bare_str(jid));
	return 0;
}

struct conf_context modules_conf_context(const struct module_list *list)
{
	return (struct conf_context){
		.modules = list == NULL ? NULL : list->conf,
		.n_modules = list == NULL ? 0 : list->n,
		.report = log_mistake,
		.prepare_domain = jid_prepare_domain,
		.prepare_account = prepare_account,
	};
}

static const struct mod_def *find_def(const struct module_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_is(str_of(list->defs[i]->name), name))
			return list->defs[i];
	return NULL;
}

static void add(struct module_list *list, const struct mod_def *def)
{
	list->defs = mem_resize(list->defs, (list->n + 2) * sizeof(*list->defs));
	list->conf = mem_resize(list->conf, (list->n + 1) * sizeof(*list->conf));
	list->conf[list->n] = (struct conf_module){
		.name = def->name,
		.options = def->options,
		.size = def->conf_size,
		.enabled = !def->off,
		.needs = def->needs,
	};
	list->defs[list->n++] = def;
	list->defs[list->n] = NULL;
}

static int load_object(struct module_list *list, const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct mod_def *const *symbol;

	if (handle == NULL) {
		log_error(NULL, "%s: cannot be loaded: %s", path, dlerror());
		return ERR_CONFIG;
	}
	symbol = dlsym(handle, MOD_SYMBOL);
	if (symbol == NULL) {
		log_error(NULL, "%s: is no module: it has no symbol %s", path, MOD_SYMBOL);
		return ERR_CONFIG;
	}
	if ((*symbol)->abi != MOD_ABI) {
		log_error(NULL,
		          "%s: was built for module interface %u, this server has %d: build it "
		          "again",
		          path, (*symbol)->abi, MOD_ABI);
		return ERR_CONFIG;
	}
	if (find_def(list, (*symbol)->name) != NULL) {
		log_error(NULL, "%s: there is a module \"%s\" already", path, (*symbol)->name);
		return ERR_CONFIG;
	}
	add(list, *symbol);
	return 0;
}

static int load_objects(struct module_list *list, const struct conf *conf)
{
	const struct conf_list *files = &conf->o.module_files;
	struct arena *arena = arena_new(512);
	int err = 0;

	for (size_t i = 0; i < files->n && err == 0; i++) {
		struct str path = files->items[i];

		if (!str_starts_with(path, STR("/")) && !str_is_absent(conf->o.module_folder))
			path = arena_printf(arena, STR_FMT "/" STR_FMT,
			                    STR_ARG(conf->o.module_folder), STR_ARG(path));
		err = load_object(list, arena_cstr(arena, path));
	}
	arena_free(&arena);
	return err;
}

static const struct store_space *const core_spaces[] = {
	&account_space,      &outbox_space,       &resting_space,       &stream_space,
	&stream_in_space,    &stream_index_space, &stream_out_space,    &remote_in_space,
	&remote_index_space, &remote_out_space,   &remote_stream_space,
};

/* The core's own spaces come first. */
static void list_spaces(struct module_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		for (const struct store_space *const *s = list->defs[i]->spaces;
		     s != NULL && *s != NULL; s++)
			n++;
	list->spaces = mem_zalloc((ARRAY_LEN(core_spaces) + n + 1) * sizeof(*list->spaces));
	for (n = 0; n < ARRAY_LEN(core_spaces); n++)
		list->spaces[n] = core_spaces[n];
	for (size_t i = 0; i < list->n; i++)
		for (const struct store_space *const *s = list->defs[i]->spaces;
		     s != NULL && *s != NULL; s++)
			list->spaces[n++] = *s;
}

int modules_load(const char *conf_file, const struct mod_def *const *builtin,
                 struct module_list *list_out)
{
	struct conf_context context = modules_conf_context(NULL);
	struct conf *conf;
	int err = conf_read_modules(conf_file, &context, &conf);

	*list_out = (struct module_list){ 0 };
	if (err < 0)
		return err;
	for (; *builtin != NULL; builtin++)
		add(list_out, *builtin);
	err = load_objects(list_out, conf);
	conf_free(&conf);
	if (err < 0)
		modules_free(list_out);
	else
		list_spaces(list_out);
	return err;
}

void modules_free(struct module_list *list)
{
	free(list->defs);
	free(list->conf);
	free(list->spaces);
	*list = (struct module_list){ 0 };
}
