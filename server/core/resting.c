/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/resting.h"

#include "server/module.h"

const struct store_space resting_space = { .name = "resting", .version = 1 };

static struct store_key key_of(const struct entity *e)
{
	struct store_key key;

	key_init(&key);
	key_text(&key, jid_domain(e->jid));
	key_text(&key, jid_local(e->jid));
	return key;
}

/* ERR_NOENT: it does not rest. */
static int find(const struct entity *e, int64_t *since_out)
{
	struct store_key key = key_of(e);
	struct record_reader r;
	struct str value;
	int err = store_find(e->core->view, &resting_space, STORE_OWNER_STORE, key_str(&key),
	                     &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	*since_out = record_i64(&r);
	return record_end(&r);
}

void resting_begin(struct batch *b, const struct entity *e)
{
	struct store_key key = key_of(e);
	struct record_writer w;

	if (e->host->conf->o.name_reuse == 0)
		return;
	record_begin(&w, 1);
	record_put_i64(&w, core_wall_ms(e->core));
	batch_put(b, &resting_space, STORE_OWNER_STORE, key_str(&key), buf_str(&w.out));
	buf_deinit(&w.out);
}

int resting_check(const struct entity *e)
{
	int64_t since;
	int err = find(e, &since);

	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	return core_wall_ms(e->core) - since < e->host->conf->o.name_reuse ? ERR_RESTING : 0;
}

void resting_end(struct batch *b, const struct entity *e)
{
	struct store_key key = key_of(e);
	int64_t since;

	if (find(e, &since) != ERR_NOENT)
		batch_delete(b, &resting_space, STORE_OWNER_STORE, key_str(&key));
}
