/*
 * remote_component.c - domains that programs beside the server have (XEP-0114).
 *
 *     hosts, services ─▶ the one link of the component ─▶ its stream
 *     its stream ─▶ an event at its domain ─▶ router ─▶ hosts, services, other components, other servers
 *
 * To other servers a component's domain is one of ours.  They hold from the start of the server: other components need
 * a restart, as other hosts do.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include <sys/stat.h>

const struct conf_component *remote_component(struct core *core, struct str domain)
{
	return conf_component(core->server->first->conf, domain);
}

bool remote_reaches(struct core *core, struct str local, struct str remote)
{
	return remote_component(core, remote) != NULL || remote_is_open(core, local);
}

bool component_find(struct s2s_env *env, struct str domain, struct s2s_component *out)
{
	const struct conf_component *c = remote_component(env->owner, domain);

	if (c == NULL)
		return false;
	out->secret = c->o.secret;
	out->bytes = (struct rate_limit){ .burst = 2 * c->o.bytes_per_second,
		                          .per_second = 1000 * c->o.bytes_per_second };
	return true;
}

/* ---- its host ---- */

/* Is DOMAIN "something." and NAME? */
static bool is_below(struct str domain, struct str name)
{
	return domain.n > name.n && str_ends_with(domain, name) &&
	       domain.p[domain.n - name.n - 1] == '.';
}

/* Of several one below the other, the nearest; NULL: none. */
static const struct conf_host *host_above(const struct core *core, struct str domain)
{
	const struct conf *conf = core->server->first->conf;
	const struct conf_host *best = NULL;

	for (size_t i = 0; i < conf->n_hosts; i++)
		if (is_below(domain, conf->hosts[i].name) &&
		    (best == NULL || best->name.n < conf->hosts[i].name.n))
			best = &conf->hosts[i];
	return best;
}

bool component_is_open(struct core *core, struct str domain)
{
	const struct conf_host *h = host_above(core, domain);

	return remote_component(core, domain) != NULL && (h == NULL || h->o.s2s);
}

struct str component_speaker(struct core *core, struct str domain)
{
	const struct conf_host *h = host_above(core, domain);

	return h != NULL ? h->name : core->server->first->conf->hosts[0].name;
}

struct str remote_next_component(const struct host *h, size_t *at)
{
	const struct conf *conf = h->core->server->first->conf;

	while (*at < conf->n_components) {
		struct str name = conf->components[(*at)++].name;

		if (h->served == NULL && host_above(h->core, name) == h->conf)
			return name;
	}
	return STR_NONE;
}

/* ---- its stream ---- */

static void leave_stream(struct remote_link *l)
{
	struct remote_in *in;

	LIST_FOREACH(in, &l->remote->ins, link)
		if (in->out == l)
			in->out = NULL;
	s2s_fail(l->stream, STREAM_CONFLICT, "the component has connected once more");
	link_lost(l, NULL);
}

void component_takes_over(struct remote_link *l)
{
	queue_forget_stream(l); /* of a server that had the domain before */
	if (l->stream != NULL)
		leave_stream(l);
}

/* ---- its secret ---- */

void components_warn(const struct conf *conf)
{
	struct stat st;

	for (size_t i = 0; i < conf->n_components; i++) {
		const struct conf_component *c = &conf->components[i];

		if (stat(c->file.p, &st) == 0 && (st.st_mode & S_IROTH) != 0)
			log_warning(NULL,
			            STR_FMT " can be read by all users of this machine, and so "
			                    "can the secret of the component " STR_FMT
			                    ": take that away from them (chmod o-r)",
			            STR_ARG(c->file), STR_ARG(c->name));
	}
}
