/*
 * peer.c - what another server's certificate is worth.
 *
 * The handshake takes any certificate, or none; when it is over the stream asks here for each domain that the peer
 * claims to be.  So the peer of one connection may be several domains, and one whose certificate is worth nothing may
 * still prove itself by dialback.
 *
 * Purpose (extended key usage): a server shows the same certificate whether it connects or accepts, and public
 * authorities no longer issue any for clients.  So one for servers is good in both roles, one for clients too, and one
 * that does not say is as well.
 *
 * Stapled OCSP responses are not looked at, and there are no revocation lists.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/peer_impl.h"
#include "server/net/transport_impl.h"

#include "server/base/clock.h"

static unsigned verify_for(const struct peer_chain *chain, gnutls_x509_trust_list_t authorities,
                           const char *purpose)
{
	gnutls_typed_vdata_st wanted = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)purpose,
	};
	struct peer_chain sorted = *chain; /* in place, by the library */
	unsigned status = 0;

	if (gnutls_x509_trust_list_verify_crt2(authorities, sorted.crts, sorted.n, &wanted, 1,
	                                       0, &status, NULL) < 0)
		status |= GNUTLS_CERT_INVALID;
	return status;
}

static bool is_self_signed(gnutls_x509_crt_t crt)
{
	return gnutls_x509_crt_check_issuer(crt, crt) != 0;
}

/* The most telling of what is wrong. */
static const char *problem_of(const struct peer_chain *chain, unsigned status,
                              const char *stranger)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);

	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND && stranger != NULL)
		return stranger;
	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		return is_self_signed(chain->crts[0])
		               ? "is signed by itself"
		               : "is signed by an authority that is not trusted here";
	if (status & GNUTLS_CERT_REVOKED)
		return "has been revoked";
	if (status & GNUTLS_CERT_EXPIRED)
		return gnutls_x509_crt_get_expiration_time(chain->crts[0]) < now
		               ? "has expired"
		               : "is signed by an authority whose own certificate has expired";
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return gnutls_x509_crt_get_activation_time(chain->crts[0]) > now
		               ? "is not valid yet"
		               : "is signed by an authority whose own certificate is not valid "
		                 "yet";
	if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
		return "is for other purposes than TLS";
	if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
		return "is signed by an algorithm that is not secure";
	if (status & GNUTLS_CERT_SIGNER_NOT_CA)
		return "is signed by a certificate that may not sign others";
	if (status & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE)
		return "is beyond what its authority may sign";
	if (status & GNUTLS_CERT_SIGNATURE_FAILURE)
		return "has a wrong signature";
	return "cannot be verified";
}

const char *peer_chain_problem(const struct peer_chain *chain,
                               gnutls_x509_trust_list_t authorities, const char *stranger)
{
	unsigned status = verify_for(chain, authorities, GNUTLS_KP_TLS_WWW_SERVER);

	if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
		status = verify_for(chain, authorities, GNUTLS_KP_TLS_WWW_CLIENT);
	return status == 0 ? NULL : problem_of(chain, status, stranger);
}

static void chain_deinit(struct peer_chain *chain)
{
	while (chain->n > 0)
		gnutls_x509_crt_deinit(chain->crts[--chain->n]);
}

/* False when the peer's own certificate cannot be read; of the others we take what we can. */
static bool chain_init(struct peer_chain *chain, const gnutls_datum_t *raw, unsigned n)
{
	for (unsigned i = 0; i < n && i < PEER_CHAIN_MAX; i++) {
		gnutls_x509_crt_t *crt = &chain->crts[chain->n];

		if (gnutls_x509_crt_init(crt) < 0)
			break;
		chain->n++;
		if (gnutls_x509_crt_import(*crt, &raw[i], GNUTLS_X509_FMT_DER) >= 0)
			continue;
		gnutls_x509_crt_deinit(chain->crts[--chain->n]);
		break;
	}
	return chain->n > 0;
}

/*
 * What it is, when that is a problem; NULL: it is one of DOMAIN.  *strict_out: there are TLSA records, which are to be
 * met (RFC 7673 §4).
 */
static const char *judge(const struct peer_chain *chain, gnutls_x509_trust_list_t trust,
                         const struct resolve_tlsa *tlsa, bool *names_count_out,
                         bool *strict_out)
{
	const char *problem = NULL;

	*names_count_out = *strict_out = true;
	switch (dane_judge(chain, tlsa, trust, &problem)) {
	case DANE_KEY:
		*names_count_out = false;
		return NULL;
	case DANE_AUTHORITY:
		return NULL;
	case DANE_REFUSED:
		return problem;
	case DANE_NONE:
		*strict_out = false;
		break;
	case DANE_AS_WELL:
		break;
	}
	return peer_chain_problem(chain, trust, NULL);
}

/* The certificates that the peer has shown; NULL: none. */
static const gnutls_datum_t *shown(const struct transport *t, unsigned *n_out)
{
	*n_out = 0;
	return t->state == SECURE ? gnutls_certificate_get_peers(t->session, n_out) : NULL;
}

int transport_verify_peer(struct transport *t, struct str domain,
                          const struct resolve_tlsa *tlsa, struct str secure_name,
                          struct arena *arena, struct str *problem_out)
{
	struct peer_chain chain = { .n = 0 };
	unsigned n;
	const gnutls_datum_t *raw = shown(t, &n);
	bool names_count, strict = false;
	int err = 0;

	if (raw == NULL || n == 0)
		return ERR_NOENT;
	ASSERT(t->tls->trust != NULL);
	if (!chain_init(&chain, raw, n))
		*problem_out = STR("cannot be read");
	else
		*problem_out =
			str_of(judge(&chain, t->tls->trust, tlsa, &names_count, &strict));
	if (!str_is_absent(*problem_out))
		err = ERR_DENIED;
	else if (names_count && !peer_is_named(chain.crts[0], domain, secure_name)) {
		*problem_out = peer_names_problem(chain.crts[0], arena);
		err = ERR_DENIED;
	}
	chain_deinit(&chain);
	return err == ERR_DENIED && strict ? ERR_TLS : err;
}

struct str transport_peer_fingerprint(struct transport *t, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[32];
	size_t size = sizeof(hash);
	unsigned n;
	const gnutls_datum_t *raw = shown(t, &n);
	char *text;

	if (raw == NULL || n == 0 ||
	    gnutls_fingerprint(GNUTLS_DIG_SHA256, &raw[0], hash, &size) < 0)
		return STR_NONE;
	text = arena_alloc(arena, 2 * sizeof(hash) + 1);
	for (size_t i = 0; i < sizeof(hash); i++) {
		text[2 * i] = digits[hash[i] >> 4];
		text[2 * i + 1] = digits[hash[i] & 15];
	}
	text[2 * sizeof(hash)] = '\0';
	return str_make(text, 2 * sizeof(hash));
}
