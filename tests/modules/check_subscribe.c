/*
 * check_subscribe.c - subscriptions and the presence of contacts, as two users' devices see them
 * (RFC 6121 §3, §4).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define GET_ROSTER "<query xmlns='jabber:iq:roster'/>"
#define PUSH(attrs) \
	"<iq type='set'><query xmlns='jabber:iq:roster'><item " attrs "/></query></iq>"
#define REMOVE(jid) \
	"<query xmlns='jabber:iq:roster'><item jid='" jid "' subscription='remove'/></query>"

static struct world *w;

/* Available, and interested in the roster. */
static struct client *online(const char *full)
{
	struct client *c = client_login(w, full);

	ask(c, "get", "", GET_ROSTER);
	client_send(c, "<presence/>");
	client_expectf(c, "<presence from='%s' type='-'/>", full);
	return c;
}

static void begin(void)
{
	w = ask_world(NULL);
	world_account(w, "juliet@a.example", "x");
}

/* Romeo may see Juliet and she him, both sessions knowing of it. */
static void befriend(struct client *romeo, struct client *juliet)
{
	client_send(romeo, "<presence type='subscribe' to='juliet@a.example'/>");
	client_expect(romeo,
	              PUSH("jid='juliet@a.example' ask='subscribe' subscription='none'"));
	client_expect(juliet, "<presence type='subscribe' from='romeo@a.example'/>");
	client_send(juliet, "<presence type='subscribed' to='romeo@a.example'/>");
	client_expect(juliet, PUSH("jid='romeo@a.example' subscription='from'"));
	client_expect(romeo, "<presence type='subscribed' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' ask='-' subscription='to'"));
	client_expectf(romeo, "<presence type='-' from='%s'/>", juliet->jid);
	client_send(juliet, "<presence type='subscribe' to='romeo@a.example'/>");
	client_expect(juliet,
	              PUSH("jid='romeo@a.example' ask='subscribe' subscription='from'"));
	client_expect(romeo, "<presence type='subscribe' from='juliet@a.example'/>");
	client_send(romeo, "<presence type='subscribed' to='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='both'"));
	client_expect(juliet, "<presence type='subscribed' from='romeo@a.example'/>");
	client_expect(juliet, PUSH("jid='romeo@a.example' subscription='both'"));
	client_expectf(juliet, "<presence type='-' from='%s'/>", romeo->jid);
}

START_TEST(two_users_come_to_see_one_another)
{
	struct client *romeo, *juliet;

	begin();
	romeo = online("romeo@a.example/r");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	client_send(romeo, "<presence id='p'><show>away</show><x xmlns='urn:x'/></presence>");
	client_expect(romeo, "<presence/>");
	client_expect(juliet,
	              "<presence from='romeo@a.example/r' to='juliet@a.example' type='-'>"
	              "<show>away</show><x xmlns='urn:x'/></presence>");
	client_send(romeo, "<presence type='unavailable'><status>off</status></presence>");
	client_expect(romeo, "<presence type='unavailable'/>");
	client_expect(juliet, "<presence from='romeo@a.example/r' type='unavailable'>"
	                      "<status>off</status></presence>");
	client_send(romeo, "<presence/>");
	client_expect(romeo, "<presence from='romeo@a.example/r'/>");
	client_expect(juliet, "<presence from='romeo@a.example/r' type='-'/>");
	client_expect(romeo, "<presence from='juliet@a.example/j' type='-'/>"); /* probed */
	client_drop(&romeo);
	client_expect(juliet, "<presence from='romeo@a.example/r' type='unavailable'/>");
	client_settle(juliet);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(subscriptions_outlive_the_server)
{
	struct client *romeo, *juliet;

	begin();
	romeo = online("romeo@a.example/r");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = online("romeo@a.example/r");
	/* who is away is told to be so (§4.3.2), and who was seen before to be gone */
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example/j'/>");
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example'/>");
	juliet = online("juliet@a.example/j");
	client_expect(romeo, "<presence type='-' from='juliet@a.example/j'/>");
	client_expect(juliet, "<presence type='-' from='romeo@a.example/r'/>");
	client_expect_nothing(romeo, juliet);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(a_request_waits_for_its_user_and_is_shown_at_each_login_until_it_is_answered)
{
	struct client *romeo, *juliet;

	begin();
	romeo = online("romeo@a.example/r");
	client_send(romeo, "<presence type='subscribe' to='juliet@a.example/balcony' id='s'>"
	                   "<status>Hi</status></presence>");
	client_expect(romeo, PUSH("jid='juliet@a.example' ask='subscribe'"));
	client_settle(romeo);
	world_restart(w);
	client_drop(&romeo);
	for (int i = 0; i < 2; i++) {
		juliet = client_login(w, "juliet@a.example/j");
		ask_result(juliet, "get", "", GET_ROSTER, GET_ROSTER); /* not a contact yet */
		client_expect_nothing(juliet, juliet);
		client_send(juliet, "<presence/>");
		client_expect(juliet, "<presence from='juliet@a.example/j'/>");
		client_expect(juliet, "<presence type='subscribe' from='romeo@a.example' "
		                      "to='juliet@a.example'><status>Hi</status></presence>");
		client_send(juliet, "<presence><show>dnd</show></presence>"); /* no new login */
		client_expect(juliet, "<presence/>");
		client_expect_nothing(juliet, juliet);
		client_drop(&juliet);
	}
	/* a second request is none */
	romeo = online("romeo@a.example/r");
	client_send(romeo, "<presence type='subscribe' to='juliet@a.example'/>");
	juliet = online("juliet@a.example/j");
	client_expect(juliet, "<presence type='subscribe' from='romeo@a.example'/>");
	client_send(juliet, "<presence type='unsubscribed' to='romeo@a.example'/>");
	client_expect(romeo, "<presence type='unsubscribed' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='none' ask='-'"));
	client_drop(&juliet);
	juliet = online("juliet@a.example/j");
	client_expect_nothing(juliet, romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(requests_that_wait_have_a_bound)
{
	struct client *romeo, *tybalt, *juliet;

	w = ask_world("roster { requests = 1 }");
	world_account(w, "juliet@a.example", "x");
	world_account(w, "tybalt@a.example", "x");
	romeo = online("romeo@a.example/r");
	tybalt = online("tybalt@a.example/t");
	client_send(romeo, "<presence type='subscribe' to='juliet@a.example'/>");
	client_expect(romeo, PUSH("ask='subscribe'"));
	client_settle(romeo);
	client_send(tybalt, "<presence type='subscribe' to='juliet@a.example'/>");
	client_expect(tybalt, PUSH("ask='subscribe'"));
	client_settle(tybalt);
	juliet = online("juliet@a.example/j");
	client_expect(juliet, "<presence type='subscribe' from='romeo@a.example'/>");
	client_expect_nothing(juliet, romeo);
	client_send(juliet, "<presence type='unsubscribed' to='romeo@a.example'/>");
	client_settle(juliet);
	client_drop(&tybalt);
	tybalt = online("tybalt@a.example/t"); /* asks again (§3.1.2) */
	client_expect(juliet, "<presence type='subscribe' from='tybalt@a.example'/>");
	client_drop(&romeo);
	client_drop(&tybalt);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(who_was_approved_in_advance_is_granted_at_once)
{
	struct client *romeo, *juliet;

	begin();
	juliet = online("juliet@a.example/j");
	client_send(juliet, "<presence type='subscribed' to='romeo@a.example'/>");
	client_expect(juliet,
	              PUSH("jid='romeo@a.example' subscription='none' approved='true'"));
	romeo = online("romeo@a.example/r");
	client_send(romeo, "<presence type='subscribe' to='juliet@a.example'/>");
	client_expect(romeo, PUSH("ask='subscribe'"));
	client_expect(romeo, "<presence type='subscribed' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='to'"));
	client_expect(romeo, "<presence from='juliet@a.example/j' type='-'/>");
	client_expect(juliet, PUSH("jid='romeo@a.example' subscription='from' approved='-'"));
	client_expect_nothing(juliet, romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(a_subscription_that_is_taken_back_ends_what_was_seen)
{
	struct client *romeo, *juliet;

	begin();
	romeo = online("romeo@a.example/r");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	client_send(juliet, "<presence type='unsubscribed' to='romeo@a.example'/>");
	client_expect(juliet, PUSH("jid='romeo@a.example' subscription='to'"));
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example/j'/>");
	client_expect(romeo, "<presence type='unsubscribed' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='from'"));
	client_send(juliet, "<presence type='unsubscribe' to='romeo@a.example'/>");
	client_expect(juliet, PUSH("jid='romeo@a.example' subscription='none'"));
	client_expect(romeo, "<presence type='unsubscribe' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='none'"));
	client_expect(juliet, "<presence type='unavailable' from='romeo@a.example/r'/>");
	client_send(romeo, "<presence><show>xa</show></presence>");
	client_expect(romeo, "<presence/>");
	client_expect_nothing(juliet, romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(a_contact_that_is_removed_is_told_of_all_that_ends)
{
	struct client *romeo, *juliet;

	begin();
	romeo = online("romeo@a.example/r");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	client_send(juliet, "<iq type='set' id='x'>" REMOVE("romeo@a.example") "</iq>");
	client_expect(juliet, PUSH("jid='romeo@a.example' subscription='remove'"));
	client_expect(juliet, "<iq type='result' id='x'/>");
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example/j'/>");
	client_expect(romeo, "<presence type='unsubscribe' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='to'"));
	client_expect(romeo, "<presence type='unsubscribed' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='none'"));
	client_expect(juliet, "<presence type='unavailable' from='romeo@a.example/r'/>");
	client_expect_nothing(juliet, romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(an_account_that_is_removed_tells_its_contacts)
{
	struct client *romeo, *juliet;

	begin();
	romeo = online("romeo@a.example/r");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	client_send(juliet, "<iq type='set' id='x'><query xmlns='jabber:iq:register'><remove/>"
	                    "</query></iq>");
	client_expect(juliet, "<iq type='result' id='x'/>");
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example/j'/>");
	client_expect(romeo, "<presence type='unsubscribe' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='to'"));
	client_expect(romeo, "<presence type='unsubscribed' from='juliet@a.example'/>");
	client_expect(romeo, PUSH("jid='juliet@a.example' subscription='none'"));
	client_settle(romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(a_probe_is_answered_to_who_may_see)
{
	struct client *romeo, *tybalt, *juliet;

	begin();
	world_account(w, "tybalt@a.example", "x");
	romeo = online("romeo@a.example/r");
	tybalt = online("tybalt@a.example/t");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	client_send(romeo, "<presence type='probe' to='juliet@a.example'/>");
	client_expect(romeo, "<presence from='juliet@a.example/j' to='romeo@a.example/r'/>");
	client_send(romeo, "<presence type='probe' to='juliet@a.example/j'/>");
	client_expect(romeo, "<presence from='juliet@a.example/j' to='romeo@a.example/r'/>");
	client_send(romeo, "<presence type='probe' to='juliet@a.example/gone'/>");
	client_expect(romeo, "<presence from='juliet@a.example/gone' type='unavailable'/>");
	/* strangers learn the same of her and of nobody, and it changes nothing for them */
	client_send(tybalt, "<presence type='probe' to='juliet@a.example'/>");
	client_send(tybalt, "<presence type='probe' to='nobody@a.example'/>");
	client_expect_nothing(tybalt, tybalt);
	client_expect_nothing(juliet, tybalt);
	client_drop(&romeo);
	client_drop(&tybalt);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(presence_of_a_negative_priority_is_shown_and_a_silent_session_is_not)
{
	struct client *romeo, *juliet, *silent;

	begin();
	romeo = online("romeo@a.example/r");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	silent = client_login(w, "juliet@a.example/silent");
	client_send(juliet, "<presence><priority>-1</priority></presence>");
	client_expect(juliet, "<presence/>");
	client_expect(romeo,
	              "<presence from='juliet@a.example/j'><priority>-1</priority></presence>");
	client_drop(&silent);
	client_expect_nothing(romeo, juliet);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(directed_presence_is_taken_back_once_however_the_session_goes)
{
	struct client *romeo, *juliet, *tybalt;

	begin();
	world_account(w, "tybalt@a.example", "x");
	juliet = online("juliet@a.example/j");
	tybalt = online("tybalt@a.example/t");
	romeo = online("romeo@a.example/r");
	befriend(romeo, juliet);
	for (int how = 0; how < 3; how++) {
		client_send(romeo, "<presence id='1' to='tybalt@a.example/t'/>");
		client_send(romeo, "<presence id='2' to='tybalt@a.example'/>");
		client_send(romeo, "<presence id='3' to='juliet@a.example'/>");
		client_expect(tybalt, "<presence id='1' from='romeo@a.example/r'/>");
		client_expect(tybalt, "<presence id='2' from='romeo@a.example/r'/>");
		client_expect(juliet, "<presence id='3' from='romeo@a.example/r'/>");
		client_send(romeo,
		            "<presence id='4' type='unavailable' to='tybalt@a.example'/>");
		client_expect(tybalt, "<presence id='4' type='unavailable'/>");
		if (how == 0)
			client_drop(&romeo);
		else if (how == 1)
			client_close(&romeo);
		else
			client_send(romeo, "<presence type='unavailable'/>");
		client_expect(tybalt, "<presence type='unavailable' from='romeo@a.example/r' "
		                      "to='tybalt@a.example/t'/>");
		client_expect_nothing(tybalt, juliet);
		client_expect(juliet, "<presence type='unavailable' from='romeo@a.example/r' "
		                      "to='juliet@a.example'/>");
		client_settle(juliet);
		if (how < 2) {
			romeo = online("romeo@a.example/r");
			client_expect(juliet, "<presence type='-'/>");
			client_expect(romeo, "<presence from='juliet@a.example/j'/>");
		}
	}
	client_drop(&romeo);
	client_drop(&juliet);
	client_drop(&tybalt);
	world_free(&w);
}
END_TEST

START_TEST(directed_presence_has_a_bound)
{
	struct client *romeo;

	w = ask_world("presence { directed = 1 }");
	romeo = online("romeo@a.example/r");
	client_send(romeo, "<presence to='a@a.example'/>");
	client_send(romeo, "<presence to='a@a.example'/>");
	client_send(romeo, "<presence id='b' to='b@a.example'/>");
	client_expect(romeo,
	              "<presence id='b' type='error'><error><resource-constraint "
	              "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
	client_send(romeo, "<presence type='unavailable' to='a@a.example'/>");
	client_send(romeo, "<presence to='b@a.example'/>");
	client_settle(romeo);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(an_account_and_itself_need_no_subscription)
{
	struct client *one, *two;

	begin();
	one = online("romeo@a.example/one");
	two = online("romeo@a.example/two");
	client_expect(one, "<presence from='romeo@a.example/two'/>");
	client_expect(two, "<presence from='romeo@a.example/one'/>");
	client_send(one, "<presence type='subscribe' to='romeo@a.example'/>");
	client_send(one, "<presence type='unsubscribed' to='romeo@a.example/two'/>");
	client_expect_nothing(one, one);
	client_expect_nothing(two, one);
	client_send(one, "<presence type='probe' to='romeo@a.example'/>");
	client_expect(one, "<presence from='romeo@a.example/one'/>");
	client_expect(one, "<presence from='romeo@a.example/two'/>");
	client_drop(&one);
	client_drop(&two);
	world_free(&w);
}
END_TEST

START_TEST(what_only_one_side_still_knows_of_is_mended)
{
	struct client *romeo, *juliet;

	begin();
	romeo = online("romeo@a.example/r");
	juliet = online("juliet@a.example/j");
	befriend(romeo, juliet);
	/* she has forgotten him, as if his account had been made anew */
	client_send(juliet, "<iq type='set' id='x'><query xmlns='jabber:iq:register'><remove/>"
	                    "</query></iq>");
	client_expect(juliet, "<iq type='result'/>");
	client_drop(&juliet);
	client_expect(romeo, "<presence type='unavailable'/>");
	client_drop(&romeo);
	romeo = online("romeo@a.example/r");
	client_send(romeo, "<presence type='subscribe' to='nobody@a.example'/>");
	client_expect(romeo, PUSH("jid='nobody@a.example' ask='subscribe'"));
	client_settle(romeo);
	client_drop(&romeo);
	world_account(w, "nobody@a.example", "x");
	/* what was asked of nobody is asked again */
	juliet = online("nobody@a.example/n");
	romeo = online("romeo@a.example/r");
	client_expect(juliet, "<presence type='subscribe' from='romeo@a.example'/>");
	/* granted before, it is granted again, and shown to nobody again */
	client_send(juliet, "<presence type='subscribed' to='romeo@a.example'/>");
	client_expect(juliet, PUSH("jid='romeo@a.example' subscription='from'"));
	client_expect(romeo, "<presence type='subscribed'/>");
	client_expect(romeo, PUSH("jid='nobody@a.example' subscription='to'"));
	client_expect(romeo, "<presence from='nobody@a.example/n'/>");
	client_send(romeo, "<presence type='subscribe' to='nobody@a.example'/>");
	client_expect_nothing(romeo, romeo);
	client_expect_nothing(juliet, romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

CHECK_MAIN("subscribe", two_users_come_to_see_one_another, subscriptions_outlive_the_server,
           a_request_waits_for_its_user_and_is_shown_at_each_login_until_it_is_answered,
           requests_that_wait_have_a_bound, who_was_approved_in_advance_is_granted_at_once,
           a_subscription_that_is_taken_back_ends_what_was_seen,
           a_contact_that_is_removed_is_told_of_all_that_ends,
           an_account_that_is_removed_tells_its_contacts, a_probe_is_answered_to_who_may_see,
           presence_of_a_negative_priority_is_shown_and_a_silent_session_is_not,
           directed_presence_is_taken_back_once_however_the_session_goes,
           directed_presence_has_a_bound, an_account_and_itself_need_no_subscription,
           what_only_one_side_still_knows_of_is_mended)
