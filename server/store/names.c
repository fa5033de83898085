/*
 * names.c - the index of entities: from a bare JID to its owner id, and the list of a host's
 * entities in order.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/names.h"

#include "server/base/digest.h"
#include "server/base/err.h"
#include "server/store/key.h"
#include "server/store/record.h"
#include "server/store/store_private.h"

#define NAMES_VERSION 1
/* Of the domain's SHA-256: no two domains that anyone can find share them. */
#define DOMAIN_BYTES 16

const struct store_space names_space = { .name = "names", .version = NAMES_VERSION };

static void set_key(struct store_key *k, struct str domain, struct str local)
{
	uint8_t hash[DIGEST_MAX];

	digest_hash(DIGEST_SHA256, domain, hash);
	key_init(k);
	key_bytes(k, str_make((const char *)hash, DOMAIN_BYTES));
	if (!str_is_empty(local))
		key_text(k, local);
}

static int read_entry(struct str value, uint64_t *owner_out, struct str *bare_out)
{
	struct record_reader r;

	if (record_open(&r, value) != NAMES_VERSION)
		return ERR_CORRUPT;
	*owner_out = record_u64(&r);
	*bare_out = record_str(&r);
	return record_end(&r);
}

int names_find(struct store_view *view, struct str domain, struct str local,
               uint64_t *owner_out)
{
	struct store_key key;
	struct str value, bare;
	uint64_t owner;
	int err;

	set_key(&key, domain, local);
	err = store_find(view, &names_space, STORE_OWNER_STORE, key_str(&key), &value);
	if (err == 0)
		err = read_entry(value, &owner, &bare);
	if (err == 0)
		*owner_out = owner;
	return err;
}

int names_read(struct store_reader *reader, struct str domain, struct str local,
               uint64_t *owner_out)
{
	struct store_key key;
	struct str value, bare;
	int err;

	set_key(&key, domain, local);
	err = store_reader_find(reader, &names_space, STORE_OWNER_STORE, key_str(&key), &value);
	return err < 0 ? err : read_entry(value, owner_out, &bare);
}

uint64_t names_add(struct batch *b, struct str domain, struct str local, struct str bare)
{
	unsigned partition = store_partition_of(b->view->store, bare);
	uint64_t owner = store_owner_new(partition);
	struct record_writer w;
	struct store_key key;

	ASSERT(store_partition_shard(partition,
	                             shard_group_count(shard_group_of(b->view->here))) ==
	       shard_index(b->view->here));
	set_key(&key, domain, local);
	record_begin(&w, NAMES_VERSION);
	record_put_u64(&w, owner);
	record_put_str(&w, bare);
	batch_put(b, &names_space, STORE_OWNER_STORE, key_str(&key), buf_str(&w.out));
	buf_deinit(&w.out);
	return owner;
}

void names_remove(struct batch *b, struct str domain, struct str local)
{
	struct store_key key;

	set_key(&key, domain, local);
	batch_delete(b, &names_space, STORE_OWNER_STORE, key_str(&key));
}

struct walk {
	names_each_fn *each;
	void *arg;
};

static int on_entry(void *arg, struct str key, struct str value)
{
	const struct walk *walk = arg;
	struct str bare;
	uint64_t owner;
	int err = read_entry(value, &owner, &bare);

	return err < 0 ? err : walk->each(walk->arg, bare, owner);
}

/* With one more byte it is the next key behind AFTER's, or behind the host's own. */
static void set_bounds(struct store_key *prefix, struct store_key *from, struct str domain,
                       struct str after)
{
	set_key(prefix, domain, STR_NONE);
	set_key(from, domain, after);
	key_bytes(from, STR("\0"));
}

int names_scan(struct store_view *view, struct str domain, struct str after, size_t limit,
               names_each_fn *each, void *arg)
{
	struct walk walk = { .each = each, .arg = arg };
	struct store_key prefix, from;

	set_bounds(&prefix, &from, domain, after);
	return store_scan(view, &names_space, STORE_OWNER_STORE, key_str(&prefix),
	                  key_str(&from), limit, on_entry, &walk);
}

int names_reader_scan(struct store_reader *reader, struct str domain, struct str after,
                      size_t limit, names_each_fn *each, void *arg)
{
	struct walk walk = { .each = each, .arg = arg };
	struct store_key prefix, from;

	set_bounds(&prefix, &from, domain, after);
	return store_reader_scan(reader, &names_space, STORE_OWNER_STORE, key_str(&prefix),
	                         key_str(&from), limit, on_entry, &walk);
}
