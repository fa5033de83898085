/*
 * peers.c - what the configuration says of other servers: lists of domains, and a block for each one that is met in
 * its own way.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/conf.h"
#include "conf/read.h"
#include "conf/text.h"

#include <string.h>

static void read_peer(cfg_t *cfg, struct conf_peer *p)
{
	const struct conf_options *all = &conf_reading->conf->o;
	struct str name = str_of(cfg_title(cfg));

	if (conf_reading->context->prepare_domain(conf_reading->arena, name, &p->name) < 0)
		conf_mistake(cfg, arena_printf(conf_reading->arena,
		                               "peer \"" STR_FMT "\": expected a domain name",
		                               STR_ARG(name)));
	p->name = arena_copy(conf_reading->arena, p->name);
	p->o = (struct conf_peer_options){
		.proof = all->s2s_proof,
		.bytes_per_second = all->s2s_bytes_per_second,
	};
	conf_fill(cfg, conf_peer_table, &p->o);
}

static void read_peers(cfg_t *root)
{
	struct conf *conf = conf_reading->conf;
	size_t n = cfg_size(root, "peer");

	conf->peers = ARENA_ARRAY(conf_reading->arena, struct conf_peer, n + 1);
	for (size_t i = 0; i < n; i++)
		read_peer(cfg_getnsec(root, "peer", (unsigned)i), &conf->peers[i]);
	conf->n_peers = n;
	for (size_t i = 0; i < n; i++)
		if (conf_peer(conf, conf->peers[i].name) != &conf->peers[i])
			conf_mistake_again(cfg_getnsec(root, "peer", (unsigned)i), "peer",
			                   "domain", conf->peers[i].name);
}

/* "example.com", or "*.example.com" for all below it. */
static bool prepare_pattern(struct str text, struct str *out)
{
	bool below = str_starts_with(text, STR("*."));
	struct str domain = below ? str_slice(text, 2, text.n) : text;

	if (conf_reading->context->prepare_domain(conf_reading->arena, domain, &domain) < 0)
		return false;
	*out = below ? arena_concat(conf_reading->arena, STR("*."), domain)
	             : arena_copy(conf_reading->arena, domain);
	return true;
}

/* Domains that are being gathered. */
struct gathering {
	struct str *items;
	size_t n;
};

static void gather_list(cfg_t *root, const char *option, const struct conf_list *list,
                        struct gathering *g)
{
	for (size_t i = 0; i < list->n; i++)
		if (!prepare_pattern(list->items[i], &g->items[g->n++]))
			conf_mistake_of(root, option,
			                arena_printf(conf_reading->arena,
			                             "%s: \"%s\": expected a domain name, or "
			                             "*. and one",
			                             option, list->items[i].p));
}

/* One on a line; what is behind # is a comment. */
static void gather_lines(cfg_t *root, const char *option, const char *file, struct str rest,
                         struct gathering *g)
{
	for (int line = 1; rest.n > 0; line++) {
		struct str one = str_cut(&rest, '\n');

		one = str_trim(str_cut(&one, '#'));
		if (one.n > 0 && !prepare_pattern(one, &g->items[g->n++]))
			conf_mistake_of(root, option,
			                arena_printf(conf_reading->arena,
			                             "%s:%d: \"" STR_FMT
			                             "\": expected a domain name, or *. and "
			                             "one",
			                             file, line, STR_ARG(one)));
	}
}

static size_t count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* The domains of LIST, and those of FILE (absent: none), become LIST. */
static void read_domains(cfg_t *root, const char *option, struct conf_list *list,
                         const char *file_option, struct str *file)
{
	struct buf text = { 0 };
	struct gathering g = { 0 };
	int err = 0;

	*file = conf_beside(*file);
	if (!str_is_absent(*file))
		err = text_read(file->p, &text);
	if (err < 0)
		conf_mistake_of(root, file_option,
		                arena_printf(conf_reading->arena,
		                             "%s = \"%s\": cannot be read: %s", file_option,
		                             file->p, strerror(-err)));
	g.items = ARENA_ARRAY(conf_reading->arena, struct str,
	                      list->n + count_lines(buf_str(&text)));
	gather_list(root, option, list, &g);
	gather_lines(root, file_option, file->p, buf_str(&text), &g);
	buf_deinit(&text);
	*list = (struct conf_list){ .items = g.items, .n = g.n };
}

void peers_read(cfg_t *root)
{
	struct conf_options *o = &conf_reading->conf->o;

	o->s2s_trust = conf_beside(o->s2s_trust);
	if (!str_is(o->dns_anchor, "none"))
		o->dns_anchor = conf_beside(o->dns_anchor);
	if (!str_is_absent(o->s2s_trust) && conf_why_unreadable(o->s2s_trust.p) != NULL)
		conf_mistake_of(root, "s2s-trust",
		                arena_printf(conf_reading->arena,
		                             "s2s-trust = \"%s\": cannot be read: %s",
		                             o->s2s_trust.p,
		                             conf_why_unreadable(o->s2s_trust.p)));
	read_domains(root, "s2s-allow", &o->s2s_allow, "s2s-allow-file", &o->s2s_allow_file);
	read_domains(root, "s2s-deny", &o->s2s_deny, "s2s-deny-file", &o->s2s_deny_file);
	read_peers(root);
}

const struct conf_peer *conf_peer(const struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (str_eq(conf->peers[i].name, name))
			return &conf->peers[i];
	return NULL;
}
