/*
 * store.c - the database: opening, spaces, owners.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/store.h"

#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/store/store_private.h"

#include <stdlib.h>

#define OWNER_RANDOM_BITS 52 /* the partition has the other twelve */

int store_open(const struct store_config *config, struct store **store_out)
{
	struct store *store = MEM_NEW(struct store);
	int err;

	pthread_mutex_init(&store->views_lock, NULL);
	store->writer.gather_ms = config->gather_ms;
	err = db_open(&store->db, config);
	if (err == 0)
		err = spaces_open(store, config->spaces);
	if (err == 0)
		err = readers_start(store);
	if (err == 0)
		err = writer_start(store);
	if (err < 0) {
		store_close(&store);
		return err;
	}
	*store_out = store;
	return 0;
}

void store_close(struct store **store_at)
{
	struct store *store = *store_at;
	struct store_view *view;

	if (store == NULL)
		return;
	*store_at = NULL;
	writer_stop(store);
	readers_stop(store);
	while ((view = SLIST_FIRST(&store->views)) != NULL) {
		SLIST_REMOVE_HEAD(&store->views, of_store);
		view_free_shell(view);
	}
	db_close(&store->db);
	free(store->spaces);
	pthread_mutex_destroy(&store->views_lock);
	free(store);
}

const struct hash_key *store_partition_key(const struct store *store)
{
	return &store->partition_key;
}

unsigned store_partition_of(const struct store *store, struct str bare_jid)
{
	return (unsigned)(hash_str(&store->partition_key, bare_jid) % STORE_PARTITIONS);
}

uint64_t store_owner_new(unsigned partition)
{
	uint64_t owner;

	ASSERT(partition < STORE_PARTITIONS);
	do {
		owner = (uint64_t)partition << OWNER_RANDOM_BITS |
		        rand_u64() >> (64 - OWNER_RANDOM_BITS);
	} while (owner == STORE_OWNER_STORE);
	return owner;
}

uint16_t store_space_number(const struct store *store, const struct store_space *space)
{
	for (size_t i = 0; i < store->space_count; i++) {
		if (store->spaces[i].space == space)
			return store->spaces[i].number;
	}
	log_error(NULL, "store: space %s is not registered: list it in the module's descriptor",
	          space->name);
	ASSERT(!"a space that is not registered");
}

struct store_figures store_figures(const struct store *store)
{
	/* The lock is no part of what the caller may not change. */
	struct writer *w = (struct writer *)(uintptr_t)&store->writer;
	struct store_figures figures;
	MDB_envinfo info;

	pthread_mutex_lock(&w->lock);
	figures = w->figures;
	pthread_mutex_unlock(&w->lock);
	if (mdb_env_info(store->db.env, &info) == 0)
		figures.bytes_used = (uint64_t)(info.me_last_pgno + 1) * store->db.page_bytes;
	return figures;
}
