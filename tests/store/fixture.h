/*
 * fixture.h - a store in a folder of its own, with one shard that runs on the test's thread.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/store/batch.h"
#include "server/store/job.h"

#define FIXTURE_PATH_MAX 256

struct fixture {
	char folder[FIXTURE_PATH_MAX];
	struct store_config config;
	struct store *store;
	struct shard_group *group;
	struct shard *here;
	struct store_view *view;
};

/* Two spaces that every fixture registers. */
extern const struct store_space space_a, space_b;

/* An owner on the only shard. */
#define OWNER(n) (UINT64_C(1) << 52 | (n))

/* A new folder; what else is to differ is set in f->config before fixture_start. */
void fixture_init(struct fixture *f);
/* Open store, shard and view; the test fails when they do not open. */
void fixture_start(struct fixture *f);
/* Close them, and leave the folder. */
void fixture_stop(struct fixture *f);
/* Remove the folder. */
void fixture_remove(struct fixture *f);

/* fixture_init and fixture_start; fixture_stop and fixture_remove. */
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

/* End the turn, and run what has come. */
void fixture_turn(struct fixture *f);

/* Somebody who waits for a batch. */
struct waiter {
	struct batch_done done;
	bool came;
	int err;
};
struct batch_done *waiter_init(struct waiter *w);
int waiter_wait(struct fixture *f, struct waiter *w);
/* Commit and wait; the batch's result. */
int fixture_commit(struct fixture *f, struct batch **b);
/* One put in a batch of its own. */
int fixture_put(struct fixture *f, uint64_t owner, struct str key, struct str value);

/* The value, or STR("(none)"). */
struct str fixture_find(struct fixture *f, const struct store_space *space, uint64_t owner,
                        struct str key);
/* "key=value " for all of an owner in a space, in a buffer that lasts to the next call. */
struct str fixture_dump(struct fixture *f, const struct store_space *space, uint64_t owner);

/* N bytes that differ with SEED. */
struct str fixture_bytes(char *buffer, size_t n, unsigned seed);
