/*
 * check_elsewhere.c - a host whose passwords another program knows: logins, accounts made by them, and its absence.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/core/account.h"
#include "server/ctl/admin.h"
#include "server/shard/errand.h"
#include "tests/core/court.h"
#include "tests/lib/saslauthd.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define SASL_FAILURE(what) \
	"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><" what "/></failure>"
#define FREE_BY_ACCOUNT 11 /* guesses at one account that wait for nothing */

static struct world *w;
static struct saslauthd *d;

static const struct world_options options = {
	.host = "passwords = saslauthd\nsaslauthd-socket = \"mux\"\nsaslauthd-timeout = 1\n",
	.modules = court,
	.shards = 2,
};

static void begin(void)
{
	w = world_prepare(&options);
	d = saslauthd_new(world_file(w, "mux"));
	ck_assert_int_eq(world_start(w), 0);
}

/* Threads that hang end with the daemon, before what they were sent from does. */
static void end(void)
{
	if (d != NULL)
		saslauthd_free(&d);
	world_free(&w);
}

static struct client *come_from(int address)
{
	return client_open(
		w, &(struct client_options){
			   .address = arena_printf(w->arena, "192.0.2.%d", address).p });
}

static bool can_log_in(const char *user, const char *password)
{
	struct client *c = client_open(w, NULL);
	bool can = client_authenticate(c, user, password);

	client_drop(&c);
	return can;
}

static void send_plain(struct client *c, const char *base64)
{
	client_printf(
		c, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>",
		base64);
}

#define JULIET_RIGHT "AGp1bGlldAByaWdodA=="
#define ROMEO_SECRET "AHJvbWVvAHNlY3JldA=="
#define JULIET_HANG "AGp1bGlldABoYW5n"
#define JULIET_CLOSE "AGp1bGlldABjbG9zZQ=="

/* At b.example, where passwords are hashed on the pool. */
static void romeo_logs_in(struct client *c)
{
	send_plain(c, ROMEO_SECRET);
	client_expect(c, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

/* ---- accounts ---- */

struct inspection {
	struct entity_waiter waiter;
	struct world_call *call;
	struct account account;
};

static void inspect_ready(struct entity *e, struct entity_waiter *waiter)
{
	struct inspection *i = CONTAINER_OF(waiter, struct inspection, waiter);
	int err = account_read(e, &i->account);

	entity_unpin(e);
	world_answer(i->call, err);
}

static const char *inspected;

static void inspect(struct core *core, struct world_call *call)
{
	struct inspection *i = call->arg;
	struct jid jid = world_jid(w, inspected);

	i->call = call;
	i->waiter.run = inspect_ready;
	entity_when_ready(entity_at(core, host_find(core, jid_domain(jid)), jid), &i->waiter);
}

/* The record of JID, or the error. */
static int account_of(const char *jid, struct account *account_out)
{
	struct inspection i = { 0 };
	int err;

	inspected = jid;
	err = world_ask(w, world_owner(w, jid), inspect, &i);
	if (account_out != NULL)
		*account_out = i.account;
	return err;
}

START_TEST(the_first_login_makes_an_account_without_verifiers)
{
	struct account account;

	begin();
	for (int i = 0; i < 4; i++) { /* on either shard */
		const char *name = arena_printf(w->arena, "user%d", i).p;
		const char *jid = arena_printf(w->arena, "%s@a.example", name).p;

		ck_assert_int_eq(account_of(jid, NULL), ERR_NOENT);
		ck_assert(can_log_in(name, "right"));
		ck_assert_int_eq(account_of(jid, &account), 0);
		for (int kind = 0; kind < VERIFIERS; kind++)
			ck_assert(!account.verifiers.has[kind]);
		ck_assert(!account.disabled);
		ck_assert(can_log_in(name, "right"));
	}
	end();
}
END_TEST

START_TEST(the_account_is_on_disk_before_success)
{
	struct client *c;
	int status;
	pid_t child;

	w = world_prepare(&options);
	child = fork();
	if (child == 0) {
		d = saslauthd_new(world_file(w, "mux"));
		if (world_start(w) != 0)
			_exit(1);
		c = client_open(w, NULL);
		if (!client_authenticate(c, "juliet", "right"))
			_exit(2);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(world_start(w), 0);
	ck_assert_int_eq(account_of("juliet@a.example", NULL), 0);
	end();
}
END_TEST

START_TEST(a_name_that_is_refused_makes_no_account)
{
	begin();
	ck_assert(!can_log_in("juliet", "wrong"));
	ck_assert(!can_log_in("juliet", "garbage"));
	ck_assert_int_eq(account_of("juliet@a.example", NULL), ERR_NOENT);
	ck_assert_uint_eq(saslauthd_asked(d), 2);
	end();
}
END_TEST

START_TEST(names_are_prepared_before_they_are_asked_about)
{
	begin();
	ck_assert(can_log_in("Juliet", "right"));
	ck_assert_str_eq(saslauthd_last(d).user, "juliet");
	ck_assert_str_eq(saslauthd_last(d).realm, "a.example");
	ck_assert_int_eq(account_of("juliet@a.example", NULL), 0);
	end();
}
END_TEST

START_TEST(two_first_logins_at_once_are_one_account)
{
	struct client *all[8];

	begin();
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		all[i] = client_open(w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		send_plain(all[i], JULIET_RIGHT);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		client_expect(all[i], "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
		client_drop(&all[i]);
	}
	ck_assert_int_eq(account_of("juliet@a.example", NULL), 0);
	end();
}
END_TEST

START_TEST(another_host_keeps_its_passwords)
{
	struct client *c;

	begin();
	world_account(w, "romeo@b.example", "secret");
	c = client_open(w, &(struct client_options){ .host = "b.example" });
	ck_assert(!client_authenticate(c, "romeo", "right"));
	romeo_logs_in(c);
	client_drop(&c);
	ck_assert_uint_eq(saslauthd_asked(d), 0);
	end();
}
END_TEST

START_TEST(only_plain_is_there)
{
	struct client *c;

	begin();
	c = client_open(w, NULL);
	client_send(c, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>"
	               "biwsbj1qdWxpZXQscj14</auth>");
	client_expect(c, SASL_FAILURE("invalid-mechanism"));
	client_drop(&c);
	end();
}
END_TEST

START_TEST(an_operator_makes_accounts_without_passwords_only)
{
	begin();
	ck_assert_int_eq(
		admin_add_account(w->server, STR("juliet@a.example"), STR("something")),
		ERR_DENIED);
	ck_assert_int_eq(account_of("juliet@a.example", NULL), ERR_NOENT);
	ck_assert_int_eq(admin_add_account(w->server, STR("juliet@a.example"), STR("")), 0);
	ck_assert_int_eq(account_of("juliet@a.example", NULL), 0);
	ck_assert(can_log_in("juliet", "right"));
	ck_assert(!can_log_in("juliet", "something"));
	ck_assert_int_eq(admin_add_account(w->server, STR("romeo@b.example"), STR("")),
	                 ERR_INVALID);
	end();
}
END_TEST

START_TEST(an_account_without_verifiers_admits_nobody_once_the_host_keeps_passwords)
{
	struct client *c;

	begin();
	ck_assert(can_log_in("juliet", "right"));
	world_stop(w);
	world_configure(w, &(struct world_options){ .modules = court });
	ck_assert_int_eq(world_start(w), 0);
	c = client_open(w, NULL);
	ck_assert(!client_authenticate(c, "juliet", "right"));
	ck_assert(!client_authenticate(c, "juliet", ""));
	client_send(c, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>"
	               "biwsbj1qdWxpZXQscj14</auth>");
	client_expect(c, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
	client_drop(&c);
	end();
}
END_TEST

/* ---- when nobody answers ---- */

START_TEST(a_daemon_that_is_not_there_is_a_temporary_failure)
{
	struct client *c;

	begin();
	c = client_open(w, NULL);
	send_plain(c, JULIET_CLOSE);
	client_expect(c, SASL_FAILURE("temporary-auth-failure"));
	saslauthd_free(&d);
	send_plain(c, JULIET_RIGHT);
	client_expect(c, SASL_FAILURE("temporary-auth-failure"));
	d = saslauthd_new(world_file(w, "mux"));
	ck_assert(client_authenticate(c, "juliet", "right"));
	client_drop(&c);
	end();
}
END_TEST

START_TEST(a_daemon_that_hangs_is_given_up_and_keeps_nobody_else_waiting)
{
	struct client *hung[ERRANDS_MAX], *more, *other;

	begin();
	world_account(w, "romeo@b.example", "secret");
	for (int i = 0; i < ERRANDS_MAX; i++) {
		hung[i] = come_from(i);
		send_plain(hung[i], JULIET_HANG);
	}
	while (saslauthd_asked(d) < ERRANDS_MAX)
		usleep(1000);
	other = client_open(w, &(struct client_options){ .host = "b.example" });
	romeo_logs_in(other);
	client_drop(&other);
	more = come_from(200);
	send_plain(more, JULIET_RIGHT);
	client_expect(more, SASL_FAILURE("temporary-auth-failure"));
	for (int i = 0; i < ERRANDS_MAX; i++) {
		client_expect(hung[i], SASL_FAILURE("temporary-auth-failure"));
		client_drop(&hung[i]);
	}
	saslauthd_free(&d);
	d = saslauthd_new(world_file(w, "mux"));
	while (!client_authenticate(more, "juliet", "right"))
		; /* until the threads that hung are gone, ten times at most */
	client_drop(&more);
	end();
}
END_TEST

START_TEST(a_server_that_stops_does_not_wait_for_the_daemon)
{
	struct client *c;

	begin();
	c = client_open(w, NULL);
	send_plain(c, JULIET_HANG);
	while (saslauthd_asked(d) < 1)
		usleep(1000);
	world_stop(w);
	client_drop(&c);
	saslauthd_free(&d); /* now the thread comes back, to nobody */
	end();
}
END_TEST

START_TEST(a_client_that_leaves_before_the_answer_does_no_harm)
{
	struct client *c;

	begin();
	c = client_open(w, NULL);
	send_plain(c, JULIET_HANG);
	while (saslauthd_asked(d) < 1)
		usleep(1000);
	client_drop(&c);
	saslauthd_free(&d);
	d = saslauthd_new(world_file(w, "mux"));
	ck_assert(can_log_in("juliet", "right"));
	end();
}
END_TEST

/* ---- guesses ---- */

static void count_lookups(struct core *core, struct world_call *call)
{
	int n = 0;

	for (struct entity *e = core->entities; e != NULL; e = e->hh.next)
		n += (int)e->n_lookups;
	world_answer(call, n);
}

START_TEST(wrong_secrets_are_slowed_down_and_those_that_nobody_judged_are_not)
{
	struct client *c = NULL;

	begin();
	for (int i = 0; i < FREE_BY_ACCOUNT; i++) {
		c = come_from(100 + i);
		send_plain(c, JULIET_CLOSE); /* no judgement */
		client_expect(c, SASL_FAILURE("temporary-auth-failure"));
		ck_assert(!client_authenticate(c, "juliet", "wrong"));
		client_drop(&c);
	}
	ck_assert_uint_eq(saslauthd_asked(d), 2 * FREE_BY_ACCOUNT);
	c = come_from(1);
	send_plain(c, JULIET_RIGHT);
	while (world_ask(w, world_owner(w, "juliet@a.example"), count_lookups, NULL) < 1)
		;
	ck_assert_uint_eq(saslauthd_asked(d), 2 * FREE_BY_ACCOUNT);
	client_expect(c, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
	client_drop(&c);
	end();
}
END_TEST

/* The one that forks goes first: without CK_FORK there are no threads yet. */
CHECK_MAIN("elsewhere", the_account_is_on_disk_before_success,
           the_first_login_makes_an_account_without_verifiers,
           a_name_that_is_refused_makes_no_account,
           names_are_prepared_before_they_are_asked_about,
           two_first_logins_at_once_are_one_account, another_host_keeps_its_passwords,
           only_plain_is_there, an_operator_makes_accounts_without_passwords_only,
           an_account_without_verifiers_admits_nobody_once_the_host_keeps_passwords,
           a_daemon_that_is_not_there_is_a_temporary_failure,
           a_daemon_that_hangs_is_given_up_and_keeps_nobody_else_waiting,
           a_server_that_stops_does_not_wait_for_the_daemon,
           a_client_that_leaves_before_the_answer_does_no_harm,
           wrong_secrets_are_slowed_down_and_those_that_nobody_judged_are_not)
