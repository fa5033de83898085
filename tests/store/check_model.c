/*
 * check_model.c - random writes, commits, failures and reads against a model that cannot be
 * wrong.
 *
 * The model keeps what is on disk as a plain array and each batch as a list of writes.  What a
 * read must see is the array with the batches under way applied in order of their commits, then
 * the open ones in order of their making.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/rand.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <stdio.h>
#include <string.h>

#define OWNERS 3
#define SPACES 2
#define OPS_MAX 24
#define BATCHES_MAX 64 /* under way or open */
#define HELD_MAX 16
#define STEPS 12000
#define LARGE ((size_t)MIB(9)) /* for a map of eight */

static const struct str keys[] = {
	STR_INIT(""),         STR_INIT("\0"), STR_INIT("a"),   STR_INIT("a\0"),
	STR_INIT("a\0b"),     STR_INIT("ab"), STR_INIT("abc"), STR_INIT("abd"),
	STR_INIT("b"),        STR_INIT("ba"), STR_INIT("c"),   STR_INIT("\xff"),
	STR_INIT("\xff\xff"),
};
#define KEYS ARRAY_LEN(keys) /* in order */

/* A cell holds the number of its value, 0 for none. */
struct cells {
	unsigned at[OWNERS][SPACES][KEYS];
};

struct model_op {
	enum {
		PUT,
		DELETE,
		ERASE,
	} kind;
	unsigned owner, space, key, value;
};

struct model_batch {
	struct batch_done done;
	struct world *world;
	struct batch *batch; /* NULL once committed */
	struct model_op ops[OPS_MAX];
	size_t n;
	bool fails;
};

struct world {
	struct fixture f;
	struct cells disk;
	struct model_batch *flight[BATCHES_MAX];
	size_t flight_n;
	struct model_batch *open[BATCHES_MAX];
	size_t open_n;
	unsigned values;
	struct {
		struct str bytes;
		unsigned value;
	} held[HELD_MAX]; /* found in this turn */
	size_t held_n;
	bool turning; /* what is found now does not last to the next step */
	char *large;
	unsigned failures;
};

static const struct store_space *const spaces[SPACES] = { &space_a, &space_b };

static unsigned below(unsigned n)
{
	return (unsigned)(rand_u64() % n);
}

/* Value N: mostly short, now and then with pages of its own. */
static struct str value_of(char *buffer, unsigned n)
{
	return fixture_bytes(buffer, n % 11 == 0 ? 5000 + n % 3000 : n % 60, n);
}
#define VALUE_MAX 8000

static void apply(struct cells *c, const struct model_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct model_op *op = &b->ops[i];

		if (op->kind == ERASE)
			memset(c->at[op->owner], 0, sizeof(c->at[op->owner]));
		else
			c->at[op->owner][op->space][op->key] = op->kind == PUT ? op->value : 0;
	}
}

static struct cells visible(const struct world *w)
{
	struct cells c = w->disk;

	for (size_t i = 0; i < w->flight_n; i++)
		apply(&c, w->flight[i]);
	for (size_t i = 0; i < w->open_n; i++)
		apply(&c, w->open[i]);
	return c;
}

/* ---- reading ---- */

static void check_held(struct world *w)
{
	char buffer[VALUE_MAX];

	for (size_t i = 0; i < w->held_n; i++)
		ck_assert(str_eq(w->held[i].bytes, value_of(buffer, w->held[i].value)));
}

static void check_find(struct world *w, const struct cells *c, unsigned owner, unsigned space,
                       unsigned key)
{
	unsigned value = c->at[owner][space][key];
	char buffer[VALUE_MAX];
	struct str found;
	int err = store_find(w->f.view, spaces[space], OWNER(owner), keys[key], &found);

	ck_assert_int_eq(err, value != 0 ? 0 : ERR_NOENT);
	if (value == 0)
		return;
	ck_assert(str_eq(found, value_of(buffer, value)));
	if (!w->turning && w->held_n < HELD_MAX) {
		w->held[w->held_n].bytes = found;
		w->held[w->held_n++].value = value;
	}
}

struct expected {
	unsigned key[KEYS];
	unsigned value[KEYS];
	size_t n;
	size_t seen;
};

static int on_each(void *arg, struct str key, struct str value)
{
	struct expected *e = arg;
	char buffer[VALUE_MAX];

	ck_assert_uint_lt(e->seen, e->n);
	ck_assert(str_eq(key, keys[e->key[e->seen]]));
	ck_assert(str_eq(value, value_of(buffer, e->value[e->seen])));
	e->seen++;
	return 0;
}

static void check_scan(struct world *w, const struct cells *c, unsigned owner, unsigned space,
                       bool down)
{
	static const struct str prefixes[] = {
		STR_INIT(""),   STR_INIT("a"), STR_INIT("ab"),
		STR_INIT("\0"), STR_INIT("x"), STR_INIT("\xff")
	};
	struct str prefix = prefixes[below(ARRAY_LEN(prefixes))];
	struct str from = below(2) == 0 ? STR_NONE : keys[below(KEYS)];
	size_t limit = below(3) == 0 ? below(4) : 0;
	struct expected e = { .n = 0 };
	int err;

	for (unsigned i = 0; i < KEYS; i++) {
		unsigned k = down ? (unsigned)KEYS - 1 - i : i;
		int order = str_is_absent(from) ? 0 : str_cmp(keys[k], from);

		if (c->at[owner][space][k] == 0 || !str_starts_with(keys[k], prefix) ||
		    (down ? order > 0 : order < 0))
			continue;
		if (limit != 0 && e.n == limit)
			break;
		e.key[e.n] = k;
		e.value[e.n++] = c->at[owner][space][k];
	}
	err = down ? store_scan_down(w->f.view, spaces[space], OWNER(owner), prefix, from,
	                             limit, on_each, &e)
	           : store_scan(w->f.view, spaces[space], OWNER(owner), prefix, from, limit,
	                        on_each, &e);
	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(e.seen, e.n);
}

static void check_all(struct world *w)
{
	struct cells c = visible(w);

	for (unsigned owner = 0; owner < OWNERS; owner++) {
		for (unsigned space = 0; space < SPACES; space++) {
			for (unsigned key = 0; key < KEYS; key++)
				check_find(w, &c, owner, space, key);
			check_scan(w, &c, owner, space, false);
			check_scan(w, &c, owner, space, true);
		}
	}
}

static void take_out(struct model_batch **list, size_t *n, size_t at)
{
	--*n;
	memmove(list + at, list + at + 1, (*n - at) * sizeof(*list));
}

static void on_model_done(struct shard *here, struct batch_done *done, int err)
{
	struct model_batch *b = CONTAINER_OF(done, struct model_batch, done);
	struct world *w = b->world;

	ck_assert_ptr_eq(w->flight[0], b);
	ck_assert_int_eq(err, b->fails ? ERR_FULL : 0);
	w->failures += b->fails;
	take_out(w->flight, &w->flight_n, 0);
	if (err == 0)
		apply(&w->disk, b);
	free(b);
	check_all(w); /* with a snapshot that may be older than the commit */
}

/* ---- writing ---- */

static struct model_batch *some_open(struct world *w)
{
	struct model_batch *b;

	if (w->open_n > 0 && (below(8) != 0 || w->open_n == 4))
		return w->open[below((unsigned)w->open_n)];
	b = MEM_NEW(struct model_batch);
	b->done.on_done = on_model_done;
	b->world = w;
	b->batch = batch_new(w->f.view);
	w->open[w->open_n++] = b;
	return b;
}

static void step_write(struct world *w)
{
	struct model_batch *b = some_open(w);
	struct model_op op = { .owner = below(OWNERS),
		               .space = below(SPACES),
		               .key = below(KEYS) };
	unsigned dice = below(20);
	char buffer[VALUE_MAX];

	if (b->n == OPS_MAX)
		return;
	op.kind = dice == 0 ? ERASE : dice < 6 ? DELETE : PUT;
	op.value = op.kind == PUT ? ++w->values : 0;
	b->ops[b->n++] = op;
	if (op.kind == ERASE)
		batch_erase_owner(b->batch, OWNER(op.owner));
	else if (op.kind == DELETE)
		batch_delete(b->batch, spaces[op.space], OWNER(op.owner), keys[op.key]);
	else
		batch_put(b->batch, spaces[op.space], OWNER(op.owner), keys[op.key],
		          value_of(buffer, op.value));
}

static void step_commit(struct world *w)
{
	size_t at = w->open_n > 0 ? below((unsigned)w->open_n) : 0;
	struct model_batch *b;

	if (w->open_n == 0 || w->flight_n == BATCHES_MAX)
		return;
	b = w->open[at];
	take_out(w->open, &w->open_n, at);
	if (below(10) == 0) { /* what no map has room for, under an owner that nobody reads */
		b->fails = true;
		batch_put(b->batch, &space_a, OWNER(99), STR("large"),
		          str_make(w->large, LARGE));
	}
	w->flight[w->flight_n++] = b;
	batch_commit(&b->batch, &b->done);
}

static void step_drop(struct world *w)
{
	size_t at = w->open_n > 0 ? below((unsigned)w->open_n) : 0;

	if (w->open_n == 0)
		return;
	batch_drop(&w->open[at]->batch);
	free(w->open[at]);
	take_out(w->open, &w->open_n, at);
}

static void step_turn(struct world *w)
{
	check_held(w);
	w->held_n = 0;
	w->turning = true;
	fixture_turn(&w->f);
	w->turning = false;
}

static void step(struct world *w)
{
	unsigned dice = below(100);

	if (dice < 60)
		step_write(w);
	else if (dice < 78)
		step_commit(w);
	else if (dice < 82)
		step_drop(w);
	else if (dice < 90)
		step_turn(w);
	else
		check_all(w);
}

static void finish(struct world *w)
{
	while (w->open_n > 0)
		step_drop(w);
	check_all(w);
	check_held(w);
	w->held_n = 0;
	w->turning = true;
	fixture_stop(&w->f);
	w->turning = false;
	ck_assert_uint_eq(w->flight_n, 0);
	fixture_start(&w->f);
	check_all(w);
}

static void run(int64_t gather_ms)
{
	struct world *w = MEM_NEW(struct world);

	log_set_level(LOG_ERROR);
	fixture_init(&w->f);
	w->f.config.map_bytes = (size_t)MIB(8);
	w->f.config.gather_ms = gather_ms;
	w->large = mem_zalloc(LARGE);
	fixture_start(&w->f);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < STEPS / 3; i++)
			step(w);
		finish(w);
	}
	ck_assert_uint_gt(w->failures, 0);
	fixture_close(&w->f);
	free(w->large);
	free(w);
}

START_TEST(reads_see_what_the_model_sees_with_quick_commits)
{
	run(0);
}
END_TEST

START_TEST(reads_see_what_the_model_sees_with_large_groups)
{
	run(5);
}
END_TEST

CHECK_MAIN("model", reads_see_what_the_model_sees_with_quick_commits,
           reads_see_what_the_model_sees_with_large_groups)
