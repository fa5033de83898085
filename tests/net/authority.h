/*
 * authority.h - certificates, good and bad, for the tests of this folder.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/net/world.h"

struct client_cert {
	const char *jids[3];            /* XmppAddr names */
	const char *purpose;            /* NULL: for clients */
	int64_t starts_in_s, ends_in_s; /* from now */
	bool by_other; /* signed by an authority that the server does not know */
};

/* Write ca.crt, the authority that the server is to trust, and keep its key for authority_issue. */
struct authority;
struct authority *authority_new(struct world *w);
void authority_free(struct authority **a);
const char *authority_file(struct authority *a);
/* Write client.crt and client.key. */
void authority_issue(struct authority *a, const struct client_cert *how);

enum cert_issuer {
	BY_TRUSTED,
	BY_OTHER,
	BY_ITSELF,
	BY_INTERMEDIATE, /* of the trusted authority; it is part of the chain */
	BY_EXPIRED_INTERMEDIATE,
};

#define CERT_NAMES_MAX 6

/* Of another server.  Without times it is good from yesterday until tomorrow. */
struct server_cert {
	const char *dns[CERT_NAMES_MAX]; /* DNS-ID */
	const char *srv[2];              /* SRV-ID, with its service */
	const char *xmpp[2];             /* XmppAddr */
	const char *common_name;
	const char *purposes[2];
	enum cert_issuer issuer;
	int64_t starts_in_s, ends_in_s;
	bool with_root; /* the issuer's certificate is part of the chain */
};
/* Write NAME.crt and NAME.key. */
void authority_issue_server(struct authority *a, const struct server_cert *how,
                            const char *name);
/* The certificate in NAME.crt that stands at INDEX of the chain; to be freed. */
gnutls_x509_crt_t authority_read(struct authority *a, const char *name, unsigned index);
