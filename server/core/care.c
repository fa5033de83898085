/*
 * care.c - accounts are looked after though nobody uses them.
 *
 * A round walks the names of each host whose modules care, a part at a time; each shard takes
 * those that are its own.  What modules count is counted of all names, by each shard for itself: so
 * every one knows it without asking another.  The first round of a host is gone through twice, as
 * in the first one nothing is known of that yet.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/clock.h"
#include "server/base/mem.h"
#include "server/core/visit.h"
#include "server/store/names.h"

#include <stdlib.h>
#include <string.h>

#define FIRST SECONDS(60) /* from the start to the first round */
#define PAUSE HOURS(1)    /* between rounds */
#define PART SECONDS(1)   /* between parts */
#define PART_NAMES 200

struct wanted {
	struct wanted *next;
	struct mod *mod;
	struct jid account;
};

struct care {
	struct core *core;
	struct timer timer;
	struct store_job job;
	bool working, stopped;
	/* where the round is */
	size_t host;
	struct str after; /* a localpart, in the arena of the last part; absent: at the first */
	struct arena *arena;
	/* of a part */
	size_t names;
	bool failed;
	int64_t wall_ms;
	struct wanted *wanted;
};

/* What has a service looks after that. */
static bool mod_cares(const struct mod *m)
{
	return m->def->care != NULL && (m->def->service == NULL || m->host->served != NULL);
}

static bool cares(const struct host *h)
{
	for (size_t i = 0; i < h->n_mods; i++)
		if (mod_cares(&h->mods[i]))
			return true;
	return false;
}

/* ---- on a reader thread: of the core only what never changes ---- */

struct look {
	struct care *care;
	struct store_reader *reader;
};

static void count(struct look *look, uint64_t owner)
{
	struct host *h = &look->care->core->hosts[look->care->host];

	for (size_t i = 0; i < h->n_mods; i++)
		if (h->mods[i].def->care_count != NULL)
			h->mods[i].def->care_count(&h->mods[i], h->mods[i].counting,
			                           look->reader, owner);
}

static void look_at(struct look *look, struct jid account, uint64_t owner)
{
	struct care *care = look->care;
	struct host *h = &care->core->hosts[care->host];

	for (size_t i = 0; i < h->n_mods; i++) {
		struct mod *m = &h->mods[i];
		struct wanted *wanted;

		if (!mod_cares(m) ||
		    !m->def->wants_care(m, look->reader, account, owner, care->wall_ms))
			continue;
		wanted = ARENA_NEW(care->arena, struct wanted);
		*wanted = (struct wanted){ care->wanted, m, account };
		care->wanted = wanted;
	}
}

static int on_name(void *arg, struct str bare, uint64_t owner)
{
	struct look *look = arg;
	struct care *care = look->care;
	struct jid account;

	care->names++;
	if (jid_parse(care->arena, arena_copy(care->arena, bare), &account) < 0)
		return 0;
	care->after = jid_local(account);
	count(look, owner);
	if (core_owns(care->core, owner))
		look_at(look, account, owner);
	return 0;
}

static void work(struct store_job *job, struct store_reader *reader)
{
	struct care *care = CONTAINER_OF(job, struct care, job);
	struct look look = { care, reader };
	struct arena *before = care->arena;

	care->arena = arena_new(4096);
	/* an error of the disk ends the walk of this host; the next round tries again */
	if (names_reader_scan(reader, host_name(&care->core->hosts[care->host]), care->after,
	                      PART_NAMES, on_name, &look) < 0) {
		care->names = 0;
		care->failed = true;
	}
	arena_free(&before);
}

/* ---- on the shard ---- */

static void forget_count(struct mod *m)
{
	if (m->counting != NULL)
		memset(m->counting, 0, m->def->count_size);
}

/* All of a host were counted, unless that failed.  True: for the first time. */
static bool end_counts(struct care *care)
{
	struct host *h = &care->core->hosts[care->host];
	bool is_first = false;

	for (size_t i = 0; i < h->n_mods; i++) {
		struct mod *m = &h->mods[i];

		if (m->def->care_count == NULL)
			continue;
		if (!care->failed) {
			is_first = is_first || m->counted == NULL;
			if (m->counted == NULL)
				m->counted = arena_zalloc(h->arena, m->def->count_size);
			memcpy(m->counted, m->counting, m->def->count_size);
		}
		forget_count(m);
	}
	care->failed = false;
	return is_first;
}

static void done(struct shard *here, struct store_job *job)
{
	struct care *care = CONTAINER_OF(job, struct care, job);

	care->working = false;
	for (struct wanted *w = care->wanted; w != NULL && !care->stopped; w = w->next)
		mod_visit(w->mod, w->account, w->mod->def->care, STR_NONE);
	if (care->names < PART_NAMES) {
		if (!end_counts(care))
			care->host++;
		care->after = STR_NONE;
	}
	if (!care->stopped)
		timer_start(here, &care->timer, PART);
}

static void look_on(struct care *care)
{
	struct core *core = care->core;

	while (care->host < core->n_hosts && !cares(&core->hosts[care->host]))
		care->host++;
	if (care->host == core->n_hosts) {
		care->host = 0;
		timer_start(core->shard, &care->timer, PAUSE);
		return;
	}
	care->wanted = NULL;
	care->names = 0;
	care->wall_ms = clock_wall_ms();
	care->job = (struct store_job){ .work = work, .done = done };
	care->working = store_submit(core->view, &care->job) == 0;
	if (!care->working) /* too much is being read */
		timer_start(core->shard, &care->timer, PART);
}

static void on_due(struct shard *here, struct timer *timer)
{
	look_on(CONTAINER_OF(timer, struct care, timer));
}

void care_now(struct care *care)
{
	if (care->working)
		return;
	for (size_t i = 0; i < care->core->n_hosts; i++) /* of one that was broken off */
		for (size_t k = 0; k < care->core->hosts[i].n_mods; k++)
			forget_count(&care->core->hosts[i].mods[k]);
	care->host = 0;
	care->after = STR_NONE;
	look_on(care);
}

struct care *care_start(struct core *core)
{
	struct care *care = MEM_NEW(struct care);

	care->core = core;
	timer_init(&care->timer, on_due);
	timer_start(core->shard, &care->timer, FIRST);
	return care;
}

void care_stop(struct care *care)
{
	care->stopped = true;
	timer_stop(care->core->shard, &care->timer);
}

void care_free(struct care **care_at)
{
	struct care *care = *care_at;

	ASSERT(!care->working);
	timer_stop(care->core->shard, &care->timer);
	arena_free(&care->arena);
	free(care);
	*care_at = NULL;
}
