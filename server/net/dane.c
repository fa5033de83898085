/*
 * dane.c - what a domain says in DNS about its servers' certificates (DANE; RFC 6698, RFC 7671, RFC 7673).
 *
 * Not GnuTLS's libdane: for usage 2 it takes a chain for good in which the named authority merely occurs, beside
 * another one that has signed the peer's certificate, and leaves the rest to a verification against public authorities.
 * Usage 2 is there to do without those.  So the authorities that match become the only ones of a list of their own, and
 * the chain has to lead there.
 *
 * An authority is looked for in what the peer has sent, among our own, and in the record itself if that has all of it.
 * (One that is named by its mere key, in full, and not sent either, is not found.)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/peer_impl.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>

#define CANDIDATES_MAX (PEER_CHAIN_MAX + 1)
#define DIFFERS "does not match the TLSA records of its domain"

enum usage { PKIX_TA = 0, PKIX_EE = 1, DANE_TA = 2, DANE_EE = 3 };
enum selector { WHOLE_CERTIFICATE = 0, PUBLIC_KEY = 1 };
enum matching { EXACT = 0, SHA_256 = 1, SHA_512 = 2 };

/* RFC 6698 §2.1 */
struct record {
	uint8_t usage, selector, matching;
	struct str data;
};

/* Certificates that may be named: the peer's chain, and who stands above it. */
struct candidates {
	gnutls_x509_crt_t crts[CANDIDATES_MAX];
	unsigned n;
};

/* Authorities that the domain names, for one usage. */
struct anchors {
	gnutls_x509_crt_t crts[CANDIDATES_MAX + RESOLVE_TLSA_MAX];
	unsigned n;
};

struct judging {
	const struct peer_chain *chain;
	struct candidates candidates;
	struct anchors anchors, limits;          /* usage 2, usage 0 */
	gnutls_x509_crt_t own[RESOLVE_TLSA_MAX]; /* out of records, to be freed */
	unsigned n_own;
	unsigned usable;
	bool is_key, is_limited_key; /* usage 3, usage 1 */
};

/* False for one that is malformed, or of a kind that we do not know: it is as if it were not there. */
static bool parse(struct str bytes, struct record *r)
{
	if (bytes.n < 4)
		return false;
	*r = (struct record){ (uint8_t)bytes.p[0], (uint8_t)bytes.p[1], (uint8_t)bytes.p[2],
		              str_slice(bytes, 3, bytes.n) };
	if (r->usage > DANE_EE || r->selector > PUBLIC_KEY || r->matching > SHA_512)
		return false;
	return r->matching == EXACT || r->data.n == (r->matching == SHA_256 ? 32U : 64U);
}

static int export_key(gnutls_x509_crt_t crt, gnutls_datum_t *der_out)
{
	gnutls_pubkey_t key;
	int ret = gnutls_pubkey_init(&key);

	if (ret < 0)
		return ret;
	ret = gnutls_pubkey_import_x509(key, crt, 0);
	if (ret >= 0)
		ret = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, der_out);
	gnutls_pubkey_deinit(key);
	return ret;
}

static bool matches_bytes(const struct record *r, const gnutls_datum_t *der)
{
	unsigned char hash[64];
	const gnutls_digest_algorithm_t kind =
		r->matching == SHA_256 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA512;

	if (r->matching == EXACT)
		return str_eq(r->data, str_make((const char *)der->data, der->size));
	return gnutls_hash_fast(kind, der->data, der->size, hash) >= 0 &&
	       memcmp(hash, r->data.p, r->data.n) == 0;
}

static bool matches(const struct record *r, gnutls_x509_crt_t crt)
{
	gnutls_datum_t der = { 0 };
	int ret = r->selector == PUBLIC_KEY
	                  ? export_key(crt, &der)
	                  : gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der);
	bool is = ret >= 0 && matches_bytes(r, &der);

	gnutls_free(der.data);
	return is;
}

/* Usage 2 0 0: an authority that stands in DNS in full need not be sent (RFC 7671 §5.2.2). */
static void take_from_record(struct judging *j, const struct record *r)
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)r->data.p, (unsigned)r->data.n };
	gnutls_x509_crt_t crt;

	if (r->usage != DANE_TA || r->selector != WHOLE_CERTIFICATE || r->matching != EXACT ||
	    gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) < 0) {
		gnutls_x509_crt_deinit(crt);
		return;
	}
	j->own[j->n_own++] = crt;
	j->anchors.crts[j->anchors.n++] = crt;
}

static void take_anchors(struct judging *j, const struct record *r)
{
	struct anchors *to = r->usage == DANE_TA ? &j->anchors : &j->limits;
	bool found = false;

	for (unsigned i = 0; i < j->candidates.n; i++) {
		gnutls_x509_crt_t crt = j->candidates.crts[i];
		bool is_there = false;

		if (!matches(r, crt))
			continue;
		found = true;
		for (unsigned k = 0; k < to->n; k++)
			is_there |= to->crts[k] == crt;
		if (!is_there)
			to->crts[to->n++] = crt;
	}
	if (!found)
		take_from_record(j, r);
}

static void look_at(struct judging *j, const struct record *r)
{
	j->usable++;
	switch ((enum usage)r->usage) {
	case DANE_EE:
		j->is_key |= matches(r, j->chain->crts[0]);
		break;
	case PKIX_EE:
		j->is_limited_key |= matches(r, j->chain->crts[0]);
		break;
	case DANE_TA:
	case PKIX_TA:
		take_anchors(j, r);
		break;
	}
}

static void collect_candidates(struct judging *j, gnutls_x509_trust_list_t trust)
{
	struct candidates *c = &j->candidates;
	gnutls_x509_crt_t last = j->chain->crts[j->chain->n - 1];
	gnutls_x509_crt_t above;

	for (; c->n < j->chain->n; c->n++)
		c->crts[c->n] = j->chain->crts[c->n];
	/* Roots are often not sent. */
	if (gnutls_x509_trust_list_get_issuer(trust, last, &above, 0) >= 0)
		c->crts[c->n++] = above;
}

/* NULL, or why the chain does not lead to one of ANCHORS. */
static const char *lead_problem(const struct judging *j, const struct anchors *anchors)
{
	const char *problem = DIFFERS;
	gnutls_x509_trust_list_t list;

	if (anchors->n == 0 || gnutls_x509_trust_list_init(&list, 1) < 0)
		return problem;
	if (gnutls_x509_trust_list_add_cas(list, anchors->crts, anchors->n, 0) > 0)
		problem = peer_chain_problem(j->chain, list, DIFFERS);
	gnutls_x509_trust_list_deinit(list, 0);
	return problem;
}

static enum dane_verdict conclude(const struct judging *j, const char **problem_out)
{
	if (j->usable == 0)
		return DANE_NONE;
	if (j->is_key)
		return DANE_KEY;
	*problem_out = lead_problem(j, &j->anchors);
	if (*problem_out == NULL)
		return DANE_AUTHORITY;
	if (j->is_limited_key || (j->limits.n > 0 && lead_problem(j, &j->limits) == NULL))
		return DANE_AS_WELL;
	return DANE_REFUSED;
}

enum dane_verdict dane_judge(const struct peer_chain *chain, const struct resolve_tlsa *tlsa,
                             gnutls_x509_trust_list_t trust, const char **problem_out)
{
	struct judging j = { .chain = chain };
	enum dane_verdict verdict;
	struct record r;

	if (tlsa == NULL || tlsa->n == 0)
		return DANE_NONE;
	collect_candidates(&j, trust);
	for (size_t i = 0; i < tlsa->n && i < RESOLVE_TLSA_MAX; i++) {
		if (parse(tlsa->records[i], &r))
			look_at(&j, &r);
	}
	verdict = conclude(&j, problem_out);
	while (j.n_own > 0)
		gnutls_x509_crt_deinit(j.own[--j.n_own]);
	return verdict;
}
