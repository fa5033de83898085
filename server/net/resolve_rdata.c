/*
 * resolve_rdata.c - what records say, and addresses in text.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/resolve_impl.h"

#include "server/base/err.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define NAME_TEXT_MAX 253 /* RFC 1035 §2.3.4: 255 bytes on the wire */
#define LABEL_MAX 63
#define SRV_FIXED 6 /* RFC 2782: priority, weight, port */
#define TLSA_FIXED 3

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

static bool is_label(struct str label)
{
	for (size_t i = 0; i < label.n; i++)
		if (!is_name_byte(label.p[i]))
			return false;
	return label.n > 0 && label.n <= LABEL_MAX;
}

bool is_domain(struct str text)
{
	struct str rest = text;

	if (text.n == 0 || text.n > NAME_TEXT_MAX)
		return false;
	while (!str_is_absent(rest))
		if (!is_label(str_cut(&rest, '.')))
			return false;
	return true;
}

static void append(char *text, size_t *used, struct str label)
{
	if (*used > 0)
		text[(*used)++] = '.';
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];

		text[(*used)++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
}

/* All of WIRE is one name: labels, each behind its length, and an empty one at the end. */
static int read_name(struct arena *arena, struct str wire, struct str *name_out)
{
	char *text = arena_alloc(arena, wire.n);
	size_t used = 0;
	size_t at = 0;

	while (at < wire.n && wire.p[at] != 0) {
		size_t n = (unsigned char)wire.p[at];
		struct str label = str_slice(wire, at + 1, at + 1 + n);

		if (label.n != n || !is_label(label))
			return ERR_INVALID;
		append(text, &used, label);
		at += 1 + n;
	}
	if (at + 1 != wire.n || used > NAME_TEXT_MAX)
		return ERR_INVALID;
	*name_out = str_make(text, used);
	return 0;
}

static uint16_t read_u16(const char *p)
{
	return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

int srv_read(struct arena *arena, struct str rdata, struct srv *srv_out)
{
	struct srv srv = { 0 };
	int err;

	if (rdata.n <= SRV_FIXED)
		return ERR_INVALID;
	srv.priority = read_u16(rdata.p);
	srv.weight = read_u16(rdata.p + 2);
	srv.port = read_u16(rdata.p + 4);
	err = read_name(arena, str_slice(rdata, SRV_FIXED, rdata.n), &srv.target);
	if (err < 0)
		return err;
	if (srv.port == 0 && srv.target.n > 0)
		return ERR_INVALID;
	*srv_out = srv;
	return 0;
}

static void put_v4(struct sockaddr_storage *address_out, const void *bytes, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	memcpy(&in.sin_addr, bytes, sizeof(in.sin_addr));
	*address_out = (struct sockaddr_storage){ 0 };
	memcpy(address_out, &in, sizeof(in));
}

static void put_v6(struct sockaddr_storage *address_out, const void *bytes, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memcpy(&in6.sin6_addr, bytes, sizeof(in6.sin6_addr));
	*address_out = (struct sockaddr_storage){ 0 };
	memcpy(address_out, &in6, sizeof(in6));
}

int address_read(struct str rdata, uint16_t port, struct sockaddr_storage *address_out)
{
	if (rdata.n == sizeof(struct in_addr))
		put_v4(address_out, rdata.p, port);
	else if (rdata.n == sizeof(struct in6_addr))
		put_v6(address_out, rdata.p, port);
	else
		return ERR_INVALID;
	return 0;
}

bool is_tlsa(struct str rdata)
{
	return rdata.n > TLSA_FIXED;
}

int address_parse(struct str text, uint16_t port, struct sockaddr_storage *address_out)
{
	bool in_brackets = str_starts_with(text, STR("[")) && str_ends_with(text, STR("]"));
	struct str inner = in_brackets ? str_slice(text, 1, text.n - 1) : text;
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr in6;
	struct in_addr in;

	if (inner.n >= sizeof(copy) || memchr(inner.p, '\0', inner.n) != NULL)
		return ERR_INVALID;
	memcpy(copy, inner.p, inner.n);
	copy[inner.n] = '\0';
	if (in_brackets && inet_pton(AF_INET6, copy, &in6) == 1)
		put_v6(address_out, &in6, port);
	else if (!in_brackets && inet_pton(AF_INET, copy, &in) == 1)
		put_v4(address_out, &in, port);
	else
		return ERR_INVALID;
	return 0;
}
