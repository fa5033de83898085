/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/fuzz/fuzz_world.h"

#include "modules/registry.h"
#include "tests/lib/client.h"
#include "xml/ns.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/time.h>

#define DOMAIN "a.example"

static struct trial {
	const char *const *names;
	fuzz_world_fn *fn;
	struct str input;
	struct world *world; /* made once in a process */
} trial;

static void on_removed(struct core *core, void *arg, int err)
{
	world_answer(arg, err);
}

static void remove_account(struct core *core, struct world_call *call)
{
	const struct jid *account = call->arg;

	account_remove(core, *account, on_removed, call);
}

static const char *bare_of(struct world *w, const char *name)
{
	return arena_printf(w->arena, "%s@" DOMAIN, name).p;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

/* The server itself goes with the process. */
static void remove_folder(void)
{
	nftw(trial.world->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void open_world(void)
{
	hash_init();
	trial.world = world_new(&(struct world_options){
		.modules = modules_builtin,
		.global = "bytes-per-second = 1GiB",
		.shards = 2,
	});
	ck_assert_int_eq(atexit(remove_folder), 0);
	world_account(trial.world, "witness@" DOMAIN, "secret");
}

static void expect_service(struct world *w)
{
	struct client *c = client_login(w, "witness@" DOMAIN "/x");

	client_send(c, "<iq type='get' id='alive' to='" DOMAIN "'><ping xmlns='" NS_PING
	               "'/></iq>");
	client_expect(c, "<iq type='result' id='alive'/>");
	client_close(&c);
}

START_TEST(one_input)
{
	struct arena *before;
	struct world *w;

	if (trial.world == NULL)
		open_world();
	w = trial.world;
	before = w->arena; /* what one input says is not kept */
	w->arena = arena_new(4096);
	for (size_t i = 0; trial.names[i] != NULL; i++)
		world_account(w, bare_of(w, trial.names[i]), "secret");
	trial.fn(w, trial.input);
	for (size_t i = 0; trial.names[i] != NULL; i++) {
		const char *bare = bare_of(w, trial.names[i]);
		struct jid jid = world_jid(w, bare);

		ck_assert_int_eq(world_ask(w, world_owner(w, bare), remove_account, &jid), 0);
	}
	expect_service(w);
	arena_free(&w->arena);
	w->arena = before;
}
END_TEST

/*
 * Its checks want to run in a test of Check's, which takes the alarm by which libFuzzer looks for
 * hangs for its own, and kills all of the group.
 */
void fuzz_in_world(const char *const *names, fuzz_world_fn *fn, struct str input)
{
	static const struct itimerval none;
	struct itimerval alarm;
	Suite *suite = suite_create("fuzz");
	TCase *tcase = tcase_create("fuzz");
	SRunner *runner = srunner_create(suite);

	setitimer(ITIMER_REAL, &none, &alarm);
	trial.names = names;
	trial.fn = fn;
	trial.input = input;
	tcase_add_test(tcase, one_input);
	suite_add_tcase(suite, tcase);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	if (srunner_ntests_failed(runner) != 0)
		srunner_print(runner, CK_NORMAL);
	ASSERT(srunner_ntests_failed(runner) == 0);
	srunner_free(runner);
	setitimer(ITIMER_REAL, &alarm, NULL);
}
