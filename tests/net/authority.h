/*
 * authority.h - client certificates, good and bad, for the tests of this folder.
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
