/*
 * federation.c - two servers that meet.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/net/federation.h"

#include <check.h>
#include <sys/socket.h>

static const char *file_of(struct world *w, const char *name, const char *ending)
{
	return world_file(w,
	                  arena_cstr(w->arena, arena_printf(w->arena, "%s.%s", name, ending)));
}

struct tls_server *federation_tls(struct world *w, const struct federation_config *config)
{
	struct tls_host hosts[ARRAY_LEN(config->hosts)] = { 0 };
	struct tls_config tls_config = {
		.hosts = hosts,
		.priorities = config->priorities,
		.alpn = str_of(config->alpn != NULL ? config->alpn : "xmpp-server"),
		.federates = true,
		.trust_file = config->trust != NULL ? config->trust : world_file(w, "ca.crt"),
	};
	struct tls_server *tls = NULL;
	struct str problem = STR_NONE;
	size_t n = 0;
	int err;

	for (; n < ARRAY_LEN(hosts) && config->hosts[n].host != NULL; n++) {
		hosts[n].name = str_of(config->hosts[n].host);
		hosts[n].certificate_file = file_of(w, config->hosts[n].name, "crt");
		hosts[n].key_file = file_of(w, config->hosts[n].name, "key");
	}
	tls_config.n_hosts = n;
	err = tls_server_new(&tls_config, w->arena, &tls, &problem);
	ck_assert_msg(err == 0, "no TLS server: " STR_FMT, STR_ARG(problem));
	return tls;
}

void federation_pair(struct world *w, struct party **server_out, struct party **client_out)
{
	int fds[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*server_out = party_open(w, fds[0]);
	*client_out = party_open(w, fds[1]);
}

void federation_start(const struct federation_call *call, struct party *server,
                      struct party *client)
{
	transport_start_tls(server->t, call->to, STR_NONE);
	transport_start_tls_client(client->t, call->from, str_of(call->host),
	                           str_of(call->name), call->direct);
}

void federation_finish(struct party *server, struct party *client)
{
	turn_until(server->world, (server->secures == 1 || server->ends == 1) &&
	                                  (client->secures == 1 || client->ends == 1));
}
