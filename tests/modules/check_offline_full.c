/*
 * check_offline_full.c - stored messages that cannot be handed out, as the disk has no room for the
 * queue of the session that they are for: what comes meanwhile waits behind them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/leave_word.h"

#include <string.h>

#define LARGE 20000
#define N_LARGE 40 /* they take more than the disk has pages for */
#define SPARE 60000
#define N_SPARE 4

/* One after the other, so that what they leave free on their way is little. */
static void say_large(void)
{
	const char *body = memset(arena_zalloc(w->arena, LARGE + 1), 'x', LARGE);

	for (int i = 0; i < N_LARGE; i++) {
		client_printf(romeo,
		              "<message id='m%d' type='chat' to='" BARE
		              "'><body>%s</body></message>",
		              i, body);
		settle();
	}
}

static void put_private(const char *text)
{
	for (int i = 0; i < N_SPARE; i++)
		ask_result(romeo, "set", "",
		           arena_printf(w->arena,
		                        "<query xmlns='jabber:iq:private'>"
		                        "<x xmlns='urn:x:%d'>%s</x></query>",
		                        i, text)
		                   .p,
		           "");
}

/* But for some pages that Romeo has freed: a small message has room. */
static void fill_disk(void)
{
	put_private(memset(arena_zalloc(w->arena, SPARE + 1), 'x', SPARE));
	put_private("1");
	put_private("2");
	world_fill_disk(w, true);
}

static void be_available(struct client *c)
{
	client_send(c, "<presence id='p'/>");
	client_expect(c, "<presence id='p' type='-'/>");
}

/* Juliet's box, of which nothing can be handed out, though her stream is managed and she is there. */
static struct client *arrive(const char *resource, const char *attrs, const char **id_out)
{
	struct client *c = client_login(w, arena_printf(w->arena, BARE "/%s", resource).p);

	*id_out = client_manage(c, attrs);
	return c;
}

/* All messages up to number TO, in order: behind the large ones it is no matter how they come. */
static void expect_all(struct client *c, int to)
{
	for (int i = 0; i < to; i++) { /* they are too long to be shown in full */
		struct str id = arena_copy(w->arena, xml_attr(client_next(c), "id"));

		ck_assert_msg(str_eq(id, arena_printf(w->arena, "m%d", i)),
		              "%s expected m%d, and got " STR_FMT, c->jid, i, STR_ARG(id));
	}
}

START_TEST(what_comes_waits_until_they_are_handed_out)
{
	struct client *juliet;
	const char *id;

	begin(NULL);
	say_large();
	juliet = arrive("balcony", "", &id);
	fill_disk();
	be_available(juliet);
	say(N_LARGE, N_LARGE + 5);
	settle();
	client_settle(juliet); /* none has overtaken */
	world_fill_disk(w, false);
	expect_all(juliet, N_LARGE + 5);
	say(N_LARGE + 5, N_LARGE + 6);
	expect_live(juliet, N_LARGE + 5);
	client_settle(juliet);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(a_restart_in_between_changes_nothing)
{
	struct client *juliet;
	const char *id;
	unsigned has;

	begin(NULL);
	say_large();
	juliet = arrive("balcony", "", &id);
	fill_disk();
	be_available(juliet);
	say(N_LARGE, N_LARGE + 2);
	settle();
	has = juliet->stanzas;
	client_drop(&juliet);
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	say(N_LARGE + 2, N_LARGE + 4); /* while she sleeps */
	settle();
	world_fill_disk(w, false);
	juliet = client_resume(w, BARE "/balcony", id, has);
	expect_all(juliet, N_LARGE + 4);
	client_settle(juliet);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(they_go_to_who_is_left_when_that_session_ends)
{
	struct client *balcony, *garden;
	const char *id;

	begin(NULL);
	say_large();
	balcony = arrive("balcony", "", &id);
	garden = arrive("garden", "", &id);
	fill_disk();
	be_available(balcony);
	client_send(garden, "<presence><priority>-1</priority></presence>");
	client_expect(garden, "<presence/>");
	client_expect(garden, "<presence from='" BARE "/balcony'/>");
	client_expect(balcony, "<presence from='" BARE "/garden'/>");
	say(N_LARGE, N_LARGE + 2);
	settle();
	client_send(garden, "<presence id='up'/>");
	client_expect(garden, "<presence id='up'/>");
	client_close(&balcony);
	client_expect(garden, "<presence type='unavailable'/>");
	say(N_LARGE + 2, N_LARGE + 3);
	settle();
	client_settle(garden);
	world_fill_disk(w, false);
	expect_all(garden, N_LARGE + 3);
	client_settle(garden);
	client_drop(&garden);
	end();
}
END_TEST

START_TEST(what_waits_for_two_sessions_comes_once_when_one_of_them_ends)
{
	struct client *balcony, *garden;
	const char *id;

	begin(NULL);
	say_large();
	balcony = arrive("balcony", "max='1'", &id);
	garden = arrive("garden", "", &id);
	fill_disk();
	be_available(balcony);
	client_drop(&balcony); /* and is waited for */
	client_send(garden, "<presence id='p'/>");
	client_expect(garden, "<presence/>");
	client_expect(garden, "<presence/>");
	say(N_LARGE, N_LARGE + 3);
	settle();
	client_settle(garden);
	client_expect(garden, "<presence type='unavailable'/>");
	world_fill_disk(w, false);
	expect_all(garden, N_LARGE + 3);
	client_settle(garden);
	client_drop(&garden);
	end();
}
END_TEST

CHECK_MAIN("offline_full", what_comes_waits_until_they_are_handed_out,
           a_restart_in_between_changes_nothing, they_go_to_who_is_left_when_that_session_ends,
           what_waits_for_two_sessions_comes_once_when_one_of_them_ends)
