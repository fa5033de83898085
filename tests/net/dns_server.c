/*
 * dns_server.c - a DNS server for tests.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/net/dns_server.h"

#include "server/base/mem.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 12
#define NOERROR 0
#define SERVFAIL 2
#define NXDOMAIN 3
#define TYPE_SOA 6
#define TYPE_OPT 41
#define PACKET_MAX 65000

struct dns_server {
	const struct dns_row *rows;
	size_t n_rows;
	int fd;
	struct sockaddr_in at;
	char address[32];
	pthread_t thread;
	atomic_uint asked;
};

/* A message being written. */
struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t n;
};

static void put(struct packet *p, const void *bytes, size_t n)
{
	ck_assert_uint_le(p->n + n, sizeof(p->bytes));
	memcpy(p->bytes + p->n, bytes, n);
	p->n += n;
}

static void put_u16(struct packet *p, unsigned value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

	put(p, bytes, sizeof(bytes));
}

static void put_name(struct packet *p, const char *name)
{
	struct str rest = str_of(name);

	while (!str_is_absent(rest)) {
		struct str label = str_cut(&rest, '.');
		uint8_t n = (uint8_t)label.n;

		if (n == 0)
			continue;
		put(p, &n, 1);
		put(p, label.p, label.n);
	}
	put(p, "", 1);
}

static void put_srv(struct packet *p, const char *data)
{
	unsigned priority, weight, port;
	char target[256];

	ck_assert_int_eq(sscanf(data, "%u %u %u %255s", &priority, &weight, &port, target), 4);
	put_u16(p, priority);
	put_u16(p, weight);
	put_u16(p, port);
	put_name(p, target);
}

static void put_data(struct packet *p, const struct dns_row *row)
{
	struct in_addr in;
	struct in6_addr in6;

	switch (row->type) {
	case ROW_A:
		ck_assert_int_eq(inet_pton(AF_INET, row->data, &in), 1);
		put(p, &in, sizeof(in));
		break;
	case ROW_AAAA:
		ck_assert_int_eq(inet_pton(AF_INET6, row->data, &in6), 1);
		put(p, &in6, sizeof(in6));
		break;
	case ROW_SRV:
		put_srv(p, row->data);
		break;
	default:
		put_name(p, row->data);
	}
}

/* With what is behind the type left to put_end. */
static size_t put_record(struct packet *p, const char *name, unsigned type)
{
	put_name(p, name);
	put_u16(p, type);
	put_u16(p, 1); /* IN */
	put_u16(p, 0); /* for 60 seconds */
	put_u16(p, 60);
	put_u16(p, 0); /* its length, filled in later */
	return p->n;
}

static void put_end(struct packet *p, size_t begin)
{
	size_t n = p->n - begin;

	p->bytes[begin - 2] = (uint8_t)(n >> 8);
	p->bytes[begin - 1] = (uint8_t)n;
}

/* Who answers that there is nothing says for how long. */
static void put_soa(struct packet *p)
{
	size_t begin = put_record(p, "example", TYPE_SOA);

	put_name(p, "ns.example");
	put_name(p, "root.example");
	for (int i = 0; i < 5; i++) {
		put_u16(p, 0);
		put_u16(p, 60);
	}
	put_end(p, begin);
}

static void put_opt(struct packet *p)
{
	put(p, "", 1);
	put_u16(p, TYPE_OPT);
	put_u16(p, 4096); /* bytes that fit */
	put_u16(p, 0);
	put_u16(p, 0x8000); /* DNSSEC is fine */
	put_u16(p, 0);
}

static bool is_name_of(const struct dns_row *row, const char *name)
{
	size_t n = strlen(name);
	size_t tail = strlen(row->name) - 1;

	if (row->name[0] == '*')
		return n > tail && strcasecmp(name + n - tail, row->name + 1) == 0;
	return strcasecmp(name, row->name) == 0;
}

/* The question's name as text; its length on the wire, or 0 if there is none. */
static size_t read_name(const uint8_t *bytes, size_t n, char *name)
{
	size_t at = 0;
	size_t used = 0;

	while (at < n && bytes[at] != 0) {
		size_t label = bytes[at];

		if (label > 63 || at + 1 + label >= n)
			return 0;
		if (used > 0)
			name[used++] = '.';
		memcpy(name + used, bytes + at + 1, label);
		used += label;
		at += 1 + label;
	}
	name[used] = '\0';
	return at < n ? at + 1 : 0;
}

static void put_header(struct packet *p, const uint8_t *question, unsigned rcode,
                       unsigned n_answers, unsigned n_authority)
{
	put(p, question, 2);        /* its id */
	put_u16(p, 0x8180 | rcode); /* a response, recursion desired and had */
	put_u16(p, 1);
	put_u16(p, n_answers);
	put_u16(p, n_authority);
	put_u16(p, 1); /* OPT */
}

/* The row that decides what becomes of a name, and how many are an answer to TYPE. */
static const struct dns_row *look_up(const struct dns_server *s, const char *name,
                                     unsigned type, unsigned *count_out)
{
	const struct dns_row *first = NULL;

	*count_out = 0;
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct dns_row *row = &s->rows[i];

		if (!is_name_of(row, name) || (first != NULL && row->name[0] == '*'))
			continue;
		if (first == NULL)
			first = row;
		if (row->type == type || row->type == ROW_CNAME)
			++*count_out;
	}
	return first;
}

static void put_answers(struct packet *p, const struct dns_server *s,
                        const struct dns_row *first, const char *name, unsigned type)
{
	for (const struct dns_row *row = first; row < s->rows + s->n_rows; row++) {
		size_t begin;

		if (!is_name_of(row, name) || (row != first && row->name[0] == '*') ||
		    (row->type != type && row->type != ROW_CNAME))
			continue;
		begin = put_record(p, name, row->type);
		put_data(p, row);
		put_end(p, begin);
	}
}

/* False: no answer. */
static bool answer(const struct dns_server *s, const uint8_t *bytes, size_t n, struct packet *p)
{
	char name[256];
	size_t size = n > HEADER ? read_name(bytes + HEADER, n - HEADER, name) : 0;
	const struct dns_row *first;
	unsigned count, type;

	if (size == 0 || n < HEADER + size + 4)
		return false;
	type = (unsigned)bytes[HEADER + size] << 8 | bytes[HEADER + size + 1];
	first = look_up(s, name, type, &count);
	if (first != NULL && first->type == ROW_SILENCE)
		return false;
	put_header(p, bytes,
	           first == NULL                 ? NXDOMAIN
	           : first->type == ROW_SERVFAIL ? SERVFAIL
	                                         : NOERROR,
	           count, count == 0);
	if (first != NULL && first->type == ROW_GARBAGE) {
		memset(p->bytes + p->n, 0xff, 40);
		p->n += 40;
		return true;
	}
	put(p, bytes + HEADER, size + 4);
	if (count > 0)
		put_answers(p, s, first, name, type);
	else
		put_soa(p);
	put_opt(p);
	return true;
}

/* Until a datagram without anything in it comes. */
static void *serve(void *arg)
{
	struct dns_server *s = arg;
	struct packet *p = MEM_NEW(struct packet);
	struct sockaddr_in from;
	uint8_t bytes[1024];
	ssize_t n;

	for (;;) {
		socklen_t size = sizeof(from);

		n = recvfrom(s->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);
		if (n == 0)
			break;
		if (n < 0)
			continue;
		atomic_fetch_add(&s->asked, 1);
		p->n = 0;
		if (answer(s, bytes, (size_t)n, p))
			(void)sendto(s->fd, p->bytes, p->n, 0, (struct sockaddr *)&from, size);
	}
	free(p);
	return NULL;
}

struct dns_server *dns_server_open(const struct dns_row *rows, size_t n)
{
	struct dns_server *s = MEM_NEW(struct dns_server);
	socklen_t size = sizeof(s->at);

	s->rows = rows;
	s->n_rows = n;
	s->at.sin_family = AF_INET;
	s->at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&s->at, size), 0);
	ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&s->at, &size), 0);
	snprintf(s->address, sizeof(s->address), "127.0.0.1@%u", ntohs(s->at.sin_port));
	ck_assert_int_eq(pthread_create(&s->thread, NULL, serve, s), 0);
	return s;
}

struct str dns_server_address(const struct dns_server *s)
{
	return str_of(s->address);
}

unsigned dns_server_asked(const struct dns_server *s)
{
	return atomic_load(&s->asked);
}

void dns_server_close(struct dns_server **server)
{
	struct dns_server *s = *server;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*server = NULL;
	ck_assert_int_eq(sendto(fd, "", 0, 0, (struct sockaddr *)&s->at, sizeof(s->at)), 0);
	pthread_join(s->thread, NULL);
	close(fd);
	close(s->fd);
	free(s);
}
