/*
 * check_loader.c - modules: from shared objects, their options, and the order of their hooks.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/core/loader.h"
#include "tests/core/court.h"
#include "tests/lib/capture.h"

#include <string.h>

/* Where libtool leaves the modules of this folder. */
static const char *built(struct world *w, const char *file)
{
	const char *top = getenv("top_builddir");

	return arena_printf(w->arena, "%s/tests/core/.libs/%s", top == NULL ? "." : top, file)
	        .p;
}

static struct world *prepare(const char *file, const char *more, const char *host)
{
	struct world *w = world_prepare(&(struct world_options){ .modules = court });

	world_configure(
		w, &(struct world_options){
			   .modules = court,
			   .global = arena_printf(w->arena, "module-files = { \"%s\" }\n%s",
	                                          built(w, file), more)
	                                     .p,
			   .host = host,
		   });
	return w;
}

static void expect_refused(const char *file, const char *more, const char *part)
{
	struct world *w = prepare(file, more, NULL);
	struct capture log;

	capture_begin(&log);
	ck_assert_int_eq(world_start(w), ERR_CONFIG);
	ck_assert_says(capture_end(&log, w->arena), part);
	world_free(&w);
}

static void expect_sound(struct client *c, const char *sound)
{
	client_send(c, "<iq id='r' type='get'><ring xmlns='urn:bell'/></iq>");
	client_expectf(c, "<iq id='r' type='result'><ring xmlns='urn:bell'>%s</ring></iq>",
	               sound);
}

START_TEST(a_module_in_a_shared_object_works_like_a_built_in_one)
{
	struct world *w = prepare("bell.so", "", NULL);
	struct client *c;

	ck_assert_int_eq(world_start(w), 0);
	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example");
	expect_sound(c, "dong");
	client_send(c, COURT_GET("n", "none"));
	client_expect(c, "<iq id='n' type='result'/>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(its_options_stand_in_a_block_of_its_name)
{
	struct world *w =
		prepare("bell.so", "bell { sound = \"ding\" }\n", "bell { sound = \"clang\" }");
	struct client *a, *b;

	ck_assert_int_eq(world_start(w), 0);
	world_account(w, "romeo@a.example", "x");
	world_account(w, "romeo@b.example", "x");
	a = client_login(w, "romeo@a.example");
	b = client_login(w, "romeo@b.example");
	expect_sound(a, "clang");
	expect_sound(b, "ding");
	client_drop(&a);
	client_drop(&b);
	world_free(&w);
}
END_TEST

START_TEST(a_host_can_be_without_it)
{
	struct world *w = prepare("bell.so", "", "without = { \"bell\" }");
	struct client *c;

	ck_assert_int_eq(world_start(w), 0);
	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example");
	client_send(c, "<iq id='r' type='get'><ring xmlns='urn:bell'/></iq>");
	client_expect(c, "<iq id='r' type='error'/>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_wrong_option_of_it_is_told)
{
	expect_refused("bell.so", "bell { colour = red }\n", "no such option 'colour'");
	expect_refused("court.so", "", "court.so: cannot be loaded: ");
}
END_TEST

START_TEST(a_module_folder_is_where_files_without_a_path_are)
{
	struct world *w = world_prepare(&(struct world_options){ .modules = court });

	world_configure(w,
	                &(struct world_options){
				.modules = court,
				.global = arena_printf(w->arena,
	                                               "module-folder = \"%s\"\nmodule-files = "
	                                               "{ \"bell.so\" }\n",
	                                               built(w, ""))
	                                          .p,
			});
	ck_assert_int_eq(world_start(w), 0);
	world_free(&w);
}
END_TEST

START_TEST(a_module_of_another_interface_is_refused)
{
	expect_refused("bell_old.so", "",
	               "bell_old.so: was built for module interface 999, this server has 5: "
	               "build it again");
}
END_TEST

START_TEST(what_is_no_module_is_refused)
{
	expect_refused("bell_mute.so", "",
	               "bell_mute.so: is no module: it has no symbol jackdaw_module");
	expect_refused("../bell.la", "", "bell.la: cannot be loaded: ");
}
END_TEST

START_TEST(two_modules_of_one_name_are_refused)
{
	struct world *w = world_prepare(&(struct world_options){ .modules = court });
	struct capture log;

	world_configure(
		w,
		&(struct world_options){
			.modules = court,
			.global = arena_printf(w->arena, "module-files = { \"%s\", \"%s\" }\n",
	                                       built(w, "bell.so"), built(w, "bell.so"))
	                                  .p,
		});
	capture_begin(&log);
	ck_assert_int_eq(world_start(w), ERR_CONFIG);
	ck_assert_says(capture_end(&log, w->arena), "there is a module \"bell\" already");
	world_free(&w);
}
END_TEST

/* ---- what descriptors are compiled to ---- */

static void note(struct event *ev, const char *what)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_HEADLINE);

	s->id = str_of(what);
	s->from = ev->host->jid;
	s->to = jid_copy(ev->arena, session_jid(ev->session));
	event_deliver(ev, ev->session, s);
}

static int guard(struct mod *m, struct event *ev)
{
	note(ev, m->def->name[0] == 'a' ? "guard a" : "guard b");
	return str_is(ev->stanza->id, "stop") ? MOD_HANDLED : MOD_PASS;
}

static int filter(struct mod *m, struct event *ev)
{
	note(ev, "filter");
	return MOD_PASS;
}

static int act(struct mod *m, struct event *ev)
{
	note(ev, "act");
	return MOD_PASS;
}

static int fallback(struct mod *m, struct event *ev)
{
	note(ev, "fallback");
	return MOD_HANDLED;
}

static int start_fails(struct mod *m)
{
	log_error(NULL, "this module never starts");
	return ERR_INVALID;
}

static const struct mod_hook hooks_a[] = {
	{ HOOK_SENT, PHASE_FALLBACK, fallback },
	{ HOOK_SENT, PHASE_GUARD, guard },
	{ 0 },
};
static const struct mod_hook hooks_b[] = {
	{ HOOK_SENT, PHASE_ACT, act },
	{ HOOK_SENT, PHASE_FILTER, filter },
	{ HOOK_SENT, PHASE_GUARD, guard },
	{ 0 },
};
static const struct mod_identity identities[] = { { "a", "b", "c" }, { "d", "e", "f" }, { 0 } };
static const struct mod_def a_module = {
	.abi = MOD_ABI,
	.name = "a",
	.hooks = hooks_a,
	.features = MOD_FEATURES("one", "two"),
	.identities = identities,
};
static const struct mod_def b_module = {
	.abi = MOD_ABI,
	.name = "b",
	.hooks = hooks_b,
	.features = MOD_FEATURES("three"),
	.account_features = MOD_FEATURES("four"),
};
static const struct mod_def c_module = {
	.abi = MOD_ABI, .name = "c", .off = true, .start = start_fails
};
static const struct mod_def *const all[] = { &a_module, &b_module, &c_module, NULL };

START_TEST(hooks_run_by_phase_then_by_module_until_one_handles)
{
	static const char *const order[] = { "guard a", "guard b", "filter", "act",
		                             "fallback" };
	struct world *w = world_new(&(struct world_options){ .modules = all });
	struct client *c;

	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example");
	client_send(c, "<message id='go' to='romeo@a.example'/><message id='stop' "
	               "to='romeo@a.example'/>");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		client_expectf(c, "<message id='%s'/>", order[i]);
	client_expect(c, "<message id='guard a'/>");
	client_send(c, "<message id='stop' to='romeo@a.example'/>");
	client_expect(c, "<message id='guard a'/>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

static void walk(struct core *core, struct world_call *call)
{
	struct host *h = &core->hosts[0];
	struct str feature;
	struct buf *b = call->arg;
	const struct mod_identity *id;

	for (size_t at = 0; !str_is_absent(feature = host_next_feature(h, false, &at));)
		buf_printf(b, STR_FMT " ", STR_ARG(feature));
	for (size_t at = 0; !str_is_absent(feature = host_next_feature(h, true, &at));)
		buf_printf(b, "account:" STR_FMT " ", STR_ARG(feature));
	for (size_t at = 0; (id = host_next_identity(h, false, &at)) != NULL;)
		buf_printf(b, "%s/%s/%s ", id->category, id->type, id->name);
	for (size_t at = 0; (id = host_next_identity(h, true, &at)) != NULL;)
		buf_printf(b, "account ");
	ck_assert_ptr_nonnull(host_module(h, &a_module));
	ck_assert_ptr_null(host_module(h, &c_module));
	world_answer(call, 0);
}

START_TEST(what_modules_declare_can_be_walked)
{
	struct world *w = world_new(&(struct world_options){ .modules = all });
	struct buf b = { 0 };

	world_ask(w, 0, walk, &b);
	ck_assert_str_is(buf_str(&b), "one two three account:four a/b/c d/e/f ");
	buf_deinit(&b);
	world_free(&w);
}
END_TEST

START_TEST(a_module_that_does_not_start_stops_the_start)
{
	struct world *w = world_prepare(&(struct world_options){
		.modules = all, .host = "modules = { \"c\" }", .shards = 2 });
	struct capture log;

	capture_begin(&log);
	ck_assert_int_lt(world_start(w), 0);
	ck_assert_says(capture_end(&log, w->arena), "this module never starts");
	ck_assert_ptr_null(w->server);
	world_free(&w);
}
END_TEST

CHECK_MAIN("loader", a_module_in_a_shared_object_works_like_a_built_in_one,
           its_options_stand_in_a_block_of_its_name, a_host_can_be_without_it,
           a_wrong_option_of_it_is_told, a_module_folder_is_where_files_without_a_path_are,
           a_module_of_another_interface_is_refused, what_is_no_module_is_refused,
           two_modules_of_one_name_are_refused,
           hooks_run_by_phase_then_by_module_until_one_handles,
           what_modules_declare_can_be_walked, a_module_that_does_not_start_stops_the_start)
