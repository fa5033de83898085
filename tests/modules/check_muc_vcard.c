/*
 * check_muc_vcard.c - a room's vCard, and its picture (XEP-0486).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define CARD(inner) "<vCard xmlns='" NS_VCARD "'>" inner "</vCard>"
#define PHOTO "<PHOTO><TYPE>image/png</TYPE><BINVAL>Zm9v\nYmFy</BINVAL></PHOTO>" /* foobar */
#define HASH "8843d7f92416211de9ebb963ff4ce28125932878"
#define OTHER_PHOTO "<PHOTO><BINVAL>Zm9v</BINVAL></PHOTO>"
#define OTHER_HASH "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33"

static void begin(const char *options)
{
	rooms_begin(options);
	room_make(romeo, "romeo");
}

static void sees_photo(struct client *c, const char *hash)
{
	client_expectf(c,
	               "<presence type='-' from='" ROOM "'><x xmlns='" NS_VCARD_UPDATE
	               "'><photo>%s</photo></x></presence>",
	               hash);
}

static void hears_of_change(struct client *c)
{
	client_expect(c, "<message type='groupchat' from='" ROOM "'><x xmlns='" NS_MUC_USER
	                 "'><status code='104'/></x></message>");
}

static void set_card(const char *card)
{
	client_printf(romeo, "<iq type='set' id='card' to='" ROOM "'>%s</iq>", card);
}

START_TEST(a_picture_is_seen_by_who_is_there_and_who_comes)
{
	begin(NULL);
	set_card(CARD(PHOTO));
	sees_photo(romeo, HASH);
	hears_of_change(romeo);
	client_expect(romeo, "<iq type='result' id='card'/>");
	ask_result(juliet, "get", ROOM, "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><x xmlns='jabber:x:data'>"
	           "<field var='muc#roominfo_avatarhash'><value>" HASH "</value></field></x>"
	           "</query>");
	ask_result(juliet, "get", ROOM, CARD(), CARD("<PHOTO><TYPE>image/png</TYPE></PHOTO>"));
	room_ask(juliet, "juliet");
	client_expect(juliet, "<presence from='" ROOM "/romeo'/>");
	client_expect(juliet, "<presence from='" ROOM "/juliet'/>");
	sees_photo(juliet, HASH);
	end();
}
END_TEST

START_TEST(a_picture_in_two_forms_has_two_hashes)
{
	begin(NULL);
	set_card(CARD(PHOTO OTHER_PHOTO));
	sees_photo(romeo, HASH);
	hears_of_change(romeo);
	client_expect(romeo, "<iq type='result' id='card'/>");
	ask_result(juliet, "get", ROOM, "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><x xmlns='jabber:x:data'>"
	           "<field var='muc#roominfo_avatarhash'><value>" HASH
	           "</value><value>" OTHER_HASH "</value></field></x></query>");
	end();
}
END_TEST

START_TEST(an_empty_vcard_takes_the_picture_back)
{
	begin(NULL);
	ask_error(juliet, "get", ROOM, CARD(), "item-not-found");
	set_card(CARD(PHOTO));
	sees_photo(romeo, HASH);
	hears_of_change(romeo);
	client_expect(romeo, "<iq type='result'/>");
	set_card(CARD());
	sees_photo(romeo, "");
	hears_of_change(romeo);
	client_expect(romeo, "<iq type='result'/>");
	ask_error(juliet, "get", ROOM, CARD(), "item-not-found");
	set_card(CARD("<FN>Chapel</FN>"));
	hears_of_change(romeo); /* and nothing of a picture */
	client_expect(romeo, "<iq type='result'/>");
	end();
}
END_TEST

START_TEST(owners_alone_set_it_and_within_bounds)
{
	char photo[3000];

	begin("muc { max-vcard = \"2 KiB\" }");
	ask_error(juliet, "set", ROOM, CARD(PHOTO), "forbidden");
	ask_error(romeo, "set", ROOM, CARD("<PHOTO><BINVAL>%</BINVAL></PHOTO>"), "bad-request");
	ask_error(romeo, "set", ROOM,
	          CARD(OTHER_PHOTO OTHER_PHOTO OTHER_PHOTO OTHER_PHOTO OTHER_PHOTO),
	          "bad-request");
	memset(photo, 'A', sizeof(photo));
	photo[sizeof(photo) - 1] = '\0';
	ask_error(romeo, "set", ROOM,
	          arena_printf(w->arena, CARD("<PHOTO><BINVAL>%s</BINVAL></PHOTO>"), photo).p,
	          "policy-violation");
	ask_error(romeo, "get", ROOM, CARD(), "item-not-found");
	end();
}
END_TEST

CHECK_MAIN("muc_vcard", a_picture_is_seen_by_who_is_there_and_who_comes,
           a_picture_in_two_forms_has_two_hashes, an_empty_vcard_takes_the_picture_back,
           owners_alone_set_it_and_within_bounds)
