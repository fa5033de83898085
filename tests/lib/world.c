/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/world.h"

#include "server/base/mem.h"
#include "server/ctl/admin.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct mod_def *const no_modules[] = { NULL };

/* ---- files ---- */

const char *world_file(struct world *w, const char *name)
{
	return arena_printf(w->arena, "%s/%s", w->folder, name).p;
}

void world_write(struct world *w, const char *name, const char *text)
{
	FILE *file = fopen(world_file(w, name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

void world_configure(struct world *w, const struct world_options *o)
{
	w->options = *o;
	world_write(
		w, "jackdaw.conf",
		arena_printf(w->arena,
	                     "data = \"data\"\nlisten = {}\nlog-level = error\ncommit-gather = "
	                     "0\nshards = %u\ns2s = false\n%s\n"
	                     "host \"a.example\" {\ncertificate = \"a.crt\"\nkey = \"a.key\"\n"
	                     "scram-iterations = 4096\nname-reuse = 0\n%s\n}\n"
	                     "host \"b.example\" {\ncertificate = \"a.crt\"\nkey = \"a.key\"\n"
	                     "scram-iterations = 4096\nname-reuse = 0\n}\n",
	                     o->shards == 0 ? 1 : o->shards, or_empty(o->global),
	                     or_empty(o->host))
			.p);
}

/* ---- life ---- */

struct world *world_prepare(const struct world_options *options)
{
	const struct str names[] = { STR_INIT("a.example"), STR_INIT("b.example") };
	struct world *w = MEM_NEW(struct world);

	memcpy(w->folder, "/tmp/jackdaw-world-XXXXXX", sizeof("/tmp/jackdaw-world-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	w->arena = arena_new(4096);
	ck_assert_int_eq(
		tls_make_self_signed(names, 2, world_file(w, "a.crt"), world_file(w, "a.key")),
		0);
	world_configure(w, options);
	return w;
}

int world_start(struct world *w)
{
	return server_start(world_file(w, "jackdaw.conf"),
	                    w->options.modules == NULL ? no_modules : w->options.modules,
	                    SERVER_SERVES, &w->server);
}

struct world *world_new(const struct world_options *options)
{
	struct world *w = world_prepare(options);

	ck_assert_int_eq(world_start(w), 0);
	return w;
}

void world_stop(struct world *w)
{
	server_stop(&w->server);
	ck_assert_ptr_null(w->server);
}

void world_restart(struct world *w)
{
	world_stop(w);
	ck_assert_int_eq(world_start(w), 0);
}

void world_free(struct world **wp)
{
	struct world *w = *wp;

	if (w->server != NULL)
		world_stop(w);
	ck_assert_int_eq(nftw(w->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	arena_free(&w->arena);
	free(w);
	*wp = NULL;
}

/* BYTES 0: as many as there may be. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes > 0 ? bytes : limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void world_fill_disk(struct world *w, bool full)
{
	struct stat st;

	ck_assert_int_eq(stat(world_file(w, "data/jackdaw.mdb"), &st), 0);
	limit_files(full ? (rlim_t)st.st_size : 0);
}

/* What Check itself writes is less than that; the pages of a commit lie behind it. */
void world_block_disk(bool blocked)
{
	limit_files(blocked ? KIB(16) : 0);
}

/* ---- accounts ---- */

void world_account(struct world *w, const char *jid, const char *password)
{
	ck_assert_int_eq(admin_add_account(w->server, str_of(jid), str_of(password)), 0);
}

struct jid world_jid(struct world *w, const char *text)
{
	struct jid jid;

	ck_assert_int_eq(jid_parse(w->arena, str_of(text), &jid), 0);
	return jid;
}

unsigned world_owner(struct world *w, const char *bare)
{
	return store_partition_shard(store_partition_of(w->server->store, str_of(bare)),
	                             shard_group_count(w->server->shards));
}

/* ---- on a shard ---- */

static void on_call(struct shard *here, struct shard_msg *msg)
{
	struct world_call *call = CONTAINER_OF(msg, struct world_call, msg);

	call->run(core_of(here), call);
}

void world_answer(struct world_call *call, int result)
{
	call->result = result;
	ck_assert_int_eq(write(call->fds[0], "", 1), 1);
}

int world_ask(struct world *w, unsigned shard,
              void (*run)(struct core *core, struct world_call *call), void *arg)
{
	struct world_call call = { .run = run, .arg = arg, .msg.run = on_call };
	char byte;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, call.fds), 0);
	shard_post(NULL, shard_group_at(w->server->shards, shard), &call.msg);
	ck_assert_int_eq(read(call.fds[1], &byte, 1), 1);
	close(call.fds[0]);
	close(call.fds[1]);
	return call.result;
}
