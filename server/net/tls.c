/*
 * tls.c - one generation of the TLS server's set-up.
 *
 * The reference count is the only thing that changes after tls_server_new, and the only atomic
 * of this folder: sessions on all shards end in any order, and the last one frees the
 * generation.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/tls_impl.h"

#include "server/base/clock.h"
#include "server/base/err.h"
#include "server/base/mem.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/*
 * Forward secrecy and authenticated ciphers only; AES-GCM first, as it is in hardware nearly
 * everywhere, and the server chooses.  No finite-field groups: they cost ten times the CPU, and
 * all clients of TLS 1.2 with GCM have curves.
 */
#define PRIORITIES \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" \
	":-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD" \
	":-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-" \
	"SECP384R1" \
	":%SERVER_PRECEDENCE"

#define NAME_MAX_BYTES 255 /* of a domain, RFC 1035 §2.3.4 */

static char *copy_bytes(struct str s)
{
	char *p = mem_alloc(s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

static void lower(char *p, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
}

static int compare_sites(const void *a, const void *b)
{
	const struct tls_site *const *left = a;
	const struct tls_site *const *right = b;

	return str_cmp((*left)->name, (*right)->name);
}

bool tls_is_address(struct str name)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr bytes;

	if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		name = str_slice(name, 1, name.n - 1);
	if (name.n >= sizeof(text))
		return false;
	if (name.n > 0)
		memcpy(text, name.p, name.n);
	return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1;
}

static const struct tls_site *site_called(const struct tls_server *tls, struct str name)
{
	char text[NAME_MAX_BYTES];
	struct tls_site wanted = { .name = str_make(text, name.n) };
	const struct tls_site *key = &wanted;
	const struct tls_site **found;

	if (name.n == 0)
		return NULL;
	lower(text, name);
	found = bsearch(&key, tls->by_name, tls->n_sites, sizeof(key), compare_sites);
	return found != NULL ? *found : NULL;
}

const struct tls_site *tls_find_site(const struct tls_server *tls, struct str name)
{
	const struct tls_site *site = NULL;

	if (name.n > NAME_MAX_BYTES)
		return NULL;
	while (site == NULL && !str_is_absent(name)) {
		site = site_called(tls, name);
		str_cut(&name, '.');
	}
	return site;
}

static int load_sites(struct tls_server *tls, const struct tls_config *config,
                      struct arena *arena, struct str *problem_out)
{
	tls->sites = mem_zalloc(config->n_hosts * sizeof(*tls->sites));
	tls->by_name = mem_zalloc(config->n_hosts * sizeof(*tls->by_name));
	for (size_t i = 0; i < config->n_hosts; i++) {
		struct tls_site *site = &tls->sites[i];
		char *name = copy_bytes(config->hosts[i].name);
		int err;

		lower(name, config->hosts[i].name);
		site->name = str_make(name, config->hosts[i].name.n);
		tls->by_name[i] = site;
		tls->n_sites++;
		err = tls_site_load(site, &config->hosts[i], config->federates, arena,
		                    problem_out);
		if (err < 0)
			return err;
	}
	qsort(tls->by_name, tls->n_sites, sizeof(*tls->by_name), compare_sites);
	return 0;
}

static int set_priorities(struct tls_server *tls, const char *text, struct arena *arena,
                          struct str *problem_out)
{
	const char *at = "";

	if (gnutls_priority_init(&tls->priorities, text, &at) >= 0)
		return 0;
	*problem_out = arena_printf(arena,
	                            "the TLS priority string is not understood from \"%s\" on; "
	                            "leave it out to use the default, "
	                            "or see gnutls-cli --priority-list",
	                            at);
	return ERR_TLS;
}

int tls_server_new(const struct tls_config *config, struct arena *arena,
                   struct tls_server **tls_out, struct str *problem_out)
{
	struct tls_server *tls = MEM_NEW(struct tls_server);
	int err;

	ASSERT(config->n_hosts > 0 && config->n_hosts <= UINT16_MAX);
	tls->refs = 1;
	if (!str_is_empty(config->alpn))
		tls->alpn = str_make(copy_bytes(config->alpn), config->alpn.n);
	err = load_sites(tls, config, arena, problem_out);
	if (err == 0 && config->federates)
		err = tls_trust_load(tls, config->trust_file, arena, problem_out);
	if (err == 0)
		err = set_priorities(
			tls, config->priorities != NULL ? config->priorities : PRIORITIES,
			arena, problem_out);
	if (err == 0 && gnutls_session_ticket_key_generate(&tls->ticket_key) < 0) {
		*problem_out = STR("no key for TLS session tickets could be made; is there "
		                   "random data on this system?");
		err = ERR_TLS;
	}
	if (err < 0)
		tls_server_unref(&tls);
	else
		*tls_out = tls;
	return err;
}

struct tls_server *tls_server_ref(struct tls_server *tls)
{
	__atomic_add_fetch(&tls->refs, 1, __ATOMIC_RELAXED);
	return tls;
}

void tls_server_unref(struct tls_server **ref)
{
	struct tls_server *tls = *ref;

	*ref = NULL;
	if (tls == NULL || __atomic_sub_fetch(&tls->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (size_t i = 0; i < tls->n_sites; i++)
		tls_site_unload(&tls->sites[i]);
	if (tls->trust != NULL)
		gnutls_x509_trust_list_deinit(tls->trust, 1);
	if (tls->priorities != NULL)
		gnutls_priority_deinit(tls->priorities);
	if (tls->ticket_key.data != NULL)
		gnutls_memset(tls->ticket_key.data, 0, tls->ticket_key.size);
	gnutls_free(tls->ticket_key.data);
	free((char *)(uintptr_t)tls->alpn.p);
	free(tls->sites);
	free(tls->by_name);
	free(tls);
}

int64_t tls_server_expires_ms(const struct tls_server *tls, struct str *host_out)
{
	const struct tls_site *first = &tls->sites[0];

	for (size_t i = 1; i < tls->n_sites; i++) {
		if (tls->sites[i].expires_ms < first->expires_ms)
			first = &tls->sites[i];
	}
	*host_out = first->name;
	return first->expires_ms - clock_wall_ms();
}
