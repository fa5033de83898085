/*
 * check_mam_large.c - an archive that is larger than what one reader thread looks at in one go.
 *
 * MESSAGES=1000000 in the environment makes it as large as that; what a page costs is printed.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/archive.h"

#include "modules/mam/page.h"
#include "server/store/batch.h"
#include "server/store/names.h"

#include <sys/resource.h>

#define ROMEO "romeo@a.example"
#define JULIET "juliet@a.example"
#define START UINT64_C(1700000000000000) /* in 2023 */
#define PART 5000                        /* messages in a batch */
#define RARE 15000 /* how many lie before the only one from another resource, and behind it */

static struct world *w;
static struct client *romeo;
static size_t messages;

struct fill {
	struct world_call *call;
	struct core *core;
	uint64_t owner;
	size_t n; /* put so far */
	struct batch_done done;
};

static struct str record(struct arena *arena, size_t i)
{
	const char *with = i == RARE ? JULIET "/balcony" : JULIET "/garden";
	struct record_writer r;

	record_begin(&r, 1);
	record_put_u64(&r, 0);
	record_put_str(&r, str_of(with));
	record_put_str(&r, arena_printf(arena,
	                                "<message xmlns='jabber:client' from='%s' to='" ROMEO
	                                "' type='chat' id='m%zu'><body>%zu</body></message>",
	                                with, i, i));
	return record_finish(&r, arena);
}

static void put_part(struct fill *fill)
{
	struct batch *b = batch_new(fill->core->view);
	struct arena *arena = arena_new(4096);
	size_t end = fill->n + PART;

	for (; fill->n < end && fill->n < messages; fill->n++) {
		uint64_t id = START + fill->n * 1000;

		batch_put(b, &archive_space, fill->owner, archive_key(arena, id),
		          record(arena, fill->n));
		batch_put(b, &archive_with_space, fill->owner,
		          archive_with_key(arena, STR(JULIET), id), STR("\1"));
		arena_reset(arena);
	}
	arena_free(&arena);
	batch_commit(&b, &fill->done);
}

static void on_part(struct shard *here, struct batch_done *done, int err)
{
	struct fill *fill = CONTAINER_OF(done, struct fill, done);

	if (err == 0 && fill->n < messages)
		put_part(fill);
	else
		world_answer(fill->call, err);
}

static void run_fill(struct core *core, struct world_call *call)
{
	struct fill *fill = call->arg;

	fill->core = core;
	fill->call = call;
	fill->done.on_done = on_part;
	ck_assert_int_eq(names_find(core->view, STR("a.example"), STR("romeo"), &fill->owner),
	                 0);
	put_part(fill);
}

static void begin(void)
{
	const char *wanted = getenv("MESSAGES");
	struct fill fill = { .n = 0 };
	uint64_t n = 2 * RARE + 1;

	if (wanted != NULL)
		ck_assert_int_eq(str_to_u64(str_of(wanted), &n), 0);
	messages = (size_t)n;
	w = ask_world(NULL);
	ck_assert_int_eq(world_ask(w, world_owner(w, ROMEO), run_fill, &fill), 0);
	romeo = client_login(w, ROMEO "/orchard");
}

static void end(void)
{
	client_drop(&romeo);
	world_free(&w);
}

static double cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

START_TEST(the_last_page_costs_the_same_however_much_lies_before)
{
	double before = 0;

	begin();
	for (int i = 0; i < 20; i++) {
		struct answer *a = look(romeo, RSM("<max>50</max><before/>"));

		ck_assert_uint_eq(a->n, 50);
		ck_assert(!a->complete);
		ck_assert_ptr_null(a->count); /* nobody walked over all of it */
		if (i == 0)
			before = cpu_ms();
	}
	printf("50 of %zu messages: %.2f ms, the client's part included\n", messages,
	       (cpu_ms() - before) / 19);
	ck_assert_uint_eq(look(romeo, RSM("<max>50</max>"))->n, 50);
	ck_assert_uint_eq(
		look(romeo, FORM(FIELD("with", JULIET)) RSM("<max>50</max><before/>"))->n, 50);
	end();
}
END_TEST

START_TEST(a_needle_is_found_by_several_jobs_in_either_direction)
{
	begin();
	/* of a larger one it lies too far from the end */
	for (int i = 0; i < (messages <= PAGE_LOOK_MAX ? 2 : 1); i++) {
		struct answer *a = look(romeo, i == 0 ? FORM(FIELD("with", JULIET "/balcony"))
		                                      : FORM(FIELD("with", JULIET "/balcony"))
		                                                RSM("<before/>"));

		ck_assert_uint_eq(a->n, 1);
		ck_assert_str_eq(a->all[0].message == NULL ? "" : a->all[0].body, "15000");
		ck_assert_int_eq(a->complete, messages <= PAGE_LOOK_MAX);
	}
	end();
}
END_TEST

START_TEST(others_are_answered_while_one_looks_for_what_is_not_there)
{
	struct client *other;
	const struct xml_node *iq;

	begin();
	other = client_login(w, ROMEO "/garden");
	client_send(romeo, "<iq type='set' id='1'>" QUERY(
				   FORM(FIELD("with", JULIET "/none"))) "</iq>");
	ask_result(other, "get", "a.example", "<ping xmlns='" NS_PING "'/>", "");
	ck_assert_uint_eq(look(other, RSM("<max>1</max>"))->n, 1);
	iq = client_next(romeo);
	ck_assert(client_matches(w->arena, iq,
	                         messages <= PAGE_LOOK_MAX ? "<iq type='result' id='1'/>"
	                                                   : "<iq type='error' id='1'/>"));
	client_drop(&other);
	end();
}
END_TEST

CHECK_MAIN("mam_large", the_last_page_costs_the_same_however_much_lies_before,
           a_needle_is_found_by_several_jobs_in_either_direction,
           others_are_answered_while_one_looks_for_what_is_not_there)
