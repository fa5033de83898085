/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/login.h"

#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/core/account.h"
#include "server/core/dispatch.h"
#include "server/core/early.h"
#include "server/core/sm.h"
#include "server/store/batch.h"

#include <stdlib.h>

#define GUESS_DELAY_MAX SECONDS(15) /* a login has stage-timeout for it, 20 s */
#define LOOKUPS_DELAYED_MAX 32      /* of one account at once; more are refused */
#define ANONYMOUS_BYTES 15
static const struct rate_limit guesses_by_account = { .burst = 10, .per_second = 100 };

static struct core *core_at(const struct c2s *c)
{
	return c2s_env_of(c)->owner;
}

/* ---- lookup ---- */

/* Goes to the account's shard with a question and home with the answer. */
struct lookup {
	struct shard_msg msg;
	struct entity_waiter waiter;
	struct timer timer;       /* the throttle's */
	TAILQ_ENTRY(lookup) link; /* in core->delayed meanwhile */
	struct core *home;
	struct entity *entity; /* at the owner's, pinned */
	uint64_t number;       /* of the stream that asks */
	struct arena *arena;
	struct jid jid;
	struct str address;
	struct auth_account account;
	bool is_newcomer;         /* make the account, if nobody did meanwhile */
	struct batch_done others; /* behind those who do */
	bool refused;
};

static void lookup_answered(struct shard *here, struct shard_msg *msg)
{
	struct lookup *l = CONTAINER_OF(msg, struct lookup, msg);
	struct core *core = core_of(here);
	struct c2s *c = core == NULL ? NULL : c2s_find(&core->c2s, l->number);

	if (c != NULL && l->refused)
		c2s_refuse_lookup(c);
	else if (c != NULL)
		c2s_supply(c, &l->account);
	digest_wipe(&l->account, sizeof(l->account));
	arena_free(&l->arena);
	free(l);
}

static void send_home(struct shard *here, struct lookup *l)
{
	if (l->entity != NULL)
		entity_unpin(l->entity);
	l->msg.run = lookup_answered;
	shard_post(here, l->home->shard, &l->msg);
}

static void read_account(struct shard *here, struct lookup *l)
{
	struct entity *e = l->entity;
	const struct server *server = e->core->server;
	struct account account;
	int err = account_read(e, &account);

	if (err == 0) {
		l->account = (struct auth_account){
			.exists = true,
			.disabled = account.disabled,
			.id = e->owner,
			.verifiers = account.verifiers,
		};
	} else if (err == ERR_NOENT && !l->is_newcomer) {
		verifiers_fake(str_make((const char *)server->fake_secret,
		                        sizeof(server->fake_secret)),
		               jid_bare_str(l->jid),
		               (uint32_t)e->host->conf->o.scram_iterations,
		               &l->account.verifiers);
	} else {
		l->refused = true;
	}
	send_home(here, l);
}

static void leave_delayed(struct lookup *l)
{
	TAILQ_REMOVE(&l->entity->core->delayed, l, link);
	l->entity->n_lookups--;
}

static void on_delayed(struct shard *here, struct timer *t)
{
	struct lookup *l = CONTAINER_OF(t, struct lookup, timer);

	leave_delayed(l);
	read_account(here, l);
}

void lookups_refuse(struct core *core)
{
	struct lookup *l;

	while ((l = TAILQ_FIRST(&core->delayed)) != NULL) {
		timer_stop(core->shard, &l->timer);
		leave_delayed(l);
		l->refused = true;
		send_home(core->shard, l);
	}
}

/* Whoever got in from the same address lately is no guesser. */
static int64_t throttle(struct entity *e, const struct lookup *l)
{
	int64_t wait =
		rate_charge(&e->guesses, &guesses_by_account, shard_now(e->core->shard), 0);

	if (wait == 0 || entity_knows_address(e, l->address))
		return 0;
	return wait < GUESS_DELAY_MAX ? wait : GUESS_DELAY_MAX;
}

static void lookup_ready(struct entity *e, struct entity_waiter *w)
{
	struct lookup *l = CONTAINER_OF(w, struct lookup, waiter);
	struct shard *here = e->core->shard;
	int64_t wait = throttle(e, l);

	if (wait == 0) {
		read_account(here, l);
	} else if (e->n_lookups >= LOOKUPS_DELAYED_MAX || shard_is_stopping(here)) {
		l->refused = true;
		send_home(here, l);
	} else {
		e->n_lookups++;
		TAILQ_INSERT_TAIL(&e->core->delayed, l, link);
		timer_init(&l->timer, on_delayed);
		timer_start(here, &l->timer, wait);
	}
}

static void newcomer_is_there(struct shard *here, struct batch_done *done, int err)
{
	read_account(here, CONTAINER_OF(done, struct lookup, others));
}

/*
 * Whoever knows the passwords has vouched for them.  Two may come at once: then the account of
 * the one exists, and is not on disk yet.
 */
static void newcomer_made(struct core *core, void *arg, int err)
{
	struct lookup *l = arg;
	struct batch *nothing;

	if (err == ERR_EXISTS) {
		nothing = batch_new(core->view);
		l->others.on_done = newcomer_is_there;
		batch_commit(&nothing, &l->others);
		return;
	}
	if (err == 0)
		log_info(NULL, "account " STR_FMT " made at its first login",
		         STR_ARG(jid_bare_str(l->jid)));
	else
		log_peer_warning(NULL, "no account could be made for " STR_FMT ": %s",
		                 STR_ARG(jid_bare_str(l->jid)), err_str(err));
	read_account(core->shard, l);
}

static void newcomer_ready(struct entity *e, struct entity_waiter *w)
{
	struct lookup *l = CONTAINER_OF(w, struct lookup, waiter);

	account_create(e->core, l->jid, STR_NONE, newcomer_made, l);
}

static void lookup_arrived(struct shard *here, struct shard_msg *msg)
{
	struct lookup *l = CONTAINER_OF(msg, struct lookup, msg);
	struct core *core = core_of(here);

	if (core == NULL) {
		l->refused = true;
		send_home(here, l);
		return;
	}
	l->entity = entity_at(core, host_find(core, jid_domain(l->jid)), l->jid);
	l->waiter.run = l->is_newcomer ? newcomer_ready : lookup_ready;
	entity_when_ready(l->entity, &l->waiter);
}

static struct lookup *lookup_new(struct c2s *c, struct str local)
{
	struct lookup *l = MEM_NEW(struct lookup);
	int err;

	l->home = core_at(c);
	l->number = c2s_number(c);
	l->arena = arena_new(256);
	l->address = arena_copy(l->arena, c2s_address(c));
	err = jid_make(l->arena, local, c2s_host_of(c)->name, STR_NONE, &l->jid);
	ASSERT(err == 0); /* both are prepared */
	return l;
}

static void post_lookup(struct lookup *l, void (*run)(struct shard *, struct shard_msg *))
{
	l->msg.run = run;
	shard_post(l->home->shard, core_owner_shard(l->home, jid_bare_str(l->jid)), &l->msg);
}

static void on_lookup(struct c2s *c, struct str local)
{
	post_lookup(lookup_new(c, local), lookup_arrived);
}

static void on_newcomer(struct c2s *c, struct str local)
{
	struct lookup *l = lookup_new(c, local);

	l->is_newcomer = true;
	post_lookup(l, lookup_arrived);
}

/* ---- guesses ---- */

static void guess_ready(struct entity *e, struct entity_waiter *w)
{
	struct lookup *l = CONTAINER_OF(w, struct lookup, waiter);

	rate_charge(&e->guesses, &guesses_by_account, shard_now(e->core->shard), 1);
	entity_unpin(e);
	arena_free(&l->arena);
	free(l);
}

static void guess_arrived(struct shard *here, struct shard_msg *msg)
{
	struct lookup *l = CONTAINER_OF(msg, struct lookup, msg);
	struct core *core = core_of(here);

	if (core == NULL) {
		arena_free(&l->arena);
		free(l);
		return;
	}
	l->waiter.run = guess_ready;
	entity_when_ready(entity_at(core, host_find(core, jid_domain(l->jid)), l->jid),
	                  &l->waiter);
}

static void on_guessed(struct c2s *c, struct str local)
{
	core_at(c)->figures.failed_logins++;
	if (!str_is_empty(local))
		post_lookup(lookup_new(c, local), guess_arrived);
}

/* ---- the move ---- */

struct move {
	struct shard_msg msg;
	struct entity_waiter waiter;
	struct arena *arena;
	struct jid jid;
	bool anonymous;
	uint64_t owner; /* of the account that was looked up; 0: none was */
	uint64_t number;
	struct c2s *c;
	struct transport_parcel *parcel;
};

static void move_free(struct move *m)
{
	arena_free(&m->arena);
	free(m);
}

/* The account may have been removed meanwhile, and its name taken by somebody else. */
static bool is_still(const struct entity *e, const struct move *m)
{
	return entity_is_account(e) && (m->owner == 0 || m->owner == e->owner);
}

static void move_ready(struct entity *e, struct entity_waiter *w)
{
	struct move *m = CONTAINER_OF(w, struct move, waiter);

	if (m->anonymous && e->kind == ENTITY_NONE)
		e->kind = ENTITY_TEMPORARY;
	if (!is_still(e, m) || shard_is_stopping(e->core->shard)) {
		c2s_parcel_drop(m->c, &m->parcel);
		entity_unpin(e);
	} else if (c2s_unpack(m->c, &e->core->c2s, &m->parcel, e->jid)) {
		c2s_set_account(m->c, e);
		entity_note_address(e, c2s_address(m->c));
		e->core->figures.logins++;
	} else {
		entity_unpin(e);
	}
	move_free(m);
}

static void move_arrived(struct shard *here, struct shard_msg *msg)
{
	struct move *m = CONTAINER_OF(msg, struct move, msg);
	struct core *core = core_of(here);

	if (core == NULL) {
		c2s_parcel_drop(m->c, &m->parcel);
		move_free(m);
		return;
	}
	m->waiter.run = move_ready;
	entity_when_ready(entity_at(core, host_find(core, jid_domain(m->jid)), m->jid),
	                  &m->waiter);
}

/* A message to oneself: a stream cannot be packed from inside its own callback. */
static void move_leave(struct shard *here, struct shard_msg *msg)
{
	struct move *m = CONTAINER_OF(msg, struct move, msg);
	struct core *core = core_of(here);
	struct c2s *c = core == NULL ? NULL : c2s_find(&core->c2s, m->number);

	if (c == NULL || c2s_is_over(c)) {
		move_free(m);
		return;
	}
	m->c = c;
	m->parcel = c2s_pack(c);
	m->msg.run = move_arrived;
	shard_post(here, core_owner_shard(core, jid_bare_str(m->jid)), &m->msg);
}

static void on_authenticated(struct c2s *c, struct str local)
{
	struct core *core = core_at(c);
	struct move *m = MEM_NEW(struct move);
	int err;

	m->arena = arena_new(256);
	m->number = c2s_number(c);
	m->owner = c2s_account_id(c);
	m->anonymous = str_is_absent(local);
	if (m->anonymous)
		err = jid_prepare_local(m->arena, rand_token(m->arena, ANONYMOUS_BYTES),
		                        &local);
	else
		err = 0;
	if (err == 0)
		err = jid_make(m->arena, local, c2s_host_of(c)->name, STR_NONE, &m->jid);
	ASSERT(err == 0);
	m->msg.run = move_leave;
	shard_post(core->shard, core->shard, &m->msg);
}

/* ---- the session ---- */

static void on_bind(struct c2s *c, struct str resource)
{
	struct session *s;
	enum stanza_error condition;

	if (session_bind(c2s_account(c), c, resource, &s, &condition) < 0) {
		c2s_refuse_bind(c, condition);
		return;
	}
	c2s_bound(c, s->jid, s);
	if (log_enabled(LOG_INFO)) {
		struct arena *arena = arena_new(256);

		log_info(c2s_log(c), "session bound, " STR_FMT,
		         STR_ARG(c2s_describe(c, arena)));
		arena_free(&arena);
	}
	session_began(s);
}

static void on_resume(struct c2s *c, const struct xml_node *element)
{
	sm_resume(c2s_account(c), c, element);
}

/* While the store is behind, who feeds it waits. */
static void on_element(struct c2s *c, struct arena *arena, struct xml_node *element)
{
	struct core *core = core_at(c);

	dispatch_sent(c2s_session(c), arena, element);
	if (store_is_behind(core->view))
		core_hold(core, c);
}

/* ---- the end ---- */

/*
 * A client that closes is still owed answers.  They come from other entities by way of the
 * router, so a message that visits every shard and comes home arrives behind all that need no
 * disk; what waits for the disk is seen to by the entity.
 */
struct farewell {
	struct shard_msg msg;
	struct shard *home;
	uint64_t number;
	unsigned next; /* shard to visit */
};

static void say_farewell(struct shard *here, struct shard_msg *msg)
{
	struct farewell *f = CONTAINER_OF(msg, struct farewell, msg);
	struct shard_group *group = shard_group_of(here);
	struct core *core = core_of(here);
	struct c2s *c;

	if (f->next < shard_group_count(group)) {
		shard_post(here, shard_group_at(group, f->next++), &f->msg);
		return;
	}
	if (f->next++ == shard_group_count(group)) {
		shard_post(here, f->home, &f->msg);
		return;
	}
	c = core == NULL ? NULL : c2s_find(&core->c2s, f->number);
	if (c != NULL)
		c2s_close(c);
	free(f);
}

static void on_closing(struct c2s *c)
{
	struct farewell *f = MEM_NEW(struct farewell);

	f->msg.run = say_farewell;
	f->home = core_at(c)->shard;
	f->number = c2s_number(c);
	shard_post(f->home, shard_group_at(shard_group_of(f->home), f->next++), &f->msg);
}

static bool on_outlasts(const struct c2s *c)
{
	const struct session *s = c2s_session(c);

	return s != NULL && !c2s_is_closed(c) && sm_outlasts(s);
}

static void on_gone(struct c2s *c)
{
	struct session *s = c2s_session(c);
	struct entity *e = c2s_account(c);

	if (s != NULL && !c2s_is_closed(c) && sm_hibernate(s)) {
		log_info(c2s_log(c), "session hibernates");
	} else if (s != NULL) {
		log_info(c2s_log(c), "session ended");
		session_end(s);
	}
	if (e == NULL)
		return;
	if (e->kind == ENTITY_TEMPORARY && e->n_sessions == 0)
		e->kind = ENTITY_NONE;
	entity_unpin(e);
}

static const struct c2s_host *on_find_host(struct c2s_env *env, struct str domain)
{
	struct host *h = host_find(env->owner, domain);

	return h == NULL ? NULL : h->c2s;
}

static struct str on_features(struct c2s *c, bool early)
{
	struct host *h = host_find(c2s_env_of(c)->owner, c2s_host_of(c)->name);

	return early ? h->stream_features_early : h->stream_features;
}

const struct c2s_ops login_ops = {
	.find_host = on_find_host,
	.features = on_features,
	.lookup = on_lookup,
	.newcomer = on_newcomer,
	.guessed = on_guessed,
	.authenticated = on_authenticated,
	.early = early_take,
	.bind = on_bind,
	.resume = on_resume,
	.element = on_element,
	.closing = on_closing,
	.outlasts = on_outlasts,
	.gone = on_gone,
};
