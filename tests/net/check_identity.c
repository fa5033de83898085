/*
 * check_identity.c - who is who under TLS: certificates by name, protocols by ALPN, channel
 * bindings, client certificates, and what is said when the files are wrong.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/net/authority.h"
#include "tests/net/world.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define DAY_S 86400

static int connect_tls(struct world *w, struct tls_server *tls, const char *host,
                       const struct client_tls *how, struct party **p_out,
                       struct client **c_out)
{
	int ret;

	pair_open(w, p_out, c_out);
	transport_start_tls((*p_out)->t, tls, str_of(host));
	ret = client_start_tls(*c_out, how);
	if (ret == 0)
		turn_until(w, (*p_out)->secures == 1);
	return ret;
}

/* The common name of the certificate that the client was shown. */
static bool was_shown(struct client *c, const char *host)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(c->tls, &n);
	gnutls_x509_crt_t crt;
	bool is;

	ck_assert_uint_gt(n, 0);
	gnutls_x509_crt_init(&crt);
	gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER);
	is = gnutls_x509_crt_check_hostname(crt, host) != 0;
	gnutls_x509_crt_deinit(crt);
	return is;
}

START_TEST(the_certificate_goes_by_server_name_then_by_host_then_first)
{
	static const struct {
		const char *sni, *host, *shown;
	} cases[] = {
		{ "one.example", NULL, "one.example" },
		{ "two.example", NULL, "two.example" },
		{ "TWO.Example", NULL, "two.example" },
		{ "two.example", "one.example", "two.example" },
		{ NULL, "two.example", "two.example" },
		{ NULL, "unknown.example", "one.example" },
		{ NULL, NULL, "one.example" },
		{ "unknown.example", "two.example", "two.example" },
		{ "unknown.example", NULL, "one.example" },
	};
	static const char *const versions[] = { TLS12, TLS13 };
	struct world *w = world_open();

	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
			const struct client_tls how = { .server_name = cases[i].sni,
				                        .priorities = versions[v] };
			struct party *p;
			struct client *c;

			ck_assert_int_eq(connect_tls(w, w->tls, cases[i].host, &how, &p, &c),
			                 0);
			ck_assert_msg(was_shown(c, cases[i].shown), "case %zu", i);
			party_close(&p);
			client_close(&c);
		}
	}
	world_close(&w);
}
END_TEST

START_TEST(alpn_is_checked_only_when_it_is_offered)
{
	static const struct {
		const char *offer;
		int alert;
	} cases[] = {
		{ "xmpp-client", -1 },
		{ NULL, -1 },
		{ "h2", GNUTLS_A_NO_APPLICATION_PROTOCOL },
	};
	struct world *w = world_open();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct client_tls how = { .alpn = cases[i].offer };
		gnutls_datum_t chosen = { 0 };
		struct party *p;
		struct client *c;
		int ret = connect_tls(w, w->tls, NULL, &how, &p, &c);

		ck_assert_int_eq(ret == 0, cases[i].alert < 0);
		ck_assert_int_eq(c->alert, cases[i].alert);
		if (ret == 0 && cases[i].offer != NULL) {
			ck_assert_int_eq(gnutls_alpn_get_selected_protocol(c->tls, &chosen), 0);
			ck_assert_str_is(str_make((char *)chosen.data, chosen.size),
			                 "xmpp-client");
		}
		ck_assert_int_eq(p->ends, ret == 0 ? 0 : 1);
		party_close(&p);
		client_close(&c);
	}
	world_close(&w);
}
END_TEST

static void same_binding(struct world *w, struct party *p, struct client *c,
                         enum channel_binding kind, gnutls_channel_binding_t client_kind)
{
	gnutls_datum_t client = { 0 };
	struct str server = STR_NONE;

	ck_assert(transport_has_binding(p->t, kind));
	ck_assert_int_eq(transport_binding(p->t, w->arena, kind, &server), 0);
	ck_assert_int_eq(gnutls_session_channel_binding(c->tls, client_kind, &client), 0);
	ck_assert(str_eq(server, str_make((char *)client.data, client.size)));
	gnutls_free(client.data);
}

START_TEST(bindings_are_equal_on_both_sides_under_tls_1_3)
{
	struct world *w = world_open();
	const struct client_tls how = { .priorities = TLS13, .server_name = "two.example" };
	struct party *p;
	struct client *c;
	struct str bytes;

	pair_open(w, &p, &c);
	ck_assert(!transport_has_binding(p->t, CB_TLS_EXPORTER));
	party_close(&p);
	client_close(&c);
	ck_assert_int_eq(connect_tls(w, w->tls, NULL, &how, &p, &c), 0);
	same_binding(w, p, c, CB_TLS_EXPORTER, GNUTLS_CB_TLS_EXPORTER);
	same_binding(w, p, c, CB_TLS_SERVER_END_POINT, GNUTLS_CB_TLS_SERVER_END_POINT);
	ck_assert(!transport_has_binding(p->t, CB_TLS_UNIQUE));
	ck_assert_int_eq(transport_binding(p->t, w->arena, CB_TLS_UNIQUE, &bytes), ERR_NOENT);
	ck_assert_str_is(transport_tls_text(p->t, w->arena), "TLS1.3 AES-256-GCM");
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(bindings_are_equal_on_both_sides_under_tls_1_2)
{
	struct world *w = world_open();
	const struct client_tls how = { .priorities = TLS12 };
	struct party *p;
	struct client *c;

	ck_assert_int_eq(connect_tls(w, w->tls, NULL, &how, &p, &c), 0);
	same_binding(w, p, c, CB_TLS_EXPORTER, GNUTLS_CB_TLS_EXPORTER);
	same_binding(w, p, c, CB_TLS_SERVER_END_POINT, GNUTLS_CB_TLS_SERVER_END_POINT);
	same_binding(w, p, c, CB_TLS_UNIQUE, GNUTLS_CB_TLS_UNIQUE);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(without_the_extended_master_secret_only_the_end_point_binds)
{
	struct world *w = world_open();
	const struct client_tls how = { .priorities = TLS12 ":%NO_SESSION_HASH" };
	struct party *p;
	struct client *c;

	ck_assert_int_eq(connect_tls(w, w->tls, NULL, &how, &p, &c), 0);
	ck_assert(!transport_has_binding(p->t, CB_TLS_EXPORTER));
	ck_assert(!transport_has_binding(p->t, CB_TLS_UNIQUE));
	same_binding(w, p, c, CB_TLS_SERVER_END_POINT, GNUTLS_CB_TLS_SERVER_END_POINT);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

/* Present a certificate; what the server makes of it. */
static int present(struct world *w, struct tls_server *tls, const char *version,
                   bool with_certificate, struct str jids[4])
{
	struct client_tls how = { .priorities = version, .server_name = "one.example" };
	struct party *p;
	struct client *c;
	int ret;

	if (with_certificate) {
		how.certificate_file = world_file(w, "client.crt");
		how.key_file = world_file(w, "client.key");
	}
	ck_assert_int_eq(connect_tls(w, tls, NULL, &how, &p, &c), 0);
	client_say(c, "works");
	turn_until(w, p->got.n == 5);
	ret = transport_client_jids(p->t, w->arena, jids, 4);
	party_close(&p);
	client_close(&c);
	return ret;
}

START_TEST(a_client_certificate_names_its_jids)
{
	static const char *const versions[] = { TLS12, TLS13 };
	struct world *w = world_open();
	struct authority *a = authority_new(w);
	struct tls_server *tls = world_tls(w, authority_file(a), NULL);
	const struct client_cert good = {
		.jids = { "romeo@one.example", "montague@two.example" },
		.starts_in_s = -DAY_S,
		.ends_in_s = DAY_S,
	};
	struct str jids[4];

	authority_issue(a, &good);
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		ck_assert_int_eq(present(w, tls, versions[v], true, jids), 2);
		ck_assert_str_is(jids[0], "romeo@one.example");
		ck_assert_str_is(jids[1], "montague@two.example");
		ck_assert_int_eq(present(w, tls, versions[v], false, jids), ERR_NOENT);
	}
	/* Where none is asked for, none is sent. */
	ck_assert_int_eq(present(w, w->tls, TLS13, true, jids), ERR_NOENT);
	tls_server_unref(&tls);
	authority_free(&a);
	world_close(&w);
}
END_TEST

START_TEST(a_client_certificate_without_jids_names_none)
{
	struct world *w = world_open();
	struct authority *a = authority_new(w);
	struct tls_server *tls = world_tls(w, authority_file(a), NULL);
	const struct client_cert plain = { .starts_in_s = -DAY_S, .ends_in_s = DAY_S };
	struct str jids[4];

	authority_issue(a, &plain);
	ck_assert_int_eq(present(w, tls, TLS13, true, jids), 0);
	tls_server_unref(&tls);
	authority_free(&a);
	world_close(&w);
}
END_TEST

START_TEST(a_client_certificate_that_cannot_be_trusted_is_no_identity)
{
	static const struct client_cert bad[] = {
		{ { "romeo@one.example" }, NULL, -2 * DAY_S, -DAY_S, false },
		{ { "romeo@one.example" }, NULL, DAY_S, 2 * DAY_S, false },
		{ { "romeo@one.example" }, NULL, -DAY_S, DAY_S, true },
		{ { "romeo@one.example" }, GNUTLS_KP_TLS_WWW_SERVER, -DAY_S, DAY_S, false },
	};
	struct world *w = world_open();
	struct authority *a = authority_new(w);
	struct tls_server *tls = world_tls(w, authority_file(a), NULL);
	struct str jids[4];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		authority_issue(a, &bad[i]);
		ck_assert_msg(present(w, tls, TLS12, true, jids) == ERR_DENIED,
		              "case %zu, TLS 1.2", i);
		ck_assert_msg(present(w, tls, TLS13, true, jids) == ERR_DENIED,
		              "case %zu, TLS 1.3", i);
	}
	tls_server_unref(&tls);
	authority_free(&a);
	world_close(&w);
}
END_TEST

/* A certificate that was trusted is looked at again when its session is resumed. */
START_TEST(a_resumed_session_still_knows_its_certificate)
{
	static const char *const versions[] = { TLS12, TLS13 };
	struct world *w = world_open();
	struct authority *a = authority_new(w);
	struct tls_server *tls = world_tls(w, authority_file(a), NULL);
	const struct client_cert good = { .jids = { "romeo@one.example" },
		                          .starts_in_s = -DAY_S,
		                          .ends_in_s = DAY_S };

	authority_issue(a, &good);
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		gnutls_datum_t ticket = { 0 };
		struct client_tls how = {
			.priorities = versions[v],
			.server_name = "one.example",
			.certificate_file = world_file(w, "client.crt"),
			.key_file = world_file(w, "client.key"),
		};

		for (int round = 0; round < 2; round++) {
			struct str jids[4];
			struct party *p;
			struct client *c;

			ck_assert_int_eq(connect_tls(w, tls, NULL, &how, &p, &c), 0);
			party_say(p, "hello");
			client_expect(c, "hello");
			ck_assert_int_eq(gnutls_session_is_resumed(c->tls), round);
			ck_assert_int_eq(transport_client_jids(p->t, w->arena, jids, 4), 1);
			ck_assert_str_is(jids[0], "romeo@one.example");
			if (round == 0)
				ck_assert_int_eq(gnutls_session_get_data2(c->tls, &ticket), 0);
			how.ticket = &ticket;
			party_close(&p);
			client_close(&c);
		}
		gnutls_free(ticket.data);
	}
	tls_server_unref(&tls);
	authority_free(&a);
	world_close(&w);
}
END_TEST

START_TEST(a_connection_keeps_its_generation)
{
	struct world *w = world_open();
	const struct client_tls how = { .server_name = "one.example" };
	struct tls_server *old = world_tls(w, NULL, NULL);
	struct party *p;
	struct client *c;
	struct str bytes;

	ck_assert_int_eq(connect_tls(w, old, NULL, &how, &p, &c), 0);
	tls_server_unref(&old);
	ck_assert_int_eq(transport_binding(p->t, w->arena, CB_TLS_SERVER_END_POINT, &bytes), 0);
	party_say(p, "still here");
	client_expect(c, "still here");
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_self_signed_certificate_lasts_and_its_key_is_private)
{
	struct world *w = world_open();
	struct str host = STR_NONE;
	struct stat st;

	ck_assert_int_gt(tls_server_expires_ms(w->tls, &host), HOURS(24 * 365 * 9));
	ck_assert_int_lt(tls_server_expires_ms(w->tls, &host), HOURS(24 * 366 * 10));
	ck_assert(str_ends_with(host, STR(".example")));
	ck_assert_int_eq(stat(world_file(w, "one.key"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(
		tls_make_self_signed(&host, 1, "/nonexistent/x.crt", "/nonexistent/x.key"),
		-ENOENT);
	world_close(&w);
}
END_TEST

static void refuse(struct world *w, const char *crt, const char *key, const char *ca,
                   const char *end)
{
	const struct tls_host host = { STR("one.example"), crt, key, ca };
	const struct tls_config config = { .hosts = &host, .n_hosts = 1 };
	struct tls_server *tls = NULL;
	struct str problem = STR_NONE;

	ck_assert_int_lt(tls_server_new(&config, w->arena, &tls, &problem), 0);
	ck_assert_ptr_null(tls);
	ck_assert_msg(str_ends_with(problem, str_of(end)), "\"" STR_FMT "\"", STR_ARG(problem));
}

START_TEST(wrong_files_are_told_apart)
{
	struct world *w = world_open();
	const char *crt = world_file(w, "one.crt");
	const char *key = world_file(w, "one.key");
	const char *missing = world_file(w, "missing");

	refuse(w, missing, key, NULL,
	       "missing of host one.example cannot be read: No such file or directory");
	refuse(w, crt, missing, NULL,
	       "missing of host one.example cannot be read: No such file or directory");
	refuse(w, w->dir, key, NULL, "cannot be read: Is a directory");
	refuse(w, key, key, NULL,
	       "is not a chain of certificates in PEM format, the host's own first");
	refuse(w, crt, crt, NULL, "is not a private key in PEM format");
	refuse(w, crt, world_file(w, "two.key"), NULL,
	       "does not belong to its certificate; check both file names");
	refuse(w, crt, key, key, "holds no certificate in PEM format");
	refuse(w, crt, key, missing, "cannot be read: No such file or directory");
	world_close(&w);
}
END_TEST

START_TEST(a_wrong_priority_string_is_shown_where_it_goes_wrong)
{
	struct world *w = world_open();
	const struct tls_host host = { STR("one.example"), world_file(w, "one.crt"),
		                       world_file(w, "one.key"), NULL };
	const struct tls_config config = { .hosts = &host,
		                           .n_hosts = 1,
		                           .priorities = "NORMAL:+NONSENSE" };
	struct tls_server *tls = NULL;
	struct str problem = STR_NONE;

	ck_assert_int_eq(tls_server_new(&config, w->arena, &tls, &problem), ERR_TLS);
	ck_assert(str_starts_with(problem,
	                          STR("the TLS priority string is not understood from \"")));
	world_close(&w);
}
END_TEST

CHECK_MAIN("identity", the_certificate_goes_by_server_name_then_by_host_then_first,
           alpn_is_checked_only_when_it_is_offered,
           bindings_are_equal_on_both_sides_under_tls_1_3,
           bindings_are_equal_on_both_sides_under_tls_1_2,
           without_the_extended_master_secret_only_the_end_point_binds,
           a_client_certificate_names_its_jids, a_client_certificate_without_jids_names_none,
           a_client_certificate_that_cannot_be_trusted_is_no_identity,
           a_resumed_session_still_knows_its_certificate, a_connection_keeps_its_generation,
           a_self_signed_certificate_lasts_and_its_key_is_private, wrong_files_are_told_apart,
           a_wrong_priority_string_is_shown_where_it_goes_wrong)
