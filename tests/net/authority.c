/*
 * authority.c - client certificates for tests.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/net/authority.h"

#include "server/base/clock.h"
#include "server/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XMPP_ADDR "1.3.6.1.5.5.7.8.5" /* RFC 6120 §13.7.1.4 */
#define CURVE GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)

struct pair {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

struct authority {
	struct world *world;
	struct pair trusted, other;
};

static void save(const char *file, const gnutls_datum_t *pem)
{
	FILE *f = fopen(file, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(pem->data, 1, pem->size, f), pem->size);
	fclose(f);
}

static void save_crt(gnutls_x509_crt_t crt, const char *file)
{
	gnutls_datum_t pem = { 0 };

	ck_assert_int_eq(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), 0);
	save(file, &pem);
	gnutls_free(pem.data);
}

static void save_key(gnutls_x509_privkey_t key, const char *file)
{
	gnutls_datum_t pem = { 0 };

	ck_assert_int_eq(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), 0);
	save(file, &pem);
	gnutls_free(pem.data);
}

static void begin(struct pair *p, const char *name, int64_t starts_in_s, int64_t ends_in_s)
{
	const unsigned char serial[] = { 0x41, (unsigned char)name[0] };
	time_t now = (time_t)(clock_wall_ms() / 1000);

	ck_assert_int_eq(gnutls_x509_crt_init(&p->crt), 0);
	ck_assert_int_eq(gnutls_x509_privkey_init(&p->key), 0);
	ck_assert_int_eq(gnutls_x509_privkey_generate(p->key, GNUTLS_PK_ECDSA, CURVE, 0), 0);
	gnutls_x509_crt_set_version(p->crt, 3);
	gnutls_x509_crt_set_serial(p->crt, serial, sizeof(serial));
	gnutls_x509_crt_set_dn_by_oid(p->crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
	                              (unsigned)strlen(name));
	gnutls_x509_crt_set_activation_time(p->crt, now + (time_t)starts_in_s);
	gnutls_x509_crt_set_expiration_time(p->crt, now + (time_t)ends_in_s);
	ck_assert_int_eq(gnutls_x509_crt_set_key(p->crt, p->key), 0);
}

static void finish(struct pair *p, const struct pair *issuer)
{
	ck_assert_int_eq(
		gnutls_x509_crt_sign2(p->crt, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0),
		0);
}

static void release(struct pair *p)
{
	gnutls_x509_crt_deinit(p->crt);
	gnutls_x509_privkey_deinit(p->key);
}

static void make_authority(struct pair *p, const char *name)
{
	begin(p, name, -86400, 86400);
	gnutls_x509_crt_set_basic_constraints(p->crt, 1, -1);
	gnutls_x509_crt_set_key_usage(p->crt, GNUTLS_KEY_KEY_CERT_SIGN);
	finish(p, p);
}

struct authority *authority_new(struct world *w)
{
	struct authority *a = MEM_NEW(struct authority);

	a->world = w;
	make_authority(&a->trusted, "trusted authority");
	make_authority(&a->other, "other authority");
	save_crt(a->trusted.crt, authority_file(a));
	return a;
}

void authority_free(struct authority **a)
{
	release(&(*a)->trusted);
	release(&(*a)->other);
	free(*a);
	*a = NULL;
}

const char *authority_file(struct authority *a)
{
	return world_file(a->world, "ca.crt");
}

void authority_issue(struct authority *a, const struct client_cert *how)
{
	const char *purpose = how->purpose != NULL ? how->purpose : GNUTLS_KP_TLS_WWW_CLIENT;
	struct pair p;

	begin(&p, "client", how->starts_in_s, how->ends_in_s);
	gnutls_x509_crt_set_key_usage(p.crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	gnutls_x509_crt_set_key_purpose_oid(p.crt, purpose, 0);
	gnutls_x509_crt_set_subject_alt_name(p.crt, GNUTLS_SAN_DNSNAME, "one.example", 11,
	                                     GNUTLS_FSAN_APPEND);
	for (size_t i = 0; i < ARRAY_LEN(how->jids) && how->jids[i] != NULL; i++)
		ck_assert_int_eq(gnutls_x509_crt_set_subject_alt_othername(
					 p.crt, XMPP_ADDR, how->jids[i],
					 (unsigned)strlen(how->jids[i]),
					 GNUTLS_FSAN_APPEND | GNUTLS_FSAN_ENCODE_UTF8_STRING),
		                 0);
	finish(&p, how->by_other ? &a->other : &a->trusted);
	save_crt(p.crt, world_file(a->world, "client.crt"));
	save_key(p.key, world_file(a->world, "client.key"));
	release(&p);
}
