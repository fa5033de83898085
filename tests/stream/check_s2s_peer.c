/*
 * check_s2s_peer.c - peers that are not what they should be: spoofed names, answers unasked for, floods, silence.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/stream/servers.h"
#include "xml/ns.h"

#include <stdio.h>
#include <string.h>

#define SASL(inner) "<auth xmlns='" NS_SASL "' mechanism='EXTERNAL'>" inner "</auth>"
#define CHAT "<message from='x@a.example' to='y@b.example'/>"
#define ERROR(name) "<" name " xmlns='" NS_STREAM_ERROR "'/>"
#define FAILURE(name) "<failure xmlns='" NS_SASL "'><" name "/></failure>"
#define VALID "<result xmlns='" NS_DIALBACK "' from='b.example' to='a.example' type='valid'/>"

static struct servers *w;
static struct server *b;
static struct puppet *p;

/* A puppet with the certificate of NAME, which b trusts. */
static void begin(const char *name)
{
	w = servers_open();
	b = server_new(w, "b.example", 1, 2, true);
	b->verify = VERIFY_NEVER;
	p = puppet_connect(b, name);
}

static void end(void)
{
	puppet_free(&p);
	servers_close(&w);
}

static void say(const char *xml)
{
	puppet_say(p, xml);
}

static void expect(const char *text)
{
	servers_until(w, puppet_got(p, text) || p->over);
	ck_assert_msg(puppet_got(p, text), "no %s in " STR_FMT, text,
	              STR_ARG(buf_str(&p->got)));
}

/* ---- what connects ---- */

START_TEST(a_header_needs_an_address_that_is_served)
{
	begin("a.example");
	puppet_header(p, "a.example", NULL);
	expect(ERROR("improper-addressing"));
	puppet_free(&p);
	p = puppet_connect(b, "a.example");
	puppet_header(p, "a.example", "elsewhere.example");
	expect(ERROR("host-unknown"));
	puppet_free(&p);
	p = puppet_connect(b, "a.example");
	puppet_header(p, "x@y@z", "b.example");
	expect(ERROR("invalid-from"));
	end();
}
END_TEST

START_TEST(our_header_answers_theirs)
{
	begin("a.example");
	puppet_header(p, "A.example", "b.example");
	expect("<stream from='b.example' to='a.example'>");
	expect("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>");
	ck_assert(!puppet_got(p, "urn:xmpp:features:dialback"));
	end();
}
END_TEST

START_TEST(servers_from_before_xmpp_1_0_are_refused)
{
	begin("a.example");
	say("<stream:stream xmlns='jabber:server' xmlns:stream='" NS_STREAM
	    "' xmlns:db='jabber:server:dialback' to='b.example' from='a.example'>");
	expect(ERROR("unsupported-version"));
	end();
}
END_TEST

START_TEST(nothing_passes_in_the_clear)
{
	static const char *const tries[][2] = {
		{ CHAT, ERROR("not-authorized") },
		{ "<db:result from='a.example' to='b.example'>key</db:result>",
		  ERROR("policy-violation") },
		{ "<db:verify from='a.example' to='b.example' id='1'>key</db:verify>",
		  ERROR("policy-violation") },
		{ SASL("="), FAILURE("encryption-required") },
		{ "<bidi xmlns='urn:xmpp:bidi'/>", ERROR("policy-violation") },
	};

	begin("a.example");
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		puppet_header(p, "a.example", "b.example");
		expect("starttls");
		ck_assert(!puppet_got(p, "mechanisms"));
		say(tries[i][0]);
		expect(tries[i][1]);
		puppet_free(&p);
		p = puppet_connect(b, "a.example");
	}
	ck_assert_uint_eq(b->told.n == 0 || !server_told(b, "claims"), 1);
	end();
}
END_TEST

START_TEST(a_certificate_of_another_domain_is_not_offered_external)
{
	begin("evil.example");
	puppet_tls(p, "a.example", "b.example");
	ck_assert(!puppet_got(p, "EXTERNAL"));
	ck_assert(puppet_got(p, "<dialback xmlns='urn:xmpp:features:dialback'><errors/>"));
	say(SASL("="));
	expect(FAILURE("not-authorized"));
	ck_assert(!server_told(b, "claims"));
	end();
}
END_TEST

START_TEST(a_certificate_of_another_domain_is_refused_where_it_has_to_prove)
{
	begin("evil.example");
	b->policy.dialback = false;
	puppet_tls(p, "a.example", "b.example");
	expect(ERROR("policy-violation"));
	expect("your certificate is for other names: evil.example");
	end();
}
END_TEST

START_TEST(external_is_for_the_domain_of_the_header_alone)
{
	begin("a.example");
	puppet_tls(p, "a.example", "b.example");
	ck_assert(puppet_got(p, "<mechanism>EXTERNAL</mechanism>"));
	ck_assert(puppet_got(p, "<bidi xmlns='urn:xmpp:features:bidi'/>"));
	ck_assert(!puppet_got(p, "<sm xmlns='urn:xmpp:sm:3'/>")); /* behind SASL */
	say(SASL("ZXZpbC5leGFtcGxl")); /* evil.example */
	expect(FAILURE("invalid-authzid"));
	buf_clear(&p->got);
	say(SASL("!"));
	expect(FAILURE("incorrect-encoding"));
	buf_clear(&p->got);
	say("<auth xmlns='" NS_SASL "' mechanism='PLAIN'>AAAA</auth>");
	expect(FAILURE("invalid-mechanism"));
	buf_clear(&p->got);
	say(SASL("YS5leGFtcGxl")); /* a.example */
	expect("<success");
	puppet_header(p, "a.example", "b.example");
	expect("</stream:features>");
	ck_assert(!puppet_got(p, "EXTERNAL"));
	ck_assert(puppet_got(p, "<sm xmlns='urn:xmpp:sm:3'/>"));
	ck_assert(server_told(b, "authenticated b.example a.example certificate\n"));
	ck_assert(s2s_admits(server_incoming(b), STR("b.example"), STR("a.example")));
	ck_assert(!s2s_admits(server_incoming(b), STR("b.example"), STR("evil.example")));
	end();
}
END_TEST

START_TEST(refusals_of_one_stream_are_bounded)
{
	begin("a.example");
	puppet_tls(p, "a.example", "b.example");
	for (int i = 0; i < 5; i++)
		say("<abort xmlns='" NS_SASL "'/>");
	expect(ERROR("policy-violation"));
	end();
}
END_TEST

START_TEST(the_pair_stays_the_same_after_sasl)
{
	begin("a.example");
	puppet_tls(p, "a.example", "b.example");
	say(SASL("="));
	expect("<success");
	puppet_header(p, "evil.example", "b.example");
	expect(ERROR("invalid-from"));
	ck_assert(!server_told(b, "authenticated"));
	end();
}
END_TEST

START_TEST(nothing_passes_before_anything_is_proven)
{
	begin("a.example");
	puppet_tls(p, "a.example", "b.example");
	say(CHAT);
	expect(ERROR("not-authorized"));
	ck_assert(!server_told(b, "element"));
	end();
}
END_TEST

START_TEST(answers_unasked_for_end_the_stream)
{
	static const char *const tries[] = {
		"<db:result from='a.example' to='b.example' type='valid'/>",
		"<db:verify from='a.example' to='b.example' id='1' type='valid'/>",
	};

	begin("evil.example");
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		puppet_tls(p, "a.example", "b.example");
		say("<db:result from='a.example' to='b.example'>key</db:result>");
		say(tries[i]);
		expect(ERROR("policy-violation"));
		puppet_free(&p);
		p = puppet_connect(b, "evil.example");
	}
	ck_assert(!server_told(b, "authenticated"));
	end();
}
END_TEST

START_TEST(dialback_to_a_domain_elsewhere_is_an_error)
{
	begin("evil.example");
	puppet_tls(p, "a.example", "b.example");
	say("<db:result from='a.example' to='c.example'>key</db:result>"
	    "<db:verify from='a.example' to='c.example' id='1'>key</db:verify>");
	expect("<result xmlns='" NS_DIALBACK "' from='c.example' to='a.example' type='error'>"
	       "<error xmlns='jabber:server' type='cancel'><item-not-found");
	expect("<verify xmlns='" NS_DIALBACK "' from='c.example' to='a.example' id='1' "
	       "type='error'>");
	ck_assert(!p->over);
	end();
}
END_TEST

START_TEST(more_pairs_come_by_dialback)
{
	begin("a.example");
	b->verify = VERIFY_VALID;
	puppet_tls(p, "a.example", "b.example");
	say("<db:result from='a.example' to='b.example'>key</db:result>");
	expect(VALID);
	ck_assert(server_told(b, "authenticated b.example a.example certificate\n"));
	say("<db:result from='evil.example' to='b.example'>key</db:result>");
	servers_until(w, server_told(b, "authenticated b.example evil.example dialback\n"));
	b->verify = VERIFY_INVALID;
	say("<db:result from='c.example' to='b.example'>key</db:result>");
	expect("<forbidden");
	ck_assert(!p->over);
	b->policy.dialback = false;
	say("<db:result from='d.example' to='b.example'>key</db:result>");
	expect("<not-authorized");
	say(CHAT);
	servers_until(w, server_told(b, "element <message"));
	end();
}
END_TEST

START_TEST(pairs_of_one_stream_are_bounded)
{
	char text[128];

	begin("evil.example");
	b->verify = VERIFY_VALID;
	puppet_tls(p, "a.example", "b.example");
	for (int i = 0; i <= S2S_PAIRS_MAX; i++) {
		snprintf(text, sizeof(text),
		         "<db:result from='a%d.example' to='b.example'>key</db:result>", i);
		say(text);
	}
	expect("<resource-constraint");
	ck_assert(!p->over);
	end();
}
END_TEST

START_TEST(one_question_at_a_time_for_a_pair)
{
	begin("evil.example");
	puppet_tls(p, "a.example", "b.example");
	for (int i = 0; i < 3; i++)
		say("<db:result from='a.example' to='b.example'>key</db:result>");
	servers_until(w, server_told(b, "verify "));
	for (int i = 0; i < 100; i++)
		servers_turn(w);
	ck_assert_uint_eq(b->told.n, strlen("claims a.example\nverify key\n"));
	s2s_verified(server_incoming(b), STR("b.example"), STR("a.example"), S2S_VALID);
	expect(VALID);
	end();
}
END_TEST

START_TEST(a_verdict_for_nobody_is_dropped)
{
	begin("evil.example");
	puppet_tls(p, "a.example", "b.example");
	s2s_verified(server_incoming(b), STR("b.example"), STR("a.example"), S2S_VALID);
	say(CHAT);
	expect(ERROR("not-authorized"));
	ck_assert(!server_told(b, "authenticated"));
	end();
}
END_TEST

START_TEST(bidi_is_agreed_on_before_the_proof)
{
	begin("a.example");
	puppet_tls(p, "a.example", "b.example");
	say("<db:result from='a.example' to='b.example'>key</db:result>");
	expect(VALID);
	say("<bidi xmlns='urn:xmpp:bidi'/>");
	expect(ERROR("policy-violation"));
	end();
}
END_TEST

START_TEST(bytes_that_come_too_fast_wait)
{
	char text[8193];

	begin("a.example");
	b->limits.bytes = (struct rate_limit){ .burst = 8000, .per_second = 8000 * 1000 };
	puppet_tls(p, "a.example", "b.example");
	memset(text, ' ', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say(text);
	for (int i = 0; i < 100; i++)
		servers_turn(w);
	say("<db:result from='a.example' to='b.example'>key</db:result>");
	for (int i = 0; i < 100; i++)
		servers_turn(w);
	ck_assert(!puppet_got(p, VALID));
	expect(VALID);
	end();
}
END_TEST

START_TEST(elements_before_the_proof_are_small)
{
	char text[12001];

	begin("a.example");
	puppet_tls(p, "a.example", "b.example");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say("<db:result from='a.example' to='b.example'>");
	say(text);
	expect(ERROR("policy-violation"));
	end();
}
END_TEST

START_TEST(connections_of_one_address_are_bounded_until_they_are_proven)
{
	struct puppet *second;

	begin("a.example");
	b->limits.per_address = 1;
	second = puppet_connect(b, "a.example");
	servers_until(w, puppet_got(second, ERROR("policy-violation")));
	puppet_free(&second);
	puppet_tls(p, "a.example", "b.example");
	say("<db:result from='a.example' to='b.example'>key</db:result>");
	expect(VALID);
	second = puppet_connect(b, "a.example");
	puppet_header(second, "a.example", "b.example");
	servers_until(w, puppet_got(second, "starttls"));
	puppet_free(&second);
	end();
}
END_TEST

START_TEST(a_stream_that_moves_unproven_still_counts)
{
	struct puppet *second;

	begin("evil.example");
	b->moves = true;
	puppet_tls(p, "a.example", "b.example");
	say("<db:result from='a.example' to='b.example'>key</db:result>");
	servers_until(w, server_told(b, "verify key\n"));
	b->limits.per_address = 1;
	second = puppet_connect(b, "evil.example");
	puppet_tls(second, "a.example", "b.example");
	puppet_say(second, "<db:result from='a.example' to='b.example'>key</db:result>");
	servers_until(w, puppet_got(second, ERROR("policy-violation")));
	puppet_free(&second);
	end();
}
END_TEST

START_TEST(silence_ends_each_stage)
{
	begin("evil.example");
	b->limits.stage_ms = 100;
	puppet_free(&p);
	p = puppet_connect(b, "evil.example"); /* says nothing */
	expect(ERROR("connection-timeout"));
	puppet_free(&p);
	p = puppet_connect(b, "evil.example");
	puppet_header(p, "a.example", "b.example");
	expect(ERROR("connection-timeout"));
	puppet_free(&p);
	b->limits.stage_ms = 1000;
	p = puppet_connect(b, "evil.example");
	puppet_tls(p, "a.example", "b.example");
	say("<db:result from='a.example' to='b.example'>key</db:result>"); /* never answered */
	expect(ERROR("connection-timeout"));
	ck_assert(server_told(b, "gone does not answer in time\n"));
	end();
}
END_TEST

START_TEST(a_stream_dies_that_never_proves_anything)
{
	begin("evil.example");
	b->limits.login_ms = 1000;
	puppet_free(&p);
	p = puppet_connect(b, "evil.example");
	puppet_tls(p, "a.example", "b.example");
	while (!p->over) {
		say("<db:verify from='a.example' to='b.example' id='1'>k</db:verify>");
		for (int i = 0; i < 1000; i++)
			servers_turn(w);
	}
	ck_assert(puppet_got(p, ERROR("connection-timeout")));
	end();
}
END_TEST

START_TEST(a_quiet_stream_is_pinged_with_white_space)
{
	begin("a.example");
	b->limits.idle_ms = 100;
	puppet_tls(p, "a.example", "b.example");
	say("<db:result from='a.example' to='b.example'>key</db:result>");
	expect(VALID);
	p->n_bytes = 0;
	servers_until(w, p->n_bytes >= 3);
	ck_assert(!p->over);
	ck_assert_int_ge(s2s_idle_ms(server_incoming(b)), 300);
	end();
}
END_TEST

/* ---- what is connected to ---- */

static struct server *a;
static struct s2s *s;

#define HEADER \
	"<stream:stream xmlns='jabber:server' xmlns:stream='" NS_STREAM \
	"' id='i1' from='b.example' to='a.example' version='1.0'>"
#define FEATURES(inner) "<stream:features>" inner "</stream:features>"
#define STARTTLS FEATURES("<starttls xmlns='" NS_TLS "'/>")
#define MECHANISMS \
	"<mechanisms xmlns='" NS_SASL "'><mechanism>EXTERNAL</mechanism></mechanisms>"
#define BIDI "<bidi xmlns='urn:xmpp:features:bidi'/>"

/* a connects to a puppet that is b. */
static void begin_out(void)
{
	w = servers_open();
	a = server_new(w, "a.example", 1, 1, true);
	p = puppet_accept(a, "b.example", &s);
	expect("<stream from='a.example' to='b.example'>");
}

static void accept_tls(void)
{
	say(HEADER STARTTLS);
	expect("<secure/>\n<stream from='a.example' to='b.example'>");
}

START_TEST(who_offers_no_tls_is_left)
{
	begin_out();
	say(HEADER FEATURES(MECHANISMS));
	servers_until(w, a->n_gone == 1);
	ck_assert(server_told(a, "gone offers no TLS\n"));
	end();
}
END_TEST

START_TEST(who_is_too_old_is_left)
{
	begin_out();
	say("<stream:stream xmlns='jabber:server' xmlns:stream='" NS_STREAM "' id='1'>");
	servers_until(w, a->n_gone == 1);
	ck_assert(server_told(a, "gone does not speak XMPP 1.0\n"));
	end();
}
END_TEST

START_TEST(who_cannot_do_tls_is_left)
{
	begin_out();
	say(HEADER STARTTLS "<failure xmlns='" NS_TLS "'/></stream:stream>");
	servers_until(w, a->n_gone == 1);
	ck_assert(server_told(a, "gone cannot begin TLS\n"));
	end();
}
END_TEST

START_TEST(what_came_in_the_clear_is_forgotten)
{
	begin_out();
	p->accepts = false; /* the puppet itself does not begin TLS */
	say(HEADER STARTTLS);
	expect("<starttls");
	say("<proceed xmlns='" NS_TLS "'/>" HEADER FEATURES(MECHANISMS));
	for (int i = 0; i < 100; i++)
		servers_turn(w);
	ck_assert(!puppet_got(p, "<auth"));
	end();
}
END_TEST

START_TEST(a_failure_of_external_leads_to_dialback)
{
	begin_out();
	accept_tls();
	say(HEADER FEATURES(MECHANISMS BIDI));
	expect("<bidi xmlns='urn:xmpp:bidi'/>");
	expect("<auth xmlns='" NS_SASL "' mechanism='EXTERNAL'>YS5leGFtcGxl</auth>");
	say(FAILURE("not-authorized"));
	expect("<result xmlns='" NS_DIALBACK "' from='a.example' to='b.example'>");
	ck_assert(!server_told(a, "ready"));
	say("<db:result xmlns:db='" NS_DIALBACK
	    "' from='b.example' to='a.example' type='valid'/>");
	servers_until(w, server_told(a, "ready\n"));
	ck_assert(server_told(a, "authenticated a.example b.example certificate\n"));
	end();
}
END_TEST

START_TEST(an_answer_for_another_pair_is_no_answer)
{
	begin_out();
	accept_tls();
	say(HEADER FEATURES(""));
	expect("<result xmlns='" NS_DIALBACK "'");
	say("<db:result xmlns:db='" NS_DIALBACK
	    "' from='evil.example' to='a.example' type='valid'/>");
	say("<db:verify xmlns:db='" NS_DIALBACK
	    "' from='b.example' to='a.example' id='x' type='valid'/>");
	for (int i = 0; i < 100; i++)
		servers_turn(w);
	ck_assert(!server_told(a, "ready") && !server_told(a, "answered"));
	end();
}
END_TEST

START_TEST(a_valid_answer_before_the_question_is_none)
{
	begin_out();
	accept_tls();
	say(HEADER "<db:result xmlns:db='" NS_DIALBACK
	           "' from='b.example' to='a.example' type='valid'/>");
	for (int i = 0; i < 100; i++)
		servers_turn(w);
	ck_assert(!server_told(a, "ready"));
	end();
}
END_TEST

static void open_out(const char *features)
{
	accept_tls();
	say(HEADER);
	say(features);
	expect("<auth");
	say("<success xmlns='" NS_SASL "'/>");
	stream_restart(p->stream);
	buf_clear(&p->got);
	expect("<stream from='a.example'");
	say(HEADER FEATURES("<sm xmlns='urn:xmpp:sm:3'/>"));
	servers_until(w, server_told(a, "ready\n"));
	ck_assert(s2s_offers_sm(s));
}

START_TEST(stanzas_against_the_direction_end_the_stream)
{
	begin_out();
	open_out(FEATURES(MECHANISMS));
	say("<message from='y@b.example' to='x@a.example'/>");
	expect(ERROR("unsupported-stanza-type"));
	ck_assert(!server_told(a, "element"));
	ck_assert(!server_told(a, "authenticated"));
	end();
}
END_TEST

START_TEST(stanzas_come_back_where_both_agreed)
{
	begin_out();
	open_out(FEATURES(MECHANISMS BIDI));
	say("<message from='y@b.example' to='x@a.example'/>"
	    "<db:result xmlns:db='" NS_DIALBACK
	    "' from='c.example' to='a.example'>k</db:result>");
	servers_until(w, server_told(a, "element <message xmlns='jabber:client'"));
	expect("<resource-constraint"); /* it takes a connection of its own */
	end();
}
END_TEST

START_TEST(stream_management_passes_upward)
{
	begin_out();
	open_out(FEATURES(MECHANISMS));
	say("<enabled xmlns='urn:xmpp:sm:3'/>");
	servers_until(w, server_told(a, "element <enabled"));
	end();
}
END_TEST

START_TEST(the_peers_error_is_told)
{
	begin_out();
	say(HEADER "<stream:error>" ERROR(
		"host-unknown") "<text xmlns='" NS_STREAM_ERROR
	                        "'>nobody&#10;here</text></stream:error></stream:stream>");
	servers_until(w, a->n_gone == 1);
	ck_assert(server_told(a, "gone says host-unknown: nobody here\n"));
	end();
}
END_TEST

START_TEST(a_long_error_is_cut)
{
	char text[2000];

	begin_out();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say(HEADER "<stream:error>" ERROR("host-unknown") "<text xmlns='" NS_STREAM_ERROR "'>");
	say(text);
	say("</text></stream:error></stream:stream>");
	servers_until(w, a->n_gone == 1);
	ck_assert_uint_lt(a->told.n, 300);
	end();
}
END_TEST

START_TEST(a_peer_that_hangs_is_left_at_each_stage)
{
	static const char *const words[] = { NULL, HEADER, HEADER STARTTLS };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		begin_out();
		puppet_free(&p);
		a->limits.stage_ms = 100;
		p = puppet_accept(a, "b.example", &s);
		p->accepts = false;
		if (words[i] != NULL)
			say(words[i]);
		servers_until(w, server_told(a, "gone does not answer in time\n"));
		end();
	}
}
END_TEST

START_TEST(a_peer_that_breaks_off_is_told_where)
{
	begin_out();
	accept_tls();
	say(HEADER FEATURES(""));
	expect("<result");
	puppet_free(&p);
	servers_until(w, a->n_gone == 1);
	ck_assert(server_told(a, "gone ended the connection during dialback\n"));
	servers_close(&w);
}
END_TEST

CHECK_MAIN("s2s_peer", a_header_needs_an_address_that_is_served, our_header_answers_theirs,
           servers_from_before_xmpp_1_0_are_refused, nothing_passes_in_the_clear,
           a_certificate_of_another_domain_is_not_offered_external,
           a_certificate_of_another_domain_is_refused_where_it_has_to_prove,
           external_is_for_the_domain_of_the_header_alone, refusals_of_one_stream_are_bounded,
           the_pair_stays_the_same_after_sasl, nothing_passes_before_anything_is_proven,
           answers_unasked_for_end_the_stream, dialback_to_a_domain_elsewhere_is_an_error,
           more_pairs_come_by_dialback, pairs_of_one_stream_are_bounded,
           one_question_at_a_time_for_a_pair, a_verdict_for_nobody_is_dropped,
           bidi_is_agreed_on_before_the_proof, bytes_that_come_too_fast_wait,
           elements_before_the_proof_are_small,
           connections_of_one_address_are_bounded_until_they_are_proven,
           a_stream_that_moves_unproven_still_counts, silence_ends_each_stage,
           a_stream_dies_that_never_proves_anything, a_quiet_stream_is_pinged_with_white_space,
           who_offers_no_tls_is_left, who_is_too_old_is_left, who_cannot_do_tls_is_left,
           what_came_in_the_clear_is_forgotten, a_failure_of_external_leads_to_dialback,
           an_answer_for_another_pair_is_no_answer, a_valid_answer_before_the_question_is_none,
           stanzas_against_the_direction_end_the_stream, stanzas_come_back_where_both_agreed,
           stream_management_passes_upward, the_peers_error_is_told, a_long_error_is_cut,
           a_peer_that_hangs_is_left_at_each_stage, a_peer_that_breaks_off_is_told_where)
