/*
 * check_vcard.c - XEP-0054, and the photo's hash in presence (XEP-0153, XEP-0398 §4).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#include "server/base/base64.h"

#include <string.h>

#define GET "<vCard xmlns='vcard-temp'/>"
#define CARD(inner) "<vCard xmlns='vcard-temp'>" inner "</vCard>"
#define PHOTO(text) "<PHOTO><TYPE>image/png</TYPE><BINVAL>" text "</BINVAL></PHOTO>"
#define UPDATE(inner) "<x xmlns='vcard-temp:x:update'>" inner "</x>"
#define HASH_ONE "fe05bcdcdc4928012781a5f1a2a77cbb5398e106" /* SHA-1 of "one" */
#define HASH_TWO "ad782ecdac770fc6eb9a62e44f90873fb97fb26b" /* of "two" */
#define ONE "b25l"
#define TWO "dHdv"

static struct world *w;

static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, "juliet@a.example", "x");
}

/* ---- XEP-0054 ---- */

/* One's own: there is none. */
static void expect_empty(struct client *c)
{
	const struct xml_node *iq = ask(c, "get", "", GET);

	ck_assert(str_is(xml_attr(iq, "type"), "result"));
	ck_assert(xml_is(xml_only_child(iq), NS_VCARD, "vCard"));
	ck_assert_ptr_null(xml_only_child(iq)->first);
}

START_TEST(what_was_set_is_there_for_its_owner_and_others_after_a_restart)
{
	struct client *c, *other;

	begin(NULL);
	c = client_login(w, "romeo@a.example/one");
	expect_empty(c);
	ask_result(c, "set", "", CARD("<FN>Romeo</FN><N><GIVEN>Romeo</GIVEN></N>"), "");
	client_drop(&c);
	world_restart(w);
	c = client_login(w, "romeo@a.example/one");
	other = client_login(w, "juliet@a.example/one");
	ask_result(c, "get", "", GET, CARD("<FN>Romeo</FN><N><GIVEN>Romeo</GIVEN></N>"));
	ask_result(c, "get", "romeo@a.example", GET, CARD("<FN>Romeo</FN>"));
	ask_result(other, "get", "romeo@a.example", GET, CARD("<FN>Romeo</FN>"));
	ask_result(c, "set", "", CARD("<FN>R</FN>"), "");
	ask_result(other, "get", "romeo@a.example", GET, CARD("<FN>R</FN>"));
	client_drop(&c);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(an_account_without_a_vcard_cannot_be_told_from_nobody)
{
	struct client *c;

	begin(NULL);
	c = client_login(w, "romeo@a.example/one");
	ask_error(c, "get", "juliet@a.example", GET, "service-unavailable");
	ask_error(c, "get", "nobody@a.example", GET, "service-unavailable");
	ask_error(c, "set", "juliet@a.example", CARD("<FN>x</FN>"), "forbidden");
	ask_error(c, "set", "nobody@a.example", CARD("<FN>x</FN>"), "forbidden");
	ask_error(c, "set", "a.example", CARD("<FN>x</FN>"), "forbidden");
	world_account(w, "benvolio@b.example", "x");
	ask_error(c, "set", "benvolio@b.example", CARD("<FN>x</FN>"), "service-unavailable");
	ask_error(c, "set", "nobody@b.example", CARD("<FN>x</FN>"), "service-unavailable");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(an_empty_one_takes_it_back)
{
	struct client *c;

	begin(NULL);
	c = client_login(w, "romeo@a.example/one");
	ask_result(c, "set", "", CARD("<FN>Romeo</FN>"), "");
	ask_result(c, "set", "", CARD(""), "");
	expect_empty(c);
	client_drop(&c);
	world_free(&w);
}
END_TEST

static const char *filled(size_t n)
{
	char *text = arena_alloc(w->arena, n + 1);

	memset(text, 'A', n);
	text[n] = '\0';
	return text;
}

START_TEST(sizes_are_bounded_and_what_is_refused_changes_nothing)
{
	struct client *c;

	begin("vcard { max-size = 2000\nmax-photo = 3000 }");
	c = client_login(w, "romeo@a.example/one");
	ask_result(c, "set", "",
	           arena_printf(w->arena, CARD("<NOTE>%s</NOTE>" PHOTO("%s")), filled(1500),
	                        filled(4000))
	                   .p,
	           "");
	ask_error(c, "set", "", arena_printf(w->arena, CARD("<NOTE>%s</NOTE>"), filled(2000)).p,
	          "policy-violation");
	ask_error(c, "set", "",
	          arena_printf(w->arena, CARD("<FN>new</FN>" PHOTO("%s")), filled(4004)).p,
	          "policy-violation");
	/* a second photo is no way around */
	ask_error(c, "set", "",
	          arena_printf(w->arena, CARD(PHOTO("%s") PHOTO("%s")), filled(4000),
	                       filled(4000))
	                  .p,
	          "policy-violation");
	ask_result(c, "get", "", GET,
	           arena_printf(w->arena, CARD("<NOTE>%s</NOTE>"), filled(1500)).p);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_photo_that_is_not_base64_is_a_bad_request)
{
	static const char *const wrong[] = { "b25", "*", "b25l=", "data:image/png;base64,b25l",
		                             "b2 5lb" };
	struct client *c;

	begin(NULL);
	c = client_login(w, "romeo@a.example/one");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ask_error(c, "set", "", arena_printf(w->arena, CARD(PHOTO("%s")), wrong[i]).p,
		          "bad-request");
	expect_empty(c);
	client_drop(&c);
	world_free(&w);
}
END_TEST

/* ---- the hash ---- */

static void set_card(struct client *c, const char *inner)
{
	client_printf(c, "<iq type='set' id='card'><vCard xmlns='vcard-temp'>%s</vCard></iq>",
	              inner);
	client_expect(c, "<iq type='result' id='card'/>");
}

/* Send presence with INNER; it is shown with that update: a hash, "" (empty photo), NULL: none. */
static void show(struct client *c, const char *inner, const char *photo)
{
	const struct xml_node *presence, *update;

	client_printf(c, "<presence id='p'>%s</presence>", inner);
	presence = client_expect(c, "<presence id='p'/>");
	update = xml_child(presence, NS_VCARD_UPDATE, "x");
	if (photo == NULL) {
		ck_assert(update == NULL ||
		          str_is_absent(xml_child_text(w->arena, update, "photo")));
		return;
	}
	ck_assert_ptr_nonnull(update);
	ck_assert(str_is(xml_child_text(w->arena, update, "photo"), photo));
	for (const struct xml_node *n = NULL; (n = xml_next_child(presence, n)) != NULL;)
		ck_assert(n == update || !xml_is(n, NS_VCARD_UPDATE, "x")); /* once */
}

START_TEST(presence_tells_of_the_photo_whatever_the_client_says_but_that_there_is_none)
{
	struct client *c;

	begin(NULL);
	c = client_login(w, "romeo@a.example/one");
	show(c, "", NULL);
	show(c, UPDATE("<photo>abc</photo>"), "abc"); /* nothing is known */
	client_send(c, "<presence type='unavailable'/>");
	client_expect(c, "<presence type='unavailable'/>");
	set_card(c, PHOTO("\n b2\t5l \r\n"));
	show(c, "", HASH_ONE);
	show(c, UPDATE(""), HASH_ONE);
	show(c, UPDATE("<photo>abc</photo>"), HASH_ONE);
	show(c, UPDATE("") UPDATE("<photo>abc</photo>"), HASH_ONE);
	show(c, "<status>s</status>" UPDATE("<photo> </photo>") "<show>away</show>", " ");
	show(c, UPDATE("<photo/>"), "");
	show(c, "<status>s</status>" UPDATE("<photo>" HASH_ONE "</photo>") "<show>away</show>",
	     HASH_ONE);
	client_send(c, "<presence id='p' type='unavailable'/>");
	client_expect(c, "<presence id='p' type='unavailable'/>");
	client_drop(&c);
	world_restart(w);
	c = client_login(w, "romeo@a.example/one"); /* out of the store */
	show(c, "", HASH_ONE);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(all_else_in_the_presence_stays_as_it_was)
{
	struct client *c;

	begin(NULL);
	c = client_login(w, "romeo@a.example/one");
	set_card(c, PHOTO(ONE));
	client_send(c, "<presence id='p' xml:lang='it'><show>dnd</show><status>a &amp; "
	               "b</status>" UPDATE("<photo/>x") "<e xmlns='urn:e' f='g'><h/>i</e>"
	                                                "<priority>3</priority></presence>");
	client_expect(c, "<presence id='p' from='romeo@a.example/one' xml:lang='it'>"
	                 "<show>dnd</show><status>a &amp; b</status>"
	                 "<e xmlns='urn:e' f='g'><h/>i</e><priority>3</priority></presence>");
	client_send(c, "<presence id='p' xml:lang='it'><show>dnd</show><status>a &amp; "
	               "b</status><e xmlns='urn:e' f='g'><h/>i</e>"
	               "<priority>3</priority></presence>");
	client_expect(c, "<presence id='p' from='romeo@a.example/one' xml:lang='it'>"
	                 "<show>dnd</show><status>a &amp; b</status>"
	                 "<e xmlns='urn:e' f='g'><h/>i</e><priority>3</priority>" UPDATE(
				 "<photo>" HASH_ONE "</photo>") "</presence>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(directed_presence_tells_of_the_photo_too)
{
	struct client *c, *other;

	begin(NULL);
	other = client_login(w, "juliet@a.example/one");
	c = client_login(w, "romeo@a.example/one");
	set_card(c, PHOTO(ONE));
	client_send(c, "<presence to='juliet@a.example/one'/>");
	client_expect(other, "<presence>" UPDATE("<photo>" HASH_ONE "</photo>") "</presence>");
	client_send(c, "<presence to='juliet@a.example/one'>" UPDATE("<photo/>") "</presence>");
	client_expect(other, "<presence>" UPDATE("<photo/>") "</presence>");
	client_drop(&c);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(a_new_photo_is_told_by_every_available_session_once_it_is_stored)
{
	struct client *one, *two, *silent, *out;

	begin(NULL);
	silent = client_login(w, "romeo@a.example/silent");
	one = client_online(w, "romeo@a.example/one", 1);
	out = client_login(w, "romeo@a.example/out");
	show(out, UPDATE("<photo/>"), "");
	client_expect(one, "<presence from='romeo@a.example/out'/>");
	client_expect(out, "<presence from='romeo@a.example/one'/>");
	set_card(silent, PHOTO(ONE));
	client_expect(
		one,
		"<presence from='romeo@a.example/one' id='-'><priority>1</priority>" UPDATE(
			"<photo>" HASH_ONE "</photo>") "</presence>");
	client_expect(out, "<presence from='romeo@a.example/one'/>");
	set_card(silent, PHOTO(ONE) "<FN>same photo</FN>");
	two = client_login(w, "romeo@a.example/two");
	show(two, "", HASH_ONE);
	client_expect(two, "<presence from='romeo@a.example/one'>" UPDATE(
				   "<photo>" HASH_ONE "</photo>") "</presence>");
	client_expect(two,
	              "<presence from='romeo@a.example/out'>" UPDATE("<photo/>") "</presence>");
	client_expect(one, "<presence from='romeo@a.example/two'/>");
	set_card(silent, PHOTO(TWO));
	client_expect(one, "<presence from='romeo@a.example/one'>" UPDATE(
				   "<photo>" HASH_TWO "</photo>") "</presence>");
	client_expect(one, "<presence from='romeo@a.example/two'>" UPDATE(
				   "<photo>" HASH_TWO "</photo>") "</presence>");
	client_expect_nothing(silent, silent);
	client_drop(&one);
	client_drop(&two);
	client_drop(&silent);
	client_drop(&out);
	world_free(&w);
}
END_TEST

START_TEST(a_photo_that_goes_is_told_as_an_empty_one_and_may_come_again)
{
	struct client *c, *silent;

	begin(NULL);
	silent = client_login(w, "romeo@a.example/silent");
	c = client_online(w, "romeo@a.example/one", 1);
	set_card(silent, PHOTO(ONE));
	client_expect(c, "<presence>" UPDATE("<photo>" HASH_ONE "</photo>") "</presence>");
	for (int i = 0; i < 2; i++) {
		const struct xml_node *n;

		set_card(silent, i == 0 ? "<FN>without</FN>" : "");
		n = xml_child(client_expect(c, "<presence id='-'/>"), NS_VCARD_UPDATE, "x");
		ck_assert(str_is(xml_child_text(w->arena, n, "photo"), ""));
		set_card(silent, PHOTO(TWO)); /* the empty photo was not the client's word */
		client_expect(c,
		              "<presence>" UPDATE("<photo>" HASH_TWO "</photo>") "</presence>");
	}
	client_drop(&c);
	client_drop(&silent);
	world_free(&w);
}
END_TEST

START_TEST(a_full_disk_is_a_resource_constraint_and_the_old_photo_stays)
{
	struct client *c;

	begin(NULL);
	c = client_login(w, "romeo@a.example/one");
	set_card(c, PHOTO(ONE));
	show(c, "", HASH_ONE);
	world_fill_disk(w, true);
	ask_error(c, "set", "",
	          arena_printf(w->arena, CARD("<NOTE>%s</NOTE>" PHOTO(TWO)), filled(30000)).p,
	          "resource-constraint");
	client_settle(c); /* no presence */
	show(c, "", HASH_ONE);
	ask_result(c, "get", "", GET, CARD(PHOTO(ONE)));
	world_fill_disk(w, false);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_temporary_account_keeps_none)
{
	struct client *c;

	begin("anonymous = true");
	c = client_open(w, &(struct client_options){ 0 });
	client_send(c, "<auth xmlns='" NS_SASL "' mechanism='ANONYMOUS'/>");
	ck_assert(xml_is(client_next(c), NS_SASL, "success"));
	client_restart(c);
	client_send(c, "<iq type='set' id='b'><bind xmlns='" NS_BIND "'/></iq>");
	client_expect(c, "<iq type='result' id='b'/>");
	ask_error(c, "set", "", CARD("<FN>x</FN>"), "not-allowed");
	expect_empty(c);
	show(c, "", NULL);
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("vcard", what_was_set_is_there_for_its_owner_and_others_after_a_restart,
           an_account_without_a_vcard_cannot_be_told_from_nobody, an_empty_one_takes_it_back,
           sizes_are_bounded_and_what_is_refused_changes_nothing,
           a_photo_that_is_not_base64_is_a_bad_request,
           presence_tells_of_the_photo_whatever_the_client_says_but_that_there_is_none,
           all_else_in_the_presence_stays_as_it_was, directed_presence_tells_of_the_photo_too,
           a_new_photo_is_told_by_every_available_session_once_it_is_stored,
           a_photo_that_goes_is_told_as_an_empty_one_and_may_come_again,
           a_full_disk_is_a_resource_constraint_and_the_old_photo_stays,
           a_temporary_account_keeps_none)
