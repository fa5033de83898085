/*
 * check_mam.c - what an archive is made of, and the ids that tell of it (XEP-0313 §3, §6; XEP-0359).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/lovers.h"

#define FALSE_ID(by) "<stanza-id xmlns='" NS_STANZA_ID "' by='" by "' id='false'/>"
#define ENABLE_CARBONS "<enable xmlns='" NS_CARBONS "'/>"

/* How many messages the account of C has in its archive. */
static size_t archived(struct client *c)
{
	return look(c, "")->n;
}

/* ---- which ---- */

START_TEST(a_message_is_in_both_archives_and_its_receiver_is_told_the_id)
{
	struct answer *a;
	const char *id;

	begin(NULL);
	client_send(romeo, "<message to='" JULIET "' type='chat' id='m1' xml:lang='en'>" BODY(
				   "hi") "<x xmlns='urn:example:x'>y</x></message>");
	id = stamped(w, client_expect(juliet, "<message id='m1'><body>hi</body></message>"),
	             JULIET);
	ck_assert_ptr_nonnull(id);
	a = look(juliet, "");
	ck_assert_uint_eq(a->n, 1);
	ck_assert_str_eq(a->all[0].uid, id);
	ck_assert(client_matches(w->arena, a->all[0].message,
	                         "<message from='" ROMEO "/orchard' to='" JULIET
	                         "' type='chat' id='m1' xml:lang='en'><body>hi</body>"
	                         "<x xmlns='urn:example:x'>y</x></message>"));
	a = look(romeo, "");
	ck_assert_uint_eq(a->n, 1);
	ck_assert_str_ne(a->all[0].uid, id);
	ck_assert_ptr_null(stamped(w, a->all[0].message, ROMEO));
	ck_assert(client_matches(w->arena, a->all[0].message,
	                         "<message from='" ROMEO "/orchard' to='" JULIET
	                         "' type='chat' id='m1'><body>hi</body></message>"));
	end();
}
END_TEST

static const struct kind_row {
	size_t kept;
	const char *type, *content;
} kinds[] = {
	{ 1, "chat", BODY("b") },
	{ 1, "normal", BODY("b") },
	{ 1, "of-no-such-kind", BODY("b") },
	{ 0, "headline", BODY("b") },
	{ 0, "error", BODY("b") },
	{ 0, "chat", "" },
	{ 0, "normal", "<subject>s</subject>" },
	{ 0, "chat", "<x xmlns='urn:example:x'><body>b</body></x>" },
	/* chat states, and a request alone */
	{ 0, "chat", "<composing xmlns='" NS_CHAT_STATES "'/>" },
	{ 1, "chat", BODY("b") "<active xmlns='" NS_CHAT_STATES "'/>" },
	{ 0, "chat", "<request xmlns='" NS_RECEIPTS "'/>" },
	{ 0, "chat", "<markable xmlns='" NS_CHAT_MARKERS "'/>" },
	/* what goes along with a conversation */
	{ 1, "normal", "<received xmlns='" NS_RECEIPTS "' id='1'/>" },
	{ 1, "chat", "<received xmlns='" NS_CHAT_MARKERS "' id='1'/>" },
	{ 1, "chat", "<displayed xmlns='" NS_CHAT_MARKERS "' id='1'/>" },
	{ 1, "chat", "<acknowledged xmlns='" NS_CHAT_MARKERS "' id='1'/>" },
	{ 1, "chat",
	  "<reactions xmlns='" NS_REACTIONS "' id='1'><reaction>x</reaction></reactions>" },
	{ 1, "chat", "<reactions xmlns='" NS_REACTIONS "' id='1'/>" },
	{ 1, "chat", "<replace xmlns='" NS_CORRECTION "' id='1'/>" BODY("c") },
	{ 1, "chat", "<retract xmlns='" NS_RETRACT "' id='1'/>" },
	{ 1, "chat", "<propose xmlns='" NS_JINGLE_MESSAGE "' id='1'/>" },
	{ 1, "chat", "<finish xmlns='" NS_JINGLE_MESSAGE "' id='1'/>" },
	{ 1, "normal", "<x xmlns='" NS_CONFERENCE "' jid='room@c.example'/>" },
	{ 1, "normal", "<x xmlns='" NS_MUC_USER "'><invite from='a@b.example'/></x>" },
	{ 0, "normal", "<x xmlns='" NS_MUC_USER "'/>" },
	/* what only the other side can read */
	{ 1, "chat", "<encryption xmlns='" NS_EME "' namespace='urn:example:e'/>" },
	{ 1, "chat", "<encrypted xmlns='" NS_OMEMO "'/>" },
	{ 1, "chat", "<encrypted xmlns='" NS_OMEMO_OLD "'/>" },
	{ 1, "chat", "<openpgp xmlns='" NS_OPENPGP "'>AA==</openpgp>" },
	{ 1, "chat", "<x xmlns='" NS_PGP "'>AA==</x>" },
	/* hints */
	{ 0, "chat", BODY("b") HINT("no-store") },
	{ 0, "chat", BODY("b") HINT("no-permanent-store") },
	{ 1, "chat", BODY("b") HINT("no-copy") },
	{ 1, "chat", "<x xmlns='urn:example:x'/>" HINT("store") },
	{ 1, "chat", "<composing xmlns='" NS_CHAT_STATES "'/>" HINT("store") },
	{ 0, "chat", BODY("b") HINT("store") HINT("no-store") },
	{ 0, "error", BODY("b") HINT("store") },
	{ 0, "headline", BODY("b") HINT("store") },
	/* XEP-0424 §6 */
	{ 1, "chat", "<retract xmlns='" NS_RETRACT "' id='1'/>" HINT("no-store") },
};

START_TEST(what_belongs_to_a_conversation_is_archived_and_nothing_else)
{
	size_t n = 0;

	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct kind_row *k = &kinds[i];
		const char *id;

		client_printf(romeo,
		              "<message to='" JULIET
		              "/balcony' type='%s' id='k%zu'>%s</message>",
		              k->type, i, k->content);
		id = stamped(w, client_expectf(juliet, "<message id='k%zu'/>", i), JULIET);
		n += k->kept;
		ck_assert_msg((id != NULL) == (k->kept == 1), "%s %s", k->type, k->content);
		ck_assert_msg(archived(juliet) == n, "received: %s %s", k->type, k->content);
		ck_assert_msg(archived(romeo) == n, "sent: %s %s", k->type, k->content);
	}
	end();
}
END_TEST

START_TEST(what_is_said_in_rooms_is_not_archived)
{
	begin(NULL);
	client_send(romeo, "<message to='" JULIET
	                   "/balcony' type='groupchat' id='1'>" BODY("b") "</message>");
	client_expect(juliet, "<message type='groupchat' id='1'/>");
	ck_assert_uint_eq(archived(romeo), 0);
	ck_assert_uint_eq(archived(juliet), 0);
	end();
}
END_TEST

START_TEST(what_comes_back_as_an_error_is_not_in_the_receivers_archive)
{
	begin(NULL);
	client_send(romeo, "<message to='" JULIET "/chapel' id='1'>" BODY("b") "</message>");
	client_expect(romeo, "<message type='error' id='1'/>");
	ck_assert_uint_eq(archived(juliet), 0);
	ck_assert_uint_eq(archived(romeo), 1);
	/* chat goes to those who are there */
	client_send(romeo, "<message to='" JULIET
	                   "/chapel' type='chat' id='2'>" BODY("b") "</message>");
	client_expect(juliet, "<message id='2'/>");
	ck_assert_uint_eq(archived(juliet), 1);
	client_send(romeo, "<message to='nobody@a.example' type='chat' id='3'>" BODY(
				   "b") "</message>");
	client_expect(romeo, "<message type='error' id='3'/>");
	end();
}
END_TEST

START_TEST(who_is_blocked_gets_into_no_archive)
{
	begin(NULL);
	ask_result(juliet, "set", "",
	           "<block xmlns='" NS_BLOCKING "'><item jid='" ROMEO "'/></block>", "");
	client_send(romeo,
	            "<message to='" JULIET "' type='chat' id='1'>" BODY("b") "</message>");
	client_expect(romeo, "<message type='error' id='1'/>");
	client_send(juliet,
	            "<message to='" ROMEO "' type='chat' id='2'>" BODY("b") "</message>");
	client_expect(juliet, "<message type='error' id='2'/>");
	ck_assert_uint_eq(archived(juliet), 0);
	end();
}
END_TEST

START_TEST(a_message_to_oneself_is_archived_once)
{
	static const char *const to[] = { ROMEO, ROMEO "/orchard", ROMEO "/garden" };
	struct client *garden;
	const char *id;

	begin(NULL);
	garden = client_login(w, ROMEO "/garden");
	ask_result(garden, "set", "", ENABLE_CARBONS, "");
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		struct answer *a;

		client_printf(romeo,
		              "<message to='%s' type='chat' id='s%zu'>" BODY("b") "</message>",
		              to[i], i);
		if (i < 2) {
			id = stamped(w, client_expectf(romeo, "<message id='s%zu'/>", i),
			             ROMEO);
			client_next(garden); /* the message, or a copy */
		} else {
			id = stamped(w, client_expectf(garden, "<message id='s%zu'/>", i),
			             ROMEO);
		}
		ck_assert_ptr_nonnull(id);
		a = look(romeo, "");
		ck_assert_uint_eq(a->n, i + 1);
		ck_assert_str_eq(a->all[i].uid, id);
	}
	client_drop(&garden);
	end();
}
END_TEST

START_TEST(an_archived_message_that_finds_no_place_does_not_come_back)
{
	begin("offline { max-messages = 1 }");
	client_close(&juliet);
	for (int i = 0; i < 3; i++)
		client_printf(romeo,
		              "<message to='" JULIET
		              "' type='chat' id='%d'>" BODY("b") "</message>",
		              i);
	client_send(romeo, "<message to='" JULIET "' type='chat' id='4'>" BODY("b")
	                           HINT("no-permanent-store") "</message>");
	client_expect(romeo, "<message type='error' id='4'/>");
	juliet = client_login(w, JULIET "/balcony");
	ck_assert_uint_eq(archived(juliet), 3);
	end();
}
END_TEST

START_TEST(stored_messages_have_the_id_they_have_in_the_archive)
{
	struct answer *a;
	const char *id;

	begin(NULL);
	client_close(&juliet);
	client_send(romeo,
	            "<message to='" JULIET "' type='chat' id='1'>" BODY("b") "</message>");
	client_settle(romeo);
	juliet = client_login(w, JULIET "/balcony");
	client_send(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	id = stamped(w,
	             client_expect(juliet,
	                           "<message id='1'><delay xmlns='" NS_DELAY "'/></message>"),
	             JULIET);
	client_expect(juliet, "<iq type='get'><ping xmlns='" NS_PING "'/></iq>");
	a = look(juliet, "");
	ck_assert_uint_eq(a->n, 1);
	ck_assert_str_eq(a->all[0].uid, id);
	end();
}
END_TEST

START_TEST(a_temporary_account_has_an_empty_archive)
{
	struct client *guest;

	begin("anonymous = true");
	guest = client_open(w, &(struct client_options){ 0 });
	client_send(guest, "<auth xmlns='" NS_SASL "' mechanism='ANONYMOUS'/>");
	ck_assert(xml_is(client_next(guest), NS_SASL, "success"));
	client_restart(guest);
	client_send(guest, "<iq type='set' id='b'><bind xmlns='" NS_BIND "'/></iq>");
	client_expect(guest, "<iq type='result' id='b'/>");
	client_send(guest,
	            "<message to='" JULIET "' type='chat' id='1'>" BODY("b") "</message>");
	client_expect(juliet, "<message id='1'/>");
	ck_assert_uint_eq(archived(juliet), 1);
	ck_assert_uint_eq(archived(guest), 0);
	ask_result(guest, "get", "", "<metadata xmlns='" NS_MAM "'/>",
	           "<metadata xmlns='" NS_MAM "'/>");
	client_drop(&guest);
	end();
}
END_TEST

START_TEST(an_archive_survives_a_restart_and_a_full_disk_keeps_half_of_nothing)
{
	begin(NULL);
	client_send(romeo,
	            "<message to='" JULIET "' type='chat' id='1'>" BODY("b") "</message>");
	client_expect(juliet, "<message id='1'/>");
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_online(w, ROMEO "/orchard", 0);
	juliet = client_online(w, JULIET "/balcony", 0);
	ck_assert_uint_eq(archived(romeo), 1);
	world_fill_disk(w, true);
	client_printf(romeo,
	              "<message to='" JULIET
	              "' type='chat' id='2'><body>%0100000d</body></message>",
	              0);
	client_expect(romeo, "<message type='error' id='2'/>");
	world_fill_disk(w, false);
	ck_assert_uint_eq(archived(romeo), 1);
	ck_assert_uint_eq(archived(juliet), 1);
	client_send(romeo,
	            "<message to='" JULIET "' type='chat' id='3'>" BODY("b") "</message>");
	client_expect(juliet, "<message id='3'/>");
	ck_assert_uint_eq(archived(juliet), 2);
	end();
}
END_TEST

/* ---- ids ---- */

static const struct false_row {
	const char *by;
	bool of_sender, of_receiver; /* taken out on the way out, on the way in */
} false_ids[] = {
	{ ROMEO, true, false },
	{ "Romeo@A.Example", true, false },
	{ JULIET, false, true },
	{ "JULIET@a.example", false, true },
	{ "a.example", true, true },
	{ ROMEO "/orchard", false, false },
	{ "room@c.example", false, false },
	{ "not an address@", false, false },
	{ "", false, false },
};

START_TEST(ids_that_claim_to_be_of_an_archive_are_taken_out)
{
	static const char *const contents[] = { BODY("b"), "<x xmlns='urn:example:x'/>",
		                                BODY("b") HINT("no-store") };

	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(false_ids) * ARRAY_LEN(contents); i++) {
		const struct false_row *row = &false_ids[i / ARRAY_LEN(contents)];
		const char *content = contents[i % ARRAY_LEN(contents)];
		bool stays = !row->of_sender && !row->of_receiver;
		bool kept = strcmp(content, BODY("b")) == 0;
		const struct xml_node *message, *id;

		client_printf(romeo,
		              "<message to='" JULIET "' type='chat' id='f%zu'>"
		              "<stanza-id xmlns='" NS_STANZA_ID "' by='%s' id='false'/>%s"
		              "<origin-id xmlns='" NS_STANZA_ID "' id='o%zu'/></message>",
		              i, row->by, content, i);
		message = client_expectf(juliet,
		                         "<message id='f%zu'><origin-id xmlns='" NS_STANZA_ID
		                         "' id='o%zu'/></message>",
		                         i, i);
		id = xml_child(message, NS_STANZA_ID, "stanza-id");
		if (stays)
			ck_assert_msg(id != NULL && str_is(xml_attr(id, "id"), "false"), "%s",
			              row->by);
		else
			ck_assert_msg(kept ? id != NULL && !str_is(xml_attr(id, "id"), "false")
			                   : id == NULL,
			              "%s", row->by);
		ck_assert((stamped(w, message, JULIET) != NULL) == kept);
	}
	end();
}
END_TEST

/* Each of them costs more than its bytes. */
START_TEST(of_very_many_ids_the_first_ones_stay)
{
	const struct xml_node *message, *child = NULL;
	struct buf all = { 0 };
	size_t n = 0;

	begin(NULL);
	for (int i = 0; i < 1000; i++)
		buf_append(&all, STR("<s:stanza-id by='\xc3\xbc@example.org' id='1'/>"));
	buf_append(&all, STR(FALSE_ID(JULIET)));
	client_printf(romeo,
	              "<message to='" JULIET "' type='chat' id='many' xmlns:s='" NS_STANZA_ID
	              "'>" BODY("b") STR_FMT "</message>",
	              STR_ARG(buf_str(&all)));
	buf_deinit(&all);
	message = client_expect(juliet, "<message id='many'><body>b</body></message>");
	while ((child = xml_next_child(message, child)) != NULL)
		n += xml_is(child, NS_STANZA_ID, "stanza-id");
	ck_assert_uint_eq(n, 32 + 1);
	ck_assert_ptr_nonnull(stamped(w, message, JULIET));
	end();
}
END_TEST

START_TEST(who_is_written_to_learns_nothing_of_the_senders_archive)
{
	begin(NULL);
	client_send(romeo,
	            "<message to='" JULIET "' type='chat' id='1'>" BODY("b") "</message>");
	ck_assert_ptr_null(stamped(w, client_expect(juliet, "<message id='1'/>"), ROMEO));
	ck_assert_ptr_null(stamped(w, look(juliet, "")->all[0].message, ROMEO));
	end();
}
END_TEST

static const char *copied(struct client *c, const char *which, const char *by)
{
	const struct xml_node *n =
		client_expectf(c, "<message><%s xmlns='" NS_CARBONS "'/></message>", which);

	n = xml_child(xml_only_child(n), NS_FORWARD, "forwarded");
	return stamped(w, xml_child(n, NS_CLIENT, "message"), by);
}

START_TEST(carbons_tell_the_ids_of_the_archive)
{
	struct client *garden;
	struct answer *a;
	const char *sent, *received;

	begin(NULL);
	garden = client_login(w, ROMEO "/garden");
	ask_result(garden, "set", "", ENABLE_CARBONS, "");
	client_send(romeo, "<message to='" JULIET "' type='chat' id='1'>" FALSE_ID(ROMEO)
	                           BODY("b") "</message>");
	client_expect(juliet, "<message id='1'/>");
	sent = copied(garden, "sent", ROMEO);
	client_send(juliet,
	            "<message to='" ROMEO "' type='chat' id='2'>" BODY("b") "</message>");
	client_expect(romeo, "<message id='2'/>");
	received = copied(garden, "received", ROMEO);
	a = look(romeo, "");
	ck_assert_uint_eq(a->n, 2);
	ck_assert_str_eq(a->all[0].uid, sent);
	ck_assert_str_eq(a->all[1].uid, received);
	/* what is not archived has none */
	client_send(romeo, "<message to='" JULIET "' type='chat' id='3'>" BODY("b")
	                           HINT("no-store") "</message>");
	client_expect(juliet, "<message id='3'/>");
	ck_assert_ptr_null(copied(garden, "sent", ROMEO));
	client_drop(&garden);
	end();
}
END_TEST

START_TEST(ids_tell_neither_time_nor_order)
{
	struct answer *a;
	size_t ascending = 0;

	begin(NULL);
	for (int i = 0; i < 60; i++)
		client_printf(romeo,
		              "<message to='" JULIET
		              "' type='chat' id='%d'>" BODY("b") "</message>",
		              i);
	for (int i = 0; i < 60; i++)
		client_expect(juliet, "<message/>");
	a = look(juliet, "");
	ck_assert_uint_eq(a->n, 60);
	for (size_t i = 1; i < a->n; i++) {
		ck_assert_str_ne(a->all[i].uid, a->all[i - 1].uid);
		ascending += strcmp(a->all[i].uid, a->all[i - 1].uid) > 0;
		/* a time would have its first digits in common with the next */
		ck_assert_int_ne(strncmp(a->all[i].uid, a->all[i - 1].uid, 6), 0);
	}
	ck_assert_uint_gt(ascending, 5);
	ck_assert_uint_lt(ascending, 54);
	end();
}
END_TEST

/* ---- features ---- */

START_TEST(an_account_says_that_it_has_an_archive)
{
	begin(NULL);
	ask_result(romeo, "get", ROMEO, "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><feature var='urn:xmpp:mam:2'/>"
	           "<feature var='urn:xmpp:mam:2#extended'/>"
	           "<feature var='urn:xmpp:mam:2#groupchat-field'/>"
	           "<feature var='urn:xmpp:sid:0'/>"
	           "<feature var='urn:xmpp:message-retract:1'/>"
	           "<feature var='urn:xmpp:message-retract:1#tombstone'/></query>");
	ask_result(romeo, "get", "a.example", "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO
	           "'><feature var='urn:xmpp:message-retract:1'/></query>");
	end();
}
END_TEST

CHECK_MAIN("mam", a_message_is_in_both_archives_and_its_receiver_is_told_the_id,
           what_belongs_to_a_conversation_is_archived_and_nothing_else,
           what_is_said_in_rooms_is_not_archived,
           what_comes_back_as_an_error_is_not_in_the_receivers_archive,
           who_is_blocked_gets_into_no_archive, a_message_to_oneself_is_archived_once,
           an_archived_message_that_finds_no_place_does_not_come_back,
           stored_messages_have_the_id_they_have_in_the_archive,
           a_temporary_account_has_an_empty_archive,
           an_archive_survives_a_restart_and_a_full_disk_keeps_half_of_nothing,
           ids_that_claim_to_be_of_an_archive_are_taken_out,
           of_very_many_ids_the_first_ones_stay,
           who_is_written_to_learns_nothing_of_the_senders_archive,
           carbons_tell_the_ids_of_the_archive, ids_tell_neither_time_nor_order,
           an_account_says_that_it_has_an_archive)
