/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/account.h"

#include "server/base/mem.h"
#include "server/core/event.h"
#include "server/core/resting.h"
#include "server/core/sm.h"
#include "server/shard/offload.h"
#include "server/store/batch.h"
#include "server/store/names.h"

#include <stdlib.h>

const struct store_space account_space = { .name = "account", .version = 1 };

#define ACCOUNT_DISABLED 1
#define PASSWORD_MAX 1024 /* bytes, prepared */

/* ---- the record ---- */

static struct str encode(struct arena *arena, const struct account *a)
{
	struct record_writer w;
	unsigned n = 0;

	for (int kind = 0; kind < VERIFIERS; kind++)
		n += a->verifiers.has[kind];
	record_begin(&w, 1);
	record_put_u64(&w, a->disabled ? ACCOUNT_DISABLED : 0);
	record_put_i64(&w, a->created_ms);
	record_put_u64(&w, n);
	for (int kind = 0; kind < VERIFIERS; kind++) {
		const struct verifier *v = &a->verifiers.of[kind];
		size_t key_n = digest_size(kind);

		if (!a->verifiers.has[kind])
			continue;
		record_put_u64(&w, (uint64_t)kind);
		record_put_u64(&w, v->iterations);
		record_put_str(&w, str_make((const char *)v->salt, v->salt_n));
		record_put_str(&w, str_make((const char *)v->stored_key, key_n));
		record_put_str(&w, str_make((const char *)v->server_key, key_n));
	}
	return record_finish(&w, arena);
}

static int decode_verifier(struct record_reader *r, struct verifiers *all)
{
	uint64_t kind = record_u64(r), iterations = record_u64(r);
	struct str salt = record_str(r), stored = record_str(r), server = record_str(r);
	struct verifier *v;

	if (kind >= VERIFIERS || iterations > UINT32_MAX || salt.n > VERIFIER_SALT_MAX ||
	    stored.n != digest_size((enum digest_kind)kind) || server.n != stored.n)
		return ERR_CORRUPT;
	v = &all->of[kind];
	v->kind = (enum digest_kind)kind;
	v->iterations = (uint32_t)iterations;
	v->salt_n = (uint8_t)salt.n;
	memcpy(v->salt, salt.p, salt.n);
	memcpy(v->stored_key, stored.p, stored.n);
	memcpy(v->server_key, server.p, server.n);
	all->has[kind] = true;
	return 0;
}

static int decode(struct str value, struct account *a)
{
	struct record_reader r;
	uint64_t n;
	int err = 0;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	*a = (struct account){ .disabled = (record_u64(&r) & ACCOUNT_DISABLED) != 0 };
	a->created_ms = record_i64(&r);
	n = record_u64(&r);
	for (uint64_t i = 0; i < n && err == 0; i++)
		err = decode_verifier(&r, &a->verifiers);
	return err < 0 ? err : record_end(&r);
}

int account_read(struct entity *e, struct account *account_out)
{
	struct str value;
	int err;

	if (e->kind != ENTITY_ACCOUNT)
		return ERR_NOENT;
	err = store_find(e->core->view, &account_space, e->owner, STR(""), &value);
	return err < 0 ? err : decode(value, account_out);
}

/*
 * ---- requests: caller's shard ─▶ pool (hashing) ─▶ owner's shard ─▶ disk ─▶ caller's shard
 * ----
 */

enum request_kind {
	REQUEST_CREATE,
	REQUEST_PASSWORD,
	REQUEST_REMOVE,
};

struct request {
	struct shard_msg msg;
	struct offload_job job;
	struct entity_waiter waiter;
	struct batch_done done;
	enum request_kind kind;
	bool anyway; /* though the name rests */
	struct arena *arena;
	struct jid jid;
	char *password; /* prepared; wiped once it is hashed */
	uint32_t iterations;
	struct verifiers verifiers;
	struct core *home;
	struct entity *entity; /* at its owner, pinned */
	uint64_t owner;
	int err;
	account_done_fn *answer;
	void *answer_arg;
};

static void request_free(struct request *r)
{
	digest_wipe(&r->verifiers, sizeof(r->verifiers));
	if (r->password != NULL) /* still there, if it came to no hashing */
		digest_wipe(r->password, strlen(r->password));
	free(r->password);
	arena_free(&r->arena);
	free(r);
}

/* Behind the answer, which one of the sessions may await. */
static void end_sessions(struct shard *here, struct shard_msg *msg)
{
	struct request *r = CONTAINER_OF(msg, struct request, msg);

	entity_end_sessions(r->entity);
	entity_unpin(r->entity);
	request_free(r);
}

static void answer_home(struct shard *here, struct shard_msg *msg)
{
	struct request *r = CONTAINER_OF(msg, struct request, msg);

	r->answer(r->home, r->answer_arg, r->err);
	if (r->entity == NULL) {
		request_free(r);
		return;
	}
	r->msg.run = end_sessions;
	shard_post(here, r->entity->core->shard, &r->msg);
}

static void answer(struct shard *here, struct request *r, int err)
{
	if (r->entity != NULL && (err < 0 || r->kind != REQUEST_REMOVE)) {
		entity_unpin(r->entity);
		r->entity = NULL;
	}
	r->err = err;
	r->msg.run = answer_home;
	shard_post(here, r->home->shard, &r->msg);
}

static void on_stored(struct shard *here, struct batch_done *done, int err)
{
	struct request *r = CONTAINER_OF(done, struct request, done);

	if (err == 0 && r->kind == REQUEST_CREATE)
		entity_set_account(r->entity, r->owner);
	answer(here, r, err);
}

static void on_removed(struct entity *e, void *arg, int err)
{
	if (err < 0)
		entity_set_account(e, ((struct request *)arg)->owner);
	answer(e->core->shard, arg, err);
}

/*
 * Modules say farewell for it with what they still find, which leaves when nothing is left.
 * From here on nothing is written for it: a record behind the batch would stay for ever.
 */
static void remove_all(struct entity *e, struct request *r)
{
	struct event *ev = event_begin(arena_new(1024), e, NULL, NULL);
	int result = event_hooks(ev, HOOK_REMOVED);

	names_remove(event_batch(ev), jid_domain(r->jid), jid_local(r->jid));
	batch_erase_owner(event_batch(ev), r->owner);
	sm_delete_index(event_batch(ev), ev->entity);
	resting_begin(event_batch(ev), e);
	entity_set_none(e);
	event_then(ev, on_removed, r);
	event_end(ev, result);
}

static int put_account(struct batch *b, struct entity *e, struct request *r)
{
	struct account account = { .created_ms = core_wall_ms(e->core) };
	struct str value;
	int err = 0;

	if (r->kind == REQUEST_PASSWORD) {
		err = store_find(e->core->view, &account_space, r->owner, STR(""), &value);
		if (err == 0)
			err = decode(value, &account);
	}
	account.verifiers = r->verifiers;
	if (err == 0)
		batch_put(b, &account_space, r->owner, STR(""), encode(r->arena, &account));
	return err;
}

static int fill_batch(struct batch *b, struct entity *e, struct request *r)
{
	if (r->kind == REQUEST_CREATE) {
		r->owner = names_add(b, jid_domain(r->jid), jid_local(r->jid),
		                     jid_bare_str(r->jid));
		resting_end(b, e);
	}
	return put_account(b, e, r);
}

/*
 * At the account's shard.  The view knows of what is under way, the entity only of what is on
 * disk.
 */
static void change(struct entity *e, struct entity_waiter *w)
{
	struct request *r = CONTAINER_OF(w, struct request, waiter);
	struct shard *here = e->core->shard;
	bool create = r->kind == REQUEST_CREATE;
	struct batch *b;
	int err;

	err = names_find(e->core->view, jid_domain(r->jid), jid_local(r->jid), &r->owner);
	if (err == 0 && create)
		err = ERR_EXISTS;
	else if (err == ERR_NOENT && create)
		err = r->anyway ? 0 : resting_check(e);
	if (err < 0) {
		answer(here, r, err);
		return;
	}
	if (r->kind == REQUEST_REMOVE) {
		remove_all(e, r);
		return;
	}
	b = batch_new(e->core->view);
	err = fill_batch(b, e, r);
	if (err < 0) {
		batch_drop(&b);
		answer(here, r, err);
		return;
	}
	r->done.on_done = on_stored;
	batch_commit(&b, &r->done);
}

static void at_owner(struct shard *here, struct shard_msg *msg)
{
	struct request *r = CONTAINER_OF(msg, struct request, msg);
	struct core *core = core_of(here);
	struct host *host = core == NULL ? NULL : host_of_accounts(core, jid_domain(r->jid));

	if (host == NULL) {
		answer(here, r, ERR_NOENT);
		return;
	}
	r->entity = entity_at(core, host, r->jid);
	r->waiter.run = change;
	entity_when_ready(r->entity, &r->waiter);
}

static void go_to_owner(struct request *r)
{
	r->msg.run = at_owner;
	shard_post(r->home->shard, core_owner_shard(r->home, jid_bare_str(r->jid)), &r->msg);
}

static void hash(struct offload_job *job)
{
	struct request *r = CONTAINER_OF(job, struct request, job);

	verifiers_make(str_of(r->password), r->iterations, &r->verifiers);
	digest_wipe(r->password, strlen(r->password));
}

static void on_hashed(struct shard *here, struct offload_job *job)
{
	go_to_owner(CONTAINER_OF(job, struct request, job));
}

static struct request *request_new(struct core *core, enum request_kind kind,
                                   struct jid account, account_done_fn *done, void *arg)
{
	struct request *r = MEM_NEW(struct request);

	r->kind = kind;
	r->arena = arena_new(1024);
	r->jid = jid_bare(jid_copy(r->arena, account));
	r->home = core;
	r->answer = done;
	r->answer_arg = arg;
	return r;
}

/* The one copy of the password that lives on; the arena of the preparation is wiped with it. */
static int prepare_password(struct request *r, struct str password)
{
	struct arena *arena = arena_new(256);
	struct str prepared;
	int err = saslprep(arena, password, true, &prepared);

	if (err == 0 && (str_is_empty(prepared) || prepared.n > PASSWORD_MAX))
		err = ERR_INVALID;
	if (err == 0) {
		r->password = mem_zalloc(prepared.n + 1);
		memcpy(r->password, prepared.p, prepared.n);
		if (prepared.p != password.p)
			digest_wipe((char *)(uintptr_t)prepared.p, prepared.n);
	}
	arena_free(&arena);
	return err;
}

static int check_jid(struct core *core, struct jid account)
{
	if (jid_is_none(account) || jid_is_domain(account))
		return ERR_INVALID;
	return host_of_accounts(core, jid_domain(account)) == NULL ? ERR_NOENT : 0;
}

static int submit_hash(struct request *r, const struct host *host, struct str password)
{
	int err = prepare_password(r, password);

	if (err < 0)
		return err;
	r->iterations = (uint32_t)host->conf->o.scram_iterations;
	r->job = (struct offload_job){ .work = hash, .done = on_hashed };
	return offload_submit(r->home->shard, &r->job);
}

/* Where passwords are known elsewhere an account has no verifiers, and nobody sets any here. */
static int submit_without(struct request *r, struct str password)
{
	if (r->kind != REQUEST_CREATE || !str_is_empty(password))
		return ERR_DENIED;
	go_to_owner(r);
	return 0;
}

static void request_with_password(struct core *core, struct request *r, struct str password)
{
	int err = check_jid(core, r->jid);

	if (err == 0) {
		const struct host *host = host_of_accounts(core, jid_domain(r->jid));

		err = host_keeps_passwords(host) ? submit_hash(r, host, password)
		                                 : submit_without(r, password);
	}
	if (err < 0)
		answer(core->shard, r, err);
}

void account_create(struct core *core, struct jid account, struct str password,
                    account_done_fn *done, void *arg)
{
	request_with_password(core, request_new(core, REQUEST_CREATE, account, done, arg),
	                      password);
}

void account_create_anyway(struct core *core, struct jid account, struct str password,
                           account_done_fn *done, void *arg)
{
	struct request *r = request_new(core, REQUEST_CREATE, account, done, arg);

	r->anyway = true;
	request_with_password(core, r, password);
}

void account_set_password(struct core *core, struct jid account, struct str password,
                          account_done_fn *done, void *arg)
{
	request_with_password(core, request_new(core, REQUEST_PASSWORD, account, done, arg),
	                      password);
}

void account_remove(struct core *core, struct jid account, account_done_fn *done, void *arg)
{
	struct request *r = request_new(core, REQUEST_REMOVE, account, done, arg);
	int err = check_jid(core, account);

	if (err < 0)
		answer(core->shard, r, err);
	else
		go_to_owner(r);
}

/* ---- module.h ---- */

bool host_has_account(struct event *ev, struct jid account)
{
	uint64_t owner;

	return names_find(ev->read, jid_domain(account), jid_local(account), &owner) == 0;
}

struct account_walk {
	struct event *ev;
	host_account_fn *fn;
	void *arg;
};

static int on_name(void *arg, struct str bare, uint64_t owner)
{
	const struct account_walk *walk = arg;
	struct jid account;

	if (jid_parse(walk->ev->arena, arena_copy(walk->ev->arena, bare), &account) < 0)
		return ERR_CORRUPT;
	return walk->fn(walk->arg, account);
}

int host_each_account(struct event *ev, host_account_fn *fn, void *arg)
{
	struct account_walk walk = { .ev = ev, .fn = fn, .arg = arg };

	return names_scan(ev->read, host_name(ev->host), STR_NONE, 0, on_name, &walk);
}
