/*
 * check_s2s.c - two servers meet: EXTERNAL, dialback, both directions of one stream, and moving between shards.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/stream/dialback.h"
#include "tests/lib/check_main.h"
#include "tests/stream/servers.h"
#include "xml/writer.h"

#include <string.h>

static struct servers *w;
static struct server *a, *b;

/* A on the first shard, B on the other two. */
static void begin(bool a_trusts, bool b_trusts)
{
	w = servers_open();
	a = server_new(w, "a.example", 0, 1, a_trusts);
	b = server_new(w, "b.example", 1, 2, b_trusts);
	a->other = b;
	b->other = a;
}

static void send_message(struct s2s *s, const char *from, const char *to, const char *inner)
{
	struct arena *arena = arena_new(1024);
	struct stanza *m = stanza_new(arena, STANZA_MESSAGE, TYPE_CHAT);
	struct xml_node *body = xml_add(arena, stanza_node(m), NULL, "body");

	xml_add_text(arena, body, str_of(inner));
	ck_assert_int_eq(jid_parse(arena, str_of(from), &m->from), 0);
	ck_assert_int_eq(jid_parse(arena, str_of(to), &m->to), 0);
	s2s_send(s, m);
	arena_free(&arena);
}

START_TEST(certificates_prove_both_servers)
{
	struct s2s *s;

	begin(true, true);
	b->policy.dialback = a->policy.dialback = false;
	s = server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	ck_assert(server_told(b, "claims a.example\n"));
	ck_assert(server_told(b, "authenticated b.example a.example certificate\n"));
	ck_assert(s2s_is_outgoing(s) && s2s_is_ready(s) && s2s_offers_sm(s));
	send_message(s, "x@a.example", "y@b.example", "hi");
	servers_until(w, server_told(b, "element <message xmlns='jabber:client' "
	                                "from='x@a.example' to='y@b.example' type='chat'>"
	                                "<body>hi</body></message>\n"));
	servers_close(&w);
}
END_TEST

START_TEST(tls_may_come_first)
{
	begin(true, true);
	server_connect(a, b, true);
	servers_until(w, server_told(a, "ready\n"));
	ck_assert(server_told(b, "authenticated b.example a.example certificate\n"));
	servers_close(&w);
}
END_TEST

/* Streams name them by U-labels (RFC 6120 §4.7), certificates and server name indication by A-labels. */
START_TEST(domains_of_other_scripts_have_certificates_too)
{
	begin(true, true);
	a->policy.dialback = false;
	b = server_new(w,
	               "b\xC3\xBC"
	               "cher.example",
	               1, 1, true);
	b->policy.dialback = false;
	server_connect(a, b, true);
	server_connect(b, a, false);
	servers_until(w, server_told(a, "ready\n") && server_told(b, "ready\n"));
	ck_assert(server_told(a, "authenticated a.example b\xC3\xBC"
	                         "cher.example certificate\n"));
	ck_assert(server_told(b, "authenticated b\xC3\xBC"
	                         "cher.example a.example certificate\n"));
	servers_close(&w);
}
END_TEST

/* b asks a over a stream of its own, on which a's answer comes before anything is proven there. */
START_TEST(dialback_proves_where_certificates_do_not)
{
	begin(false, false);
	server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	ck_assert(server_told(b, "verify "));
	ck_assert(server_told(b, "answered valid\n"));
	ck_assert(server_told(b, "authenticated b.example a.example dialback\n"));
	servers_close(&w);
}
END_TEST

START_TEST(a_certificate_that_one_side_trusts_is_enough_for_that_side)
{
	begin(false, true);
	a->policy.dialback = true;
	b->policy.dialback = false;
	server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	ck_assert(!server_told(b, "verify "));
	ck_assert(server_told(b, "authenticated b.example a.example certificate\n"));
	servers_close(&w);
}
END_TEST

START_TEST(who_trusts_certificates_alone_leaves_others)
{
	begin(false, true);
	a->policy.dialback = false;
	server_connect(a, b, false);
	servers_until(w, a->n_gone == 1);
	ck_assert(server_told(a, "gone its certificate is signed by itself\n"));
	ck_assert(!server_told(b, "authenticated"));
	servers_close(&w);
}
END_TEST

START_TEST(who_trusts_certificates_alone_refuses_others)
{
	begin(true, false);
	b->policy.dialback = false;
	server_connect(a, b, false);
	servers_until(w, a->n_gone == 1 && b->n_gone == 1);
	ck_assert(server_told(b, "gone its certificate is signed by itself\n"));
	ck_assert(server_told(a, "gone says policy-violation: your certificate is signed by "
	                         "itself\n"));
	ck_assert(!server_told(b, "claims"));
	servers_close(&w);
}
END_TEST

START_TEST(who_is_not_let_in_hears_so)
{
	begin(true, true);
	b->policy.refused = true;
	server_connect(a, b, false);
	servers_until(w, a->n_gone == 1 && b->n_gone == 1);
	ck_assert(server_told(a, "gone says policy-violation\n"));
	servers_close(&w);
}
END_TEST

START_TEST(a_key_that_is_not_its_own_ends_the_stream)
{
	begin(false, false);
	b->verify = VERIFY_INVALID;
	server_connect(a, b, false);
	servers_until(w, a->n_gone == 1 && b->n_gone == 1);
	ck_assert(server_told(a, "gone refuses dialback: the key is not ours\n"));
	ck_assert(!server_told(b, "authenticated"));
	servers_close(&w);
}
END_TEST

START_TEST(a_domain_that_cannot_be_asked_is_an_error)
{
	begin(false, false);
	b->verify = VERIFY_UNREACHABLE;
	server_connect(a, b, false);
	servers_until(w, a->n_gone == 1);
	ck_assert(server_told(a, "gone refuses dialback: remote-connection-failed\n"));
	servers_close(&w);
}
END_TEST

START_TEST(stanzas_go_both_ways_where_both_agree)
{
	struct s2s *out, *in;

	begin(true, true);
	out = server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n") && server_told(b, "ready\n"));
	in = server_incoming(b);
	ck_assert(s2s_is_bidi(out) && s2s_is_bidi(in));
	ck_assert(server_told(a, "authenticated a.example b.example certificate\n"));
	ck_assert(s2s_admits(out, STR("a.example"), STR("b.example")));
	ck_assert(!s2s_admits(out, STR("a.example"), STR("evil.example")));
	send_message(in, "y@b.example", "x@a.example", "back");
	servers_until(w, server_told(a, "element <message xmlns='jabber:client' "
	                                "from='y@b.example'"));
	servers_close(&w);
}
END_TEST

START_TEST(dialback_opens_both_directions_too)
{
	begin(false, false);
	b->verify = VERIFY_VALID;
	server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n") && server_told(b, "ready\n"));
	ck_assert(server_told(a, "authenticated a.example b.example dialback\n"));
	servers_close(&w);
}
END_TEST

/* XEP-0297: what is forwarded stays in jabber:client, and comes out as it went in. */
START_TEST(forwarded_stanzas_keep_their_namespace)
{
	struct arena *arena = arena_new(1024);
	const struct xml_node *node;
	struct stanza m;
	struct s2s *s;
	const char *xml = "<message xmlns='jabber:client' from='x@a.example' to='y@b.example'>"
			  "<forwarded xmlns='urn:xmpp:forward:0'><message "
			  "xmlns='jabber:client'><body>old</body></message></forwarded>"
			  "<body>new</body></message>";

	begin(true, true);
	s = server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	ck_assert_int_eq(xml_read(arena, str_of(xml), &node), 0);
	ck_assert_int_eq(stanza_parse(arena, node, &m), STANZA_PARSED);
	s2s_send(s, &m);
	servers_until(w, server_told(b, "element <message"));
	ck_assert(server_told(b, arena_cstr(arena, arena_printf(arena, "element %s\n", xml))));
	arena_free(&arena);
	servers_close(&w);
}
END_TEST

START_TEST(a_stream_moves_for_its_proof_by_certificate)
{
	struct s2s *s, *in;

	begin(true, true);
	b->moves = true;
	s = server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	ck_assert_uint_eq(b->envs[0].n_all, 0);
	ck_assert_uint_eq(b->envs[1].n_all, 1);
	in = server_incoming(b);
	ck_assert(s2s_env_of(in) == &b->envs[1]);
	send_message(s, "x@a.example", "y@b.example", "hi");
	servers_until(w, server_told(b, "element <message"));
	servers_close(&w);
}
END_TEST

START_TEST(a_stream_moves_for_its_proof_by_dialback)
{
	begin(false, false);
	b->moves = true;
	b->verify = VERIFY_REALLY;
	server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	ck_assert_ptr_nonnull(TAILQ_FIRST(&b->envs[1].all));
	servers_close(&w);
}
END_TEST

START_TEST(questions_are_asked_before_and_after_the_own_proof)
{
	struct arena *arena = arena_new(1024);
	struct str key = dialback_key(arena, "a.example", STR("b.example"), STR("a.example"),
	                              STR("id")); /* a's secret is its name */
	struct s2s *s;

	begin(true, true);
	s = server_connect(b, a, false);
	ck_assert_int_eq(s2s_ask(s, STR("b.example"), STR("a.example"), STR("id"), key), 0);
	servers_until(w, server_told(b, "answered valid\n"));
	servers_until(w, server_told(b, "ready\n"));
	ck_assert_int_eq(s2s_ask(s, STR("b.example"), STR("a.example"), STR("other"), key), 0);
	servers_until(w, server_told(b, "answered invalid\n"));
	arena_free(&arena);
	servers_close(&w);
}
END_TEST

START_TEST(questions_are_bounded)
{
	const struct str x = STR("b.example");
	struct s2s *s;

	begin(true, true);
	s = server_connect(a, b, false);
	for (int i = 0; i < S2S_VERIFIES_MAX; i++)
		ck_assert_int_eq(s2s_ask(s, STR("a.example"), x, x, x), 0);
	ck_assert_int_eq(s2s_ask(s, STR("a.example"), x, x, x), ERR_BUSY);
	servers_until(w, server_told(a, "ready\n"));
	servers_close(&w);
}
END_TEST

START_TEST(streams_say_what_they_are)
{
	struct arena *arena = arena_new(1024);
	struct s2s *s;

	begin(true, true);
	s = server_connect(a, b, false);
	ck_assert_str_is(s2s_describe(s, arena), "no TLS, not authenticated, to local");
	ck_assert(str_is_absent(s2s_fingerprint(s, arena)));
	servers_until(w, server_told(a, "ready\n"));
	ck_assert(str_ends_with(s2s_describe(s, arena), STR(", certificate, to local")));
	ck_assert_uint_eq(s2s_fingerprint(s, arena).n, 64);
	ck_assert_str_is(s2s_local(s), "a.example");
	ck_assert_str_is(s2s_remote(s), "b.example");
	ck_assert_ptr_eq(s2s_find(&a->envs[0], s2s_number(s)), s);
	arena_free(&arena);
	servers_close(&w);
}
END_TEST

/* The upper layer has seen to it that such a stream can be resumed. */
START_TEST(a_lasting_stream_is_cut_without_its_end_tag)
{
	struct s2s *s;

	begin(true, true);
	s = server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	s2s_set_lasting(s, true);
	s2s_env_shutdown(&a->envs[0], STREAM_SYSTEM_SHUTDOWN);
	servers_until(w, a->n_gone == 1 && b->n_gone == 1);
	ck_assert(server_told(b, "gone in peace\n"));
	servers_close(&w);
}
END_TEST

START_TEST(a_peer_that_does_not_read_is_dropped)
{
	struct s2s *s;
	char *text;

	begin(true, true);
	a->limits.queue_bytes = 100000;
	s = server_connect(a, b, false);
	servers_until(w, server_told(a, "ready\n"));
	text = malloc(300000);
	memset(text, ' ', 300000);
	s2s_write(s, str_make(text, 300000));
	ck_assert(!s2s_is_over(s));
	s2s_write(s, str_make(text, 300000));
	ck_assert(s2s_is_over(s));
	free(text);
	servers_close(&w);
}
END_TEST

CHECK_MAIN("s2s", certificates_prove_both_servers, tls_may_come_first,
           domains_of_other_scripts_have_certificates_too,
           dialback_proves_where_certificates_do_not,
           a_certificate_that_one_side_trusts_is_enough_for_that_side,
           who_trusts_certificates_alone_leaves_others,
           who_trusts_certificates_alone_refuses_others, who_is_not_let_in_hears_so,
           a_key_that_is_not_its_own_ends_the_stream, a_domain_that_cannot_be_asked_is_an_error,
           stanzas_go_both_ways_where_both_agree, dialback_opens_both_directions_too,
           forwarded_stanzas_keep_their_namespace, a_stream_moves_for_its_proof_by_certificate,
           a_stream_moves_for_its_proof_by_dialback,
           questions_are_asked_before_and_after_the_own_proof, questions_are_bounded,
           streams_say_what_they_are, a_lasting_stream_is_cut_without_its_end_tag,
           a_peer_that_does_not_read_is_dropped)
