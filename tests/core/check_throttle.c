/*
 * check_throttle.c - guesses at passwords: slowed down by account and by address, and nobody is locked out.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/entity.h"
#include "server/stream/c2s_private.h"
#include "tests/core/court.h"

#define FREE_BY_ACCOUNT 11 /* guesses at one account that wait for nothing */
#define FREE_BY_ADDRESS 21 /* guesses of one address */
#define WAITING_MAX 32     /* lookups of one account that wait at once */
#define TRIES 5            /* on one stream */

static struct world *w;

static void begin(void)
{
	w = court_world(1);
	world_account(w, "romeo@a.example", "secret");
}

static struct client *come_from(int address)
{
	return client_open(
		w, &(struct client_options){
			   .address = arena_printf(w->arena, "192.0.2.%d", address).p });
}

/* N wrong guesses, TRIES on each stream; each from an address of its own when SPREAD. */
static void guess(const char *user, int n, bool spread)
{
	struct client *c = NULL;

	for (int i = 0; i < n; i++) {
		if (i % TRIES == 0) {
			if (c != NULL)
				client_drop(&c);
			c = come_from(spread ? 100 + i : 100);
		}
		ck_assert(!client_authenticate(c, user, "wrong"));
	}
	client_drop(&c);
}

/* ---- what waits ---- */

static void count_lookups(struct core *core, struct world_call *call)
{
	int n = 0;

	for (struct entity *e = core->entities; e != NULL; e = e->hh.next)
		n += (int)e->n_lookups;
	world_answer(call, n);
}

static void count_delayed(struct core *core, struct world_call *call)
{
	struct c2s *c;
	int n = 0;

	TAILQ_FOREACH(c, &core->c2s.all, link)
		n += c->delaying;
	world_answer(call, n);
}

static void send_guess(struct client *c, const char *plain_base64)
{
	client_printf(
		c, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>",
		plain_base64);
}

#define ROMEO_WRONG "AHJvbWVvAHdyb25n"      /* \0romeo\0wrong */
#define NOBODY_WRONG "AG5vYm9keQB3cm9uZw==" /* \0nobody\0wrong */

static void wait_until(void (*number)(struct core *core, struct world_call *call), int n)
{
	while (world_ask(w, 0, number, NULL) < n)
		;
}

START_TEST(a_few_wrong_guesses_cost_nothing)
{
	begin();
	guess("romeo", FREE_BY_ACCOUNT, true);
	ck_assert_int_eq(world_ask(w, 0, count_lookups, NULL), 0);
	world_free(&w);
}
END_TEST

START_TEST(more_guesses_at_an_account_wait_wherever_they_come_from)
{
	struct client *c;

	begin();
	guess("romeo", FREE_BY_ACCOUNT, true);
	c = come_from(1);
	send_guess(c, ROMEO_WRONG);
	wait_until(count_lookups, 1);
	client_expect(c,
	              "<failure "
	              "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(an_account_that_does_not_exist_is_guarded_just_so)
{
	struct client *c;

	begin();
	guess("nobody", FREE_BY_ACCOUNT, true);
	c = come_from(1);
	send_guess(c, NOBODY_WRONG);
	wait_until(count_lookups, 1);
	client_expect(c,
	              "<failure "
	              "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(the_owner_does_not_wait_where_it_came_from_before)
{
	struct client *owner, *all[WAITING_MAX], *more;

	begin();
	owner = come_from(7);
	ck_assert(client_authenticate(owner, "romeo", "secret"));
	client_drop(&owner);
	guess("romeo", FREE_BY_ACCOUNT, true);
	for (int i = 0; i < WAITING_MAX; i++) {
		all[i] = come_from(20 + i);
		send_guess(all[i], ROMEO_WRONG);
	}
	wait_until(count_lookups, WAITING_MAX);
	more = come_from(8);
	send_guess(more, ROMEO_WRONG); /* no room for it to wait in */
	client_expect(
		more,
		"<failure "
		"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure/></failure>");
	owner = come_from(7);
	ck_assert(client_authenticate(owner, "romeo", "secret"));
	client_drop(&owner);
	client_drop(&more);
	for (int i = 0; i < WAITING_MAX; i++)
		client_drop(&all[i]);
	world_free(&w);
}
END_TEST

START_TEST(guesses_at_other_accounts_do_not_count_for_this_one)
{
	struct client *c;

	begin();
	world_account(w, "juliet@a.example", "secret");
	guess("romeo", FREE_BY_ACCOUNT + 2, true);
	c = come_from(1);
	ck_assert(client_authenticate(c, "juliet", "secret"));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(guesses_of_one_address_wait_at_whatever_account)
{
	struct client *c, *other;

	begin();
	for (int i = 0; i < FREE_BY_ADDRESS; i++)
		guess(arena_printf(w->arena, "user%d", i).p, 1, false);
	c = come_from(100);
	send_guess(c, ROMEO_WRONG);
	wait_until(count_delayed, 1);
	other = come_from(1);
	ck_assert(client_authenticate(other, "romeo", "secret"));
	client_drop(&other);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_stream_has_five_tries)
{
	struct client *c;

	begin();
	c = come_from(1);
	for (int i = 0; i < TRIES; i++)
		ck_assert(!client_authenticate(c, "romeo", "wrong"));
	client_expect_end(c, "policy-violation");
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("throttle", a_few_wrong_guesses_cost_nothing,
           more_guesses_at_an_account_wait_wherever_they_come_from,
           an_account_that_does_not_exist_is_guarded_just_so,
           the_owner_does_not_wait_where_it_came_from_before,
           guesses_at_other_accounts_do_not_count_for_this_one,
           guesses_of_one_address_wait_at_whatever_account, a_stream_has_five_tries)
