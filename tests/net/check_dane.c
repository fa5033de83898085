/*
 * check_dane.c - certificates and what their domain says of them in DNS.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/peer_impl.h"
#include "tests/lib/check_main.h"
#include "tests/net/federation.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>

#define DAY_S 86400
#define DOMAIN "a.example"
#define DIFFERS "does not match the TLSA records of its domain"
#define ITSELF "is signed by itself"
#define OTHER "is signed by an authority that is not trusted here"

enum { CERTIFICATE, KEY };
enum { EXACT, SHA_256, SHA_512 };

struct scene {
	struct world *w;
	struct authority *a;
	struct tls_server *tls;
	struct party *server, *client;
};

/* Two servers of which the one that accepts shows HOW. */
static struct scene scene_open(const struct server_cert *how)
{
	struct federation_config config = { .hosts = { { DOMAIN, "peer" } } };
	struct scene s = { .w = world_open() };

	s.a = authority_new(s.w);
	authority_issue_server(s.a, how, "peer");
	s.tls = federation_tls(s.w, &config);
	federation_pair(s.w, &s.server, &s.client);
	federation_start(&(struct federation_call){ s.tls, s.tls, DOMAIN, DOMAIN, false },
	                 s.server, s.client);
	federation_finish(s.server, s.client);
	return s;
}

static void scene_close(struct scene *s)
{
	party_close(&s->server);
	party_close(&s->client);
	tls_server_unref(&s->tls);
	authority_free(&s->a);
	world_close(&s->w);
}

static void export_part(gnutls_x509_crt_t crt, int selector, gnutls_datum_t *der)
{
	gnutls_pubkey_t key;

	if (selector == CERTIFICATE) {
		ck_assert_int_eq(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, der), 0);
		return;
	}
	ck_assert_int_eq(gnutls_pubkey_init(&key), 0);
	ck_assert_int_eq(gnutls_pubkey_import_x509(key, crt, 0), 0);
	ck_assert_int_eq(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, der), 0);
	gnutls_pubkey_deinit(key);
}

/* A TLSA record of CRT, as it is on the wire. */
static struct str record_of(struct arena *arena, gnutls_x509_crt_t crt, int usage, int selector,
                            int matching)
{
	const char head[3] = { (char)usage, (char)selector, (char)matching };
	gnutls_datum_t der = { 0 };
	unsigned char hash[64];
	struct str data;

	export_part(crt, selector, &der);
	data = str_make((const char *)der.data, der.size);
	if (matching != EXACT) {
		const bool is_256 = matching == SHA_256;

		gnutls_hash_fast(is_256 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA512, der.data,
		                 der.size, hash);
		data = str_make((const char *)hash, is_256 ? 32 : 64);
	}
	data = arena_concat(arena, str_make(head, sizeof(head)), data);
	gnutls_free(der.data);
	return data;
}

/* One of what stands in the file NAME.crt at INDEX. */
static struct str record(struct scene *s, const char *name, unsigned index, int usage,
                         int selector, int matching)
{
	gnutls_x509_crt_t crt = authority_read(s->a, name, index);
	struct str bytes = record_of(s->w->arena, crt, usage, selector, matching);

	gnutls_x509_crt_deinit(crt);
	return bytes;
}

/*
 * What the client makes of the server as A_DOMAIN; WANT is the end of the sentence, NULL: none.  REFUSED is the
 * error: another one for records that are to be met than for those that nobody understands.
 */
static void expect_err(struct scene *s, const char *a_domain, const char *secure_name,
                       const struct str *records, size_t n, const char *want, int refused)
{
	const struct resolve_tlsa tlsa = { .records = records, .n = n };
	struct str problem = STR_NONE;
	int err = transport_verify_peer(s->client->t, str_of(a_domain), &tlsa,
	                                str_of(secure_name), s->w->arena, &problem);

	ck_assert_msg(err == (want == NULL ? 0 : refused) &&
	                      (want == NULL ? str_is_absent(problem) : str_is(problem, want)),
	              "%d, \"" STR_FMT "\", not \"%s\"", err, STR_ARG(problem),
	              want != NULL ? want : "");
}

static void expect_as(struct scene *s, const char *a_domain, const char *secure_name,
                      const struct str *records, size_t n, const char *want)
{
	expect_err(s, a_domain, secure_name, records, n, want, ERR_TLS);
}

static void expect(struct scene *s, struct str a_record, const char *want)
{
	expect_as(s, DOMAIN, NULL, &a_record, 1, want);
}

static void expect_unknown(struct scene *s, struct str a_record, const char *want)
{
	expect_err(s, DOMAIN, NULL, &a_record, 1, want, ERR_DENIED);
}

/* Every selector and matching type, of what stands at INDEX. */
static void expect_each(struct scene *s, unsigned index, int usage, const char *want)
{
	for (int selector = CERTIFICATE; selector <= KEY; selector++) {
		for (int matching = EXACT; matching <= SHA_512; matching++)
			expect(s, record(s, "peer", index, usage, selector, matching), want);
	}
}

/* The same of a certificate that has nothing to do with it. */
static void expect_none_of_others(struct scene *s, int usage)
{
	for (int selector = CERTIFICATE; selector <= KEY; selector++) {
		for (int matching = EXACT; matching <= SHA_512; matching++)
			expect(s, record(s, "two", 0, usage, selector, matching), DIFFERS);
	}
}

/* RFC 7671 §5.1 */
START_TEST(usage_3_is_the_certificate_whatever_else_it_has)
{
	static const struct server_cert cases[] = {
		{ .dns = { DOMAIN }, .issuer = BY_ITSELF },
		{ .issuer = BY_ITSELF },
		{ .dns = { "b.example" }, .issuer = BY_OTHER },
		{ .starts_in_s = -2 * DAY_S, .ends_in_s = -DAY_S },
		{ .purposes = { GNUTLS_KP_EMAIL_PROTECTION } },
		{ .issuer = BY_INTERMEDIATE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s = scene_open(&cases[i]);

		expect_each(&s, 0, 3, NULL);
		expect_none_of_others(&s, 3);
		scene_close(&s);
	}
}
END_TEST

START_TEST(usage_3_does_not_mean_an_authority)
{
	const struct server_cert how = { .dns = { DOMAIN }, .issuer = BY_INTERMEDIATE };
	struct scene s = scene_open(&how);

	expect_each(&s, 1, 3, DIFFERS);
	scene_close(&s);
}
END_TEST

START_TEST(usage_2_is_an_authority_that_need_not_be_trusted_otherwise)
{
	const struct server_cert how = { .dns = { DOMAIN },
		                         .issuer = BY_OTHER,
		                         .with_root = true };
	struct scene s = scene_open(&how);

	expect_each(&s, 1, 2, NULL);
	expect_none_of_others(&s, 2);
	scene_close(&s);
}
END_TEST

START_TEST(usage_2_is_an_intermediate_a_root_that_is_not_sent_or_the_certificate_itself)
{
	const struct server_cert by_intermediate = { .dns = { DOMAIN },
		                                     .issuer = BY_INTERMEDIATE };
	const struct server_cert by_itself = { .dns = { DOMAIN }, .issuer = BY_ITSELF };
	struct scene s = scene_open(&by_intermediate);

	expect_each(&s, 1, 2, NULL);
	expect(&s, record(&s, "ca", 0, 2, CERTIFICATE, SHA_256), NULL); /* among our own */
	scene_close(&s);
	s = scene_open(&by_itself);
	expect_each(&s, 0, 2, NULL);
	scene_close(&s);
}
END_TEST

/* RFC 7671 §5.2.2 */
START_TEST(usage_2_may_bring_the_authority_itself)
{
	const struct server_cert how = { .dns = { DOMAIN },
		                         .issuer = BY_OTHER,
		                         .with_root = true };
	struct scene s = scene_open(&how);
	struct str full = record(&s, "peer", 1, 2, CERTIFICATE, EXACT);
	struct str hash = record(&s, "peer", 1, 2, CERTIFICATE, SHA_256);
	struct federation_config config = { .hosts = { { DOMAIN, "one" } } };
	struct server_cert without_root = how;

	/* The same authority signs another one, and is not sent. */
	without_root.with_root = false;
	authority_issue_server(s.a, &without_root, "one");
	party_close(&s.server);
	party_close(&s.client);
	tls_server_unref(&s.tls);
	s.tls = federation_tls(s.w, &config);
	federation_pair(s.w, &s.server, &s.client);
	federation_start(&(struct federation_call){ s.tls, s.tls, DOMAIN, DOMAIN, false },
	                 s.server, s.client);
	federation_finish(s.server, s.client);
	expect(&s, full, NULL);
	expect(&s, hash, DIFFERS);
	expect(&s, str_slice(full, 0, full.n - 1), DIFFERS);
	scene_close(&s);
}
END_TEST

START_TEST(under_usage_2_names_and_times_count)
{
	const struct server_cert named = { .dns = { "xmpp.host.example" },
		                           .issuer = BY_OTHER,
		                           .with_root = true };
	struct server_cert how = named;
	struct scene s = scene_open(&named);
	struct str tlsa = record(&s, "peer", 1, 2, KEY, SHA_256);

	expect_as(&s, DOMAIN, "xmpp.host.example", &tlsa, 1, NULL);
	expect_as(&s, DOMAIN, NULL, &tlsa, 1, "is for other names: xmpp.host.example");
	expect_as(&s, DOMAIN, "b.example", &tlsa, 1, "is for other names: xmpp.host.example");
	scene_close(&s);
	how.starts_in_s = -2 * DAY_S;
	how.ends_in_s = -DAY_S;
	s = scene_open(&how);
	tlsa = record(&s, "peer", 1, 2, KEY, SHA_256);
	expect_as(&s, DOMAIN, "xmpp.host.example", &tlsa, 1, "has expired");
	scene_close(&s);
}
END_TEST

START_TEST(usages_0_and_1_ask_the_authorities_as_well)
{
	static const struct server_cert trusted = { .dns = { DOMAIN }, .with_root = true };
	static const struct server_cert other = { .dns = { DOMAIN },
		                                  .issuer = BY_OTHER,
		                                  .with_root = true };
	static const struct server_cert misnamed = { .dns = { "b.example" },
		                                     .with_root = true };
	struct scene s = scene_open(&trusted);

	expect_each(&s, 1, 0, NULL);
	expect_each(&s, 0, 1, NULL);
	expect_each(&s, 1, 1, DIFFERS);
	expect_none_of_others(&s, 0);
	expect_none_of_others(&s, 1);
	scene_close(&s);
	s = scene_open(&other);
	expect_each(&s, 1, 0, OTHER);
	expect_each(&s, 0, 1, OTHER);
	scene_close(&s);
	s = scene_open(&misnamed);
	expect_each(&s, 1, 0, "is for other names: b.example");
	expect_each(&s, 0, 1, "is for other names: b.example");
	scene_close(&s);
}
END_TEST

/* RFC 7671 §10, and §4 for those that cannot be read. */
START_TEST(records_that_nobody_understands_are_as_none)
{
	static const struct server_cert by_itself = { .dns = { DOMAIN }, .issuer = BY_ITSELF };
	static const struct server_cert trusted = { .dns = { DOMAIN } };
	const char *const wants[] = { ITSELF, NULL };
	const struct server_cert *const certs[] = { &by_itself, &trusted };

	for (size_t i = 0; i < ARRAY_LEN(certs); i++) {
		struct scene s = scene_open(certs[i]);
		struct str good = record(&s, "peer", 0, 3, CERTIFICATE, SHA_256);
		char bytes[64];

		memcpy(bytes, good.p, good.n);
		for (int at = 0; at < 3; at++) {
			const char was = bytes[at];

			bytes[at] = 4;
			expect_unknown(&s, str_make(bytes, good.n), wants[i]);
			bytes[at] = (char)0xff;
			expect_unknown(&s, str_make(bytes, good.n), wants[i]);
			bytes[at] = was;
		}
		for (size_t n = 0; n < good.n; n++)
			expect_unknown(&s, str_make(bytes, n), wants[i]);
		bytes[2] = SHA_512;
		expect_unknown(&s, str_make(bytes, good.n), wants[i]);
		expect_err(&s, DOMAIN, NULL, NULL, 0, wants[i], ERR_DENIED);
		scene_close(&s);
	}
}
END_TEST

START_TEST(one_record_that_matches_is_enough)
{
	const struct server_cert how = { .dns = { DOMAIN },
		                         .issuer = BY_OTHER,
		                         .with_root = true };
	struct scene s = scene_open(&how);
	struct str records[RESOLVE_TLSA_MAX];

	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		records[i] = record(&s, "two", 0, (int)i % 4, (int)i / 4 % 2, SHA_256);
	expect_as(&s, DOMAIN, NULL, records, ARRAY_LEN(records), DIFFERS);
	records[7] = record(&s, "peer", 1, 2, KEY, SHA_512);
	expect_as(&s, DOMAIN, NULL, records, ARRAY_LEN(records), NULL);
	records[3] = record(&s, "peer", 0, 3, KEY, SHA_256);
	expect_as(&s, "b.example", NULL, records, ARRAY_LEN(records), NULL);
	/* All of them, and each brings an authority of its own. */
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		records[i] = record(&s, "two", 0, 2, CERTIFICATE, EXACT);
	expect_as(&s, DOMAIN, NULL, records, ARRAY_LEN(records), DIFFERS);
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		records[i] = record(&s, "peer", i % 2, 2, (int)i / 2 % 2, (int)i % 3);
	expect_as(&s, DOMAIN, NULL, records, ARRAY_LEN(records), NULL);
	scene_close(&s);
}
END_TEST

/* A forger sends the domain's authority along, behind the one that did sign. */
START_TEST(an_authority_that_is_merely_sent_along_vouches_for_nothing)
{
	const struct server_cert forged = { .dns = { DOMAIN },
		                            .issuer = BY_OTHER,
		                            .with_root = true };
	struct scene s = scene_open(&forged);
	struct peer_chain chain = { .n = 3 };
	gnutls_x509_trust_list_t trust;

	chain.crts[0] = authority_read(s.a, "peer", 0);
	chain.crts[1] = authority_read(s.a, "peer", 1);
	chain.crts[2] = authority_read(s.a, "ca", 0);
	ck_assert_int_eq(gnutls_x509_trust_list_init(&trust, 0), 0);
	for (int usage = 0; usage <= 2; usage += 2) {
		for (unsigned order = 0; order < 2; order++) {
			struct str bytes = record_of(s.w->arena, chain.crts[order == 0 ? 2 : 1],
			                             usage, KEY, SHA_256);
			const struct resolve_tlsa tlsa = { &bytes, 1 };
			const char *problem = NULL;
			gnutls_x509_crt_t swap = chain.crts[1];

			ck_assert_int_eq(dane_judge(&chain, &tlsa, trust, &problem),
			                 DANE_REFUSED);
			ck_assert_str_eq(problem, DIFFERS);
			chain.crts[1] = chain.crts[2];
			chain.crts[2] = swap;
		}
	}
	gnutls_x509_trust_list_deinit(trust, 0);
	for (unsigned i = 0; i < chain.n; i++)
		gnutls_x509_crt_deinit(chain.crts[i]);
	scene_close(&s);
}
END_TEST

CHECK_MAIN("dane", usage_3_is_the_certificate_whatever_else_it_has,
           usage_3_does_not_mean_an_authority,
           usage_2_is_an_authority_that_need_not_be_trusted_otherwise,
           usage_2_is_an_intermediate_a_root_that_is_not_sent_or_the_certificate_itself,
           usage_2_may_bring_the_authority_itself, under_usage_2_names_and_times_count,
           usages_0_and_1_ask_the_authorities_as_well,
           records_that_nobody_understands_are_as_none, one_record_that_matches_is_enough,
           an_authority_that_is_merely_sent_along_vouches_for_nothing)
