/*
 * check_earlier.c - databases of earlier versions: what was stored is there, and is what it was.
 *
 * A database is kept as text (tests/store/earlier), a line for each record: table, key and value
 * in hexadecimal digits, "-" for none.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/db.h"
#include "server/store/store.h"
#include "tests/modules/archive.h"

#include <stdio.h>
#include <stdlib.h>

#define MAP_BYTES MIB(64)
#define FIELD_MAX 65536

static struct world *w;

/* ---- from text ---- */

static unsigned hex_digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* In place. */
static MDB_val bytes_of(char *text)
{
	size_t n = text[0] == '-' ? 0 : strlen(text) / 2;

	for (size_t i = 0; i < n; i++)
		text[i] = (char)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	return (MDB_val){ .mv_data = text, .mv_size = n };
}

static void load_records(FILE *file, const struct db *db, MDB_txn *txn)
{
	static char table[16], key[FIELD_MAX], value[FIELD_MAX];
	unsigned n = 0;

	while (fscanf(file, "%15s %65535s %65535s", table, key, value) == 3) {
		MDB_val k = bytes_of(key), v = bytes_of(value);
		MDB_dbi into = strcmp(table, "meta") == 0 ? db->meta : db->records;

		ck_assert_int_eq(mdb_put(txn, into, &k, &v, 0), 0);
		n++;
	}
	ck_assert(feof(file) && n > 0);
}

static void load(const char *name)
{
	const struct store_config config = { .folder = world_file(w, "data"),
		                             .map_bytes = MAP_BYTES };
	const char *top = getenv("top_srcdir");
	FILE *file = fopen(arena_printf(w->arena, "%s/tests/store/earlier/%s",
	                                top == NULL ? "." : top, name)
	                           .p,
	                   "r");
	struct db db = { 0 };
	MDB_txn *txn;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(db_open(&db, &config), 0);
	ck_assert_int_eq(mdb_txn_begin(db.env, NULL, 0, &txn), 0);
	ck_assert_int_eq(db_tables_make(&db, txn), 0);
	load_records(file, &db, txn);
	ck_assert_int_eq(mdb_txn_commit(txn), 0);
	db_close(&db);
	fclose(file);
}

static void begin(const char *name, unsigned shards)
{
	w = world_prepare(
		&(struct world_options){ .modules = modules_builtin, .shards = shards });
	load(name);
	ck_assert_int_eq(world_start(w), 0);
}

/* ---- before stream management, the outbox and archives ---- */

static void expect_password(const char *user, const char *password)
{
	struct client *c = client_open(w, NULL);

	ck_assert(client_authenticate(c, user, password));
	client_drop(&c);
}

static void expect_roster(struct client *romeo)
{
	client_send(romeo, "<iq type='get' id='r'><query xmlns='" NS_ROSTER "'/></iq>");
	client_expect(romeo, "<iq type='result' id='r'><query xmlns='" NS_ROSTER
	                     "'><item jid='juliet@a.example' name='Juliet' subscription='to'>"
	                     "<group>Capulet</group></item></query></iq>");
}

/* In order, each with its time; and then they are gone. */
static void expect_stored(struct client *juliet)
{
	client_expect(juliet, "<message id='m1' type='chat' from='romeo@a.example/orchard'>"
	                      "<body>But, soft!</body><delay xmlns='" NS_DELAY
	                      "' from='a.example' stamp='*'/></message>");
	client_expect(juliet, "<message id='m2' xml:lang='it' from='romeo@a.example/orchard'>"
	                      "<subject>s</subject><body>perch\xc3\xa9</body>"
	                      "<x xmlns='urn:x'><y a='1'/></x><delay xmlns='" NS_DELAY
	                      "' from='a.example' stamp='*'/></message>");
	client_expect(juliet, "<message id='m3' type='chat' to='juliet@a.example/balcony'>"
	                      "<body>What light?</body><delay xmlns='" NS_DELAY
	                      "' from='a.example' stamp='*'/></message>");
}

static void try_before_streams(unsigned shards)
{
	struct client *juliet, *romeo, *mercutio;

	begin("before-streams", shards);
	expect_password("romeo", "secret of romeo");
	expect_password("juliet", "secret of juliet");
	mercutio = client_login(w, "mercutio@b.example/square");
	client_drop(&mercutio);
	romeo = client_login(w, "romeo@a.example/orchard");
	expect_roster(romeo);
	ask_result(romeo, "get", "", "<vCard xmlns='vcard-temp'/>",
	           "<vCard xmlns='vcard-temp'><FN>Romeo Montague"
	           "</FN></vCard>");
	juliet = client_login(w, "juliet@a.example/balcony");
	client_manage(juliet, "");
	ask_result(juliet, "get", "",
	           "<query xmlns='" NS_PRIVATE "'><notes xmlns='urn:notes'/></query>",
	           "<query xmlns='" NS_PRIVATE "'><notes xmlns='urn:notes'>x</notes></query>");
	ck_assert_uint_eq(look(juliet, "")->n, 0);
	client_send(juliet, "<presence id='online'/>");
	client_expect(juliet, "<presence id='online'/>");
	expect_stored(juliet);
	/* and what came with this version goes into the same database */
	client_send(romeo, "<message type='chat' to='juliet@a.example' id='m4'><body>new</body>"
	                   "</message>");
	client_expect(juliet, "<message id='m4'/>");
	ck_assert_str_eq(bodies(w, look(juliet, "")), "new ");
	client_drop(&juliet);
	client_drop(&romeo);
	world_restart(w);
	juliet = client_login(w, "juliet@a.example/other");
	ck_assert_str_eq(bodies(w, look(juliet, "")), "new ");
	client_drop(&juliet);
	world_free(&w);
}

START_TEST(a_database_from_before_streams_and_archives_is_whole)
{
	try_before_streams(1);
}
END_TEST

START_TEST(it_is_with_another_number_of_shards_too)
{
	try_before_streams(3);
}
END_TEST

CHECK_MAIN("earlier", a_database_from_before_streams_and_archives_is_whole,
           it_is_with_another_number_of_shards_too)
