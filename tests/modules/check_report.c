/*
 * check_report.c - reports of abuse that come with a block (XEP-0377).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/capture.h"
#include "tests/modules/ask.h"

#define BLOCK(items) "<block xmlns='urn:xmpp:blocking'>" items "</block>"
#define LIST(items) "<blocklist xmlns='urn:xmpp:blocking'>" items "</blocklist>"
#define REPORT(reason, inner) \
	"<report xmlns='urn:xmpp:reporting:1' reason='" reason "'>" inner "</report>"
#define SPAM "urn:xmpp:reporting:spam"
#define SID(id) "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@a.example' id='" id "'/>"

static struct world *w;
static struct client *romeo, *juliet;

static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, "juliet@a.example", "x");
	world_account(w, "iago@b.example", "x");
	romeo = client_login(w, "romeo@a.example/one");
	juliet = client_online(w, "juliet@a.example/balcony", 0);
}

static void end(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}

static void command(struct client *c, const char *payload)
{
	ask_result(c, "set", "", payload, "");
}

START_TEST(a_report_reaches_the_administrators_and_the_log)
{
	struct capture log;
	struct str said;
	struct client *admin;

	begin("admins = { \"juliet@a.example\", \"iago@b.example\" }");
	admin = client_online(w, "iago@b.example/desk", 0);
	log_set_level(LOG_INFO);
	capture_begin(&log);
	command(romeo, BLOCK("<item jid='eve@c.example/x'>" REPORT(
			       SPAM, SID("1") SID("2") "<text xml:lang='en'> Buy &lt;this&gt; "
						       "</text><report-origin/>") "</item>"));
	for (int i = 0; i < 2; i++)
		client_expect(i == 0 ? juliet : admin,
		              "<message from='a.example' type='-' id='*'><subject>Report: "
		              "spam</subject>"
		              "<body>romeo@a.example has blocked eve@c.example/x and reports: "
		              "spam\n\n"
		              "Buy &lt;this&gt;</body>"
		              "<addresses xmlns='http://jabber.org/protocol/address'>"
		              "<address type='ofrom' jid='romeo@a.example'/></addresses>"
		              "<item xmlns='urn:xmpp:blocking' jid='eve@c.example/x'>" REPORT(
				      SPAM,
				      SID("1")
					      SID("2") "<text xml:lang='en'>"
						       "Buy &lt;this&gt;</text>"
						       "<report-origin/>") "</item></message>");
	ask_result(romeo, "get", "", LIST(""), LIST("<item jid='eve@c.example/x'/>"));
	said = capture_end(&log, w->arena);
	log_set_level(LOG_ERROR);
	ck_assert_says(said, "account romeo@a.example: reports eve@c.example/x: spam");
	ck_assert(memmem(said.p, said.n, "Buy", 3) == NULL);
	client_drop(&admin);
	end();
}
END_TEST

START_TEST(a_report_without_a_reason_is_left_out_and_its_block_is_not)
{
	begin("admins = { \"juliet@a.example\" }");
	command(romeo,
	        BLOCK("<item jid='a@b.c'><report xmlns='urn:xmpp:reporting:1'/></item>"
	              "<item jid='d@e.f'>" REPORT(
			      "", "") "</item>"
	                              "<item jid='g@h.i'><report reason='" SPAM "'/></item>"));
	ask_result(romeo, "get", "", LIST(""),
	           LIST("<item jid='a@b.c'/><item jid='d@e.f'/><item jid='g@h.i'/>"));
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

START_TEST(a_report_waits_for_an_administrator_who_is_away)
{
	begin("admins = { \"juliet@a.example\" }");
	client_close(&juliet);
	command(romeo, BLOCK("<item jid='a@b.c'>" REPORT(SPAM, "") "</item>"));
	client_drop(&romeo);
	world_restart(w);
	juliet = client_online(w, "juliet@a.example/balcony", 0);
	client_expect(juliet, "<message from='a.example'><subject>Report: spam</subject>"
	                      "<item xmlns='urn:xmpp:blocking' jid='a@b.c'/></message>");
	romeo = client_login(w, "romeo@a.example/one");
	end();
}
END_TEST

START_TEST(reports_have_bounds)
{
	const struct xml_node *message;

	begin("admins = { \"juliet@a.example\" } blocking { report-text = 5 report-stanzas = 1 "
	      "reports-per-hour = 2 }");
	command(romeo,
	        BLOCK("<item jid='a@b.c'>" REPORT(
			SPAM, SID("1") SID("2") "<text>abc\xc3\xa4\xc3\xb6</text>") "</item>"));
	message = client_expect(
		juliet, "<message><item xmlns='urn:xmpp:blocking'>" REPORT(
				SPAM, SID("1") "<text>abc\xc3\xa4</text>") "</item></message>");
	message = xml_child(xml_child(message, NS_BLOCKING, "item"), NS_REPORTING, "report");
	ck_assert_ptr_eq(message->first->next->next, NULL);
	for (int i = 0; i < 3; i++)
		command(romeo, BLOCK("<item jid='d@e.f'>" REPORT("urn:xmpp:reporting:abuse",
		                                                 "") "</item>"));
	client_expect(juliet, "<message><subject>Report: abuse</subject></message>");
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

START_TEST(a_report_whose_block_fails_is_not_kept)
{
	begin("admins = { \"juliet@a.example\" } blocking { items = 1 }");
	ask_error(romeo, "set", "",
	          BLOCK("<item jid='a@b.c'>" REPORT(SPAM, "") "</item>"
	                                                      "<item jid='d@e.f'/>"),
	          "resource-constraint");
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

CHECK_MAIN("report", a_report_reaches_the_administrators_and_the_log,
           a_report_without_a_reason_is_left_out_and_its_block_is_not,
           a_report_waits_for_an_administrator_who_is_away, reports_have_bounds,
           a_report_whose_block_fails_is_not_kept)
