/*
 * fuzz_stored.c - a damaged database: records of sessions, rows, archives and stored messages that
 * hold anything.
 *
 * An input is records: a letter for the space, the length of the key (1 byte), the key, the length
 * of the value (2 bytes, the low one first), the value.  Spaces without an owner get keys that
 * begin with romeo's.  They are stored, romeo's account is read anew, rows are sent on as at
 * a start, and his client asks for all that there is.
 *
 *  - It is answered, be it by errors, and so are others.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"
#include "modules/offline/box.h"
#include "server/core/outbox.h"
#include "server/core/sm.h"
#include "server/store/batch.h"
#include "tests/fuzz/fuzz_world.h"
#include "tests/lib/at_account.h"
#include "tests/lib/client.h"

#include <string.h>

#define BARE "romeo@a.example"
#define RECORDS_MAX 100
#define FORM(field) \
	"<x xmlns='" NS_DATA_FORM "' type='submit'><field var='FORM_TYPE'><value>" NS_MAM \
	"</value></field>" field "</x>"

static const struct kept_space {
	char letter;
	const struct store_space *space;
	bool of_owner;
} kept_spaces[] = {
	{ 'a', &archive_space, true },       { 'w', &archive_with_space, true },
	{ 't', &archive_state_space, true }, { 'u', &archive_usage_space, true },
	{ 'p', &prefs_space, true },         { 'x', &archive_words_space, true },
	{ 'm', &box_space, true },           { 's', &stream_space, true },
	{ 'i', &stream_in_space, true },     { 'o', &stream_out_space, true },
	{ 'n', &stream_index_space, false }, { 'b', &outbox_space, false },
};

/* ---- the records ---- */

struct stored {
	const struct kept_space *in;
	struct str key, value;
};

struct records {
	struct stored all[RECORDS_MAX];
	size_t n;
};

static size_t take_length(struct str *rest, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes && i < rest->n; i++)
		n |= (size_t)(unsigned char)rest->p[i] << (8 * i);
	*rest = str_slice(*rest, bytes, rest->n);
	return n;
}

static struct str take_text(struct str *rest, size_t length_bytes)
{
	size_t n = take_length(rest, length_bytes);
	struct str text = str_slice(*rest, 0, n);

	*rest = str_slice(*rest, text.n, rest->n);
	return text;
}

static void read_records(struct str input, struct records *records)
{
	records->n = 0;
	while (input.n > 0 && records->n < RECORDS_MAX) {
		struct stored *one = &records->all[records->n];

		one->in = NULL;
		for (size_t i = 0; i < ARRAY_LEN(kept_spaces); i++)
			if (input.p[0] == kept_spaces[i].letter)
				one->in = &kept_spaces[i];
		input = str_slice(input, 1, input.n);
		one->key = take_text(&input, 1);
		one->value = take_text(&input, 2);
		records->n += one->in != NULL;
	}
}

static struct str key_of(struct store_key *k, const struct stored *one, uint64_t owner)
{
	key_init(k);
	if (!one->in->of_owner)
		key_u64(k, owner);
	key_bytes(k, one->key);
	return key_str(k);
}

static int put_records(struct event *ev, void *arg)
{
	const struct records *records = arg;

	for (size_t i = 0; i < records->n; i++) {
		const struct stored *one = &records->all[i];
		struct store_key k;
		uint64_t owner = one->in->of_owner ? ev->owner : STORE_OWNER_STORE;
		struct str key = key_of(&k, one, ev->owner);

		batch_put(event_batch(ev), one->in->space, owner, key, one->value);
	}
	return 0;
}

/* What is no account's does not go with it. */
static int delete_index(struct event *ev, void *arg)
{
	const struct records *records = arg;

	for (size_t i = 0; i < records->n; i++) {
		const struct stored *one = &records->all[i];
		struct store_key k;

		if (!one->in->of_owner)
			batch_delete(event_batch(ev), one->in->space, STORE_OWNER_STORE,
			             key_of(&k, one, ev->owner));
	}
	return 0;
}

/* ---- as after a start ---- */

static void begin_anew(struct core *core, struct world_call *call)
{
	entities_stop(core);
	entities_start(core);
	world_answer(call, outbox_start(core));
}

static void reload(struct world *w)
{
	unsigned shard = world_owner(w, BARE);

	ck_assert_int_eq(world_ask(w, shard, begin_anew, NULL), 0);
}

/* ---- the client ---- */

/* The answer, whatever it is, and whatever comes before it. */
static void ask(struct client *c, const char *type, const char *payload)
{
	const struct xml_node *node;

	client_printf(c, "<iq type='%s' id='ask'>%s</iq>", type, payload);
	do
		node = client_next(c);
	while (!str_is(xml_attr(node, "id"), "ask"));
}

static void look_at_archive(struct client *c)
{
	ask(c, "set", "<query xmlns='" NS_MAM "'/>");
	ask(c, "set",
	    "<query xmlns='" NS_MAM "'><set xmlns='" NS_RSM "'><before/></set></query>");
	ask(c, "set",
	    "<query xmlns='" NS_MAM
	    "'>" FORM("<field var='with'><value>a@a.example/x</value></field>") "</query>");
	ask(c, "set",
	    "<query xmlns='" NS_MAM
	    "'>" FORM("<field var='{" NS_FULLTEXT
	              "}fulltext'><value>wor 漢</value></field>") "</query>");
	ask(c, "get", "<metadata xmlns='" NS_MAM "'/>");
	ask(c, "get", "<prefs xmlns='" NS_MAM "'/>");
}

static void settle(struct client *c)
{
	ask(c, "get", "<ping xmlns='" NS_PING "'/>");
}

static void write_into_archive(struct client *c)
{
	client_send(c, "<message id='1' type='chat' to='a@a.example'><body>word 漢字"
	               "</body></message>");
	client_send(c, "<message type='chat' id='2' to='a@a.example'><retract id='1' "
	               "xmlns='" NS_RETRACT "'/></message>");
	client_send(c, "<message type='chat' id='3' to='" BARE "'><body>word</body></message>");
	settle(c);
}

/* Of the first stream that there is a record of. */
static void resume(struct world *w, const struct records *records)
{
	struct client *c = client_enter(w, BARE);
	const struct stored *one = records->all;
	uint64_t key = 0;
	size_t pos = 0;
	const struct xml_node *node;

	while (one < records->all + records->n && one->in->letter != 's')
		one++;
	if (one < records->all + records->n && key_read_u64(one->key, &pos, &key) < 0)
		key = 0;
	client_printf(c, "<resume xmlns='" NS_SM "' previd='%016llx' h='0'/>",
	              (unsigned long long)key);
	node = client_next(c);
	if (xml_is(node, NS_SM, "resumed"))
		settle(c);
	client_drop(&c);
}

static void try_records(struct world *w, struct str input)
{
	struct records records;
	struct client *c;

	read_records(input, &records);
	ck_assert_int_eq(at_account(w, BARE, put_records, &records), 0);
	reload(w);
	c = client_login(w, BARE "/a");
	client_send(c, "<presence/>");
	settle(c);
	look_at_archive(c);
	write_into_archive(c);
	look_at_archive(c);
	resume(w, &records);
	client_drop(&c);
	ck_assert_int_eq(at_account(w, BARE, delete_index, &records), 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "romeo", NULL };

	fuzz_in_world(names, try_records, fuzz_str(data, size));
	return 0;
}
