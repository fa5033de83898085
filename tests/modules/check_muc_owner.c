/*
 * check_muc_owner.c - making rooms, configuring them, destroying them (XEP-0045 §10).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define OWNER(payload) "<query xmlns='" NS_MUC_OWNER "'>" payload "</query>"
#define FORM_TYPE \
	"<field var='FORM_TYPE' type='hidden'><value>" NS_MUC "#roomconfig</value></field>"
#define FORM(fields) "<x xmlns='jabber:x:data' type='submit'>" FORM_TYPE fields "</x>"
#define FIELD(var, value) "<field var='" var "'><value>" value "</value></field>"
#define CONFIG(var, value) FIELD("muc#roomconfig_" var, value)
#define CANCEL "<x xmlns='jabber:x:data' type='cancel'/>"
#define USER(payload) "<x xmlns='" NS_MUC_USER "'>" payload "</x>"
#define OCCUPANT(type, nick, payload) \
	"<presence type='" type "' from='" ROOM "/" nick "'>" USER(payload) "</presence>"
#define GONE(nick, payload) OCCUPANT("unavailable", nick, payload)
#define THERE(nick, payload) OCCUPANT("-", nick, payload)
#define TOLD(code) \
	"<message from='" ROOM \
	"' type='groupchat' id='*'>" USER("<status code='" code "'/>") "</message>"

/* Romeo has made the room, and both are in it. */
static void begin_together(const char *options)
{
	rooms_begin(options);
	room_make(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
}

/* Romeo submits that, and gets what the room tells of it himself. */
static void submit(const char *fields)
{
	client_printf(romeo, "<iq type='set' id='ask' to='" ROOM "'>" OWNER(FORM("%s")) "</iq>",
	              fields);
}

/* Romeo submits that, of which nobody is told anything but him. */
static void set(const char *fields)
{
	submit(fields);
	client_expect(romeo, "<iq type='result' id='ask'/>");
}

static void told(const char *code)
{
	client_expectf(romeo, TOLD("%s"), code);
	client_expectf(juliet, TOLD("%s"), code);
}

static void set_and_tell(const char *fields, const char *code)
{
	submit(fields);
	told(code);
	client_expect(romeo, "<iq type='result' id='ask'/>");
}

static void refused(const char *fields, const char *condition)
{
	ask_error(romeo, "set", ROOM, arena_printf(w->arena, OWNER(FORM("%s")), fields).p,
	          condition);
}

/* C reads over presence of others until that comes. */
static void expect_at_last(struct client *c, const char *pattern)
{
	while (!client_matches(w->arena, client_next(c), pattern))
		;
}

/* The first value of a field of the form that Romeo gets; absent: none. */
static struct str value(const char *var)
{
	const struct xml_node *iq = ask(romeo, "get", ROOM, OWNER(""));
	const struct xml_node *x = xml_child(xml_only_child(iq), NS_DATA_FORM, "x");

	ck_assert_ptr_nonnull(x);
	return form_get(w->arena, x, var);
}

#define ck_assert_value(var, literal) ck_assert_str_is(value(var), literal)

/* ---- new rooms (§10.1) ---- */

static void make_locked(void)
{
	room_ask(romeo, "romeo");
	client_expect(romeo, THERE("romeo", "<item affiliation='owner' role='moderator'/>"
	                                    "<status code='110'/><status code='201'/>"));
	client_expect(romeo, "<message><subject/></message>");
}

START_TEST(a_reserved_room_is_configured_before_others_can_enter)
{
	rooms_begin(NULL);
	make_locked();
	ask_result(romeo, "get", ROOM, OWNER(""),
	           OWNER("<x xmlns='jabber:x:data' type='form'><title>"
	                 "Configuration of \"chapel\"</title>" FORM_TYPE
	                 "<field type='text-single' var='muc#roomconfig_roomname'/></x>"));
	ask_error(juliet, "get", ROOM, OWNER(""), "item-not-found");
	ask_error(juliet, "set", ROOM, OWNER(CANCEL), "item-not-found");
	submit(CONFIG("roomname", "A Chapel") CONFIG("membersonly", "1"));
	client_expect(romeo, TOLD("104"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	ck_assert_value("muc#roomconfig_roomname", "A Chapel");
	room_ask(juliet, "juliet");
	room_refuses(juliet, "registration-required");
	end();
}
END_TEST

START_TEST(who_cancels_the_first_form_has_no_room)
{
	rooms_begin(NULL);
	make_locked();
	client_send(romeo, "<iq type='set' id='ask' to='" ROOM "'>" OWNER(CANCEL) "</iq>");
	client_expect(romeo, GONE("romeo", "<item affiliation='none' role='none'/>"
	                                   "<destroy/><status code='110'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	ask_error(romeo, "get", ROOM, OWNER(""), "item-not-found");
	room_make(juliet, "juliet");
	end();
}
END_TEST

START_TEST(who_leaves_before_the_first_form_has_no_room)
{
	rooms_begin("muc { persistent = true }\n");
	make_locked();
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, GONE("romeo", "<item role='none'/><destroy/>"
	                                   "<status code='110'/>"));
	room_make(juliet, "juliet");
	end();
}
END_TEST

START_TEST(later_forms_can_be_cancelled_without_a_change)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	ask_result(romeo, "set", ROOM, OWNER(CANCEL), "");
	room_enter(juliet, "juliet");
	end();
}
END_TEST

/* ---- the form (§10.2) ---- */

START_TEST(owners_alone_configure)
{
	begin_together(NULL);
	ask_error(juliet, "get", ROOM, OWNER(""), "forbidden");
	ask_error(juliet, "set", ROOM, OWNER(FORM(CONFIG("roomname", "Hers"))), "forbidden");
	ask_error(juliet, "set", ROOM, OWNER("<destroy/>"), "forbidden");
	ck_assert_value("muc#roomconfig_roomname", "");
	end();
}
END_TEST

static const struct {
	const char *var, *value, *shown;
} values[] = {
	{ "muc#roomconfig_roomname", " A Chapel ", "A Chapel" },
	{ "muc#roomconfig_roomdesc", "Of a friar", "Of a friar" },
	{ "muc#roomconfig_lang", "it-IT", "it-IT" },
	{ "muc#roominfo_contactjid", "Friar@A.Example", "friar@a.example" },
	{ "muc#roomconfig_persistentroom", "true", "1" },
	{ "muc#roomconfig_publicroom", "0", "0" },
	{ "muc#roomconfig_allowinvites", "false", "0" },
	{ "x-muc#roomconfig_registration", "0", "0" },
	{ "muc#roomconfig_roomsecret", "rosary", "rosary" },
	{ "muc#roomconfig_passwordprotectedroom", "1", "1" },
	{ "muc#roomconfig_allowvoicerequests", "0", "0" },
	{ "muc#roomconfig_changesubject", "1", "1" },
	{ "muc#roomconfig_allowpm", "moderators", "moderators" },
	{ "muc#roomconfig_presencebroadcast", "moderator", "moderator" },
	{ "muc#roomconfig_getmemberlist", "participant", "participant" },
	{ "muc#roomconfig_maxusers", "30", "30" },
	{ "muc#maxhistoryfetch", "7", "7" },
};

static const char *field(const char *var, const char *text)
{
	return arena_printf(w->arena, FIELD("%s", "%s"), var, text).p;
}

START_TEST(each_field_is_kept_across_a_restart)
{
	rooms_begin("muc { persistent = true }\n");
	room_make(romeo, "romeo");
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, "<presence type='unavailable'/>");
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		set(field(values[i].var, values[i].value));
		ck_assert_msg(str_is(value(values[i].var), values[i].shown), "%s",
		              values[i].var);
	}
	world_restart(w);
	client_drop(&romeo);
	romeo = client_login(w, ROMEO);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		ck_assert_msg(str_is(value(values[i].var), values[i].shown), "%s",
		              values[i].var);
	end();
}
END_TEST

static struct str people(const char *list, unsigned n)
{
	struct buf all = { 0 };
	struct str fields;

	for (unsigned i = 0; i < n; i++)
		buf_printf(&all, "<value>p%u@a.example</value>", i);
	fields = arena_printf(w->arena, "<field var='muc#roomconfig_%s'>" STR_FMT "</field>",
	                      list, STR_ARG(buf_str(&all)));
	buf_deinit(&all);
	return fields;
}

static const char *const bad[] = {
	CONFIG("publicroom", "maybe"),
	CONFIG("whois", "nobody"),
	CONFIG("allowpm", ""),
	CONFIG("presencebroadcast", "owner"),
	CONFIG("getmemberlist", "visitor</value><value>visitor"),
	CONFIG("maxusers", "many"),
	CONFIG("maxusers", "10001"),
	FIELD("muc#maxhistoryfetch", "101"),
	FIELD("muc#maxhistoryfetch", "-1"),
	FIELD("muc#roominfo_contactjid", "@"),
	CONFIG("lang", "<b/>no language"),
	CONFIG("passwordprotectedroom", "1"),
	CONFIG("passwordprotectedroom", "1") "<field var='muc#roomconfig_roomsecret'/>",
	CONFIG("passwordprotectedroom", "yes") CONFIG("roomsecret", "rosary"),
	CONFIG("roomadmins", "a@"),
	CONFIG("roomadmins", "a.example"),
	CONFIG("roomowners", "romeo@a.example</value><value>@"),
};

START_TEST(nothing_changes_by_a_form_with_a_bad_value)
{
	begin_together(NULL);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refused(arena_printf(w->arena, CONFIG("roomname", "New") "%s", bad[i]).p,
		        "not-acceptable");
	refused(arena_printf(w->arena, CONFIG("roomname", "%0257d"), 0).p, "not-acceptable");
	refused(people("roomadmins", 1001).p, "not-acceptable");
	ck_assert_value("muc#roomconfig_roomname", "");
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

static const char *const malformed[] = {
	OWNER(""),
	OWNER("<other/>"),
	OWNER("<x xmlns='jabber:x:data'/>"),
	OWNER("<x xmlns='jabber:x:data' type='form'/>"),
	OWNER("<x xmlns='jabber:x:data' type='submit'/><destroy/>"),
	OWNER("<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>"
	      "jabber:iq:register</value></field></x>"),
	OWNER(FORM(CONFIG("roomname", "a") CONFIG("roomname", "b"))),
};

START_TEST(what_is_no_form_is_a_bad_request)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	for (size_t i = 0; i < ARRAY_LEN(malformed); i++)
		ask_error(romeo, "set", ROOM, malformed[i], "bad-request");
	ask_error(romeo, "get", ROOM, OWNER("<other/>"), "bad-request");
	ck_assert_value("muc#roomconfig_roomname", "");
	end();
}
END_TEST

START_TEST(a_password_goes_with_its_protection)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	submit(CONFIG("passwordprotectedroom", "1") CONFIG("roomsecret", "rosary"));
	client_expect(romeo, TOLD("104"));
	client_expect(romeo, "<iq type='result'/>");
	set(CONFIG("passwordprotectedroom", "1")); /* it is there already */
	room_ask(juliet, "juliet");
	room_refuses(juliet, "not-authorized");
	submit(CONFIG("passwordprotectedroom", "0") CONFIG("roomsecret", "rosary"));
	client_expect(romeo, TOLD("104"));
	client_expect(romeo, "<iq type='result'/>");
	ck_assert_value("muc#roomconfig_roomsecret", "");
	room_enter(juliet, "juliet");
	end();
}
END_TEST

/* ---- what comes of changes ---- */

START_TEST(occupants_are_told_what_has_changed)
{
	begin_together(NULL);
	set_and_tell(CONFIG("roomname", "A Chapel"), "104");
	set_and_tell(CONFIG("enablelogging", "0"), "171");
	set_and_tell(CONFIG("enablelogging", "1"), "170");
	submit(CONFIG("whois", "anyone") CONFIG("enablelogging", "0"));
	told("171");
	told("172");
	client_expect(romeo, THERE("romeo", "<item jid='" ROMEO "'/>"));
	client_expect(juliet, THERE("romeo", "<item jid='" ROMEO "'/>"));
	client_expect(romeo, THERE("juliet", "<item jid='" JULIET "'/>"));
	client_expect(juliet, THERE("juliet", "<item jid='" JULIET "'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	set_and_tell(CONFIG("whois", "moderators"), "173");
	set(CONFIG("roomname", "A Chapel")); /* as it was */
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

START_TEST(who_is_no_member_goes_when_the_room_is_for_members)
{
	begin_together(NULL);
	submit(CONFIG("membersonly", "1"));
	told("104");
	client_expect(juliet, GONE("juliet", "<item affiliation='none' role='none'/>"
	                                     "<status code='110'/><status code='322'/>"));
	client_expect(romeo, GONE("juliet", "<item affiliation='none' role='none'/>"
	                                    "<status code='322'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	end();
}
END_TEST

START_TEST(who_must_not_be_there_after_a_restart_goes_then)
{
	const char *id;
	unsigned has;

	rooms_begin("admins = { \"juliet@a.example\" }\n"
	            "muc { persistent = true  members-only = true }\n");
	room_make(romeo, "romeo");
	id = client_manage(juliet, "");
	room_enter(juliet, "juliet"); /* for administrators every room is open */
	has = juliet->stanzas;
	client_drop(&juliet);
	world_stop(w);
	w->options.host = "muc { persistent = true }\n";
	world_configure(w, &w->options);
	ck_assert_int_eq(world_start(w), 0);
	client_drop(&romeo);
	juliet = client_resume(w, JULIET, id, has);
	expect_at_last(juliet, GONE("juliet", "<status code='110'/><status code='322'/>"));
	romeo = client_login(w, ROMEO);
	end();
}
END_TEST

START_TEST(a_moderated_room_takes_and_gives_voices)
{
	begin_together(NULL);
	submit(CONFIG("moderatedroom", "1"));
	told("104");
	client_expect(romeo, THERE("juliet", "<item affiliation='none' role='visitor'/>"));
	client_expect(juliet, THERE("juliet", "<item role='visitor'/><status code='110'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	client_send(juliet, "<message type='groupchat' to='" ROOM "'><body>I</body></message>");
	client_expect(juliet, "<message type='error'><error><forbidden xmlns='" NS_STANZA_ERROR
	                      "'/></error></message>");
	submit(CONFIG("moderatedroom", "0"));
	told("104");
	client_expect(romeo, THERE("juliet", "<item role='participant'/>"));
	client_expect(juliet, THERE("juliet", "<item role='participant'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	end();
}
END_TEST

START_TEST(roles_that_are_not_shown_go_for_others_and_come_back)
{
	begin_together(NULL);
	submit(CONFIG("presencebroadcast", "moderator"));
	told("104");
	client_expect(romeo, GONE("juliet", "<item role='none'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	client_expect_nothing(juliet, romeo);
	submit("<field var='muc#roomconfig_presencebroadcast'><value>moderator</value>"
	       "<value>participant</value></field>");
	told("104");
	client_expect(romeo, THERE("juliet", "<item role='participant'/>"));
	client_expect(juliet, THERE("juliet", "<item role='participant'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	end();
}
END_TEST

START_TEST(who_has_no_voice_any_more_is_hidden_where_visitors_are)
{
	begin_together(NULL);
	submit(CONFIG(
		"moderatedroom",
		"1") "<field var='muc#roomconfig_presencebroadcast'><value>moderator</value>"
	             "<value>participant</value></field>");
	told("104");
	client_expect(romeo, GONE("juliet", "<item role='none'/>"));
	client_expect(juliet, THERE("juliet", "<item role='visitor'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	end();
}
END_TEST

START_TEST(the_lists_of_owners_and_admins_are_affiliations)
{
	begin_together(NULL);
	submit(CONFIG("roomadmins", "juliet@a.example/balcony</value><value>"));
	client_expect(romeo, THERE("juliet", "<item affiliation='admin' role='moderator'/>"));
	client_expect(juliet, THERE("juliet", "<item affiliation='admin' role='moderator'/>"));
	client_expect(juliet, THERE("romeo", "<item jid='" ROMEO "'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	ck_assert_value("muc#roomconfig_roomadmins", "juliet@a.example");
	ck_assert_value("muc#roomconfig_roomowners", "romeo@a.example");
	submit(CONFIG("roomowners", "juliet@a.example"));
	client_expect(romeo, THERE("juliet", "<item affiliation='owner' role='moderator'/>"));
	client_expect(romeo, THERE("romeo", "<item affiliation='admin' role='moderator'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	ask_error(romeo, "get", ROOM, OWNER(""), "forbidden");
	end();
}
END_TEST

START_TEST(who_is_not_in_the_list_of_admins_any_more_is_a_member)
{
	begin_together(NULL);
	submit(CONFIG("roomadmins", "juliet@a.example"));
	client_expect(romeo, THERE("juliet", "<item affiliation='admin' role='moderator'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	submit(CONFIG("membersonly", "1") "<field var='muc#roomconfig_roomadmins'/>");
	client_expect(romeo, TOLD("104"));
	client_expect(romeo,
	              THERE("juliet", "<item affiliation='member' role='participant'/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	end();
}
END_TEST

START_TEST(a_room_keeps_an_owner)
{
	begin_together(NULL);
	refused("<field var='muc#roomconfig_roomowners'/>" CONFIG("roomname", "New"),
	        "conflict");
	ck_assert_value("muc#roomconfig_roomname", "");
	ck_assert_value("muc#roomconfig_roomowners", "romeo@a.example");
	end();
}
END_TEST

START_TEST(a_room_has_no_more_affiliations_than_the_service_allows)
{
	rooms_begin("muc { max-affiliations = 2 }\n");
	room_make(romeo, "romeo");
	refused(CONFIG("roomadmins", "a@a.example</value><value>b@a.example"),
	        "resource-constraint");
	ck_assert(str_is_absent(value("muc#roomconfig_roomadmins")));
	submit(CONFIG("roomadmins", "a@a.example"));
	client_expect(
		romeo,
		"<message>" USER("<item affiliation='admin' jid='a@a.example'/>") "</message>");
	client_expect(romeo, "<iq type='result' id='ask'/>");
	ck_assert_value("muc#roomconfig_roomadmins", "a@a.example");
	end();
}
END_TEST

START_TEST(a_configuration_that_the_disk_does_not_take_changes_nothing)
{
	begin_together(NULL);
	world_block_disk(true);
	refused(CONFIG("roomname", "New") CONFIG("membersonly", "1"), "resource-constraint");
	world_block_disk(false);
	ck_assert_value("muc#roomconfig_roomname", "");
	client_send(juliet, "<message type='groupchat' to='" ROOM "'><body>I</body></message>");
	client_expect(juliet, "<message from='" ROOM "/juliet'><body>I</body></message>");
	client_expect(romeo, "<message from='" ROOM "/juliet'><body>I</body></message>");
	end();
}
END_TEST

START_TEST(an_empty_room_that_is_not_to_stay_goes)
{
	rooms_begin("muc { persistent = true }\n");
	room_make(romeo, "romeo");
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, "<presence type='unavailable'/>");
	set(CONFIG("persistentroom", "0"));
	ask_error(romeo, "get", ROOM, OWNER(""), "item-not-found");
	end();
}
END_TEST

START_TEST(the_last_strangers_take_their_room_with_them)
{
	begin_together(NULL);
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, "<presence type='unavailable'/>");
	client_expect(juliet, GONE("romeo", ""));
	set(CONFIG("membersonly", "1"));
	client_expect(juliet, TOLD("104"));
	client_expect(juliet, GONE("juliet", "<status code='110'/><status code='322'/>"));
	ask_error(romeo, "get", ROOM, OWNER(""), "item-not-found");
	room_make(juliet, "juliet");
	end();
}
END_TEST

/* ---- a room with many people in it ---- */

#define ACCOUNTS 17
#define SESSIONS 19 /* of each: all can be told of all no more (configure.h) */

static struct client *crowd[ACCOUNTS * SESSIONS];

static void begin_crowded(void)
{
	rooms_begin("muc { persistent = true }\n");
	room_make(romeo, "romeo");
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, "<presence type='unavailable'/>");
	for (unsigned i = 0; i < ARRAY_LEN(crowd); i++) {
		const char *bare = arena_printf(w->arena, "guest%u@a.example", i / SESSIONS).p;

		if (i % SESSIONS == 0)
			world_account(w, bare, "secret");
		crowd[i] = client_login(w, arena_printf(w->arena, "%s/%u", bare, i).p);
		room_enter(crowd[i], arena_printf(w->arena, "guest%u", i).p);
	}
}

static void end_crowded(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(crowd); i++)
		client_drop(&crowd[i]);
	end();
}

START_TEST(in_a_crowd_changes_cost_no_more_than_is_bearable)
{
	struct client *last;

	begin_crowded();
	last = crowd[ARRAY_LEN(crowd) - 1];
	refused(CONFIG("presencebroadcast", "moderator"), "resource-constraint");
	refused(people("roomadmins", 310).p, "resource-constraint");
	set(CONFIG("moderatedroom", "1"));
	client_expect(last, TOLD("104"));
	client_expect(last, THERE("guest322", "<item role='visitor'/><status code='110'/>"));
	client_expect_nothing(last, last);
	set(CONFIG("membersonly", "1")); /* the last ones go by a visit */
	client_expect(last, TOLD("104"));
	expect_at_last(last, GONE("guest321", "<item role='none'/><status code='322'/>"));
	client_expect(last, GONE("guest322", "<status code='110'/><status code='322'/>"));
	end_crowded();
}
END_TEST

/* ---- the end (§10.9) ---- */

#define VENUE "cell@" SERVICE
#define DESTROY \
	OWNER("<destroy jid='" VENUE "'><password>rosary</password>" \
	      "<reason>Come, come away!</reason></destroy>")

START_TEST(a_room_that_is_destroyed_tells_all_where_to_go)
{
	begin_together("muc { persistent = true }\n");
	client_send(romeo, "<iq type='set' id='ask' to='" ROOM "'>" DESTROY "</iq>");
	client_expect(romeo,
	              GONE("romeo", "<item affiliation='none' role='none'/>"
	                            "<destroy jid='" VENUE "'><reason>Come, come away!</reason>"
	                            "<password>rosary</password></destroy>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	client_expect(juliet, GONE("juliet",
	                           "<item affiliation='none' role='none'/>"
	                           "<destroy jid='" VENUE "'><reason>Come, come away!</reason>"
	                           "<password>rosary</password></destroy>"));
	ask_error(romeo, "get", ROOM, OWNER(""), "item-not-found");
	end();
}
END_TEST

START_TEST(nothing_is_left_of_a_room_that_was_destroyed)
{
	begin_together("muc { persistent = true }\n");
	set_and_tell(CONFIG("roomname", "A Chapel"), "104");
	client_send(romeo,
	            "<message type='groupchat' to='" ROOM "'><body>Old</body></message>");
	client_expect(romeo, "<message><body>Old</body></message>");
	client_send(romeo,
	            "<iq type='set' id='ask' to='" ROOM "'>" OWNER("<destroy/>") "</iq>");
	client_expect(romeo, GONE("romeo", "<destroy/>"));
	client_expect(romeo, "<iq type='result' id='ask'/>");
	world_restart(w);
	client_drop(&romeo);
	client_drop(&juliet);
	romeo = client_login(w, ROMEO);
	juliet = client_login(w, JULIET);
	room_make(juliet, "juliet");
	ask_error(romeo, "get", ROOM, OWNER(""), "forbidden");
	room_ask(romeo, "romeo");
	client_expect(romeo, THERE("juliet", "<item affiliation='owner'/>"));
	client_expect(romeo, THERE("romeo", "<item affiliation='none'/>"));
	client_expect(romeo, "<message from='" ROOM "'><subject/></message>"); /* no history */
	end();
}
END_TEST

START_TEST(a_room_is_not_destroyed_in_favour_of_what_is_no_address)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	ask_error(romeo, "set", ROOM, OWNER("<destroy jid='@'/>"), "jid-malformed");
	ask_error(
		romeo, "set", ROOM,
		arena_printf(w->arena, OWNER("<destroy><reason>%01025d</reason></destroy>"), 0)
			.p,
		"not-acceptable");
	ck_assert_value("muc#roomconfig_roomname", "");
	end();
}
END_TEST

START_TEST(a_room_whose_end_the_disk_does_not_take_goes_on)
{
	begin_together(NULL);
	world_block_disk(true);
	ask_error(romeo, "set", ROOM, DESTROY, "resource-constraint");
	world_block_disk(false);
	client_send(juliet, "<message type='groupchat' to='" ROOM "'><body>I</body></message>");
	client_expect(juliet, "<message from='" ROOM "/juliet'><body>I</body></message>");
	client_expect(romeo, "<message from='" ROOM "/juliet'><body>I</body></message>");
	ck_assert_value("muc#roomconfig_roomowners", "romeo@a.example");
	end();
}
END_TEST

CHECK_MAIN("muc_owner", a_reserved_room_is_configured_before_others_can_enter,
           who_cancels_the_first_form_has_no_room, who_leaves_before_the_first_form_has_no_room,
           later_forms_can_be_cancelled_without_a_change, owners_alone_configure,
           each_field_is_kept_across_a_restart, nothing_changes_by_a_form_with_a_bad_value,
           what_is_no_form_is_a_bad_request, a_password_goes_with_its_protection,
           occupants_are_told_what_has_changed,
           who_is_no_member_goes_when_the_room_is_for_members,
           who_must_not_be_there_after_a_restart_goes_then,
           a_moderated_room_takes_and_gives_voices,
           roles_that_are_not_shown_go_for_others_and_come_back,
           who_has_no_voice_any_more_is_hidden_where_visitors_are,
           the_lists_of_owners_and_admins_are_affiliations,
           who_is_not_in_the_list_of_admins_any_more_is_a_member, a_room_keeps_an_owner,
           a_room_has_no_more_affiliations_than_the_service_allows,
           a_configuration_that_the_disk_does_not_take_changes_nothing,
           an_empty_room_that_is_not_to_stay_goes, the_last_strangers_take_their_room_with_them,
           in_a_crowd_changes_cost_no_more_than_is_bearable,
           a_room_that_is_destroyed_tells_all_where_to_go,
           nothing_is_left_of_a_room_that_was_destroyed,
           a_room_is_not_destroyed_in_favour_of_what_is_no_address,
           a_room_whose_end_the_disk_does_not_take_goes_on)
