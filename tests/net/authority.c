/*
 * authority.c - certificates for tests.
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
#define SRV_NAME "1.3.6.1.5.5.7.8.7"  /* RFC 4985 */
#define DAY_S 86400
#define CURVE GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)

struct pair {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

struct authority {
	struct world *world;
	struct pair trusted, other, intermediate, expired;
};

static void save(const char *file, const gnutls_datum_t *pem, const char *mode)
{
	FILE *f = fopen(file, mode);

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(pem->data, 1, pem->size, f), pem->size);
	fclose(f);
}

static void write_crt(gnutls_x509_crt_t crt, const char *file, const char *mode)
{
	gnutls_datum_t pem = { 0 };

	ck_assert_int_eq(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), 0);
	save(file, &pem, mode);
	gnutls_free(pem.data);
}

static void save_crt(gnutls_x509_crt_t crt, const char *file)
{
	write_crt(crt, file, "w");
}

static void save_key(gnutls_x509_privkey_t key, const char *file)
{
	gnutls_datum_t pem = { 0 };

	ck_assert_int_eq(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), 0);
	save(file, &pem, "w");
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

static void make_authority(struct pair *p, const char *name, const struct pair *issuer,
                           int64_t ends_in_s)
{
	begin(p, name, -2 * DAY_S, ends_in_s);
	gnutls_x509_crt_set_basic_constraints(p->crt, 1, -1);
	gnutls_x509_crt_set_key_usage(p->crt, GNUTLS_KEY_KEY_CERT_SIGN);
	finish(p, issuer);
}

struct authority *authority_new(struct world *w)
{
	struct authority *a = MEM_NEW(struct authority);

	a->world = w;
	make_authority(&a->trusted, "trusted authority", &a->trusted, DAY_S);
	make_authority(&a->other, "other authority", &a->other, DAY_S);
	make_authority(&a->intermediate, "intermediate", &a->trusted, DAY_S);
	make_authority(&a->expired, "expired intermediate", &a->trusted, -DAY_S);
	save_crt(a->trusted.crt, authority_file(a));
	return a;
}

void authority_free(struct authority **a)
{
	release(&(*a)->trusted);
	release(&(*a)->other);
	release(&(*a)->intermediate);
	release(&(*a)->expired);
	free(*a);
	*a = NULL;
}

const char *authority_file(struct authority *a)
{
	return world_file(a->world, "ca.crt");
}

static void set_xmpp_addrs(struct pair *p, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n && names[i] != NULL; i++)
		ck_assert_int_eq(gnutls_x509_crt_set_subject_alt_othername(
					 p->crt, XMPP_ADDR, names[i],
					 (unsigned)strlen(names[i]),
					 GNUTLS_FSAN_APPEND | GNUTLS_FSAN_ENCODE_UTF8_STRING),
		                 0);
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
	set_xmpp_addrs(&p, how->jids, ARRAY_LEN(how->jids));
	finish(&p, how->by_other ? &a->other : &a->trusted);
	save_crt(p.crt, world_file(a->world, "client.crt"));
	save_key(p.key, world_file(a->world, "client.key"));
	release(&p);
}

/* The library encodes UTF-8 strings only: this one is an IA5String by hand. */
static void set_srv_names(struct pair *p, const char *const *names, size_t n)
{
	char der[130];

	for (size_t i = 0; i < n && names[i] != NULL; i++) {
		size_t size = strlen(names[i]);

		ck_assert_uint_lt(size, 128);
		der[0] = 0x16;
		der[1] = (char)size;
		memcpy(der + 2, names[i], size);
		ck_assert_int_eq(
			gnutls_x509_crt_set_subject_alt_othername(
				p->crt, SRV_NAME, der, (unsigned)size + 2, GNUTLS_FSAN_APPEND),
			0);
	}
}

static void set_dns_names(struct pair *p, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n && names[i] != NULL; i++)
		ck_assert_int_eq(gnutls_x509_crt_set_subject_alt_name(
					 p->crt, GNUTLS_SAN_DNSNAME, names[i],
					 (unsigned)strlen(names[i]), GNUTLS_FSAN_APPEND),
		                 0);
}

static const struct pair *issuer_of(struct authority *a, struct pair *p,
                                    enum cert_issuer issuer)
{
	switch (issuer) {
	case BY_TRUSTED:
		return &a->trusted;
	case BY_OTHER:
		return &a->other;
	case BY_INTERMEDIATE:
		return &a->intermediate;
	case BY_EXPIRED_INTERMEDIATE:
		return &a->expired;
	case BY_ITSELF:
		break;
	}
	return p;
}

static const char *file_of(struct authority *a, const char *name, const char *ending)
{
	return world_file(a->world,
	                  arena_cstr(a->world->arena,
	                             arena_printf(a->world->arena, "%s.%s", name, ending)));
}

void authority_issue_server(struct authority *a, const struct server_cert *how,
                            const char *name)
{
	const char *subject = how->common_name != NULL ? how->common_name : "a server";
	const bool always = how->starts_in_s == 0 && how->ends_in_s == 0;
	const struct pair *issuer;
	struct pair p;

	begin(&p, subject, always ? -DAY_S : how->starts_in_s, always ? DAY_S : how->ends_in_s);
	set_dns_names(&p, how->dns, ARRAY_LEN(how->dns));
	set_srv_names(&p, how->srv, ARRAY_LEN(how->srv));
	set_xmpp_addrs(&p, how->xmpp, ARRAY_LEN(how->xmpp));
	for (size_t i = 0; i < ARRAY_LEN(how->purposes) && how->purposes[i] != NULL; i++)
		gnutls_x509_crt_set_key_purpose_oid(p.crt, how->purposes[i], 0);
	issuer = issuer_of(a, &p, how->issuer);
	finish(&p, issuer);
	save_crt(p.crt, file_of(a, name, "crt"));
	save_key(p.key, file_of(a, name, "key"));
	if (issuer != &p && (how->with_root || how->issuer >= BY_INTERMEDIATE))
		write_crt(issuer->crt, file_of(a, name, "crt"), "a");
	release(&p);
}

gnutls_x509_crt_t authority_read(struct authority *a, const char *name, unsigned index)
{
	gnutls_datum_t pem = { 0 };
	gnutls_x509_crt_t *chain;
	gnutls_x509_crt_t crt;
	unsigned n;

	ck_assert_int_eq(gnutls_load_file(file_of(a, name, "crt"), &pem), 0);
	ck_assert_int_eq(gnutls_x509_crt_list_import2(&chain, &n, &pem, GNUTLS_X509_FMT_PEM, 0),
	                 0);
	gnutls_free(pem.data);
	ck_assert_uint_lt(index, n);
	crt = chain[index];
	for (unsigned i = 0; i < n; i++) {
		if (i != index)
			gnutls_x509_crt_deinit(chain[i]);
	}
	gnutls_free(chain);
	return crt;
}
