/*
 * federation.h - two servers that meet: a transport at either end of a pair of sockets.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/net/authority.h"

/*
 * A generation that federates: HOSTS with the certificates NAME.crt and NAME.key of the world's folder, trusting those
 * in TRUST (NULL: the world's ca.crt).
 */
struct federation_host {
	const char *host, *name;
};
struct federation_config {
	struct federation_host hosts[3];
	const char *trust;
	const char *priorities; /* NULL: ours */
	const char *alpn;       /* NULL: xmpp-server */
};
struct tls_server *federation_tls(struct world *w, const struct federation_config *config);

/* How the one that connects does it. */
struct federation_call {
	struct tls_server *from, *to; /* TO's generation need not federate */
	const char *host, *name;      /* its own, and the one it calls */
	bool direct;
};
/* A pair of parties over local sockets, in clear. */
void federation_pair(struct world *w, struct party **server_out, struct party **client_out);
/* They begin to shake hands. */
void federation_start(const struct federation_call *call, struct party *server,
                      struct party *client);
/* They are done, one way or the other. */
void federation_finish(struct party *server, struct party *client);
