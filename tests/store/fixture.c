/*
 * fixture.c - a store in a folder of its own, with one shard that runs on the test's thread.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/store/fixture.h"

#include "server/base/buf.h"
#include "server/base/err.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS SECONDS(60) /* a hang; no test measures time by it */

const struct store_space space_a = { .name = "a", .version = 1 };
const struct store_space space_b = { .name = "b", .version = 1 };
static const struct store_space *const spaces[] = { &space_a, &space_b, NULL };

void fixture_init(struct fixture *f)
{
	const char *base = getenv("TMPDIR");

	*f = (struct fixture){ 0 };
	snprintf(f->folder, sizeof(f->folder), "%s/jackdaw-store-XXXXXX",
	         base != NULL ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(f->folder));
	f->config = (struct store_config){
		.map_bytes = (size_t)MIB(64),
		.gather_ms = 0,
		.spaces = spaces,
	};
}

void fixture_start(struct fixture *f)
{
	f->config.folder = f->folder;
	ck_assert_int_eq(store_open(&f->config, &f->store), 0);
	ck_assert_int_eq(shard_group_open(1, &f->group), 0);
	f->here = shard_group_at(f->group, 0);
	f->view = store_view_new(f->store, f->here);
}

static void fini(struct shard *here, void *arg)
{
	struct fixture *f = arg;

	store_view_free(&f->view);
}

void fixture_stop(struct fixture *f)
{
	shard_group_stop(f->group, fini, f);
	shard_group_close(&f->group);
	store_close(&f->store);
	ck_assert_ptr_null(f->store);
}

void fixture_remove(struct fixture *f)
{
	static const char *const names[] = { "lock", "jackdaw.mdb", "jackdaw.mdb-lock" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[FIXTURE_PATH_MAX + 32];

		snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(f->folder), 0);
}

void fixture_open(struct fixture *f)
{
	fixture_init(f);
	fixture_start(f);
}

void fixture_close(struct fixture *f)
{
	fixture_stop(f);
	fixture_remove(f);
}

void fixture_turn(struct fixture *f)
{
	shard_run_here(f->here, 0);
}

static void on_done(struct shard *here, struct batch_done *done, int err)
{
	struct waiter *w = CONTAINER_OF(done, struct waiter, done);

	ck_assert_int_eq(done->err, err);
	ck_assert(!w->came);
	w->came = true;
	w->err = err;
}

struct batch_done *waiter_init(struct waiter *w)
{
	*w = (struct waiter){ .done.on_done = on_done };
	return &w->done;
}

int waiter_wait(struct fixture *f, struct waiter *w)
{
	ck_assert(shard_wait_here(f->here, &w->came, PATIENCE_MS));
	return w->err;
}

int fixture_commit(struct fixture *f, struct batch **b)
{
	struct waiter w;

	batch_commit(b, waiter_init(&w));
	ck_assert_ptr_null(*b);
	return waiter_wait(f, &w);
}

int fixture_put(struct fixture *f, uint64_t owner, struct str key, struct str value)
{
	struct batch *b = batch_new(f->view);

	batch_put(b, &space_a, owner, key, value);
	return fixture_commit(f, &b);
}

struct str fixture_find(struct fixture *f, const struct store_space *space, uint64_t owner,
                        struct str key)
{
	struct str value = STR("(untouched)");
	int err = store_find(f->view, space, owner, key, &value);

	if (err == ERR_NOENT) {
		ck_assert(str_is(value, "(untouched)"));
		return STR("(none)");
	}
	ck_assert_int_eq(err, 0);
	return value;
}

static int dump(void *arg, struct str key, struct str value)
{
	struct buf *out = arg;

	buf_append(out, key);
	buf_append_byte(out, '=');
	buf_append(out, value);
	buf_append_byte(out, ' ');
	return 0;
}

struct str fixture_dump(struct fixture *f, const struct store_space *space, uint64_t owner)
{
	static char text[4096];
	struct buf out = { 0 };
	size_t n;

	ck_assert_int_eq(store_scan(f->view, space, owner, STR_NONE, STR_NONE, 0, dump, &out),
	                 0);
	ck_assert_uint_lt(out.n, sizeof(text));
	n = out.n;
	if (n > 0)
		memcpy(text, out.p, n);
	buf_deinit(&out);
	return str_make(text, n);
}

struct str fixture_bytes(char *buffer, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		buffer[i] = (char)(uint8_t)(seed * 31 + i * 7 + (i >> 8));
	return str_make(buffer, n);
}
