/*
 * dns.c - questions to the DNS, by libunbound.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/dns.h"

#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <arpa/inet.h>
#include <unbound.h>
#include <uv.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DNS_CLASS_IN 1

struct dns {
	struct shard *here;
	struct arena *arena; /* the configuration */
	const char **servers;
	size_t n_servers;
	const char *anchor_file; /* as in struct resolver_config */
	struct ub_ctx *ctx;      /* NULL before the first question */
	uv_poll_t poll;          /* for its results, as long as it is there */
};

static const char *const anchor_places[] = {
	"/usr/share/dns/root.key", /* Debian's dns-root-data */
	"/var/lib/unbound/root.key",
};

/*
 * The library begins with what suits one question at a time.  A server whose DNS was out of
 * reach for a while wants to know soon that it is back.  And the library keeps "test" to itself
 * as a cache should, but a name for testing is nothing special to who asks (RFC 6761 §6.2).
 */
static const struct {
	const char *name, *value;
} options[] = {
	{ "outgoing-range:", "128" }, /* sockets, as many as are needed */
	{ "outgoing-num-tcp:", "16" },
	{ "infra-host-ttl:", "60" }, /* seconds for which a server is taken for dead */
	{ "infra-keep-probing:", "yes" },
	{ "local-zone:", "test. nodefault" },
};

/* ---- the configuration ---- */

/* "ADDRESS" or "ADDRESS@PORT". */
static bool is_server(struct arena *arena, struct str text)
{
	struct str rest = text;
	const char *address = arena_cstr(arena, str_cut(&rest, '@'));
	struct in6_addr in6;
	struct in_addr in;
	uint64_t port;

	if (!str_is_absent(rest) &&
	    (str_to_u64(rest, &port) < 0 || port == 0 || port > UINT16_MAX))
		return false;
	return inet_pton(AF_INET, address, &in) == 1 || inet_pton(AF_INET6, address, &in6) == 1;
}

static int check_servers(struct arena *arena, const struct resolver_config *config)
{
	for (size_t i = 0; i < config->n_servers; i++) {
		struct str server = config->servers[i];

		if (is_server(arena, server))
			continue;
		log_error(NULL,
		          "\"" STR_FMT "\" is no DNS server; write an IPv4 or IPv6 address in "
		          "digits, followed by @PORT if it is not 53",
		          STR_ARG(server));
		return ERR_INVALID;
	}
	return 0;
}

/* The file of trust anchors to use, or NULL. */
static const char *anchors_of(const struct dns *dns)
{
	if (dns->anchor_file != NULL)
		return *dns->anchor_file != '\0' ? dns->anchor_file : NULL;
	for (size_t i = 0; i < ARRAY_LEN(anchor_places); i++)
		if (access(anchor_places[i], R_OK) == 0)
			return anchor_places[i];
	return NULL;
}

/*
 * The library reads the file (NULL: none) when it is about to ask, and says then no more than that
 * something is wrong; so it gets an occasion before, which starts no thread.
 */
static bool is_content(const char *file)
{
	struct ub_ctx *ctx = ub_ctx_create();
	int rc = 0;

	if (ctx == NULL)
		return false;
	ub_ctx_debugout(ctx, NULL);
	if (file != NULL)
		rc = ub_ctx_add_ta_file(ctx, file);
	if (rc == 0)
		rc = ub_ctx_zone_add(ctx, "invalid.", "static");
	ub_ctx_delete(ctx);
	return rc == 0;
}

static int check_anchors(const char *file)
{
	const char *why = "it holds no DS or DNSKEY records as they stand in a zone file";

	if (file == NULL || *file == '\0') {
		(void)is_content(NULL); /* the first question will say what is wrong */
		return 0;
	}
	if (access(file, R_OK) < 0)
		why = strerror(errno);
	else if (is_content(file))
		return 0;
	log_error(NULL,
	          "trust anchors of DNSSEC cannot be read from %s: %s; name another file, or "
	          "none and install the Debian package dns-root-data",
	          file, why);
	return ERR_NOENT;
}

int dns_check(const struct resolver_config *config)
{
	struct arena *arena = arena_new(256);
	int err = check_servers(arena, config);

	arena_free(&arena);
	return err < 0 ? err : check_anchors(config->anchor_file);
}

struct dns *dns_new(struct shard *here, const struct resolver_config *config)
{
	struct dns *dns = MEM_NEW(struct dns);

	dns->here = here;
	dns->arena = arena_new(256);
	dns->servers = ARENA_ARRAY(dns->arena, const char *, config->n_servers);
	dns->n_servers = config->n_servers;
	for (size_t i = 0; i < config->n_servers; i++)
		dns->servers[i] = arena_cstr(dns->arena, config->servers[i]);
	if (config->anchor_file != NULL)
		dns->anchor_file = arena_cstr(dns->arena, str_of(config->anchor_file));
	return dns;
}

/* ---- the library ---- */

static int set_servers(const struct dns *dns, struct ub_ctx *ctx)
{
	int rc = 0;

	for (size_t i = 0; i < dns->n_servers && rc == 0; i++)
		rc = ub_ctx_set_fwd(ctx, dns->servers[i]);
	/* Without the file it asks from the root servers down. */
	if (dns->n_servers == 0 && ub_ctx_resolvconf(ctx, NULL) != 0)
		log_warning(NULL, "/etc/resolv.conf names no DNS server: the root's are asked");
	return rc;
}

static int configure(const struct dns *dns, struct ub_ctx *ctx)
{
	const char *anchors = anchors_of(dns);
	int rc = ub_ctx_async(ctx, 1);

	/* What it has to say is in its results. */
	if (rc == 0)
		rc = ub_ctx_debugout(ctx, NULL);
	for (size_t i = 0; i < ARRAY_LEN(options) && rc == 0; i++)
		rc = ub_ctx_set_option(ctx, options[i].name, options[i].value);
	if (rc == 0)
		rc = set_servers(dns, ctx);
	if (rc == 0 && anchors != NULL)
		rc = ub_ctx_add_ta_file(ctx, anchors);
	(void)ub_ctx_hosts(ctx, NULL); /* a machine may have none */
	return rc;
}

static void on_results(uv_poll_t *poll, int status, int events)
{
	struct dns *dns = CONTAINER_OF(poll, struct dns, poll);
	int rc = ub_process(dns->ctx);

	if (rc != 0)
		log_error(NULL, "DNS results cannot be read: %s", ub_strerror(rc));
}

/* Who waits for an answer keeps the loop alive by a timer; this does not. */
static int watch(struct dns *dns)
{
	int err = uv_poll_init(shard_loop(dns->here), &dns->poll, ub_fd(dns->ctx));

	if (err < 0)
		return err;
	uv_unref((uv_handle_t *)&dns->poll);
	ASSERT(uv_poll_start(&dns->poll, UV_READABLE, on_results) == 0);
	return 0;
}

static int open_library(struct dns *dns)
{
	int rc;

	dns->ctx = ub_ctx_create();
	if (dns->ctx == NULL) {
		log_error(NULL, "no names can be resolved: %s", strerror(errno));
		return -EIO;
	}
	rc = configure(dns, dns->ctx);
	if (rc == 0 && watch(dns) == 0)
		return 0;
	log_error(NULL, "no names can be resolved: %s", ub_strerror(rc));
	ub_ctx_delete(dns->ctx);
	dns->ctx = NULL;
	return -EIO;
}

static size_t count(char *const *data)
{
	size_t n = 0;

	while (data != NULL && data[n] != NULL)
		n++;
	return n;
}

static void tell_of_forgery(const struct ub_result *result)
{
	log_peer_warning(
		NULL,
		"DNSSEC of %s is broken, or the DNS server in between passes no DNSSEC "
		"on: %s",
		result->qname,
		result->why_bogus != NULL ? result->why_bogus : "no reason known");
}

static struct dns_answer answer_of(int err, const struct ub_result *result)
{
	struct dns_answer answer = { .status = DNS_FAILED };

	if (err == UB_SYNTAX) /* longer than names can be */
		answer.status = DNS_NODATA;
	if (err != 0 || result == NULL)
		return answer;
	answer.secure = result->secure;
	if (result->bogus) {
		answer.status = DNS_FORGED;
		tell_of_forgery(result);
	} else if (result->havedata) {
		answer.status = DNS_DATA;
		answer.data = result->data;
		answer.sizes = result->len;
		answer.n = count(result->data);
	} else if (result->nxdomain || result->rcode == 0) {
		answer.status = DNS_NODATA;
	}
	return answer;
}

static void on_result(void *arg, int err, struct ub_result *result)
{
	struct dns_question *question = arg;
	const struct dns_answer answer = answer_of(err, result);

	question->open = false;
	question->on_answer(question->arg, &answer);
	ub_resolve_free(result);
}

int dns_ask(struct dns *dns, struct dns_question *question, const char *name,
            enum dns_type type)
{
	int rc;

	if (dns->ctx == NULL && open_library(dns) < 0)
		return -EIO;
	rc = ub_resolve_async(dns->ctx, name, (int)type, DNS_CLASS_IN, question, on_result,
	                      &question->id);
	if (rc != 0) {
		log_error(NULL, "no names can be resolved: %s", ub_strerror(rc));
		return -EIO;
	}
	question->open = true;
	return 0;
}

void dns_cancel(struct dns *dns, struct dns_question *question)
{
	if (question->open)
		(void)ub_cancel(dns->ctx, question->id); /* fails for what was answered */
	question->open = false;
}

static void dns_destroy(struct dns *dns)
{
	arena_free(&dns->arena);
	free(dns);
}

static void on_closed(uv_handle_t *handle)
{
	dns_destroy(CONTAINER_OF((uv_poll_t *)handle, struct dns, poll));
}

void dns_free(struct dns **dns)
{
	struct dns *d = *dns;

	*dns = NULL;
	if (d == NULL)
		return;
	if (d->ctx == NULL) {
		dns_destroy(d);
		return;
	}
	uv_close((uv_handle_t *)&d->poll, on_closed);
	ub_ctx_delete(d->ctx);
}
