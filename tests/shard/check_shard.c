/*
 * check_shard.c - one shard on the test's own thread: own messages, turns, what keeps it awake.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/clock.h"
#include "server/base/err.h"
#include "server/shard/shard.h"
#include "tests/lib/check_main.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

/* What ran, a letter each. */
static struct {
	char p[4096];
	size_t n;
} story;

static struct shard_group *open_group(unsigned count)
{
	struct shard_group *group = NULL;

	story.n = 0;
	story.p[0] = '\0';
	ck_assert_int_eq(shard_group_open(count, &group), 0);
	return group;
}

struct note {
	struct shard_msg msg;
	char letter;
};

static void tell(char letter)
{
	ck_assert_uint_lt(story.n, sizeof(story.p) - 1);
	story.p[story.n++] = letter;
	story.p[story.n] = '\0';
}

static void on_note(struct shard *here, struct shard_msg *msg)
{
	ck_assert(shard_is_here(here));
	tell(((struct note *)msg)->letter);
	free(msg);
}

static void post_note(struct shard *from, struct shard *to, char letter)
{
	struct note *note = malloc(sizeof(*note));

	*note = (struct note){ .msg.run = on_note, .letter = letter };
	shard_post(from, to, &note->msg);
}

START_TEST(a_group_has_as_many_shards_as_asked_for)
{
	struct shard_group *group = open_group(3);

	ck_assert_uint_eq(shard_group_count(group), 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(shard_index(shard_group_at(group, i)), i);
		ck_assert_ptr_eq(shard_group_of(shard_group_at(group, i)), group);
	}
	shard_group_close(&group);
	ck_assert_ptr_null(group);
	shard_group_close(&group);

	group = open_group(0);
	ck_assert_uint_ge(shard_group_count(group), 1);
	shard_group_close(&group);
	ck_assert_int_eq(shard_group_open(1000000, &group), ERR_TOO_BIG);
}
END_TEST

START_TEST(slots_keep_what_layers_hang_there)
{
	struct shard_group *group = open_group(2);
	int a, b;

	ck_assert_ptr_null(shard_get(shard_group_at(group, 0), SHARD_SLOT_CORE));
	shard_set(shard_group_at(group, 0), SHARD_SLOT_CORE, &a);
	shard_set(shard_group_at(group, 1), SHARD_SLOT_CORE, &b);
	ck_assert_ptr_eq(shard_get(shard_group_at(group, 0), SHARD_SLOT_CORE), &a);
	ck_assert_ptr_eq(shard_get(shard_group_at(group, 1), SHARD_SLOT_CORE), &b);
	ck_assert_ptr_null(shard_get(shard_group_at(group, 0), SHARD_SLOT_NET));
	shard_group_close(&group);
}
END_TEST

static void on_nested(struct shard *here, struct shard_msg *msg)
{
	tell('(');
	post_note(here, here, 'n');
	tell(')');
	free(msg);
}

START_TEST(a_post_to_oneself_runs_later_and_never_nested)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	struct shard_msg *nested = malloc(sizeof(*nested));

	nested->run = on_nested;
	post_note(s, s, 'a');
	shard_post(s, s, nested);
	post_note(s, s, 'b');
	ck_assert_uint_eq(story.n, 0);
	shard_run_here(s, SECONDS(60));
	ck_assert_str_eq(story.p, "a()bn");
	ck_assert_uint_eq(shard_figures(s).wakeups, 0);
	ck_assert_uint_eq(shard_figures(s).messages, 4);
	shard_group_close(&group);
}
END_TEST

struct chain {
	struct shard_msg msg;
	unsigned left;
};

static void on_link(struct shard *here, struct shard_msg *msg)
{
	struct chain *chain = (struct chain *)msg;

	if (chain->left-- > 0)
		shard_post(here, here, msg);
}

START_TEST(a_long_chain_of_own_messages_does_not_wait_for_the_poll)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	struct chain chain = { .msg.run = on_link, .left = 100000 };

	shard_post(s, s, &chain.msg);
	shard_run_here(s, SECONDS(60));
	ck_assert_uint_eq(shard_figures(s).messages, 100001);
	shard_group_close(&group);
}
END_TEST

static void on_timer(uv_timer_t *timer)
{
	tell('t');
	post_note(timer->data, timer->data, 'p');
}

static void on_closed(uv_handle_t *handle)
{
	tell('c');
	post_note(handle->data, handle->data, 'q');
}

static void on_closing_timer(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, on_closed);
}

struct hook {
	struct shard_turn turn;
	char letter;
	unsigned again; /* ask for so many turns more */
	struct shard *post_to;
};

static void on_turn(struct shard *here, struct shard_turn *turn)
{
	struct hook *hook = (struct hook *)turn;

	tell(hook->letter);
	if (hook->post_to != NULL)
		post_note(here, hook->post_to, 'x');
	hook->post_to = NULL;
	if (hook->again > 0) {
		hook->again--;
		shard_turn_again(here);
	}
}

START_TEST(hooks_run_after_messages_timers_and_closed_handles)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	struct hook one = { .turn.on_turn = on_turn, .letter = '1' };
	struct hook two = { .turn.on_turn = on_turn, .letter = '2' };
	uv_timer_t timer;

	shard_turn_add(s, &one.turn);
	shard_turn_add(s, &two.turn);
	post_note(s, s, 'm');
	shard_run_here(s, SECONDS(60));
	ck_assert_ptr_nonnull(strstr(story.p, "m12"));

	story.n = 0;
	uv_timer_init(shard_loop(s), &timer);
	timer.data = s;
	uv_timer_start(&timer, on_timer, 1, 0);
	shard_run_here(s, SECONDS(60));
	ck_assert_ptr_nonnull(strstr(story.p, "tp12"));

	story.n = 0;
	uv_timer_start(&timer, on_closing_timer, 1, 0);
	shard_run_here(s, SECONDS(60));
	ck_assert_ptr_nonnull(strstr(story.p, "cq12")); /* the loop's last doing */
	shard_group_close(&group);
}
END_TEST

START_TEST(what_a_hook_posts_leaves_before_the_loop_sleeps)
{
	struct shard_group *group = open_group(2);
	struct shard *a = shard_group_at(group, 0);
	struct shard *b = shard_group_at(group, 1);
	struct hook hook = { .turn.on_turn = on_turn, .letter = '1', .post_to = b };

	shard_turn_add(a, &hook.turn);
	shard_run_here(a, SECONDS(60));
	shard_run_here(b, SECONDS(60));
	ck_assert_ptr_nonnull(strchr(story.p, 'x'));
	ck_assert_uint_eq(shard_figures(a).wakeups, 1);

	story.n = 0;
	hook.post_to = a; /* to itself: there is another turn for it */
	shard_run_here(a, SECONDS(60));
	ck_assert_ptr_nonnull(strstr(story.p, "1x1"));
	shard_group_close(&group);
}
END_TEST

START_TEST(a_hook_may_ask_for_another_turn)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	struct hook hook = { .turn.on_turn = on_turn, .letter = '1', .again = 5 };

	shard_turn_add(s, &hook.turn);
	shard_run_here(s, SECONDS(60));
	ck_assert_uint_eq(hook.again, 0);
	ck_assert_uint_ge(story.n, 6);
	shard_group_close(&group);
}
END_TEST

START_TEST(an_idle_shard_does_not_turn)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	struct hook hook = { .turn.on_turn = on_turn, .letter = '1' };
	bool never = false;

	shard_turn_add(s, &hook.turn);
	post_note(s, s, 'a');
	ck_assert(!shard_wait_here(s, &never, 300));
	ck_assert_uint_lt(shard_figures(s).turns, 20);
	shard_group_close(&group);
}
END_TEST

START_TEST(posts_of_a_turn_wake_the_other_shard_once)
{
	struct shard_group *group = open_group(2);
	struct shard *a = shard_group_at(group, 0);
	struct shard *b = shard_group_at(group, 1);

	for (char c = 'a'; c <= 'z'; c++)
		post_note(a, b, c);
	shard_run_here(a, SECONDS(60));
	for (char c = 'A'; c <= 'Z'; c++)
		post_note(a, b, c);
	shard_run_here(a, SECONDS(60));
	/* The second lot found the first still waiting. */
	ck_assert_uint_eq(shard_figures(a).wakeups, 1);
	shard_run_here(b, SECONDS(60));
	ck_assert_str_eq(story.p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	post_note(a, b, '.');
	shard_run_here(a, SECONDS(60));
	ck_assert_uint_eq(shard_figures(a).wakeups, 2);
	shard_group_close(&group);
	ck_assert_int_eq(story.p[story.n - 1], '.');
}
END_TEST

START_TEST(what_nobody_took_runs_when_the_group_closes)
{
	struct shard_group *group = open_group(2);
	struct shard *a = shard_group_at(group, 0);
	struct shard *b = shard_group_at(group, 1);

	post_note(NULL, a, 'a');
	post_note(a, b, 'b');
	post_note(b, b, 'c');
	shard_group_close(&group);
	ck_assert_uint_eq(story.n, 3);
}
END_TEST

static void on_done_message(struct shard *here, struct shard_msg *msg)
{
	*(bool *)shard_get(here, SHARD_SLOT_TEST) = true;
	free(msg);
}

static void *post_later(void *arg)
{
	struct shard_msg *msg = malloc(sizeof(*msg));

	usleep(20000);
	msg->run = on_done_message;
	shard_post(NULL, arg, msg);
	return NULL;
}

START_TEST(a_test_can_wait_for_another_thread)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	bool done = false;
	pthread_t thread;

	shard_set(s, SHARD_SLOT_TEST, &done);
	ck_assert_int_eq(pthread_create(&thread, NULL, post_later, s), 0);
	ck_assert(shard_wait_here(s, &done, SECONDS(60)));
	pthread_join(thread, NULL);
	shard_group_close(&group);
}
END_TEST

static void set_done(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* A timer is looked at before the loop sleeps. */
START_TEST(a_wait_does_not_sleep_over_what_a_timer_did)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	int64_t began = clock_mono_ms();
	bool done = false;
	uv_timer_t timer;

	timer.data = &done;
	ck_assert_int_eq(uv_timer_init(shard_loop(s), &timer), 0);
	uv_timer_start(&timer, set_done, 0, 0);
	ck_assert(shard_wait_here(s, &done, SECONDS(60)));
	ck_assert_int_lt(clock_mono_ms() - began, SECONDS(50));
	uv_close((uv_handle_t *)&timer, NULL);
	shard_run_here(s, 0);
	shard_group_close(&group);
}
END_TEST

START_TEST(running_here_ends_with_its_time)
{
	struct shard_group *group = open_group(1);
	struct shard *s = shard_group_at(group, 0);
	int64_t begin = clock_mono_ms();
	uv_timer_t timer;

	uv_timer_init(shard_loop(s), &timer);
	timer.data = s;
	uv_timer_start(&timer, on_closing_timer, 1000000, 0);
	shard_run_here(s, 0);
	shard_run_here(s, 30);
	ck_assert_int_ge(clock_mono_ms() - begin, 29);
	ck_assert_uint_eq(story.n, 0);
	uv_close((uv_handle_t *)&timer, NULL);
	shard_run_here(s, 0);
	shard_group_close(&group);
}
END_TEST

static void on_fini(struct shard *here, void *arg)
{
	ck_assert(shard_is_stopping(here));
	tell('f');
	/* Ring: every one hears of the next. */
	post_note(here, shard_group_at(arg, (shard_index(here) + 1) % 3), 'r');
}

START_TEST(a_group_without_threads_stops_in_the_same_way)
{
	struct shard_group *group = open_group(3);
	uv_timer_t timer;

	uv_timer_init(shard_loop(shard_group_at(group, 1)), &timer);
	timer.data = shard_group_at(group, 1);
	uv_timer_start(&timer, on_closing_timer, 30, 0);
	shard_group_stop(group, on_fini, group);
	ck_assert_uint_eq(story.n, 8);
	ck_assert(str_ends_with(str_of(story.p), STR("cq")));
	shard_group_close(&group);
}
END_TEST

CHECK_MAIN("shard", a_group_has_as_many_shards_as_asked_for, slots_keep_what_layers_hang_there,
           a_post_to_oneself_runs_later_and_never_nested,
           a_long_chain_of_own_messages_does_not_wait_for_the_poll,
           hooks_run_after_messages_timers_and_closed_handles,
           what_a_hook_posts_leaves_before_the_loop_sleeps, a_hook_may_ask_for_another_turn,
           an_idle_shard_does_not_turn, posts_of_a_turn_wake_the_other_shard_once,
           what_nobody_took_runs_when_the_group_closes, a_test_can_wait_for_another_thread,
           a_wait_does_not_sleep_over_what_a_timer_did, running_here_ends_with_its_time,
           a_group_without_threads_stops_in_the_same_way)
