/*
 * check_removal.c - nothing is left of an account that was removed, whoever removed it: the
 * database itself is looked through.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/ctl/admin.h"
#include "server/store/names.h"
#include "tests/modules/ask.h"

#include <lmdb.h>
#include <unistd.h>

static struct world *w;

static void begin(void)
{
	/* commits wait, so that much can happen while a removal is under way */
	w = world_new(&(struct world_options){ .modules = modules_builtin,
	                                       .global = "commit-gather = \"100 ms\"",
	                                       .host = "name-reuse = \"30 days\"\n"
	                                               "register { allow = true }" });
	world_account(w, "romeo@a.example", "secret");
	world_account(w, "juliet@a.example", "secret");
}

static void find_owner(struct core *core, struct world_call *call)
{
	uint64_t *owner_out = call->arg;

	world_answer(call, names_find(core->view, STR("a.example"), STR("romeo"), owner_out));
}

static uint64_t owner(void)
{
	uint64_t found = 0;

	ck_assert_int_eq(world_ask(w, 0, find_owner, &found), 0);
	ck_assert_uint_ne(found, 0);
	return found;
}

static uint64_t owner_of_key(MDB_val key)
{
	const uint8_t *bytes = key.mv_data;
	uint64_t found = 0;

	for (size_t i = 0; i < 8; i++)
		found = found << 8 | bytes[i];
	return found;
}

/* Stops the server, and counts what stands in the file under OWNER. */
static size_t records_of(uint64_t wanted)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi records;
	MDB_cursor *cursor;
	MDB_val key, value;
	size_t n = 0;

	world_stop(w);
	ck_assert_int_eq(mdb_env_create(&env), 0);
	ck_assert_int_eq(mdb_env_set_maxdbs(env, 4), 0);
	ck_assert_int_eq(mdb_env_open(env, world_file(w, "data/jackdaw.mdb"),
	                              MDB_NOSUBDIR | MDB_RDONLY, 0600),
	                 0);
	ck_assert_int_eq(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
	ck_assert_int_eq(mdb_dbi_open(txn, "records", 0, &records), 0);
	ck_assert_int_eq(mdb_cursor_open(txn, records, &cursor), 0);
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
		n += owner_of_key(key) == wanted;
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	mdb_env_close(env);
	return n;
}

/* A session of romeo's that has left records of several modules. */
static struct client *live(void)
{
	struct client *romeo = client_online(w, "romeo@a.example/r", 0);
	struct client *juliet = client_online(w, "juliet@a.example/j", 0);

	ask_to_see(juliet, romeo);
	ask(romeo, "set", "",
	    "<query xmlns='jabber:iq:roster'><item jid='x@b.example' name='x'/></query>");
	client_drop(&juliet);
	return romeo;
}

START_TEST(an_account_has_records_until_it_is_removed)
{
	struct client *romeo;
	uint64_t id;

	begin();
	romeo = live();
	id = owner();
	client_close(&romeo);
	ck_assert_uint_ge(records_of(id), 3); /* itself, a contact, when it was last here */
	world_free(&w);
}
END_TEST

START_TEST(nothing_is_left_when_the_user_removes_it)
{
	struct client *romeo;
	uint64_t id;

	begin();
	romeo = live();
	id = owner();
	client_send(romeo, "<iq type='set' id='bye'><query xmlns='jabber:iq:register'><remove/>"
	                   "</query></iq>");
	usleep(30000); /* then it is on its way to the disk, and this would write behind it */
	client_send(romeo, "<presence type='unavailable'/><presence/>"
	                   "<iq type='set' id='late'><query xmlns='jabber:iq:roster'>"
	                   "<item jid='late@b.example'/></query></iq>");
	while (!client_matches(w->arena, client_next(romeo), "<iq type='result' id='bye'/>"))
		continue;
	client_drop(&romeo);
	ck_assert_uint_eq(records_of(id), 0);
	world_free(&w);
}
END_TEST

START_TEST(nothing_is_left_when_the_operator_removes_it)
{
	const struct xml_node *result;
	struct xml_node *form;
	struct client *romeo;
	struct admin *admin;
	struct str problem;
	uint64_t id;

	begin();
	romeo = live();
	id = owner();
	form = form_new(w->arena, "submit", NULL);
	form_field(w->arena, form, FIELD_JID_SINGLE, "accountjid", NULL,
	           STR("romeo@a.example"));
	ck_assert_int_eq(admin_attach(w->server, &admin), 0);
	ck_assert_int_eq(
		admin_call(admin, w->arena, STR("account delete"), form, &result, &problem), 0);
	admin_close(&admin);
	client_drop(&romeo);
	ck_assert_uint_eq(records_of(id), 0);
	world_free(&w);
}
END_TEST

START_TEST(its_name_cannot_be_registered_for_a_while)
{
	struct client *c;

	begin();
	c = client_login(w, "romeo@a.example/r");
	ask(c, "set", "", "<query xmlns='jabber:iq:register'><remove/></query>");
	client_drop(&c);
	for (int i = 0; i < 2; i++) {
		c = client_open(w, NULL);
		client_send(c, "<iq type='set' id='r'><query xmlns='jabber:iq:register'>"
		               "<username>Romeo</username><password>x</password></query></iq>");
		client_expect(c, "<iq type='error' id='r'><error type='cancel'><conflict "
		                 "xmlns='" NS_STANZA_ERROR "'/></error></iq>");
		client_drop(&c);
		world_restart(w);
	}
	world_free(&w);
}
END_TEST

CHECK_MAIN("removal", an_account_has_records_until_it_is_removed,
           nothing_is_left_when_the_user_removes_it,
           nothing_is_left_when_the_operator_removes_it,
           its_name_cannot_be_registered_for_a_while)
