/*
 * dns_server.h - a DNS server for tests: UDP on loopback, on a thread of its own, out of a table.
 *
 * A name that is not in the table does not exist.  Rows of one name and type are one answer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

enum dns_row_type {
	ROW_A = 1,
	ROW_CNAME = 5,
	ROW_AAAA = 28,
	ROW_SRV = 33,
	/* Instead of an answer, to whatever is asked of the name. */
	ROW_SERVFAIL = 1000,
	ROW_SILENCE,
	ROW_GARBAGE, /* bytes that are no DNS message behind the header */
};

struct dns_row {
	const char *name; /* "*.example": all names below, unless another row before has it */
	enum dns_row_type type;
	const char *data; /* "192.0.2.1", "2001:db8::1", "10 0 5269 xmpp.example.net", a name */
};

struct dns_server;

/* ROWS must stay. */
struct dns_server *dns_server_open(const struct dns_row *rows, size_t n);
/* "127.0.0.1@PORT" */
struct str dns_server_address(const struct dns_server *s);
/* Questions that came, so far. */
unsigned dns_server_asked(const struct dns_server *s);
void dns_server_close(struct dns_server **s);
