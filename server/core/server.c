/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/server.h"

#include "server/base/base64.h"
#include "server/base/clock.h"
#include "server/base/digest.h"
#include "server/base/mem.h"
#include "server/core/control.h"
#include "server/core/core.h"
#include "server/core/remote.h"
#include "server/core/sm.h"
#include "server/shard/errand.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- generations ---- */

/* What holds for clients and other servers alike. */
static struct stream_limits limits_of(const struct conf *conf, int64_t stanza_bytes,
                                      int64_t queue_bytes, int64_t bytes_per_second)
{
	const struct conf_options *o = &conf->o;
	struct stream_limits l = {
		.before = xml_limits_default,
		.after = xml_limits_default,
		.stage_ms = o->handshake_timeout,
		.login_ms = o->login_timeout,
		.idle_ms = o->idle_timeout,
		.out_bytes = (size_t)o->out_bytes,
		.queue_bytes = (size_t)queue_bytes,
		.per_address = (size_t)o->connections_per_address,
		.bytes = { .burst = 2 * bytes_per_second,
		           .per_second = 1000 * bytes_per_second },
	};

	l.before.element_bytes = (size_t)o->stanza_bytes_before;
	l.after.element_bytes = (size_t)stanza_bytes;
	return l;
}

/* FEDERATES: for connections with other servers. */
static struct tls_server *load_tls(const struct conf *conf, bool federates)
{
	struct arena *arena = arena_new(1024);
	struct tls_host *hosts = ARENA_ARRAY(arena, struct tls_host, conf->n_hosts);
	struct tls_config config = {
		.hosts = hosts,
		.n_hosts = conf->n_hosts,
		.priorities = conf->o.tls_priorities.p,
		.alpn = federates ? STR("xmpp-server") : STR("xmpp-client"),
		.federates = federates,
		.trust_file = conf->o.s2s_trust.p,
	};
	struct tls_server *tls = NULL;
	struct str problem;

	for (size_t i = 0; i < conf->n_hosts; i++)
		hosts[i] = (struct tls_host){
			.name = conf->hosts[i].name,
			.certificate_file = conf->hosts[i].o.certificate.p,
			.key_file = conf->hosts[i].o.key.p,
			.client_ca_file = conf->hosts[i].o.client_ca.p,
		};
	if (tls_server_new(&config, arena, &tls, &problem) < 0)
		log_error(NULL, STR_FMT, STR_ARG(problem));
	arena_free(&arena);
	return tls;
}

static void warn_of_expiry(const struct tls_server *tls)
{
	struct str host;
	int64_t left = tls_server_expires_ms(tls, &host);

	if (left < 0)
		log_warning(NULL, "the certificate of " STR_FMT " has expired", STR_ARG(host));
	else if (left < 14 * HOURS(24))
		log_warning(NULL, "the certificate of " STR_FMT " expires in %lld days",
		            STR_ARG(host), (long long)(left / HOURS(24)));
}

static void generation_free(struct generation **g)
{
	if (*g == NULL)
		return;
	tls_server_unref(&(*g)->tls);
	tls_server_unref(&(*g)->tls_s2s);
	conf_free(&(*g)->conf);
	free(*g);
	*g = NULL;
}

static struct generation *generation_read(const char *file, const struct module_list *modules)
{
	struct conf_context context = modules_conf_context(modules);
	struct generation *g = MEM_NEW(struct generation);
	const struct conf_options *o;

	if (conf_read(file, &context, &g->conf) == 0)
		g->tls = load_tls(g->conf, false);
	if (g->tls != NULL && g->conf->o.s2s)
		g->tls_s2s = load_tls(g->conf, true);
	if (g->tls == NULL || (g->tls_s2s == NULL && g->conf->o.s2s)) {
		generation_free(&g);
		return NULL;
	}
	o = &g->conf->o;
	g->c2s_limits = limits_of(g->conf, o->stanza_bytes,
	                          SM_CONNECTED_FACTOR * o->resume_bytes, o->bytes_per_second);
	g->s2s_limits = limits_of(g->conf, o->s2s_stanza_bytes, o->s2s_queue_bytes,
	                          o->s2s_bytes_per_second);
	warn_of_expiry(g->tls);
	components_warn(g->conf);
	return g;
}

/* ---- what streams know of hosts ---- */

static unsigned mechanisms_of(const struct conf_host *host)
{
	/* who asks another program has no verifiers, and needs the password itself */
	unsigned mechanisms = host->o.passwords == PASSWORDS_INTERNAL ? AUTH_SCRAM : AUTH_PLAIN;

	if (host->o.plain)
		mechanisms |= AUTH_PLAIN;
	if (host->o.anonymous)
		mechanisms |= AUTH_ANONYMOUS;
	if (!str_is_absent(host->o.client_ca))
		mechanisms |= AUTH_EXTERNAL;
	return mechanisms;
}

static void make_c2s_hosts(struct server *server)
{
	const struct conf *conf = server->first->conf;

	server->c2s_hosts = ARENA_ARRAY(server->arena, struct c2s_host, conf->n_hosts);
	for (size_t i = 0; i < conf->n_hosts; i++) {
		const struct conf_host *host = &conf->hosts[i];
		bool elsewhere = host->o.passwords != PASSWORDS_INTERNAL;

		server->c2s_hosts[i] = (struct c2s_host){
			.name = host->name,
			.mechanisms = mechanisms_of(host),
			.saslauthd = elsewhere ? host->o.saslauthd_socket : STR_NONE,
			.saslauthd_ms = host->o.saslauthd_timeout,
		};
	}
}

/* ---- start ---- */

static void on_accept(struct shard *here, void *arg, int fd)
{
	const struct conf_listen *listen = arg;
	struct core *core = core_of(here);

	if (core == NULL)
		close(fd);
	else if (listen->kind == LISTEN_COMPONENT)
		s2s_accept_component(&core->s2s, fd);
	else if (listen->kind == LISTEN_S2S || listen->kind == LISTEN_S2S_TLS)
		s2s_accept(&core->s2s, fd, listen->kind == LISTEN_S2S_TLS);
	else
		c2s_accept(&core->c2s, fd, listen->kind == LISTEN_C2S_TLS);
}

static int open_listener(struct server *server, const struct listener_config *config,
                         struct listener **listener_out)
{
	struct arena *arena = arena_new(512);
	struct str problem;
	int err = listener_open(server->shards, config, arena, listener_out, &problem);

	if (err < 0)
		log_error(NULL, STR_FMT, STR_ARG(problem));
	arena_free(&arena);
	return err;
}

static int open_listeners(struct server *server)
{
	const struct conf *conf = server->first->conf;
	struct listener_config control = {
		.address = conf->o.control,
		.backlog = 16,
		.on_accept = control_accept,
		.arg = server,
	};
	int err = 0;

	server->listeners = ARENA_ARRAY(server->arena, struct listener *, conf->n_listen + 1);
	for (size_t i = 0; i < conf->n_listen && err == 0; i++) {
		struct listener_config config = {
			.address = conf->listen[i].address,
			.port = conf->listen[i].port,
			.backlog = 1024,
			.on_accept = on_accept,
			.arg = (void *)&conf->listen[i],
		};

		err = open_listener(server, &config, &server->listeners[server->n_listeners]);
		server->n_listeners += err == 0;
	}
	if (err == 0)
		err = open_listener(server, &control, &server->listeners[server->n_listeners]);
	server->n_listeners += err == 0;
	return err;
}

static int open_store(struct server *server)
{
	struct store_config config = {
		.folder = server->first->conf->o.data.p,
		.map_bytes = (size_t)server->first->conf->o.store_bytes,
		.gather_ms = server->first->conf->o.store_gather,
		.spaces = server->modules.spaces,
	};

	return store_open(&config, &server->store);
}

static int read_configuration(struct server *server, const struct mod_def *const *builtin)
{
	int err = modules_load(server->conf_file, builtin, &server->modules);

	if (err < 0)
		return err;
	server->generation = server->first =
		generation_read(server->conf_file, &server->modules);
	if (server->first == NULL || remotes_check(server->first->conf) < 0)
		return ERR_CONFIG;
	return 0;
}

/*
 * Known to nobody outside, and the same after a restart: what unknown users show must not
 * change either.
 */
static void derive_secrets(struct server *server)
{
	const struct hash_key *key = store_partition_key(server->store);
	struct str secret = str_make((const char *)key->bytes, sizeof(key->bytes));
	struct arena *arena = arena_new(128);
	uint8_t dialback[32];

	digest_hmac(DIGEST_SHA256, secret, STR("unknown users"), server->fake_secret);
	digest_hmac(DIGEST_SHA256, secret, STR("dialback"), dialback);
	snprintf(server->dialback_secret, sizeof(server->dialback_secret), STR_FMT,
	         STR_ARG(base16_encode(arena,
	                               str_make((const char *)dialback, sizeof(dialback)))));
	arena_free(&arena);
}

/* A shard on which a module or a listener does not start keeps the server from serving. */
static int start_shards(struct server *server)
{
	unsigned n = shard_group_count(server->shards);
	int err;

	server->start_errs = ARENA_ARRAY(server->arena, int, n);
	err = shard_group_start(server->shards, core_start, server);
	server->running = err == 0;
	for (unsigned i = 0; i < n && err == 0; i++)
		err = server->start_errs[i];
	return err;
}

static int start(struct server *server, const struct mod_def *const *builtin,
                 enum server_mode mode)
{
	int err = read_configuration(server, builtin);

	if (err < 0)
		return err;
	log_set_level((enum log_level)server->first->conf->o.log_level);
	make_c2s_hosts(server);
	err = auth_init();
	if (err == 0)
		err = shard_group_open(
			mode == SERVER_LOCAL ? 1 : (unsigned)server->first->conf->o.shards,
			&server->shards);
	if (err == 0)
		err = open_store(server);
	if (err == 0)
		derive_secrets(server);
	if (err == 0 && mode == SERVER_SERVES)
		err = open_listeners(server);
	if (err == 0)
		err = start_shards(server);
	return err;
}

int server_start(const char *conf_file, const struct mod_def *const *builtin,
                 enum server_mode mode, struct server **server_out)
{
	struct server *server = MEM_NEW(struct server);
	int err;

	server->arena = arena_new(1024);
	server->conf_file = conf_file;
	server->started_ms = clock_wall_ms();
	server->mode = mode;
	err = start(server, builtin, mode);
	if (err < 0)
		server_stop(&server);
	else
		*server_out = server;
	return err;
}

int server_check(const char *conf_file, const struct mod_def *const *builtin)
{
	struct server server = { .conf_file = conf_file };
	int err = read_configuration(&server, builtin);

	generation_free(&server.first);
	modules_free(&server.modules);
	return err;
}

/* ---- reload ---- */

struct reload {
	struct shard_msg msg;
	struct generation *generation;
	struct tls_server *tls_s2s; /* a reference; NULL: there is none */
};

static void take_generation(struct shard *here, struct shard_msg *msg)
{
	struct reload *r = CONTAINER_OF(msg, struct reload, msg);
	struct core *core = core_of(here);

	if (core != NULL) {
		core->generation = r->generation;
		core->c2s.limits = &r->generation->c2s_limits;
		core->c2s.tls = r->generation->tls;
		remotes_renew(core, r->tls_s2s);
	}
	tls_server_unref(&r->tls_s2s);
	free(r);
}

static bool same_hosts(const struct conf *a, const struct conf *b)
{
	bool same = a->n_hosts == b->n_hosts;

	for (size_t i = 0; same && i < a->n_hosts; i++)
		same = str_eq(a->hosts[i].name, b->hosts[i].name);
	return same;
}

/*
 * Streams hold pointers into the limits of the generation that they began under, so generations
 * are kept until the end: a few kilobytes for each reload.
 */
void server_reload(struct server *server)
{
	struct generation *g = generation_read(server->conf_file, &server->modules);

	if (g == NULL) {
		log_error(NULL, "reload: nothing was changed, for the reasons above");
		return;
	}
	if (!same_hosts(server->first->conf, g->conf)) {
		log_error(NULL, "reload: nothing was changed: other hosts need a restart");
		generation_free(&g);
		return;
	}
	log_set_level((enum log_level)g->conf->o.log_level);
	g->older = server->generation;
	server->generation = g;
	for (unsigned i = 0; i < shard_group_count(server->shards); i++) {
		struct reload *r = MEM_NEW(struct reload);

		r->msg.run = take_generation;
		r->generation = g;
		r->tls_s2s = g->tls_s2s == NULL ? NULL : tls_server_ref(g->tls_s2s);
		shard_post(NULL, shard_group_at(server->shards, i), &r->msg);
	}
	/* megabytes of authorities: shards have their own reference, and streams theirs */
	tls_server_unref(&g->older->tls_s2s);
	log_info(NULL, "reload: certificates, limits and log level are in force; all else "
	               "needs a restart");
}

/* ---- stop ---- */

/* Gives the number of threads that are still out, in libsasl2. */
static unsigned stop_shards(struct server *server)
{
	unsigned n = shard_group_count(server->shards), out = 0;

	if (server->running) {
		shard_group_stop(server->shards, core_stop, server);
		for (unsigned i = 0; i < n; i++)
			core_free(shard_group_at(server->shards, i));
	}
	for (unsigned i = 0; i < n; i++)
		out += errands_out(shard_group_at(server->shards, i));
	shard_group_close(&server->shards);
	return out;
}

void server_stop(struct server **sp)
{
	struct server *server = *sp;
	unsigned out = 0;

	if (server->shards != NULL)
		out = stop_shards(server);
	for (size_t i = 0; i < server->n_listeners; i++)
		listener_close(&server->listeners[i]);
	if (server->store != NULL)
		store_close(&server->store);
	if (out == 0) /* else it stays up: they may come back yet */
		auth_deinit();
	while (server->generation != NULL) {
		struct generation *g = server->generation;

		server->generation = g->older;
		generation_free(&g);
	}
	modules_free(&server->modules);
	arena_free(&server->arena);
	free(server);
	*sp = NULL;
}

struct given_control {
	struct shard_msg msg;
	struct server *server;
	int fd;
};

static void take_control(struct shard *here, struct shard_msg *msg)
{
	struct given_control *g = CONTAINER_OF(msg, struct given_control, msg);

	control_accept(here, g->server, g->fd);
	free(g);
}

void server_control(struct server *server, int fd)
{
	struct given_control *g = MEM_NEW(struct given_control);

	g->msg.run = take_control;
	g->server = server;
	g->fd = fd;
	shard_post(NULL, shard_group_at(server->shards, 0), &g->msg);
}
