/*
 * components.c - what the configuration says of components: a block for each domain that a program beside the server
 * has (XEP-0114).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/conf.h"
#include "conf/read.h"

#define SECRET_MIN 8 /* characters: it is all that stands between a local user and the domain */

static void check_secret(cfg_t *cfg, struct str secret)
{
	if (str_is_absent(secret))
		conf_mistake(cfg, arena_printf(conf_reading->arena,
		                               "component \"%s\" has no secret: add  secret = "
		                               "\"…\"  with the one that the component has",
		                               cfg_title(cfg)));
	else if (secret.n < SECRET_MIN)
		conf_mistake_of(cfg, "secret",
		                arena_printf(conf_reading->arena,
		                             "component \"%s\": its secret is shorter than %d "
		                             "characters: make a longer one",
		                             cfg_title(cfg), SECRET_MIN));
}

static void check_name(cfg_t *cfg, const struct conf_component *c)
{
	if (conf_host(conf_reading->conf, c->name) != NULL)
		conf_mistake(cfg, arena_printf(conf_reading->arena,
		                               "component \"" STR_FMT
		                               "\": this domain is a host here already: the "
		                               "component needs one of its own",
		                               STR_ARG(c->name)));
	if (conf_component(conf_reading->conf, c->name) != c)
		conf_mistake_again(cfg, "component", "component", c->name);
}

static void read_component(cfg_t *cfg, struct conf_component *c)
{
	struct str name = str_of(cfg_title(cfg));
	const struct place *place = conf_find_place(cfg_getopt(cfg, "secret"));

	if (conf_reading->context->prepare_domain(conf_reading->arena, name, &c->name) < 0)
		conf_mistake(cfg,
		             arena_printf(conf_reading->arena,
		                          "component \"" STR_FMT "\": expected a domain name",
		                          STR_ARG(name)));
	c->name = arena_copy(conf_reading->arena, c->name);
	c->file = place == NULL ? conf_reading->conf->file : str_of(place->file);
	conf_defaults(conf_reading->arena, conf_component_table, &c->o);
	conf_fill(cfg, conf_component_table, &c->o);
	check_secret(cfg, c->o.secret);
}

void components_read(cfg_t *root)
{
	struct conf *conf = conf_reading->conf;
	size_t n = cfg_size(root, "component");

	conf->components = ARENA_ARRAY(conf_reading->arena, struct conf_component, n + 1);
	for (size_t i = 0; i < n; i++)
		read_component(cfg_getnsec(root, "component", (unsigned)i),
		               &conf->components[i]);
	conf->n_components = n;
	for (size_t i = 0; i < n; i++)
		check_name(cfg_getnsec(root, "component", (unsigned)i), &conf->components[i]);
}

const struct conf_component *conf_component(const struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->n_components; i++)
		if (str_eq(conf->components[i].name, name))
			return &conf->components[i];
	return NULL;
}
