/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/host.h"

#include "server/core/core.h"
#include "server/core/remote.h"
#include "xml/writer.h"

#include <stdlib.h>
#include <string.h>

/* ---- compiling descriptors to tables ---- */

static int compare_names(struct str ns_a, struct str name_a, struct str ns_b, struct str name_b)
{
	int order = str_cmp(ns_a, ns_b);

	return order != 0 ? order : str_cmp(name_a, name_b);
}

static int compare_iqs(const void *a, const void *b)
{
	const struct mod_iq *x = ((const struct host_iq *)a)->row,
			    *y = ((const struct host_iq *)b)->row;

	return compare_names(str_of(x->ns), str_of(x->name), str_of(y->ns), str_of(y->name));
}

static void compile_iqs(struct host *h)
{
	struct host_iq *rows;
	size_t n = 0;

	for (size_t i = 0; i < h->n_mods; i++)
		for (const struct mod_iq *iq = h->mods[i].def->iqs;
		     iq != NULL && iq->ns != NULL; iq++)
			n++;
	rows = ARENA_ARRAY(h->arena, struct host_iq, n);
	n = 0;
	for (size_t i = 0; i < h->n_mods; i++)
		for (const struct mod_iq *iq = h->mods[i].def->iqs;
		     iq != NULL && iq->ns != NULL; iq++)
			rows[n++] = (struct host_iq){ .mod = &h->mods[i], .row = iq };
	qsort(rows, n, sizeof(*rows), compare_iqs);
	h->iqs = rows;
	h->n_iqs = n;
}

static size_t add_hooks(struct host_hook *rows, struct mod *m, int point, enum mod_phase phase)
{
	size_t n = 0;

	for (const struct mod_hook *hook = m->def->hooks; hook != NULL && hook->fn != NULL;
	     hook++) {
		if ((int)hook->point != point || hook->phase != phase)
			continue;
		if (rows != NULL)
			rows[n] = (struct host_hook){ .mod = m, .fn = hook->fn };
		n++;
	}
	return n;
}

static size_t walk_hooks(struct host *h, struct host_hook *rows, int point)
{
	size_t n = 0;

	for (enum mod_phase phase = PHASE_GUARD; phase <= PHASE_FALLBACK; phase++)
		for (size_t i = 0; i < h->n_mods; i++)
			n += add_hooks(rows == NULL ? NULL : rows + n, &h->mods[i], point,
			               phase);
	return n;
}

static void compile_hooks(struct host *h, int point)
{
	size_t n = walk_hooks(h, NULL, point);
	struct host_hook *rows = ARENA_ARRAY(h->arena, struct host_hook, n);

	walk_hooks(h, rows, point);
	h->hooks[point] = (struct host_hooks){ .rows = rows, .n = n };
}

static void compile_guards(struct host *h)
{
	h->guards = ARENA_ARRAY(h->arena, struct mod *, h->n_mods);
	for (size_t i = 0; i < h->n_mods; i++)
		if (h->mods[i].def->may_send != NULL)
			h->guards[h->n_guards++] = &h->mods[i];
}

/* ---- life ---- */

/* Room for BYTES more, for any type, behind *TOTAL; where it begins. */
static size_t take_room(size_t *total, size_t bytes)
{
	size_t at = *total;

	*total += (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	return at;
}

/* Is it one of those that a service has besides its own? */
static bool is_with(const struct mod_service *service, const struct mod_def *def)
{
	const struct mod_def *const *with = service->with;

	while (with != NULL && *with != NULL && *with != def)
		with++;
	return with != NULL && *with != NULL;
}

static bool is_wanted(const struct host *h, const struct mod_def *def)
{
	return h->served == NULL || def == h->served->def ||
	       is_with(h->served->def->service, def);
}

static void add_mods(struct host *h, const struct server *server)
{
	h->mods = ARENA_ARRAY(h->arena, struct mod, server->modules.n);
	for (size_t i = 0; i < server->modules.n; i++) {
		const struct mod_def *def = server->modules.defs[i];

		if (!h->conf->on[i] || !is_wanted(h, def))
			continue;
		h->mods[h->n_mods++] = (struct mod){
			.def = def,
			.host = h,
			.conf = h->conf->values[i],
			.state = def->state_size == 0 ? NULL
			                              : arena_zalloc(h->arena, def->state_size),
			.counting = def->count_size == 0
			                    ? NULL
			                    : arena_zalloc(h->arena, def->count_size),
			.session_at = take_room(&h->session_bytes, def->session_size),
			.entity_at = take_room(&h->entity_bytes, def->entity_size),
		};
	}
}

static int start_mods(struct host *h)
{
	int err = 0;

	for (size_t i = 0; i < h->n_mods && err == 0; i++) {
		if (h->mods[i].def->start != NULL)
			err = h->mods[i].def->start(&h->mods[i]);
		if (err < 0)
			log_error(NULL, "module %s does not start for host " STR_FMT ": %s",
			          h->mods[i].def->name, STR_ARG(host_name(h)), err_str(err));
	}
	return err;
}

static struct str stream_feature(struct mod *m, const struct mod_stream_feature *f)
{
	struct arena *arena = m->host->arena;
	struct xml_node *node;

	if (f->wanted != NULL && !f->wanted(m->conf))
		return STR("");
	if (f->make == NULL)
		return str_of(f->xml);
	node = f->make(m, arena);
	return node == NULL ? STR("") : xml_print(arena, node);
}

static struct str compile_stream_features(struct host *h, bool early)
{
	struct str xml = STR("");

	for (size_t i = 0; i < h->n_mods; i++) {
		const struct mod_stream_feature *f = h->mods[i].def->stream_features;

		if (h->mods[i].def->sets_passwords && !host_keeps_passwords(h))
			continue;
		for (; f != NULL && (f->xml != NULL || f->make != NULL); f++)
			if (f->early == early)
				xml = arena_concat(h->arena, xml,
				                   stream_feature(&h->mods[i], f));
	}
	return xml;
}

static void host_init(struct core *core, struct host *h, const struct conf_host *conf)
{
	h->core = core;
	h->conf = conf;
	h->arena = arena_new(4096);
	core->n_hosts++;
}

static int host_start(struct core *core, struct host *h, size_t index)
{
	int err;

	host_init(core, h, &core->server->first->conf->hosts[index]);
	h->c2s = &core->server->c2s_hosts[index];
	h->jid = jid_of_domain(h->conf->name);
	add_mods(h, core->server);
	compile_iqs(h);
	for (int point = 1; point < HOOKS; point++)
		compile_hooks(h, point);
	compile_guards(h);
	err = start_mods(h);
	if (err < 0)
		return err;
	h->stream_features_early = compile_stream_features(h, true);
	h->stream_features = compile_stream_features(h, false);
	return 0;
}

/* ---- services ---- */

static struct str service_name(struct arena *arena, const struct mod *m)
{
	const struct mod_service *service = m->def->service;
	struct str name = service->domain == NULL ? STR_NONE : service->domain(m->conf);

	return str_is_absent(name) ? arena_printf(arena, "%s." STR_FMT, service->label,
	                                          STR_ARG(host_name(m->host)))
	                           : name;
}

static int service_start(struct core *core, struct host *h, struct mod *served)
{
	struct str name;

	host_init(core, h, served->host->conf);
	h->parent = served->host;
	h->served = served;
	name = service_name(h->arena, served);
	if (jid_prepare_domain(h->arena, name, &name) < 0) {
		log_error(NULL, "module %s of host " STR_FMT ": " STR_FMT " is no domain",
		          served->def->name, STR_ARG(host_name(h->parent)), STR_ARG(name));
		return ERR_CONFIG;
	}
	if (host_find(core, name) != NULL || remote_component(core, name) != NULL) {
		log_error(NULL,
		          "module %s of host " STR_FMT ": " STR_FMT
		          " is served already: name another one by the module's option domain",
		          served->def->name, STR_ARG(host_name(h->parent)), STR_ARG(name));
		return ERR_CONFIG;
	}
	h->jid = jid_of_domain(name);
	add_mods(h, core->server);
	h->served = host_module(h, served->def);
	return start_mods(h);
}

static size_t count_services(const struct core *core)
{
	const struct module_list *list = &core->server->modules;
	const struct conf *conf = core->server->first->conf;
	size_t n = 0;

	for (size_t i = 0; i < conf->n_hosts; i++)
		for (size_t m = 0; m < list->n; m++)
			n += list->defs[m]->service != NULL && conf->hosts[i].on[m];
	return n;
}

static int services_start(struct core *core, size_t n_hosts)
{
	int err = 0;

	for (size_t i = 0; i < n_hosts && err == 0; i++) {
		struct host *h = &core->hosts[i];

		for (size_t m = 0; m < h->n_mods && err == 0; m++)
			if (h->mods[m].def->service != NULL)
				err = service_start(core, &core->hosts[core->n_hosts],
				                    &h->mods[m]);
	}
	return err;
}

int hosts_start(struct core *core)
{
	size_t n = core->server->first->conf->n_hosts;
	int err = 0;

	core->hosts_arena = arena_new(1024);
	core->hosts = ARENA_ARRAY(core->hosts_arena, struct host, n + count_services(core));
	for (size_t i = 0; i < n && err == 0; i++)
		err = host_start(core, &core->hosts[i], i);
	return err < 0 ? err : services_start(core, n);
}

void hosts_stop(struct core *core)
{
	for (size_t i = 0; i < core->n_hosts; i++) {
		struct host *h = &core->hosts[i];

		for (size_t m = h->n_mods; m-- > 0;)
			if (h->mods[m].def->stop != NULL)
				h->mods[m].def->stop(&h->mods[m]);
		arena_free(&h->arena);
	}
	core->n_hosts = 0;
	arena_free(&core->hosts_arena);
}

/* ---- finding ---- */

struct host *host_find(struct core *core, struct str domain)
{
	for (size_t i = 0; i < core->n_hosts; i++)
		if (str_eq(host_name(&core->hosts[i]), domain))
			return &core->hosts[i];
	return NULL;
}

struct host *host_of_accounts(struct core *core, struct str domain)
{
	struct host *h = host_find(core, domain);

	return h == NULL || h->served != NULL ? NULL : h;
}

static size_t first_iq(const struct host *h, const struct xml_node *payload)
{
	size_t low = 0, high = h->n_iqs;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct mod_iq *row = h->iqs[mid].row;

		if (compare_names(str_of(row->ns), str_of(row->name), payload->ns,
		                  payload->name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct host_iq *host_find_iq(const struct host *h, const struct xml_node *payload,
                                   unsigned method, unsigned at)
{
	for (size_t i = first_iq(h, payload); i < h->n_iqs; i++) {
		const struct mod_iq *row = h->iqs[i].row;

		if (!xml_is(payload, row->ns, row->name))
			return NULL;
		if ((row->flags & method) != 0 && (row->flags & at) != 0)
			return &h->iqs[i];
	}
	return NULL;
}

const struct mod_nonza *host_find_nonza(const struct host *h, const struct xml_node *element,
                                        struct mod **mod_out)
{
	for (size_t i = 0; i < h->n_mods; i++) {
		const struct mod_nonza *row = h->mods[i].def->nonzas;

		for (; row != NULL && row->ns != NULL; row++) {
			if (!xml_is(element, row->ns, row->name))
				continue;
			*mod_out = &h->mods[i];
			return row;
		}
	}
	return NULL;
}

const struct mod_node *host_find_node(const struct host *h, struct str node,
                                      struct mod **mod_out)
{
	for (size_t i = 0; i < h->n_mods; i++) {
		const struct mod_node *row = h->mods[i].def->nodes;

		for (; row != NULL && row->node != NULL; row++) {
			if (!str_is(node, row->node))
				continue;
			*mod_out = &h->mods[i];
			return row;
		}
	}
	return NULL;
}

void host_end_entity(const struct host *h, char *states)
{
	for (size_t i = 0; i < h->n_mods; i++) {
		struct mod *m = &h->mods[i];

		if (m->def->entity_end != NULL)
			m->def->entity_end(m, states + m->entity_at);
	}
	memset(states, 0, h->entity_bytes);
}

/* ---- module.h ---- */

struct str host_name(const struct host *h)
{
	return jid_domain(h->jid);
}

struct str host_service_name(const struct host *h, const struct mod_def *def)
{
	struct core *core = h->core;

	for (size_t i = 0; i < core->n_hosts; i++)
		if (core->hosts[i].parent == h && core->hosts[i].served->def == def)
			return host_name(&core->hosts[i]);
	return STR_NONE;
}

struct str host_next_service(const struct host *h, size_t *at, struct str *name_out)
{
	const struct core *core = h->core;
	size_t components;
	struct str name;

	while (*at < core->n_hosts) {
		const struct host *service = &core->hosts[(*at)++];

		if (service->parent != h)
			continue;
		*name_out = str_of(service->served->def->service->name);
		return host_name(service);
	}
	components = *at - core->n_hosts;
	name = remote_next_component(h, &components);
	*at = core->n_hosts + components;
	*name_out = STR_NONE;
	return name;
}

struct host *host_parent(struct host *h)
{
	return h->parent == NULL ? h : h->parent;
}

struct jid host_jid(const struct host *h)
{
	return h->jid;
}

bool host_keeps_passwords(const struct host *h)
{
	return h->conf->o.passwords == PASSWORDS_INTERNAL;
}

bool host_is_admin(const struct host *h, struct jid jid)
{
	const struct conf_list *admins = &h->conf->o.admins;

	for (size_t i = 0; i < admins->n; i++)
		if (str_eq(admins->items[i], jid_bare_str(jid)))
			return true;
	return false;
}

struct str host_next_admin(const struct host *h, size_t *at)
{
	const struct conf_list *admins = &h->conf->o.admins;

	return *at < admins->n ? admins->items[(*at)++] : STR_NONE;
}

/* *AT counts through all modules' lists as if they were one. */
static bool has_feature(const struct mod *m, const char *feature)
{
	return m->def->has_feature == NULL || m->def->has_feature(m->conf, feature);
}

struct str host_next_feature(const struct host *h, bool of_account, size_t *at)
{
	size_t skip = (*at)++;

	for (size_t i = 0; i < h->n_mods; i++) {
		const struct mod_def *def = h->mods[i].def;
		const char *const *f = of_account ? def->account_features : def->features;

		for (; f != NULL && *f != NULL; f++)
			if (has_feature(&h->mods[i], *f) && skip-- == 0)
				return str_of(*f);
	}
	return STR_NONE;
}

const struct mod_identity *host_next_identity(const struct host *h, bool of_account, size_t *at)
{
	size_t skip = (*at)++;

	for (size_t i = 0; i < h->n_mods; i++) {
		const struct mod_def *def = h->mods[i].def;
		const struct mod_identity *id =
			of_account ? def->account_identities : def->identities;

		for (; id != NULL && id->category != NULL; id++)
			if (skip-- == 0)
				return id;
	}
	return NULL;
}

struct xml_node *host_next_form(const struct host *h, struct arena *arena, size_t *at)
{
	struct xml_node *form = NULL;

	while (*at < h->n_mods && form == NULL) {
		struct mod *m = &h->mods[(*at)++];

		if (m->def->disco_form != NULL)
			form = m->def->disco_form(m, arena);
	}
	return form;
}

struct mod *host_module(struct host *h, const struct mod_def *def)
{
	for (size_t i = 0; i < h->n_mods; i++)
		if (h->mods[i].def == def)
			return &h->mods[i];
	return NULL;
}

const void *mod_conf(const struct mod *m)
{
	return m->conf;
}

const void *mod_counted(const struct mod *m)
{
	return m->counted;
}

void *mod_state(const struct mod *m)
{
	return m->state;
}

struct host *mod_host(const struct mod *m)
{
	return m->host;
}

struct core *mod_core(const struct mod *m)
{
	return m->host->core;
}
