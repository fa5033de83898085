/*
 * site.c - the certificate, key and client authorities of one host, from their files.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/tls_impl.h"

#include "server/base/err.h"
#include "server/base/log.h"

#include <stdlib.h>
#include <string.h>

/* What is being loaded, for the sentences. */
struct loading {
	struct arena *arena;
	const struct tls_host *host;
	bool federates;
	struct str problem;
};

static int cannot_read(struct loading *l, const char *what, const char *file, int err)
{
	l->problem = arena_printf(l->arena, "%s %s of host " STR_FMT " cannot be read: %s",
	                          what, file, STR_ARG(l->host->name), strerror(err));
	return -err;
}

static int is_wrong(struct loading *l, const char *what, const char *file, const char *why)
{
	l->problem = arena_printf(l->arena, "%s %s of host " STR_FMT " %s", what, file,
	                          STR_ARG(l->host->name), why);
	return ERR_TLS;
}

/* A whole file into the arena of the loading. */
static int load_file(struct loading *l, const char *what, const char *file,
                     gnutls_datum_t *data_out)
{
	int err = tls_read_file(l->arena, file, data_out);

	return err == 0 ? 0 : cannot_read(l, what, file, -err);
}

/* RFC 5929 §4.1: the hash that signed the certificate, but SHA-256 for those that are weaker. */
static void hash_end_point(struct tls_site *site, gnutls_x509_crt_t crt)
{
	gnutls_digest_algorithm_t hash = gnutls_sign_get_hash_algorithm(
		(gnutls_sign_algorithm_t)gnutls_x509_crt_get_signature_algorithm(crt));
	size_t size = sizeof(site->end_point);

	if (hash == GNUTLS_DIG_MD5 || hash == GNUTLS_DIG_SHA1)
		hash = GNUTLS_DIG_SHA256;
	if (gnutls_x509_crt_get_fingerprint(crt, hash, site->end_point, &size) >= 0)
		site->n_end_point = size;
}

/* Between servers it matters less, and is told already for clients, who are shown the same one. */
static void warn_of_name(gnutls_x509_crt_t crt, const struct tls_host *host)
{
	char name[256] = "";

	if (host->name.n < sizeof(name))
		memcpy(name, host->name.p, host->name.n);
	if (!gnutls_x509_crt_check_hostname(crt, name))
		log_warning(NULL,
		            "certificate %s does not name its host %s: clients will refuse it",
		            host->certificate_file, name);
}

static void note_facts(struct tls_site *site, const gnutls_x509_crt_t *chain, unsigned n)
{

	site->expires_ms = INT64_MAX;
	for (unsigned i = 0; i < n; i++) {
		int64_t end = (int64_t)gnutls_x509_crt_get_expiration_time(chain[i]) * 1000;

		if (end < site->expires_ms)
			site->expires_ms = end;
	}
	hash_end_point(site, chain[0]);
}

static const char *why_key(int ret)
{
	switch (ret) {
	case GNUTLS_E_DECRYPTION_FAILED:
		return "is protected by a password; the server needs it without one";
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
		return "does not belong to its certificate; check both file names";
	default:
		return "is not a private key in PEM format";
	}
}

static int load_key(struct loading *l, struct tls_site *site, gnutls_x509_crt_t *chain,
                    unsigned n)
{
	const char *file = l->host->key_file;
	gnutls_x509_privkey_t key = NULL;
	gnutls_datum_t data;
	int err = load_file(l, "key file", file, &data);
	int ret;

	if (err < 0)
		return err;
	ret = gnutls_x509_privkey_init(&key);
	if (ret >= 0)
		ret = gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (ret >= 0)
		ret = gnutls_certificate_set_x509_key(site->credentials, chain, (int)n, key);
	gnutls_x509_privkey_deinit(key);
	gnutls_memset(data.data, 0, data.size);
	return ret >= 0 ? 0 : is_wrong(l, "key file", file, why_key(ret));
}

static int load_chain(struct loading *l, struct tls_site *site)
{
	const char *file = l->host->certificate_file;
	gnutls_x509_crt_t *chain = NULL;
	gnutls_datum_t data;
	unsigned n = 0;
	int err = load_file(l, "certificate file", file, &data);

	if (err < 0)
		return err;
	if (gnutls_x509_crt_list_import2(&chain, &n, &data, GNUTLS_X509_FMT_PEM,
	                                 GNUTLS_X509_CRT_LIST_SORT) < 0 ||
	    n == 0)
		return is_wrong(
			l, "certificate file", file,
			"is not a chain of certificates in PEM format, the host's own first");
	err = load_key(l, site, chain, n);
	if (err == 0)
		note_facts(site, chain, n);
	if (err == 0 && !l->federates)
		warn_of_name(chain[0], l->host);
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	return err;
}

static int load_client_authorities(struct loading *l, struct tls_site *site)
{
	const char *file = l->host->client_ca_file;
	gnutls_datum_t data;
	int err;

	/* No authorities in the request: whoever signs itself, or is signed by others, sends its certificate too. */
	site->asks_client = l->federates;
	if (file == NULL || l->federates)
		return 0;
	err = load_file(l, "client authorities file", file, &data);
	if (err < 0)
		return err;
	if (gnutls_certificate_set_x509_trust_mem(site->credentials, &data,
	                                          GNUTLS_X509_FMT_PEM) <= 0)
		return is_wrong(l, "client authorities file", file,
		                "holds no certificate in PEM format");
	site->asks_client = true;
	return 0;
}

int tls_site_load(struct tls_site *site, const struct tls_host *host, bool federates,
                  struct arena *arena, struct str *problem_out)
{
	struct loading l = { .arena = arena, .host = host, .federates = federates };
	int err = ERR_TLS;

	if (gnutls_certificate_allocate_credentials(&site->credentials) >= 0)
		err = load_chain(&l, site);
	if (err == 0)
		err = load_client_authorities(&l, site);
	if (err < 0)
		*problem_out = l.problem;
	return err;
}

void tls_site_unload(struct tls_site *site)
{
	if (site->credentials != NULL)
		gnutls_certificate_free_credentials(site->credentials);
	free((char *)(uintptr_t)site->name.p);
}
