/*
 * check_mam_words.c - the index of an archive's words, against a search of all texts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/words.h"

#include "tests/modules/ask.h"
#include "tests/lib/at_account.h"

#define ROMEO "romeo@a.example"
#define JULIET STR("juliet@a.example")
#define MANY 1500 /* messages: several segments and some in none */

static struct world *w;

/* The account's state is not what is tested here: each event counts anew. */
static void begin(void)
{
	w = ask_world("modules = { \"mam\" }\n");
}

static void end(void)
{
	world_free(&w);
}

/* ---- what is written ---- */

struct text {
	uint64_t id;
	struct str with, text;
};
struct texts {
	struct text *all;
	size_t n;
};

static int add_texts(struct event *ev, void *arg)
{
	const struct texts *texts = arg;
	struct words words = { 0 };

	for (size_t i = 0; i < texts->n; i++) {
		const struct text *t = &texts->all[i];
		int err = words_add(ev, &words, t->id, t->with, t->text);

		if (err < 0)
			return err;
	}
	return 0;
}

static void add(uint64_t id, struct str with, const char *text)
{
	struct text one = { id, with, str_of(text) };
	struct texts texts = { &one, 1 };

	ck_assert_int_eq(at_account(w, ROMEO, add_texts, &texts), 0);
}

struct removal {
	const uint64_t *ids;
	size_t n;
};

static int remove_ids(struct event *ev, void *arg)
{
	const struct removal *r = arg;
	struct words words = { 0 };

	return words_remove(ev, &words, r->ids, r->n);
}

static void take_out(const uint64_t *ids, size_t n)
{
	while (n > 0) {
		struct removal r = { ids, n };
		int done = at_account(w, ROMEO, remove_ids, &r);

		ck_assert_int_gt(done, 0);
		ids += done;
		n -= (size_t)done;
	}
}

/* ---- what is found ---- */

struct search {
	struct words_query q;
	uint64_t found[MANY];
	size_t n, max;
	int result;
};

static int on_found(void *arg, uint64_t id)
{
	struct search *s = arg;

	ck_assert_uint_lt(s->n, MANY);
	s->found[s->n++] = id;
	return s->n == s->max;
}

static void run_search(struct store_reader *reader, void *arg)
{
	struct search *s = arg;

	s->q.found = on_found;
	s->q.arg = s;
	s->result = words_search(reader, &s->q);
}

static void begin_search(struct search *s, const char *text, struct str with)
{
	*s = (struct search){ .q = { .last = UINT64_MAX, .looks = SIZE_MAX } };
	words_ask(w->arena, str_of(text), with, &s->q.terms);
}

static void search(struct search *s)
{
	s->n = 0;
	at_account_read(w, ROMEO, run_search, s, &s->q.owner);
}

/* Ascending, in words: "3 7 ". */
static const char *found(const char *text, struct str with)
{
	struct search s;
	struct str out = STR("");

	begin_search(&s, text, with);
	search(&s);
	ck_assert_int_eq(s.result, 0);
	for (size_t i = 0; i < s.n; i++)
		out = arena_printf(w->arena, STR_FMT "%u ", STR_ARG(out), (unsigned)s.found[i]);
	return out.p;
}

START_TEST(a_message_is_found_by_all_of_its_words)
{
	begin();
	add(1, JULIET, "But soft, what light through yonder window breaks");
	add(2, STR("nurse@a.example"), "It is the East, and Juliet is the sun");
	add(5, JULIET, "Window light");
	ck_assert_str_eq(found("light", STR_NONE), "1 5 ");
	ck_assert_str_eq(found("window LIGHT", STR_NONE), "1 5 ");
	ck_assert_str_eq(found("window light soft", STR_NONE), "1 ");
	ck_assert_str_eq(found("east light", STR_NONE), "");
	ck_assert_str_eq(found("yon", STR_NONE), "1 ");
	ck_assert_str_eq(found("is", STR_NONE), "2 ");
	ck_assert_str_eq(found("", STR_NONE), "");
	ck_assert_str_eq(found("", JULIET), "");
	ck_assert_str_eq(found("the", JULIET), "");
	ck_assert_str_eq(found("the", STR("nurse@a.example")), "2 ");
	end();
}
END_TEST

START_TEST(what_is_removed_is_not_found)
{
	const uint64_t some[] = { 2, 3, 9 };

	begin();
	add(1, JULIET, "one word");
	add(2, JULIET, "two words");
	add(4, JULIET, "three wordy words");
	take_out(some, 3);
	ck_assert_str_eq(found("word", STR_NONE), "1 4 ");
	ck_assert_str_eq(found("two", STR_NONE), "");
	end();
}
END_TEST

START_TEST(a_restart_changes_nothing)
{
	begin();
	add(1, JULIET, "parting is such sweet sorrow");
	world_restart(w);
	ck_assert_str_eq(found("sweet", STR_NONE), "1 ");
	add(2, JULIET, "sweets to the sweet");
	ck_assert_str_eq(found("sweet", STR_NONE), "1 2 ");
	end();
}
END_TEST

/* ---- many, against a model ---- */

static const char *const vocabulary[] = {
	"alpha", "beta",  "gamma",  "delta", "epsilon", "zeta", "eta",  "theta",
	"iota",  "kappa", "lambda", "mu",    "nu",      "xi",   "rho",  "sigma",
	"tau",   "phi",   "chi",    "psi",   "omega",   "the",  "them", "then",
	"ab",    "abc",   "abcd",   "abcde", "привет",  "мир",  "猫が", "好き",
};
static const struct str others[] = { STR_INIT("juliet@a.example"), STR_INIT("nurse@a.example"),
	                             STR_INIT("paris@b.example") };

struct model {
	struct text texts[MANY];
	bool gone[MANY];
	unsigned seed;
};

static unsigned draw(struct model *m, unsigned below)
{
	m->seed = m->seed * 1103515245 + 12345;
	return (m->seed >> 8) % below;
}

/* Few words are in most messages, and most are in few. */
static struct str some_words(struct model *m, unsigned most)
{
	struct str out = STR("");

	for (unsigned n = draw(m, most) + 1; n > 0; n--) {
		unsigned i = draw(m, ARRAY_LEN(vocabulary));

		if (draw(m, 2) == 0)
			i = draw(m, i + 1);
		out = arena_printf(w->arena, STR_FMT " %s", STR_ARG(out), vocabulary[i]);
	}
	return out;
}

static struct model *make_model(void)
{
	struct model *m = ARENA_NEW(w->arena, struct model);
	uint64_t id = 1000000;

	m->seed = 5;
	for (size_t i = 0; i < MANY; i++) {
		id += draw(m, 1000) + 1;
		m->texts[i] = (struct text){ id, others[draw(m, 3)], some_words(m, 8) };
	}
	for (size_t i = 0; i < MANY;) { /* batches of all sizes */
		struct texts texts = { &m->texts[i], draw(m, 40) + 1 };

		if (texts.n > MANY - i)
			texts.n = MANY - i;
		ck_assert_int_eq(at_account(w, ROMEO, add_texts, &texts), 0);
		i += texts.n;
	}
	return m;
}

static bool model_has(const struct text *t, const struct words_query *q, struct str with)
{
	struct terms terms;

	if (t->id < q->first || t->id > q->last ||
	    (!str_is_absent(with) && !str_eq(with, t->with)))
		return false;
	terms_read(w->arena, t->text, &terms);
	for (size_t i = 0; i < q->terms.n; i++) {
		bool has = q->terms.all[i].text.p[0] == '\1';

		for (size_t k = 0; k < terms.n; k++)
			has = has || term_matches(&q->terms.all[i], terms.all[k].text);
		if (!has)
			return false;
	}
	return true;
}

/* What S should find, in its order. */
static size_t model_search(const struct model *m, const struct words_query *q, struct str with,
                           uint64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < MANY; i++) {
		size_t at = q->down ? MANY - 1 - i : i;

		if (!m->gone[at] && model_has(&m->texts[at], q, with))
			out[n++] = m->texts[at].id;
	}
	return n;
}

static void begin_any_search(struct model *m, struct search *s, struct str *with)
{
	*with = draw(m, 3) == 0 ? others[draw(m, 3)] : STR_NONE;
	begin_search(s, arena_cstr(w->arena, some_words(m, 3)), *with);
	s->q.down = draw(m, 2) == 0;
	if (draw(m, 2) == 0)
		s->q.first = m->texts[draw(m, MANY)].id + draw(m, 2);
	if (draw(m, 2) == 0)
		s->q.last = m->texts[draw(m, MANY)].id - draw(m, 2);
}

static void expect_same(struct model *m, int searches)
{
	uint64_t *wanted = ARENA_ARRAY(w->arena, uint64_t, MANY);
	struct search *s = ARENA_NEW(w->arena, struct search);

	for (int i = 0; i < searches; i++) {
		struct str with;
		size_t n;

		begin_any_search(m, s, &with);
		n = model_search(m, &s->q, with, wanted);
		search(s);
		ck_assert_int_eq(s->result, 0);
		ck_assert_uint_eq(s->n, n);
		ck_assert(n == 0 || memcmp(s->found, wanted, n * sizeof(wanted[0])) == 0);
	}
}

START_TEST(many_are_found_as_by_reading_all)
{
	begin();
	expect_same(make_model(), 200);
	end();
}
END_TEST

START_TEST(many_that_go_are_found_no_more)
{
	struct model *m;

	begin();
	m = make_model();
	for (int round = 0; round < 6; round++) {
		uint64_t ids[MANY];
		size_t n = 0;

		/* here and there; then a run from the beginning, as retention does */
		for (size_t i = 0; i < MANY; i++)
			if (!m->gone[i] &&
			    (round < 3 ? draw(m, 20) == 0 : i < 150 * (size_t)round)) {
				m->gone[i] = true;
				ids[n++] = m->texts[i].id;
			}
		take_out(ids, n);
		expect_same(m, 30);
	}
	end();
}
END_TEST

START_TEST(pages_in_either_direction_are_the_whole)
{
	uint64_t wanted[MANY], got[MANY];
	struct model *m;

	begin();
	m = make_model();
	for (int down = 0; down < 2; down++) {
		struct search *s = ARENA_NEW(w->arena, struct search);
		size_t n = 0, n_wanted;

		begin_search(s, "the", STR_NONE);
		s->q.down = down == 1;
		n_wanted = model_search(m, &s->q, STR_NONE, wanted);
		s->max = 50;
		do {
			search(s);
			memcpy(got + n, s->found, s->n * sizeof(got[0]));
			n += s->n;
			if (s->n > 0 && down)
				s->q.last = s->found[s->n - 1] - 1;
			else if (s->n > 0)
				s->q.first = s->found[s->n - 1] + 1;
		} while (s->result == 1);
		ck_assert_int_eq(s->result, 0);
		ck_assert_uint_eq(n, n_wanted);
		ck_assert(memcmp(got, wanted, n * sizeof(got[0])) == 0);
	}
	end();
}
END_TEST

START_TEST(a_search_that_may_not_look_at_all_goes_on_where_it_ended)
{
	uint64_t wanted[MANY], got[MANY];
	struct model *m;

	begin();
	m = make_model();
	for (int down = 0; down < 2; down++) {
		struct search *s = ARENA_NEW(w->arena, struct search);
		size_t n = 0, n_wanted, rounds = 0;

		begin_search(s, "omega psi", STR_NONE);
		s->q.down = down == 1;
		s->q.looks = 2;
		n_wanted = model_search(m, &s->q, STR_NONE, wanted);
		do {
			search(s);
			memcpy(got + n, s->found, s->n * sizeof(got[0]));
			n += s->n;
			if (down)
				s->q.last = s->q.reached - 1;
			else
				s->q.first = s->q.reached + 1;
			rounds++;
		} while (s->result == WORDS_ENDED);
		ck_assert_int_eq(s->result, 0);
		ck_assert_uint_gt(rounds, 3);
		ck_assert_uint_eq(n, n_wanted);
		ck_assert(memcmp(got, wanted, n * sizeof(got[0])) == 0);
	}
	end();
}
END_TEST

/* ---- a segment ---- */

static struct str make_segment(struct arena *arena, size_t n)
{
	struct segment_maker m;

	segment_begin(&m, arena);
	for (size_t i = 0; i < n; i++) {
		segment_add_message(&m, 1000 + 10 * i);
		segment_add_term(&m, STR("all"));
		segment_add_term(&m, i % 2 == 0 ? STR("even") : STR("odd"));
		segment_add_term(&m, arena_printf(arena, "only%zu", i));
	}
	return segment_finish(&m);
}

START_TEST(a_segment_holds_what_was_put_into_it)
{
	struct arena *arena = arena_new(4096);
	uint64_t ids[SEGMENT_MESSAGES];
	struct segment s;

	ck_assert_int_eq(segment_open(make_segment(arena, SEGMENT_MESSAGES), &s), 0);
	ck_assert_int_eq(segment_ids(&s, ids), SEGMENT_MESSAGES);
	for (size_t i = 0; i < SEGMENT_MESSAGES; i++) {
		struct term only = { arena_printf(arena, "only%zu", i), false };
		struct term odd = { STR("od"), true };
		struct segment_set a = { { 0 } }, b = { { 0 } };

		ck_assert_uint_eq(ids[i], 1000 + 10 * i);
		ck_assert_int_eq(segment_find(&s, &only, &a), 0);
		ck_assert_int_eq(segment_find(&s, &odd, &b), 0);
		for (size_t k = 0; k < SEGMENT_MESSAGES; k++) {
			ck_assert(segment_has(&a, k) == (i == k));
			ck_assert(segment_has(&b, k) == (k % 2 == 1));
		}
	}
	arena_free(&arena);
}
END_TEST

START_TEST(damage_to_a_segment_is_an_error_or_another_answer)
{
	struct arena *arena = arena_new(4096);
	struct str good = make_segment(arena, 40);
	unsigned seed = 3;

	for (int round = 0; round < 20000; round++) {
		struct str value = arena_copy(arena, good);
		char *bytes = (char *)(uintptr_t)value.p;
		struct segment_set set = { { 0 } };
		struct term term = { STR("only7"), round % 2 == 0 };
		const uint64_t gone[] = { 1010, 1050 };
		uint64_t ids[SEGMENT_MESSAGES];
		struct str made;
		struct segment s;

		for (int i = 0; i < 3; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[(seed >> 8) % value.n] = (char)(seed >> 24);
		}
		if (round % 3 == 0)
			value.n = (seed >> 8) % value.n;
		if (segment_open(value, &s) == 0) {
			(void)!segment_ids(&s, ids);
			(void)!segment_find(&s, &term, &set);
			(void)!segment_without(&s, arena, gone, 2, &made);
		}
		arena_reset(arena);
		good = make_segment(arena, 40);
	}
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("mam_words", a_message_is_found_by_all_of_its_words, what_is_removed_is_not_found,
           a_restart_changes_nothing, many_are_found_as_by_reading_all,
           many_that_go_are_found_no_more, pages_in_either_direction_are_the_whole,
           a_search_that_may_not_look_at_all_goes_on_where_it_ended,
           a_segment_holds_what_was_put_into_it,
           damage_to_a_segment_is_an_error_or_another_answer)
