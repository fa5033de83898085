/*
 * archive.c - what an archive costs: filled through the store, then read and searched.
 *
 *     archive [MESSAGES [BATCH [no-words]]]     1000000 of them, 100 in a batch
 *
 * Runs a server of its own, without clients, in a folder under /tmp.  Ten words a message out of
 * 50,000, the k-th most frequent of which comes 1/k as often as the first.  CPU is the process's,
 * all threads, a time that of a job on the reader thread.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/archive.h"
#include "modules/mam/words.h"
#include "tests/bench/histogram.h"
#include "tests/lib/at_account.h"
#include "tests/modules/ask.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#define ROMEO "romeo@a.example"
#define WORDS 50000
#define WORDS_EACH 10
#define PAGE 50
#define CONTACTS 50
#define LOOKS 8192

struct bench {
	struct world *w;
	size_t messages, batch;
	bool index;
	double *shares; /* of the words up to each */
	uint64_t seed;
	struct archive archive;
	struct words words;
	/* of a search */
	struct words_query q;
	size_t found;
	uint64_t ns;
};

static double draw(struct bench *b)
{
	b->seed = b->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (double)(b->seed >> 11) / (double)(UINT64_C(1) << 53);
}

static void make_shares(struct bench *b)
{
	double sum = 0;

	b->shares = ARENA_ARRAY(b->w->arena, double, WORDS);
	for (size_t i = 0; i < WORDS; i++)
		b->shares[i] = sum += 1 / (double)(i + 1);
	for (size_t i = 0; i < WORDS; i++)
		b->shares[i] /= sum;
}

/* Of five to nine letters; the same for the same number. */
static size_t put_word(char *out, size_t rank)
{
	uint64_t x = (rank + 1) * UINT64_C(0x9E3779B97F4A7C15);
	size_t n = 5 + x % 5;

	for (size_t i = 0; i < n; i++) {
		x = x * UINT64_C(6364136223846793005) + 1;
		out[i] = (char)('a' + (x >> 40) % 26);
	}
	return n;
}

static size_t draw_word(struct bench *b)
{
	double at = draw(b);
	size_t low = 0, high = WORDS - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (b->shares[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct str make_text(struct bench *b, struct arena *arena)
{
	char *p = arena_alloc(arena, (size_t)WORDS_EACH * 16);
	size_t n = 0;

	for (int i = 0; i < WORDS_EACH; i++) {
		if (i > 0)
			p[n++] = ' ';
		n += put_word(p + n, draw_word(b));
	}
	return str_make(p, n);
}

static int put_one(struct event *ev, struct bench *b)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_CHAT);
	unsigned contact = (unsigned)(draw(b) * CONTACTS);
	struct str text = make_text(b, ev->arena);
	struct str with = arena_printf(ev->arena, "contact%u@b.example/phone", contact);
	struct jid from;
	uint64_t id;
	int err = jid_parse(ev->arena, with, &from);

	if (err < 0)
		return err;
	s->from = from;
	s->to = entity_jid(ev->entity);
	s->id = arena_printf(ev->arena, "m%llx", (unsigned long long)b->seed);
	xml_add_leaf(ev->arena, stanza_node(s), "body", text);
	err = archive_put(ev, &b->archive, s, 0, &id);
	if (err == 0 && b->index)
		err = words_add(ev, &b->words, id, jid_bare_str(from), text);
	return err;
}

static int put_batch(struct event *ev, void *arg)
{
	struct bench *b = arg;
	int err = 0;

	for (size_t i = 0; i < b->batch && err == 0; i++)
		err = put_one(ev, b);
	return err;
}

/* ---- figures ---- */

static double cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void fill(struct bench *b)
{
	double start = cpu_us();

	for (size_t i = 0; i < b->messages; i += b->batch)
		ck_assert_int_eq(at_account(b->w, ROMEO, put_batch, b), 0);
	printf("stored: %zu messages in batches of %zu, %.1f us of CPU each, %.0f bytes each\n",
	       b->messages, b->batch, (cpu_us() - start) / (double)b->messages,
	       (double)store_figures(b->w->server->store).bytes_used / (double)b->messages);
}

/* ---- reading ---- */

static int on_record(void *arg, struct str key, struct str value)
{
	struct bench *b = arg;
	struct archive_record record;
	struct arena *arena = arena_new(4096);
	struct stanza s;

	ck_assert_int_eq(archive_decode(key, value, &record), 0);
	ck_assert_int_eq(archive_message(arena, &record, &s), 0);
	arena_free(&arena);
	b->found++;
	return 0;
}

static void read_latest(struct store_reader *reader, void *arg)
{
	struct bench *b = arg;
	uint64_t start = thread_ns();

	b->found = 0;
	ck_assert_int_eq(store_reader_scan_down(reader, &archive_space, b->q.owner, STR(""),
	                                        STR_NONE, PAGE, on_record, b),
	                 0);
	b->ns = thread_ns() - start;
}

struct finding {
	struct bench *b;
	struct store_reader *reader;
};

/* A message that was found is read, as it would be for an answer. */
static int on_found(void *arg, uint64_t id)
{
	struct finding *f = arg;
	struct archive_record record;
	struct arena *arena = arena_new(4096);
	struct stanza s;

	ck_assert_int_eq(archive_read(f->reader, f->b->q.owner, id, &record), 0);
	ck_assert_int_eq(archive_message(arena, &record, &s), 0);
	arena_free(&arena);
	return ++f->b->found == PAGE;
}

static void search(struct store_reader *reader, void *arg)
{
	struct bench *b = arg;
	struct finding f = { b, reader };
	uint64_t start = thread_ns();

	b->found = 0;
	b->q.found = on_found;
	b->q.arg = &f;
	ck_assert_int_ge(words_search(reader, &b->q), 0);
	b->ns = thread_ns() - start;
}

static void print(const char *what, const struct histogram *h, size_t found)
{
	printf("%-40s p50 %8.3f ms  p99 %8.3f ms  max %8.3f ms  (%.1f found)\n", what,
	       histogram_percentile(h, 0.5) / 1e6, histogram_percentile(h, 0.99) / 1e6,
	       histogram_percentile(h, 1) / 1e6, (double)found / (double)h->total);
}

static void measure_latest(struct bench *b)
{
	struct histogram h = { 0 };
	size_t found = 0;

	for (int i = 0; i < 1000; i++) {
		at_account_read(b->w, ROMEO, read_latest, b, &b->q.owner);
		histogram_add(&h, b->ns);
		found += b->found;
	}
	print("the latest 50", &h, found);
}

/* Questions of N words, each between the ranks FIRST and LAST. */
static void measure_search(struct bench *b, const char *what, int n, size_t first, size_t last,
                           bool down, bool with)
{
	struct histogram h = { 0 };
	size_t found = 0;

	for (int i = 0; i < 300; i++) {
		struct arena *arena = arena_new(4096);
		char text[64];
		size_t len = 0;

		for (int k = 0; k < n; k++) {
			len += put_word(text + len,
			                first + (size_t)(draw(b) * (double)(last - first)));
			text[len++] = ' ';
		}
		b->q = (struct words_query){ .last = UINT64_MAX, .looks = LOOKS, .down = down };
		words_ask(arena, str_make(text, len),
		          with ? STR("contact7@b.example") : STR_NONE, &b->q.terms);
		at_account_read(b->w, ROMEO, search, b, &b->q.owner);
		histogram_add(&h, b->ns);
		found += b->found;
		arena_free(&arena);
	}
	print(what, &h, found);
}

static void measure_searches(struct bench *b)
{
	measure_search(b, "a common word (rank 1-100)", 1, 0, 100, true, false);
	measure_search(b, "a common word, oldest first", 1, 0, 100, false, false);
	measure_search(b, "a middling word (1,000-5,000)", 1, 1000, 5000, true, false);
	measure_search(b, "a rare word (40,000-50,000)", 1, 40000, 50000, true, false);
	measure_search(b, "a word that is nowhere", 1, 60000, 90000, true, false);
	measure_search(b, "two common words", 2, 0, 100, true, false);
	measure_search(b, "two rare words", 2, 40000, 50000, true, false);
	measure_search(b, "a common word of one contact", 1, 0, 100, true, true);
	measure_search(b, "a middling word of one contact", 1, 1000, 5000, true, true);
}

/* ---- whole queries: what the server's threads take for them ---- */

static double main_us(void)
{
	return (double)thread_ns() / 1e3;
}

static void measure_queries(struct bench *b, const char *what, const char *inner)
{
	const int n = 150; /* within what a client may cause at once */
	struct client *c = client_login(b->w, ROMEO "/bench");
	double start = cpu_us() - main_us();

	for (int i = 0; i < n; i++) {
		client_printf(c,
		              "<iq type='set' id='q'><query xmlns='" NS_MAM "'>%s</query></iq>",
		              inner);
		while (!xml_is(client_next(c), NS_CLIENT, "iq"))
			;
	}
	printf("%-40s %.3f ms of the server's CPU\n", what,
	       (cpu_us() - main_us() - start) / 1e3 / n);
	client_close(&c);
}

#define LATEST "<set xmlns='http://jabber.org/protocol/rsm'><max>50</max><before/></set>"
#define SEARCH(text) \
	"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>" NS_MAM \
	"</value></field><field var='{urn:xmpp:fulltext:0}fulltext'><value>" text \
	"</value></field></x>" LATEST

static void measure_session(struct bench *b)
{
	char word[16] = { 0 };

	measure_queries(b, "a query of the latest 50", LATEST);
	put_word(word, 20);
	measure_queries(b, "a query for a common word",
	                arena_printf(b->w->arena, SEARCH("%s"), word).p);
	measure_queries(b, "a query for a word that is nowhere", SEARCH("qqqqqq"));
}

static struct bench bench = { .seed = 1 };

/* The server inside of a test is made for tests: Check must believe that this is one. */
START_TEST(measure)
{
	bench.w = ask_world("modules = { \"mam\" }\n");
	make_shares(&bench);
	fill(&bench);
	measure_latest(&bench);
	if (bench.index) {
		measure_searches(&bench);
		measure_session(&bench);
	}
	world_free(&bench.w);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = { measure };

	bench.messages = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	bench.batch = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
	bench.index = argc <= 3;
	setenv("CK_FORK", "no", 1); /* where nothing is timed out */
	setenv("CK_VERBOSITY", "minimal", 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return check_main("archive", tests, 1);
}
