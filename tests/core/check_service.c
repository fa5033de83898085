/*
 * check_service.c - a domain of a module's own: names that it founds and dissolves, and what becomes
 * of them when the disk does not take it.
 *
 * hall.a.example is the service.  In the namespace urn:hall, to any of its addresses:
 *
 *     <what/>                     <what at='domain', 'nothing' or 'name' bytes='…' visits='…'/>: the
 *                                 size of its record, and how often its state has seen an iq
 *     <found bytes='N'/>          the name has a record of N bytes from now on
 *     <put bytes='N'/>            the record is another one
 *     <dissolve/>                 the name is dissolved
 *     <found-and-dissolve/>       both in one event
 *
 * then='fail' on any of them fails behind that, then='put' writes a record.  Messages and presence
 * are answered with a message that tells of them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/account.h"
#include "server/core/visit.h"
#include "tests/core/court.h"
#include "tests/lib/at_account.h"
#include "tests/lib/capture.h"

#include <string.h>
#include <unistd.h>

#define NAME "verona@hall.a.example"
#define NS_HALL "urn:hall"
#define BIG 200000 /* bytes: more than a full disk has room for */

static const struct store_space space = { .name = "hall", .version = 1 };
static const struct store_space kept_space = { .name = "keeper", .version = 1 };

/* ---- a module that the service has besides its own ---- */

static bool wants_care(const struct mod *m, struct store_reader *reader, struct jid name,
                       uint64_t owner, int64_t wall_ms)
{
	struct str value;

	return store_reader_find(reader, &space, owner, STR("record"), &value) == 0 &&
	       store_reader_find(reader, &kept_space, owner, STR("done"), &value) == ERR_NOENT;
}

static int care(struct mod *m, struct event *ev, struct str data)
{
	ck_assert(entity_is_item(ev->entity) && ev->owner != 0);
	event_put(ev, &kept_space, STR("done"), STR(""));
	return MOD_HANDLED;
}

static const struct mod_def mod_keeper = {
	.abi = MOD_ABI,
	.name = "keeper",
	.summary = "cares for names",
	.wants_care = wants_care,
	.care = care,
	.spaces = MOD_SPACES(&kept_space),
};

/* ---- the service ---- */

struct hall_conf {
	struct str domain;
};
struct hall_name {
	unsigned visits;
};

static const char *place(const struct entity *e)
{
	return entity_is_host(e) ? "domain" : entity_is_item(e) ? "name" : "nothing";
}

static int tell(struct event *ev)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_NORMAL);
	struct xml_node *heard = xml_add(ev->arena, stanza_node(s), NS_HALL, "heard");

	if (ev->stanza->type == TYPE_ERROR)
		return MOD_HANDLED;
	s->from = entity_jid(ev->entity);
	s->to = ev->stanza->from;
	xml_set(ev->arena, heard, "at", str_of(place(ev->entity)));
	xml_set(ev->arena, heard, "kind", str_of(stanza_kind_name(ev->stanza->kind)));
	xml_set(ev->arena, heard, "resource", jid_resource(ev->stanza->to));
	event_send(ev, s);
	return MOD_HANDLED;
}

static int what(struct event *ev, const struct hall_name *state)
{
	struct xml_node *node = xml_new(ev->arena, NS_HALL, "what");
	struct str value;
	int err = ev->owner == 0 ? ERR_NOENT : event_find(ev, &space, STR("record"), &value);

	if (err < 0 && err != ERR_NOENT)
		return err;
	ck_assert(entity_is_item(ev->entity) == (ev->owner != 0));
	ck_assert(!entity_is_account(ev->entity));
	xml_set(ev->arena, node, "at", str_of(place(ev->entity)));
	xml_set(ev->arena, node, "visits", arena_printf(ev->arena, "%u", state->visits));
	if (err == 0)
		xml_set(ev->arena, node, "bytes", arena_printf(ev->arena, "%zu", value.n));
	return event_result(ev, node);
}

static void put(struct event *ev)
{
	uint64_t n = 0;

	if (str_to_u64(xml_attr(ev->payload, "bytes"), &n) < 0)
		n = 1;
	event_put(ev, &space, STR("record"), str_make(arena_zalloc(ev->arena, n), n));
}

static int change(struct event *ev)
{
	struct str name = ev->payload->name, then = xml_attr(ev->payload, "then");

	if (str_is(name, "found") || str_is(name, "found-and-dissolve")) {
		event_found(ev);
		put(ev);
	}
	if (str_is(name, "put"))
		put(ev);
	if (str_is(name, "dissolve") || str_is(name, "found-and-dissolve"))
		event_dissolve(ev);
	if (str_is(then, "put"))
		put(ev);
	return str_is(then, "fail") ? ERR_CORRUPT : event_result(ev, NULL);
}

static int received(struct mod *m, struct event *ev)
{
	struct hall_name *state = mod_entity_state(m, ev->entity);

	ck_assert_ptr_eq(mod_host(m), ev->host);
	if (ev->stanza->kind != STANZA_IQ)
		return tell(ev);
	if (!stanza_is_request(ev->stanza))
		return MOD_HANDLED;
	state->visits++;
	if (!xml_in_ns(ev->payload, NS_HALL))
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	return ev->stanza->type == TYPE_GET ? what(ev, state) : change(ev);
}

static struct str domain(const void *conf)
{
	return ((const struct hall_conf *)conf)->domain;
}

static const struct conf_option options[] = {
	CONF_OPT_TEXT("domain", struct hall_conf, domain, NULL, "the service's domain"),
	{ 0 },
};
static const struct mod_def *const with[] = { &mod_keeper, NULL };
static const struct mod_service service = {
	.label = "hall",
	.domain = domain,
	.with = with,
	.received = received,
};
static const struct mod_def mod_hall = {
	.abi = MOD_ABI,
	.name = "hall",
	.summary = "names",
	.conf_size = sizeof(struct hall_conf),
	.options = options,
	.entity_size = sizeof(struct hall_name),
	.spaces = MOD_SPACES(&space),
	.service = &service,
};
static const struct mod_def *const modules[] = { &mod_court, &mod_hall, &mod_keeper, NULL };

/* ---- who asks ---- */

static struct world *w;
static struct client *c;

static void begin(unsigned shards, const char *host)
{
	w = world_new(
		&(struct world_options){ .modules = modules, .shards = shards, .host = host });
	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example/orchard");
}

static void restart(void)
{
	client_drop(&c);
	world_restart(w);
	c = client_login(w, "romeo@a.example/orchard");
}

static void end(void)
{
	client_drop(&c);
	world_free(&w);
}

/* PATTERN: attributes of <what/>. */
static void expect_what(const char *at, const char *pattern)
{
	client_printf(c, "<iq type='get' id='w' to='%s'><what xmlns='" NS_HALL "'/></iq>", at);
	client_expectf(c,
	               "<iq type='result' id='w' from='%s'><what xmlns='" NS_HALL "' %s/></iq>",
	               at, pattern);
}

#define NOTHING "at='nothing' bytes='-'"
#define WITH(n) "at='name' bytes='" n "'"

static void send_set(const char *at, const char *payload)
{
	client_printf(c, "<iq type='set' id='s' to='%s'><%s xmlns='" NS_HALL "'/></iq>", at,
	              payload);
}

static void set(const char *at, const char *payload)
{
	send_set(at, payload);
	client_expect(c, "<iq type='result' id='s'/>");
}

static void refused(const char *at, const char *payload, const char *condition)
{
	send_set(at, payload);
	client_expectf(c, "<iq type='error' id='s'><error><%s xmlns='%s'/></error></iq>",
	               condition, NS_STANZA_ERROR);
}

/* ---- the domain ---- */

START_TEST(all_that_is_for_the_domain_is_the_modules)
{
	static const struct {
		const char *to, *at, *resource;
	} rows[] = {
		{ "hall.a.example", "domain", "" },
		{ "hall.a.example/x", "domain", "x" },
		{ NAME, "nothing", "" },
		{ NAME "/nick", "nothing", "nick" },
		{ "padua@hall.a.example/nick", "name", "nick" },
	};

	begin(2, NULL);
	set("padua@hall.a.example", "found bytes='1'");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		client_printf(c, "<message to='%s'/><presence to='%s'/>", rows[i].to,
		              rows[i].to);
		for (int kind = 0; kind < 2; kind++)
			client_expectf(c,
			               "<message><heard xmlns='" NS_HALL
			               "' kind='%s' at='%s'/></message>",
			               kind == 0 ? "message" : "presence", rows[i].at);
		expect_what(rows[i].to, arena_printf(w->arena, "at='%s'", rows[i].at).p);
	}
	/* of the core, and of other modules, nothing answers there */
	client_send(
		c, "<iq type='get' id='1' to='hall.a.example'><where xmlns='urn:court'/></iq>");
	client_expect(c, "<iq type='error' id='1'/>");
	end();
}
END_TEST

static void look(struct core *core, struct world_call *call)
{
	struct host *a = host_find(core, STR("a.example")),
		    *hall = host_find(core, STR("hall.a.example"));

	ck_assert_ptr_nonnull(hall);
	ck_assert_ptr_eq(host_parent(hall), a);
	ck_assert_ptr_eq(host_parent(a), a);
	ck_assert_str_is(host_service_name(a, &mod_hall), "hall.a.example");
	ck_assert(str_is_absent(host_service_name(a, &mod_keeper)));
	ck_assert_ptr_nonnull(host_module(hall, &mod_hall));
	ck_assert_ptr_nonnull(host_module(hall, &mod_keeper));
	ck_assert_ptr_null(host_module(hall, &mod_court));
	ck_assert_ptr_ne(host_module(hall, &mod_hall), host_module(a, &mod_hall));
	ck_assert_ptr_nonnull(host_of_accounts(core, STR("a.example")));
	ck_assert_ptr_null(host_of_accounts(core, STR("hall.a.example")));
	world_answer(call, 0);
}

START_TEST(it_has_the_modules_that_its_own_names)
{
	begin(1, NULL);
	ck_assert_int_eq(world_ask(w, 0, look, NULL), 0);
	end();
}
END_TEST

START_TEST(each_host_has_its_own_where_the_module_is_on)
{
	begin(1, "without = { \"hall\" }");
	expect_what("verona@hall.b.example", NOTHING);
	client_send(c, "<iq type='get' id='1' to='" NAME "'><what xmlns='" NS_HALL "'/></iq>");
	client_expect(c, "<iq type='error' id='1'><error><remote-server-not-found "
	                 "xmlns='" NS_STANZA_ERROR "'/></error></iq>");
	end();
}
END_TEST

START_TEST(the_domain_can_be_another)
{
	begin(1, "hall { domain = \"Rooms.Example\" }");
	set("verona@rooms.example", "found bytes='4'");
	expect_what("verona@rooms.example", WITH("4"));
	client_send(c, "<iq type='get' id='1' to='" NAME "'><what xmlns='" NS_HALL "'/></iq>");
	client_expect(c, "<iq type='error' id='1'/>");
	end();
}
END_TEST

static void refuse_domain(const char *name, const char *part)
{
	struct capture log;

	w = world_prepare(&(struct world_options){ .modules = modules });
	world_configure(
		w,
		&(struct world_options){
			.modules = modules,
			.host = arena_printf(w->arena, "hall { domain = \"%s\" }", name).p });
	capture_begin(&log);
	ck_assert_int_eq(world_start(w), ERR_CONFIG);
	ck_assert_says(capture_end(&log, w->arena), part);
	ck_assert_ptr_null(w->server);
	world_free(&w);
}

START_TEST(a_domain_that_cannot_be_is_told)
{
	refuse_domain("b.example", "is served already");
	refuse_domain("hall.b.example", "is served already");
	refuse_domain("no domain", "is no domain");
}
END_TEST

static void on_created(struct core *core, void *arg, int err)
{
	world_answer(arg, err);
}

static void create(struct core *core, struct world_call *call)
{
	account_create(core, world_jid(w, NAME), STR("x"), on_created, call);
}

START_TEST(nobody_has_an_account_there)
{
	begin(1, NULL);
	ck_assert_int_eq(world_ask(w, 0, create, NULL), ERR_NOENT);
	expect_what(NAME, NOTHING);
	end();
}
END_TEST

/* ---- names ---- */

START_TEST(a_name_that_was_founded_is_there)
{
	begin(2, NULL);
	for (int i = 0; i < 8; i++) {
		const char *name = arena_printf(w->arena, "n%d@hall.a.example", i).p;

		expect_what(name, NOTHING " visits='1'");
		set(name, "found bytes='100'");
		expect_what(name, WITH("100"));
		set(name, "put bytes='7'");
		expect_what(name, WITH("7"));
	}
	restart();
	for (int i = 0; i < 8; i++)
		expect_what(arena_printf(w->arena, "n%d@hall.a.example", i).p,
		            WITH("7") " visits='1'");
	expect_what("n8@hall.a.example", NOTHING);
	end();
}
END_TEST

START_TEST(a_name_that_was_dissolved_is_gone_with_its_records)
{
	begin(1, NULL);
	set(NAME, "found bytes='100'");
	expect_what(NAME, WITH("100"));
	set(NAME, "dissolve");
	expect_what(NAME, NOTHING " visits='1'");
	restart();
	expect_what(NAME, NOTHING);
	set(NAME, "found bytes='3'");
	expect_what(NAME, WITH("3"));
	set(NAME, "dissolve");
	set(NAME, "found bytes='4'"); /* before anything is on disk, if it is fast */
	expect_what(NAME, WITH("4"));
	restart();
	expect_what(NAME, WITH("4"));
	end();
}
END_TEST

START_TEST(a_name_may_be_for_a_moment)
{
	begin(1, NULL);
	set(NAME, "found-and-dissolve bytes='5'");
	expect_what(NAME, NOTHING);
	restart();
	expect_what(NAME, NOTHING);
	set(NAME, "found bytes='6'");
	expect_what(NAME, WITH("6"));
	end();
}
END_TEST

/* ---- what fails ---- */

START_TEST(a_handler_that_fails_leaves_the_name_as_it_was)
{
	begin(1, NULL);
	refused(NAME, "found bytes='9' then='fail'", "internal-server-error");
	expect_what(NAME, NOTHING " visits='1'");
	set(NAME, "found bytes='10'");
	refused(NAME, "dissolve then='fail'", "internal-server-error");
	expect_what(NAME, WITH("10"));
	refused(NAME, "put bytes='11' then='fail'", "internal-server-error");
	expect_what(NAME, WITH("10") " visits='1'");
	/* a write behind the end is one to nothing */
	refused(NAME, "dissolve then='put'", "not-allowed");
	expect_what(NAME, WITH("10"));
	restart();
	expect_what(NAME, WITH("10"));
	end();
}
END_TEST

/*
 * Events at NAME, which is loaded, of one turn of its shard: all are under way before one is done.
 * The first takes more room than there is, whatever the others erase.
 */
struct turn {
	struct world_call *call;
	const char *const *steps; /* "found", "put", "dissolve"; NULL-terminated */
	int n, failed;
};

static void on_step(struct entity *e, void *arg, int err)
{
	struct turn *turn = arg;

	turn->failed += err == ERR_FULL;
	if (--turn->n == 0)
		world_answer(turn->call, turn->failed);
}

static void take_step(struct entity *e, struct turn *turn, size_t i)
{
	struct event *ev = event_begin(arena_new(4096), e, NULL, NULL);

	event_then(ev, on_step, turn);
	if (strcmp(turn->steps[i], "found") == 0)
		event_found(ev);
	if (i == 0)
		event_put_index(ev, &space, STR("big"),
		                str_make(arena_zalloc(ev->arena, BIG), BIG));
	if (strcmp(turn->steps[i], "dissolve") == 0)
		event_dissolve(ev);
	else
		event_put(ev, &space, STR("record"), STR("?"));
	event_end(ev, MOD_HANDLED);
}

static void take_steps(struct core *core, struct world_call *call)
{
	struct turn *turn = call->arg;
	struct entity *e =
		entity_at(core, host_find(core, STR("hall.a.example")), world_jid(w, NAME));
	int n = turn->n;

	ck_assert(e->ready);
	turn->call = call;
	for (int i = 0; i < n; i++)
		take_step(e, turn, (size_t)i);
	entity_unpin(e);
}

/* All N steps fail for want of room. */
static void all_fail(const char *const *all, int n)
{
	struct turn turn = { .steps = all, .n = n };

	ck_assert_int_eq(world_ask(w, 0, take_steps, &turn), n);
}

START_TEST(a_name_that_the_disk_does_not_take_was_not_founded)
{
	static const char *const all[] = { "found", "put", "dissolve", "found" };

	begin(1, NULL);
	set("padua@hall.a.example", "found bytes='12'");
	world_fill_disk(w, true);
	refused(NAME, "found bytes='200000'", "resource-constraint");
	expect_what(NAME, NOTHING);
	refused("padua@hall.a.example", "put bytes='200000'", "resource-constraint");
	expect_what("padua@hall.a.example", WITH("12"));
	/* with all that stood on it */
	all_fail(all, ARRAY_LEN(all));
	expect_what(NAME, NOTHING " visits='1'");
	world_fill_disk(w, false);
	restart();
	expect_what(NAME, NOTHING);
	set(NAME, "found bytes='13'");
	expect_what(NAME, WITH("13"));
	end();
}
END_TEST

START_TEST(a_name_whose_end_the_disk_does_not_take_is_there)
{
	static const char *const all[] = { "put", "dissolve", "found" };

	begin(1, NULL);
	set(NAME, "found bytes='14'");
	world_fill_disk(w, true);
	/* what it stands on fails: so does the end, and what comes behind that */
	all_fail(all, ARRAY_LEN(all));
	expect_what(NAME, WITH("14"));
	world_fill_disk(w, false);
	restart();
	expect_what(NAME, WITH("14"));
	set(NAME, "dissolve");
	expect_what(NAME, NOTHING);
	end();
}
END_TEST

static int is_item(struct event *ev, void *arg)
{
	return entity_is_item(ev->entity);
}

START_TEST(where_nobody_waits_for_the_disk_a_name_may_be_lost_but_not_half)
{
	begin(1, "durability = relaxed");
	world_fill_disk(w, true);
	set(NAME, "found bytes='200000'");
	for (int i = 0; i < 500 && at_account(w, NAME, is_item, NULL) == 1; i++)
		usleep(10000);
	expect_what(NAME, NOTHING);
	world_fill_disk(w, false);
	set(NAME, "found bytes='16'");
	expect_what(NAME, WITH("16"));
	restart();
	expect_what(NAME, WITH("16"));
	end();
}
END_TEST

/* ---- care ---- */

static void do_care(struct core *core, struct world_call *call)
{
	care_now(core->care);
	world_answer(call, 0);
}

static int is_done(struct event *ev, void *arg)
{
	struct str value;

	return event_find(ev, &kept_space, STR("done"), &value) == 0;
}

static bool becomes_done(const char *name)
{
	for (int i = 0; i < 1000; i++) {
		if (at_account(w, name, is_done, NULL) == 1)
			return true;
		usleep(10000);
	}
	return false;
}

START_TEST(names_that_nobody_uses_get_the_care_they_want)
{
	begin(2, NULL);
	for (int i = 0; i < 6; i++)
		set(arena_printf(w->arena, "n%d@hall.%c.example", i, i % 2 == 0 ? 'a' : 'b').p,
		    "found bytes='1'");
	restart();
	for (unsigned shard = 0; shard < 2; shard++)
		world_ask(w, shard, do_care, NULL);
	for (int i = 0; i < 6; i++)
		ck_assert(becomes_done(
			arena_printf(w->arena, "n%d@hall.%c.example", i, i % 2 == 0 ? 'a' : 'b')
				.p));
	end();
}
END_TEST

CHECK_MAIN("service", all_that_is_for_the_domain_is_the_modules,
           it_has_the_modules_that_its_own_names, each_host_has_its_own_where_the_module_is_on,
           the_domain_can_be_another, a_domain_that_cannot_be_is_told,
           nobody_has_an_account_there, a_name_that_was_founded_is_there,
           a_name_that_was_dissolved_is_gone_with_its_records, a_name_may_be_for_a_moment,
           a_handler_that_fails_leaves_the_name_as_it_was,
           a_name_that_the_disk_does_not_take_was_not_founded,
           a_name_whose_end_the_disk_does_not_take_is_there,
           where_nobody_waits_for_the_disk_a_name_may_be_lost_but_not_half,
           names_that_nobody_uses_get_the_care_they_want)
