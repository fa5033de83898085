/*
 * check_account.c - making, changing and removing accounts, from any shard.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/account.h"

#include "server/base/err.h"
#include "server/core/resting.h"
#include "tests/core/court.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum what {
	CREATE,
	CREATE_ANYWAY,
	PASSWORD,
	REMOVE,
};

/* So many requests at once; the answers are gathered. */
struct request {
	struct world_call *call;
	enum what what;
	struct jid jid;
	const char *password;
	int n, answered, done, exists, busy, other;
	int last;
};

static void on_done(struct core *core, void *arg, int err)
{
	struct request *r = arg;

	ck_assert(shard_is_here(core->shard));
	r->last = err;
	r->done += err == 0;
	r->exists += err == ERR_EXISTS;
	r->busy += err == ERR_BUSY;
	r->other += err != 0 && err != ERR_EXISTS && err != ERR_BUSY;
	if (++r->answered == r->n)
		world_answer(r->call, err);
}

static void begin(struct core *core, struct world_call *call)
{
	struct request *r = call->arg;

	r->call = call;
	for (int i = 0; i < r->n; i++) {
		if (r->what == CREATE)
			account_create(core, r->jid, str_of(r->password), on_done, r);
		else if (r->what == CREATE_ANYWAY)
			account_create_anyway(core, r->jid, str_of(r->password), on_done, r);
		else if (r->what == PASSWORD)
			account_set_password(core, r->jid, str_of(r->password), on_done, r);
		else
			account_remove(core, r->jid, on_done, r);
	}
}

static int request(struct world *w, unsigned shard, enum what what, const char *jid,
                   const char *password)
{
	struct request r = { .what = what, .password = password, .n = 1 };

	r.jid = world_jid(w, jid);
	return world_ask(w, shard, begin, &r);
}

static bool can_log_in(struct world *w, const char *user, const char *password)
{
	struct client *c = client_open(w, NULL);
	bool can = client_authenticate(c, user, password);

	client_drop(&c);
	return can;
}

/* A name that nobody has yet and that SHARD owns. */
static const char *new_name(struct world *w, unsigned shard)
{
	static int i;
	const char *name;

	do
		name = arena_printf(w->arena, "user%d", i++).p;
	while (world_owner(w, arena_printf(w->arena, "%s@a.example", name).p) != shard);
	return name;
}

static const char *jid_of(struct world *w, const char *name)
{
	return arena_printf(w->arena, "%s@a.example", name).p;
}

START_TEST(an_account_is_made_changed_and_removed_from_any_shard)
{
	struct world *w = court_world(2);

	for (unsigned from = 0; from < 2; from++) {
		for (unsigned owner = 0; owner < 2; owner++) {
			const char *name = new_name(w, owner), *jid = jid_of(w, name);

			ck_assert_int_eq(request(w, from, CREATE, jid, "one"), 0);
			ck_assert(can_log_in(w, name, "one"));
			ck_assert_int_eq(request(w, from, CREATE, jid, "other"), ERR_EXISTS);
			ck_assert(can_log_in(w, name, "one"));
			ck_assert_int_eq(request(w, from, PASSWORD, jid, "two"), 0);
			ck_assert(!can_log_in(w, name, "one"));
			ck_assert(can_log_in(w, name, "two"));
			ck_assert_int_eq(request(w, from, REMOVE, jid, NULL), 0);
			ck_assert(!can_log_in(w, name, "two"));
			ck_assert_int_eq(request(w, from, REMOVE, jid, NULL), ERR_NOENT);
			ck_assert_int_eq(request(w, from, PASSWORD, jid, "three"), ERR_NOENT);
		}
	}
	world_free(&w);
}
END_TEST

START_TEST(what_is_no_account_or_password_is_refused)
{
	struct world *w = court_world(1);
	char longest[1025];

	ck_assert_int_eq(request(w, 0, CREATE, "a.example", "x"), ERR_INVALID);
	ck_assert_int_eq(request(w, 0, REMOVE, "a.example", NULL), ERR_INVALID);
	ck_assert_int_eq(request(w, 0, CREATE, "x@elsewhere.example", "x"), ERR_NOENT);
	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", ""), ERR_INVALID);
	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", "a\nb"), ERR_INVALID);
	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", "\xff"), ERR_INVALID);
	memset(longest, 'x', sizeof(longest));
	longest[1024] = '\0';
	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", longest), ERR_INVALID);
	longest[1023] = '\0';
	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", longest), 0);
	ck_assert(can_log_in(w, "x", longest));
	world_free(&w);
}
END_TEST

START_TEST(a_password_is_the_same_however_its_characters_are_composed)
{
	struct world *w = court_world(1);

	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", "caf\xc3\xa9"), 0);
	ck_assert(can_log_in(w, "x", "cafe\xcc\x81"));
	ck_assert(!can_log_in(w, "x", "cafe"));
	world_free(&w);
}
END_TEST

START_TEST(a_resource_in_the_address_does_not_matter)
{
	struct world *w = court_world(1);

	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example/y", "one"), 0);
	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", "one"), ERR_EXISTS);
	world_free(&w);
}
END_TEST

START_TEST(of_many_who_want_one_name_at_once_one_gets_it)
{
	struct world *w = court_world(2);
	struct request r = {
		.what = CREATE, .password = "x", .n = 20, .jid = world_jid(w, "x@a.example")
	};

	world_ask(w, 0, begin, &r);
	ck_assert_int_eq(r.done, 1);
	ck_assert_int_eq(r.exists, 19);
	r = (struct request){ .what = REMOVE, .n = 5, .jid = r.jid };
	world_ask(w, 1, begin, &r);
	ck_assert_int_eq(r.done, 1);
	ck_assert_int_eq(r.other, 4);
	ck_assert_int_eq(request(w, 0, CREATE, "x@a.example", "x"), 0);
	world_free(&w);
}
END_TEST

START_TEST(more_than_the_pool_may_hold_are_told_to_come_back)
{
	struct world *w = court_world(1);
	struct request r = {
		.what = CREATE, .password = "x", .n = 300, .jid = world_jid(w, "x@a.example")
	};

	world_ask(w, 0, begin, &r);
	ck_assert_int_eq(r.done, 1);
	ck_assert_int_gt(r.busy, 0);
	ck_assert_int_eq(r.done + r.exists + r.busy, 300);
	world_free(&w);
}
END_TEST

START_TEST(removing_an_account_ends_its_sessions_and_all_that_it_had)
{
	struct world *w = court_world(2);
	const char *romeo = court_account(w, "romeo", 1);
	struct client *c, *entered;

	c = client_login(w, romeo);
	entered = client_enter(w, romeo);
	client_send(c, COURT_SET("1", "put key='k' bytes='5'"));
	client_expect(c, "<iq id='1' type='result'/>");
	ck_assert_int_eq(request(w, 0, REMOVE, romeo, NULL), 0);
	client_expect_end(c, "not-authorized");
	client_drop(&c);
	ck_assert_int_eq(request(w, 0, CREATE, romeo, "new"), 0);
	c = client_login(w, romeo);
	client_send(c, COURT_GET("2", "get key='k'"));
	client_expect(c, "<iq id='2' type='error'/>");
	client_drop(&c);
	client_drop(&entered);
	world_free(&w);
}
END_TEST

START_TEST(who_was_let_in_to_a_removed_account_is_ended_before_binding)
{
	struct world *w = court_world(1);
	struct client *entered;

	world_account(w, "romeo@a.example", "x");
	entered = client_enter(w, "romeo@a.example");
	ck_assert_int_eq(request(w, 0, REMOVE, "romeo@a.example", NULL), 0);
	client_expect_end(entered, "not-authorized");
	client_drop(&entered);
	world_free(&w);
}
END_TEST

START_TEST(accounts_are_there_after_a_restart_and_removed_ones_are_not)
{
	struct world *w = court_world(2);

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(request(w, 0, CREATE,
		                         arena_printf(w->arena, "u%d@a.example", i).p, "x"),
		                 0);
	ck_assert_int_eq(request(w, 0, REMOVE, "u2@a.example", NULL), 0);
	ck_assert_int_eq(request(w, 0, PASSWORD, "u3@a.example", "y"), 0);
	world_restart(w);
	ck_assert(can_log_in(w, "u0", "x"));
	ck_assert(!can_log_in(w, "u2", "x"));
	ck_assert(!can_log_in(w, "u3", "x"));
	ck_assert(can_log_in(w, "u3", "y"));
	world_free(&w);
}
END_TEST

START_TEST(the_name_of_a_removed_account_rests_for_everyone)
{
	struct world *w = world_new(&(struct world_options){
		.modules = court, .host = "name-reuse = \"30 days\"", .shards = 2 });

	for (unsigned shard = 0; shard < 2; shard++) {
		const char *name = new_name(w, shard), *jid = jid_of(w, name);

		ck_assert_int_eq(request(w, 0, CREATE, jid, "one"), 0);
		ck_assert_int_eq(request(w, 0, REMOVE, jid, NULL), 0);
		ck_assert_int_eq(request(w, 0, CREATE, jid, "two"), ERR_RESTING);
		ck_assert_int_eq(request(w, 1, CREATE, jid, "two"), ERR_RESTING);
		ck_assert_int_eq(request(w, 1, REMOVE, jid, NULL), ERR_NOENT);
		ck_assert(!can_log_in(w, name, "two"));
		/* at another host it is another name */
		ck_assert_int_eq(request(w, 0, CREATE,
		                         arena_printf(w->arena, "%s@b.example", name).p, "x"),
		                 0);
		world_restart(w);
		ck_assert_int_eq(request(w, 0, CREATE, jid, "two"), ERR_RESTING);
		ck_assert_int_eq(request(w, 0, CREATE_ANYWAY, jid, "two"), 0);
		ck_assert(can_log_in(w, name, "two"));
		ck_assert_int_eq(request(w, 0, CREATE_ANYWAY, jid, "two"), ERR_EXISTS);
		ck_assert_int_eq(request(w, 0, REMOVE, jid, NULL), 0);
		ck_assert_int_eq(request(w, 0, CREATE, jid, "three"), ERR_RESTING);
	}
	world_free(&w);
}
END_TEST

static int refuse_removal(struct mod *m, struct event *ev)
{
	return ERR_FULL;
}
static const struct mod_hook clinging_hooks[] = {
	{ HOOK_REMOVED, PHASE_ACT, refuse_removal },
	{ 0 },
};
static const struct mod_def clinging = { .abi = MOD_ABI,
	                                 .name = "clinging",
	                                 .hooks = clinging_hooks };

START_TEST(an_account_whose_removal_fails_is_as_it_was)
{
	static const struct mod_def *const all[] = { &mod_court, &clinging, NULL };
	struct world *w = world_new(&(struct world_options){ .modules = all });
	struct client *c;

	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example");
	ck_assert_int_eq(request(w, 0, REMOVE, "romeo@a.example", NULL), ERR_FULL);
	client_send(c, COURT_SET("1", "put key='k' bytes='5'"));
	client_expect(c, "<iq id='1' type='result'/>");
	ck_assert(can_log_in(w, "romeo", "x"));
	ck_assert_int_eq(request(w, 0, CREATE, "romeo@a.example", "x"), ERR_EXISTS);
	client_drop(&c);
	world_free(&w);
}
END_TEST

static void find_resting(struct core *core, struct world_call *call)
{
	struct store_key key;
	struct str value;

	key_init(&key);
	key_text(&key, STR("a.example"));
	key_text(&key, STR("romeo"));
	world_answer(call, store_find(core->view, &resting_space, STORE_OWNER_STORE,
	                              key_str(&key), &value));
}

START_TEST(a_name_has_rested_when_its_time_is_over_and_that_is_forgotten)
{
	struct world *w = world_new(
		&(struct world_options){ .modules = court, .host = "name-reuse = \"1 s\"" });

	ck_assert_int_eq(request(w, 0, CREATE, "romeo@a.example", "x"), 0);
	ck_assert_int_eq(world_ask(w, 0, find_resting, NULL), ERR_NOENT);
	ck_assert_int_eq(request(w, 0, REMOVE, "romeo@a.example", NULL), 0);
	ck_assert_int_eq(request(w, 0, CREATE, "romeo@a.example", "x"), ERR_RESTING);
	ck_assert_int_eq(world_ask(w, 0, find_resting, NULL), 0);
	sleep(2);
	ck_assert_int_eq(request(w, 0, CREATE, "romeo@a.example", "x"), 0);
	ck_assert_int_eq(world_ask(w, 0, find_resting, NULL), ERR_NOENT);
	world_free(&w);
}
END_TEST

/* In a process of its own, which is killed as soon as the account was said to be there. */
static void make_and_be_killed(struct world *w)
{
	if (world_start(w) == 0 && request(w, 0, CREATE, "romeo@a.example", "x") == 0)
		raise(SIGKILL);
	_exit(1);
}

START_TEST(an_account_that_was_confirmed_survives_a_kill)
{
	struct world *w = world_prepare(&(struct world_options){ .modules = court });
	pid_t child = fork();
	int status;

	if (child == 0)
		make_and_be_killed(w);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(world_start(w), 0);
	ck_assert(can_log_in(w, "romeo", "x"));
	world_free(&w);
}
END_TEST

/* The one that forks goes first: without CK_FORK there are no threads yet. */
CHECK_MAIN("account", an_account_that_was_confirmed_survives_a_kill,
           an_account_is_made_changed_and_removed_from_any_shard,
           what_is_no_account_or_password_is_refused,
           a_password_is_the_same_however_its_characters_are_composed,
           a_resource_in_the_address_does_not_matter,
           of_many_who_want_one_name_at_once_one_gets_it,
           more_than_the_pool_may_hold_are_told_to_come_back,
           removing_an_account_ends_its_sessions_and_all_that_it_had,
           who_was_let_in_to_a_removed_account_is_ended_before_binding,
           accounts_are_there_after_a_restart_and_removed_ones_are_not,
           an_account_whose_removal_fails_is_as_it_was,
           the_name_of_a_removed_account_rests_for_everyone,
           a_name_has_rested_when_its_time_is_over_and_that_is_forgotten)
