/*
 * check_mam_retention.c - what goes out of an archive, and that it is wholly gone.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"
#include "server/core/visit.h"
#include "tests/lib/at_account.h"
#include "tests/modules/ask.h"

#include <unistd.h>

#define ROMEO "romeo@a.example"
#define DAY HOURS(24)

static struct world *w;

#define BEGIN(options) (w = ask_world("mam { " options " }\n"))

static void end(void)
{
	world_free(&w);
}

/* ---- at the account ---- */

static struct mod *module(struct event *ev)
{
	struct mod *m = host_module(ev->host, &mod_mam);

	ck_assert_ptr_nonnull(m);
	return m;
}

struct filling {
	size_t n;
	int64_t age_ms, step_ms; /* of the first; how much younger the next one is */
	unsigned contacts;
};

static int put_one(struct event *ev, const struct filling *f, size_t i)
{
	struct mam_entity *own = mod_entity_state(module(ev), ev->entity);
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_CHAT);
	int64_t at = core_wall_ms(ev->core) - f->age_ms + (int64_t)i * f->step_ms;
	struct str text = arena_printf(ev->arena, "all number%zu", i);
	uint64_t id;
	int err;

	s->from = jid_copy(
		ev->arena,
		world_jid(w, arena_printf(w->arena, "c%zu@b.example/x", i % f->contacts).p));
	s->to = entity_jid(ev->entity);
	xml_add_leaf(ev->arena, stanza_node(s), "body", text);
	err = archive_put_at(ev, &own->archive, s, 0, archive_ms_id(at), &id);
	return err < 0 ? err : words_add(ev, &own->words, id, jid_bare_str(s->from), text);
}

static int put_all(struct event *ev, void *arg)
{
	struct filling *f = arg;
	int err = 0;

	for (size_t i = 0; i < f->n && err == 0; i++)
		err = put_one(ev, f, i);
	return err;
}

/* N messages, the first so old, the last STEP_MS older than now at least. */
static void fill(size_t n, int64_t age_ms, int64_t step_ms, unsigned contacts)
{
	struct filling f = { n, age_ms, step_ms, contacts };

	ck_assert_int_eq(at_account(w, ROMEO, put_all, &f), 0);
}

/* ---- what there is ---- */

struct census {
	uint64_t owner;
	size_t messages, with, words; /* words: messages found by the one that all have */
	uint64_t bytes;
	uint64_t first, last;
	bool astray; /* a word leads to no message */
	struct store_reader *reader;
	struct usage usage;
};

static int count_message(void *arg, struct str key, struct str value)
{
	struct census *c = arg;
	struct archive_record record;

	ck_assert_int_eq(archive_decode(key, value, &record), 0);
	if (c->messages++ == 0)
		c->first = record.id;
	c->last = record.id;
	c->bytes += archive_record_bytes(&record);
	return 0;
}

static int count_with(void *arg, struct str key, struct str value)
{
	((struct census *)arg)->with++;
	return 0;
}

static int count_word(void *arg, uint64_t id)
{
	struct census *c = arg;
	struct archive_record record;

	c->words++;
	c->astray = c->astray || archive_read(c->reader, c->owner, id, &record) < 0;
	return 0;
}

static void count(struct store_reader *reader, void *arg)
{
	struct census *c = arg;
	struct arena *arena = arena_new(1024);
	struct words_query q = {
		.owner = c->owner,
		.last = UINT64_MAX,
		.looks = SIZE_MAX,
		.found = count_word,
		.arg = c,
	};

	c->reader = reader;
	words_ask(arena, STR("all"), STR_NONE, &q.terms);
	ck_assert_int_eq(store_reader_scan(reader, &archive_space, c->owner, STR(""), STR_NONE,
	                                   0, count_message, c),
	                 0);
	ck_assert_int_eq(store_reader_scan(reader, &archive_with_space, c->owner, STR(""),
	                                   STR_NONE, 0, count_with, c),
	                 0);
	ck_assert_int_eq(words_search(reader, &q), 0);
	arena_free(&arena);
}

static int note_usage(struct event *ev, void *arg)
{
	struct mam_entity *own = mod_entity_state(module(ev), ev->entity);
	int err = archive_open(ev, &own->archive);

	((struct census *)arg)->usage = own->archive.usage;
	return err;
}

static struct census census(void)
{
	struct census c = { 0 };

	at_account_read(w, ROMEO, count, &c, &c.owner);
	ck_assert_int_eq(at_account(w, ROMEO, note_usage, &c), 0);
	return c;
}

/* All that is known of the archive agrees. */
static void agrees(void)
{
	struct census c = census();

	ck_assert_uint_eq(c.with, c.messages);
	ck_assert_uint_eq(c.words, c.messages);
	ck_assert(!c.astray);
	ck_assert_uint_eq(usage_messages(&c.usage), c.messages);
	ck_assert_uint_eq(usage_bytes(&c.usage), c.bytes);
}

/* Waits until no more than N messages are left, and for a moment longer. */
static void leaves(size_t n)
{
	for (int i = 0; i < 500 && census().messages > n; i++)
		usleep(10000);
	usleep(30000);
	ck_assert_uint_eq(census().messages, n);
	agrees();
	world_restart(w);
	agrees();
}

static void do_care(struct core *core, struct world_call *call)
{
	care_now(core->care);
	world_answer(call, 0);
}

static void care(void)
{
	ck_assert_int_eq(world_ask(w, 0, do_care, NULL), 0);
}

/* ---- limits ---- */

START_TEST(without_limits_everything_stays)
{
	BEGIN("");
	fill(600, 1000 * DAY, DAY, 3);
	care();
	usleep(100000);
	ck_assert_uint_eq(census().messages, 600);
	agrees();
	end();
}
END_TEST

START_TEST(what_is_too_old_goes_from_an_account_that_nobody_uses)
{
	BEGIN("keep = \"100 days\"");
	fill(700, 600 * DAY + HOURS(12), DAY, 3);
	world_restart(w); /* nothing of it is in memory */
	care();
	leaves(199);
	end();
}
END_TEST

START_TEST(a_day_is_kept_in_any_case)
{
	BEGIN("keep = \"60 s\"\nmax-messages = 1\nmax-size = 1");
	fill(300, HOURS(23), SECONDS(1), 3);
	care();
	usleep(100000);
	ck_assert_uint_eq(census().messages, 300);
	agrees();
	end();
}
END_TEST

START_TEST(the_oldest_go_when_there_are_too_many)
{
	struct census before;

	BEGIN("max-messages = 250");
	fill(1000, 50 * DAY, HOURS(1), 3);
	before = census();
	care();
	leaves(250);
	ck_assert_uint_eq(census().last, before.last);
	end();
}
END_TEST

START_TEST(the_oldest_go_when_they_take_too_much)
{
	struct census before;
	uint64_t bytes;

	BEGIN("max-size = \"20 KiB\"");
	fill(500, 50 * DAY, HOURS(1), 3);
	before = census();
	bytes = before.bytes / before.messages; /* all are nearly of one size */
	care();
	for (int i = 0; i < 500 && census().bytes > KIB(20); i++)
		usleep(10000);
	usleep(30000);
	ck_assert_uint_le(census().bytes, KIB(20));
	ck_assert_uint_gt(census().bytes + 2 * bytes, KIB(20));
	agrees();
	end();
}
END_TEST

START_TEST(an_account_that_archives_is_cleaned_by_that)
{
	struct client *c, *juliet;

	BEGIN("max-messages = 200\nfulltext = true");
	world_account(w, "juliet@a.example", "secret");
	fill(400, 50 * DAY, HOURS(1), 3);
	c = client_login(w, ROMEO "/one");
	client_send(c, "<presence/>");
	client_expect(c, "<presence/>");
	juliet = client_login(w, "juliet@a.example/one");
	for (int i = 0; i < RETAIN_EVERY; i++) {
		client_printf(
			juliet,
			"<message type='chat' to='" ROMEO "'><body>all %d</body></message>", i);
		client_expect(c, "<message/>");
	}
	client_close(&juliet);
	client_close(&c);
	leaves(200);
	end();
}
END_TEST

START_TEST(what_a_full_disk_keeps_goes_when_it_has_room)
{
	BEGIN("keep = \"100 days\"");
	fill(700, 600 * DAY + HOURS(12), DAY, 3);
	world_fill_disk(w, true);
	care();
	usleep(300000);
	world_fill_disk(w, false);
	agrees();
	care();
	leaves(199);
	end();
}
END_TEST

/* ---- erasing ---- */

struct erasing {
	struct world_call *call;
	struct str with;
	uint64_t upto;
};

static void on_erased(void *arg, int err)
{
	world_answer(arg, err);
}

static void do_erase(struct core *core, struct world_call *call)
{
	const struct erasing *e = call->arg;
	struct jid account = world_jid(w, ROMEO);

	retain_erase(host_module(host_find(core, STR("a.example")), &mod_mam), account, e->with,
	             e->upto, on_erased, call);
}

static int erase(struct str with, uint64_t upto)
{
	struct erasing e = { NULL, with, upto };

	return world_ask(w, 0, do_erase, &e);
}

START_TEST(a_conversation_is_erased_and_the_others_are_whole)
{
	BEGIN("");
	fill(1500, DAY, SECONDS(1), 3);
	ck_assert_int_eq(erase(STR("c1@b.example"), UINT64_MAX), 0);
	leaves(1000);
	ck_assert_int_eq(erase(STR("nobody@b.example"), UINT64_MAX), 0);
	leaves(1000);
	end();
}
END_TEST

START_TEST(all_is_erased_up_to_an_id_and_ids_go_on_ascending)
{
	struct census before;

	BEGIN("");
	fill(700, DAY, SECONDS(1), 3);
	before = census();
	ck_assert_int_eq(erase(STR_NONE, before.last - 1), 0);
	leaves(1);
	ck_assert_int_eq(erase(STR_NONE, UINT64_MAX), 0);
	leaves(0);
	fill(5, DAY, SECONDS(1), 3); /* as old as the first ones were */
	ck_assert_uint_gt(census().first, before.last);
	agrees();
	end();
}
END_TEST

static int erase_one(struct event *ev, void *arg)
{
	return retain_erase_one(module(ev), ev, *(uint64_t *)arg);
}

static int damage(struct event *ev, void *arg)
{
	event_put(ev, &archive_space, archive_key(ev->arena, *(uint64_t *)arg), STR("?"));
	return 0;
}

static void count_keys(struct store_reader *reader, void *arg)
{
	struct census *c = arg;

	ck_assert_int_eq(store_reader_scan(reader, &archive_with_space, c->owner, STR(""),
	                                   STR_NONE, 0, count_with, c),
	                 0);
}

START_TEST(a_damaged_message_does_not_keep_the_others)
{
	struct census before, after = { 0 };

	BEGIN("");
	fill(300, DAY, SECONDS(1), 3);
	before = census();
	ck_assert_int_eq(at_account(w, ROMEO, damage, &before.first), 0);
	ck_assert_int_eq(erase(STR("c1@b.example"), UINT64_MAX), 0);
	ck_assert_int_eq(erase(STR_NONE, UINT64_MAX), 0);
	at_account_read(w, ROMEO, count_keys, &after, &after.owner);
	ck_assert_uint_eq(after.with, 1);
	end();
}
END_TEST

START_TEST(one_message_is_erased)
{
	struct census before;

	BEGIN("");
	fill(300, DAY, SECONDS(1), 3); /* the first is in a segment, the last is not */
	before = census();
	ck_assert_int_eq(at_account(w, ROMEO, erase_one, &before.first), 0);
	ck_assert_int_eq(at_account(w, ROMEO, erase_one, &before.last), 0);
	leaves(298);
	ck_assert_int_eq(at_account(w, ROMEO, erase_one, &before.first), ERR_NOENT);
	end();
}
END_TEST

static void do_erase_without_waiting(struct core *core, struct world_call *call)
{
	retain_erase(host_module(host_find(core, STR("a.example")), &mod_mam),
	             world_jid(w, ROMEO), STR_NONE, UINT64_MAX, NULL, NULL);
	world_answer(call, 0);
}

START_TEST(an_erasure_that_a_stop_ends_can_be_asked_for_again)
{
	BEGIN("");
	fill(1500, DAY, SECONDS(1), 3);
	ck_assert_int_eq(world_ask(w, 0, do_erase_without_waiting, NULL), 0);
	world_restart(w);
	ck_assert_uint_gt(census().messages, 0);
	agrees();
	ck_assert_int_eq(erase(STR_NONE, UINT64_MAX), 0);
	leaves(0);
	end();
}
END_TEST

CHECK_MAIN("mam_retention", without_limits_everything_stays,
           what_is_too_old_goes_from_an_account_that_nobody_uses, a_day_is_kept_in_any_case,
           the_oldest_go_when_there_are_too_many, the_oldest_go_when_they_take_too_much,
           an_account_that_archives_is_cleaned_by_that,
           what_a_full_disk_keeps_goes_when_it_has_room,
           a_conversation_is_erased_and_the_others_are_whole,
           all_is_erased_up_to_an_id_and_ids_go_on_ascending,
           a_damaged_message_does_not_keep_the_others, one_message_is_erased,
           an_erasure_that_a_stop_ends_can_be_asked_for_again)
