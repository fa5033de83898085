/*
 * remote_attempt.c - finding another server: DNS, one target behind the other, and once more after a while.
 *
 *     IDLE ─▶ RESOLVING ─▶ CONNECTING ─▶ OPENING ─▶ (remote_out.c)
 *               │             │ ▲           │
 *               │             └─┴─ next ────┤ target
 *               ▼                           ▼
 *             WAITING ◀──── none is left ────        longer each time, to five minutes
 *
 * A domain that does not exist is no reason to wait.  Requests go back at once while the server cannot be reached;
 * availability has s2s-gone, messages and subscriptions have s2s-wait.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/mem.h"
#include "server/base/rand.h"

#include <errno.h>
#include <string.h>

#define CONNECT_MS SECONDS(30) /* for all addresses of a target */
#define ATTEMPTS_MAX 256 /* at once, of a shard: each has a question, or some sockets, open */
#define TURN_MS 500      /* until those beyond are tried */
#define GIVEN_UP_MS SECONDS(10) /* so long the same is said again */
#define WAIT_MIN_MS SECONDS(2)
#define WAIT_MAX_MS MINUTES(5)
#define WAIT_DOUBLINGS 8 /* until it is more than that */

static void connect_target(struct remote_link *l);

/* ---- giving up ---- */

static void forget_attempt(struct remote_link *l)
{
	if (l->trying)
		link_core(l)->n_attempts--;
	l->trying = false;
	resolve_cancel(&l->query);
	connect_cancel(&l->connecting);
	if (l->found != NULL)
		arena_free(&l->found);
	l->targets = NULL;
	l->n_targets = l->target = 0;
}

/* Half to one and a half: those that were cut off together do not come back together. */
static int64_t wait_ms(const struct remote_link *l)
{
	unsigned doublings = l->attempts < WAIT_DOUBLINGS ? l->attempts : WAIT_DOUBLINGS;
	int64_t wait = WAIT_MIN_MS << doublings;

	if (wait > WAIT_MAX_MS)
		wait = WAIT_MAX_MS;
	return wait / 2 + (int64_t)(rand_u64() % (uint64_t)wait);
}

static void be_idle(struct remote_link *l)
{
	l->state = LINK_IDLE;
	link_pin(l);
}

static void attempt_failed(struct remote_link *l, const char *why)
{
	struct core *core = link_core(l);

	forget_attempt(l);
	mem_keep(&l->why, str_of(why));
	if (l->failing_since == 0)
		log_peer_info(NULL, STR_FMT " cannot be reached for " STR_FMT ": %s",
		              STR_ARG(remote_name(l->remote)), STR_ARG(l->local), l->why);
	else
		log_peer_debug(NULL, STR_FMT " cannot be reached for " STR_FMT " yet: %s",
		               STR_ARG(remote_name(l->remote)), STR_ARG(l->local), l->why);
	if (l->failing_since == 0)
		l->failing_since = shard_now(core->shard);
	ask_give_up(l);
	bounce_hasty(l, STANZA_REMOTE_SERVER_TIMEOUT, l->why);
	seen_missed(l);
	l->state = LINK_WAITING;
	timer_start(core->shard, &l->timer, wait_ms(l));
	l->attempts++;
	link_pin(l);
}

/* It will not be otherwise by waiting. */
static void give_up(struct remote_link *l, enum stanza_error condition, const char *why)
{
	forget_attempt(l);
	ask_give_up(l);
	mem_keep(&l->why, str_of(why));
	l->condition = condition;
	l->given_up_until = shard_now(link_core(l)->shard) + GIVEN_UP_MS;
	bounce_all(l, condition, l->why);
	seen_lost(l);
	l->checking = false;
	l->attempts = 0;
	l->failing_since = 0;
	be_idle(l);
}

/* ---- an attempt ---- */

static void next_target(struct remote_link *l, const char *why, bool refused)
{
	if (++l->target < l->n_targets) {
		connect_target(l);
	} else if (refused) {
		log_peer_warning(NULL, STR_FMT " is not spoken with: %s",
		                 STR_ARG(remote_name(l->remote)), why);
		give_up(l, STANZA_REMOTE_SERVER_TIMEOUT, why);
	} else {
		attempt_failed(l, why);
	}
}

static void open_stream(struct remote_link *l, int fd)
{
	const struct resolve_target *found = &l->targets[l->target];
	const struct s2s_target target = {
		.local = l->local,
		.remote = remote_name(l->remote),
		.direct_tls = found->direct_tls,
		.secure_name = found->secure ? found->name : STR_NONE,
		.tlsa = &found->tlsa,
	};

	l->state = LINK_OPENING;
	l->streams++;
	l->stream = s2s_open(&link_core(l)->s2s, fd, &target, l);
	if (l->stream == NULL)
		next_target(l, "the connection broke", false);
	else
		ask_pending(l);
}

static void on_connected(void *arg, int fd)
{
	struct remote_link *l = arg;

	l->connecting = NULL;
	if (fd < 0)
		next_target(l, fd == -ETIMEDOUT ? "nobody answers there" : strerror(-fd),
		            false);
	else
		open_stream(l, fd);
}

static void connect_target(struct remote_link *l)
{
	const struct resolve_target *target = &l->targets[l->target];

	l->state = LINK_CONNECTING;
	l->connecting = connect_start(link_core(l)->shard, target->addresses,
	                              target->n_addresses, CONNECT_MS, on_connected, l);
}

static void keep_targets(struct remote_link *l, const struct resolve_answer *answer)
{
	struct resolve_target *targets;

	l->found = arena_new(1024);
	targets = ARENA_ARRAY(l->found, struct resolve_target, answer->n_targets);
	for (size_t i = 0; i < answer->n_targets; i++) {
		const struct resolve_target *t = &answer->targets[i];
		struct sockaddr_storage *addresses =
			ARENA_ARRAY(l->found, struct sockaddr_storage, t->n_addresses);

		memcpy(addresses, t->addresses, t->n_addresses * sizeof(*addresses));
		targets[i] = *t;
		targets[i].name = arena_copy(l->found, t->name);
		targets[i].addresses = addresses;
		targets[i].tlsa = resolve_tlsa_copy(l->found, &t->tlsa);
	}
	l->targets = targets;
	l->n_targets = answer->n_targets;
	l->target = 0;
}

static void on_resolved(void *arg, const struct resolve_answer *answer)
{
	struct remote_link *l = arg;

	l->query = NULL;
	switch (answer->result) {
	case RESOLVE_NONE:
		give_up(l, STANZA_REMOTE_SERVER_NOT_FOUND, "there is no server of that domain");
		break;
	case RESOLVE_FAILED:
		attempt_failed(l, "its address cannot be found out");
		break;
	case RESOLVE_FOUND:
		keep_targets(l, answer);
		connect_target(l);
		break;
	}
}

static void begin(struct remote_link *l)
{
	struct core *core = link_core(l);
	struct arena *arena;
	struct str name;

	timer_stop(core->shard, &l->timer);
	if (l->remote->component != NULL) { /* it comes by itself */
		attempt_failed(l, "the component is not connected");
		return;
	}
	if (remote_policy(core, l->local, remote_name(l->remote)).refused) {
		give_up(l, STANZA_POLICY_VIOLATION, "that server is not spoken with");
		return;
	}
	if (core->n_attempts >= ATTEMPTS_MAX) { /* its turn comes */
		l->state = LINK_WAITING;
		timer_start(core->shard, &l->timer, TURN_MS);
		link_pin(l);
		return;
	}
	l->trying = true;
	core->n_attempts++;
	arena = arena_new(256);
	l->state = LINK_RESOLVING;
	link_pin(l);
	if (jid_domain_ascii(arena, remote_name(l->remote), &name) == 0)
		l->query = resolve_start(core->resolver, name, on_resolved, l);
	else
		give_up(l, STANZA_REMOTE_SERVER_NOT_FOUND, "that is no domain of DNS");
	arena_free(&arena);
}

/* ---- when ---- */

static bool has_something(const struct remote_link *l)
{
	return !TAILQ_EMPTY(&l->items) || !LIST_EMPTY(&l->questions) || l->checking;
}

void link_want(struct remote_link *l)
{
	if (l->state != LINK_IDLE || !has_something(l) ||
	    shard_is_stopping(link_core(l)->shard))
		return;
	begin(l);
}

void link_hurry(struct remote_link *l)
{
	if (l->state == LINK_WAITING && !shard_is_stopping(link_core(l)->shard))
		begin(l);
}

void link_failed(struct remote_link *l, const char *why, bool refused)
{
	if (why == NULL)
		why = "the connection broke";
	if (l->targets == NULL)
		attempt_failed(l, why);
	else
		next_target(l, why, refused);
}

void link_wait(struct remote_link *l)
{
	forget_attempt(l);
	if (!has_something(l)) {
		be_idle(l);
		return;
	}
	l->attempts = l->losses > 0 ? l->losses - 1 : 0; /* the first time at once */
	l->state = LINK_WAITING;
	timer_start(link_core(l)->shard, &l->timer, wait_ms(l));
	link_pin(l);
}

static void on_due(struct shard *here, struct timer *t)
{
	struct remote_link *l = CONTAINER_OF(t, struct remote_link, timer);

	if (l->state == LINK_READY || l->state == LINK_MANAGING) {
		link_idle(l);
		return;
	}
	ASSERT(l->state == LINK_WAITING);
	if (l->failing_since != 0)
		bounce_hasty(l, STANZA_REMOTE_SERVER_TIMEOUT, l->why);
	if (has_something(l)) {
		begin(l);
		return;
	}
	l->failing_since = 0;
	l->attempts = 0;
	be_idle(l);
}

void link_attempt_init(struct remote_link *l)
{
	timer_init(&l->timer, on_due);
}

void link_stop(struct remote_link *l)
{
	forget_attempt(l);
	timer_stop(link_core(l)->shard, &l->timer);
	timer_stop(link_core(l)->shard, &l->answer);
}

void link_forget_attempt(struct remote_link *l)
{
	forget_attempt(l);
	mem_keep(&l->why, STR_NONE);
	l->given_up_until = 0;
	l->checking = false;
	l->failing_since = 0;
	l->attempts = 0;
}
