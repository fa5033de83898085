/*
 * check_peer.c - what another server's certificate is worth: authorities, time, purpose, names.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/net/federation.h"

#include <string.h>

#define DAY_S 86400
#define DOMAIN "a.example"

struct scene {
	struct world *w;
	struct authority *a;
};

static struct scene scene_open(void)
{
	struct scene s = { .w = world_open() };

	s.a = authority_new(s.w);
	return s;
}

static void scene_close(struct scene *s)
{
	authority_free(&s->a);
	world_close(&s->w);
}

/* What P makes of its peer as DOMAIN; the sentence, absent for none. */
static int verify(struct party *p, const char *domain, const char *secure_name,
                  struct str *problem_out)
{
	*problem_out = STR_NONE;
	return transport_verify_peer(p->t, str_of(domain), NULL, str_of(secure_name),
	                             p->world->arena, problem_out);
}

/*
 * Both show the certificate HOW, and each judges the other's as DOMAIN.  WANT is the end of the sentence; NULL: none.
 */
static void expect(struct scene *s, const struct server_cert *how, const char *domain,
                   const char *secure_name, const char *want)
{
	struct federation_config config = { .hosts = { { DOMAIN, "peer" } } };
	struct party *ends[2];
	struct tls_server *tls;

	authority_issue_server(s->a, how, "peer");
	tls = federation_tls(s->w, &config);
	federation_pair(s->w, &ends[0], &ends[1]);
	federation_start(&(struct federation_call){ tls, tls, DOMAIN, DOMAIN, false }, ends[0],
	                 ends[1]);
	federation_finish(ends[0], ends[1]);
	for (int i = 0; i < 2; i++) {
		struct str problem;
		int err = verify(ends[i], domain, secure_name, &problem);

		ck_assert_msg(err == (want == NULL ? 0 : ERR_DENIED), "%s: %d, " STR_FMT,
		              i == 0 ? "server" : "client", err, STR_ARG(problem));
		if (want == NULL)
			ck_assert(str_is_absent(problem));
		else
			ck_assert_msg(str_is(problem, want), "\"" STR_FMT "\", not \"%s\"",
			              STR_ARG(problem), want);
		party_close(&ends[i]);
	}
	tls_server_unref(&tls);
}

START_TEST(a_chain_leads_to_the_authorities_in_time)
{
	static const struct {
		struct server_cert how;
		const char *want;
	} cases[] = {
		{ { .dns = { DOMAIN } }, NULL },
		{ { .dns = { DOMAIN }, .with_root = true }, NULL },
		{ { .dns = { DOMAIN }, .issuer = BY_INTERMEDIATE }, NULL },
		{ { .dns = { DOMAIN }, .issuer = BY_ITSELF }, "is signed by itself" },
		{ { .dns = { DOMAIN }, .issuer = BY_OTHER },
		  "is signed by an authority that is not trusted here" },
		{ { .dns = { DOMAIN }, .issuer = BY_OTHER, .with_root = true },
		  "is signed by an authority that is not trusted here" },
		{ { .dns = { DOMAIN }, .starts_in_s = -2 * DAY_S, .ends_in_s = -DAY_S },
		  "has expired" },
		{ { .dns = { DOMAIN }, .starts_in_s = DAY_S, .ends_in_s = 2 * DAY_S },
		  "is not valid yet" },
		{ { .dns = { DOMAIN }, .issuer = BY_EXPIRED_INTERMEDIATE },
		  "is signed by an authority whose own certificate has expired" },
	};
	struct scene s = scene_open();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(&s, &cases[i].how, DOMAIN, NULL, cases[i].want);
	scene_close(&s);
}
END_TEST

/* Somebody's own certificate in the file of authorities: that one is trusted, and no other. */
START_TEST(a_certificate_that_signs_itself_can_be_trusted_by_name)
{
	const struct server_cert how = { .dns = { DOMAIN }, .issuer = BY_ITSELF };
	struct federation_config config = { .hosts = { { DOMAIN, "peer" } } };
	struct scene s = scene_open();
	struct tls_server *tls;
	struct party *server, *client;
	struct str problem;

	authority_issue_server(s.a, &how, "peer");
	config.trust = world_file(s.w, "peer.crt");
	tls = federation_tls(s.w, &config);
	federation_pair(s.w, &server, &client);
	federation_start(&(struct federation_call){ tls, tls, DOMAIN, DOMAIN, false }, server,
	                 client);
	federation_finish(server, client);
	ck_assert_int_eq(verify(client, DOMAIN, NULL, &problem), 0);
	ck_assert_int_eq(verify(client, "b.example", NULL, &problem), ERR_DENIED);
	party_close(&server);
	party_close(&client);
	tls_server_unref(&tls);
	scene_close(&s);
}
END_TEST

START_TEST(a_certificate_for_either_role_is_good_in_both)
{
	static const struct {
		struct server_cert how;
		const char *want;
	} cases[] = {
		{ { .dns = { DOMAIN }, .purposes = { GNUTLS_KP_TLS_WWW_SERVER } }, NULL },
		{ { .dns = { DOMAIN }, .purposes = { GNUTLS_KP_TLS_WWW_CLIENT } }, NULL },
		{ { .dns = { DOMAIN }, .purposes = { GNUTLS_KP_ANY } }, NULL },
		{ { .dns = { DOMAIN },
		    .purposes = { GNUTLS_KP_EMAIL_PROTECTION, GNUTLS_KP_TLS_WWW_CLIENT } },
		  NULL },
		{ { .dns = { DOMAIN }, .purposes = { GNUTLS_KP_EMAIL_PROTECTION } },
		  "is for other purposes than TLS" },
	};
	struct scene s = scene_open();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(&s, &cases[i].how, DOMAIN, NULL, cases[i].want);
	scene_close(&s);
}
END_TEST

struct name_case {
	struct server_cert how;
	const char *domain, *secure_name, *want;
};

static void expect_all(const struct name_case *cases, size_t n)
{
	struct scene s = scene_open();

	for (size_t i = 0; i < n; i++)
		expect(&s, &cases[i].how, cases[i].domain, cases[i].secure_name, cases[i].want);
	scene_close(&s);
}

START_TEST(a_dns_id_is_the_domain_or_all_labels_but_the_first)
{
	static const struct name_case cases[] = {
		{ { .dns = { "b.example", "A.Example" } }, "a.example", NULL, NULL },
		{ { .dns = { "*.a.example" } }, "x.a.example", NULL, NULL },
		{ { .dns = { "*.A.example" } }, "X.a.EXAMPLE", NULL, NULL },
		{ { .dns = { "*.a.example" } },
		  "a.example",
		  NULL,
		  "is for other names: *.a.example" },
		{ { .dns = { "*.a.example" } },
		  "x.y.a.example",
		  NULL,
		  "is for other names: *.a.example" },
		{ { .dns = { "*.example" } },
		  "a.example",
		  NULL,
		  "is for other names: *.example" },
		{ { .dns = { "x*.a.example" } },
		  "xy.a.example",
		  NULL,
		  "is for other names: x*.a.example" },
		{ { .dns = { "x.*.example" } },
		  "x.a.example",
		  NULL,
		  "is for other names: x.*.example" },
		{ { .dns = { "a.example" } },
		  "xa.example",
		  NULL,
		  "is for other names: a.example" },
		{ { .dns = { "a.example" } },
		  "x.a.example",
		  NULL,
		  "is for other names: a.example" },
		/* An address is no domain, even as one. */
		{ { .dns = { "192.0.2.1", "*.0.2.1" } },
		  "192.0.2.1",
		  NULL,
		  "is for other names: 192.0.2.1, *.0.2.1" },
	};

	expect_all(cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(an_srv_id_is_that_of_servers)
{
	static const struct name_case cases[] = {
		{ { .srv = { "_xmpp-server.a.example" } }, "a.example", NULL, NULL },
		{ { .srv = { "_XMPP-Server.A.example" } }, "a.example", NULL, NULL },
		{ { .srv = { "_xmpp-client.a.example" } },
		  "a.example",
		  NULL,
		  "is for other names: _xmpp-client.a.example" },
		{ { .srv = { "_xmpp-server.*.example" } },
		  "a.example",
		  NULL,
		  "is for other names: _xmpp-server.*.example" },
		{ { .srv = { "_xmpp-server.a.example" } },
		  "b.a.example",
		  NULL,
		  "is for other names: _xmpp-server.a.example" },
		{ { .srv = { "a.example" } },
		  "a.example",
		  NULL,
		  "is for other names: a.example" },
	};

	expect_all(cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(an_xmpp_addr_is_the_domain_alone)
{
	static const struct name_case cases[] = {
		{ { .xmpp = { "a.example" } }, "a.example", NULL, NULL },
		{ { .xmpp = { "b\xc3\xbc"
		              "cher.example" } },
		  "xn--bcher-kva.example",
		  NULL,
		  NULL },
		{ { .xmpp = { "xn--bcher-kva.example" } },
		  "xn--bcher-kva.example",
		  NULL,
		  NULL },
		{ { .xmpp = { "user@a.example" } },
		  "a.example",
		  NULL,
		  "is for other names: user@a.example" },
		{ { .xmpp = { "a.example/resource" } },
		  "a.example",
		  NULL,
		  "is for other names: a.example/resource" },
		{ { .xmpp = { "*.a.example" } },
		  "x.a.example",
		  NULL,
		  "is for other names: *.a.example" },
		{ { .xmpp = { "\xff\xff" } }, "a.example", NULL, "is for other names: ??" },
	};

	expect_all(cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(a_common_name_is_no_name)
{
	static const struct name_case cases[] = {
		{ { .common_name = "a.example" }, "a.example", NULL, "names no domain" },
		{ { .common_name = "a.example", .dns = { "b.example" } },
		  "a.example",
		  NULL,
		  "is for other names: b.example" },
	};

	expect_all(cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(the_name_that_dnssec_vouches_for_is_good_too)
{
	static const struct name_case cases[] = {
		{ { .dns = { "xmpp.host.example" } }, "a.example", "xmpp.host.example", NULL },
		{ { .dns = { "*.host.example" } }, "a.example", "xmpp.host.example", NULL },
		{ { .dns = { "a.example" } }, "a.example", "xmpp.host.example", NULL },
		{ { .dns = { "xmpp.host.example" } },
		  "a.example",
		  NULL,
		  "is for other names: xmpp.host.example" },
		/* It is a server's name, no domain's. */
		{ { .srv = { "_xmpp-server.xmpp.host.example" } },
		  "a.example",
		  "xmpp.host.example",
		  "is for other names: _xmpp-server.xmpp.host.example" },
	};

	expect_all(cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(what_is_told_of_names_is_short_and_harmless)
{
	static const struct name_case cases[] = {
		{ { .dns = { "b.example", "c.example", "d.example", "e.example",
		             "f.example" } },
		  "a.example",
		  NULL,
		  "is for other names: b.example, c.example, d.example and 2 more" },
		{ { .xmpp = { "b\n2026 error: x\x1b[31m, or so" } },
		  "a.example",
		  NULL,
		  "is for other names: b?2026?error:?x?[31m??or?so" },
		{ { .dns = { "0123456789012345678901234567890123456789"
		             "0123456789012345678901234567890123456789abc" } },
		  "a.example",
		  NULL,
		  "is for other names: 0123456789012345678901234567890123456789"
		  "0123456789012345678901234567890123456789..." },
	};

	expect_all(cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(nothing_is_known_of_a_peer_before_tls)
{
	struct scene s = scene_open();
	struct party *server, *client;
	struct str problem;

	federation_pair(s.w, &server, &client);
	ck_assert_int_eq(verify(server, DOMAIN, NULL, &problem), ERR_NOENT);
	ck_assert(str_is_absent(transport_peer_fingerprint(server->t, s.w->arena)));
	party_close(&server);
	party_close(&client);
	scene_close(&s);
}
END_TEST

START_TEST(authorities_come_from_a_file_or_from_the_system)
{
	struct scene s = scene_open();
	const struct tls_host host = { STR_INIT("one.example"), world_file(s.w, "one.crt"),
		                       world_file(s.w, "one.key"), NULL };
	struct tls_config config = { .hosts = &host, .n_hosts = 1, .federates = true };
	struct tls_server *tls = NULL;
	struct str problem = STR_NONE;

	ck_assert_int_eq(tls_server_new(&config, s.w->arena, &tls, &problem), 0);
	tls_server_unref(&tls);
	config.trust_file = world_file(s.w, "missing.crt");
	ck_assert_int_lt(tls_server_new(&config, s.w->arena, &tls, &problem), 0);
	ck_assert(str_ends_with(problem, STR("missing.crt, cannot be read: No such file or "
	                                     "directory")));
	config.trust_file = world_file(s.w, "one.key");
	ck_assert_int_eq(tls_server_new(&config, s.w->arena, &tls, &problem), ERR_TLS);
	ck_assert(str_ends_with(problem, STR("one.key, holds no certificate in PEM format")));
	ck_assert_ptr_null(tls);
	scene_close(&s);
}
END_TEST

CHECK_MAIN("peer", a_chain_leads_to_the_authorities_in_time,
           a_certificate_that_signs_itself_can_be_trusted_by_name,
           a_certificate_for_either_role_is_good_in_both,
           a_dns_id_is_the_domain_or_all_labels_but_the_first, an_srv_id_is_that_of_servers,
           an_xmpp_addr_is_the_domain_alone, a_common_name_is_no_name,
           the_name_that_dnssec_vouches_for_is_good_too,
           what_is_told_of_names_is_short_and_harmless, nothing_is_known_of_a_peer_before_tls,
           authorities_come_from_a_file_or_from_the_system)
