/*
 * check_resuming.c - what a session is to its modules when its stream is resumed (XEP-0198), with
 * a restart of the server in between or without.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/presence/directed.h"
#include "server/core/host.h"
#include "server/core/session.h"
#include "tests/modules/friends.h"

#define ROMEO "romeo@a.example/orchard"
#define JULIET "juliet@a.example/balcony"
#define ROSTER "<query xmlns='" NS_ROSTER "'/>"
#define BLOCKED(jid) "<item jid='" jid "'/>"
#define EVERYTHING_OF_TYBALT \
	"<list name='l'><item type='jid' value='tybalt@a.example' action='deny' " \
	"order='1'/></list>"

static struct world *w;

static void begin(void)
{
	w = ask_world(NULL);
	world_account(w, "juliet@a.example", "secret");
	world_account(w, "tybalt@a.example", "secret");
}

/* The server ends and starts again; C's connection is gone with it. */
static void restart(struct client **c)
{
	world_restart(w);
	client_drop(c);
}

/* C, which has all that came, is cut off and comes back. */
static void reconnect(struct client **c, const char *id)
{
	const char *full = (*c)->jid;
	unsigned has = (*c)->stanzas;

	client_drop(c);
	*c = client_resume(w, full, id, has);
}

/* The same with a restart. */
static void restart_and_resume(struct client **c, const char *id)
{
	const char *full = (*c)->jid;
	unsigned has = (*c)->stanzas;

	restart(c);
	*c = client_resume(w, full, id, has);
}

/* ---- what a client has asked for ---- */

START_TEST(carbons_and_pushes_go_on_after_a_restart)
{
	struct client *romeo, *juliet, *other;
	const char *id;

	begin();
	romeo = client_login(w, ROMEO);
	id = client_manage(romeo, "");
	ask_result(romeo, "set", "", "<enable xmlns='" NS_CARBONS "'/>", "");
	ask(romeo, "get", "", ROSTER);
	ask(romeo, "get", "", "<blocklist xmlns='" NS_BLOCKING "'/>");
	restart_and_resume(&romeo, id);

	other = client_login(w, "romeo@a.example/garden");
	juliet = client_login(w, JULIET);
	client_printf(juliet, "<message to='%s' type='chat' id='m'><body>x</body></message>",
	              other->jid);
	client_expect(other, "<message id='m'/>");
	client_expect(romeo, "<message><received xmlns='" NS_CARBONS "'/></message>");
	ask(other, "set", "",
	    "<query xmlns='" NS_ROSTER "'><item jid='juliet@a.example'/></query>");
	client_expect(romeo, "<iq type='set'><query xmlns='" NS_ROSTER
	                     "'><item jid='juliet@a.example'/></query></iq>");
	ask(other, "set", "",
	    "<block xmlns='" NS_BLOCKING "'>" BLOCKED("tybalt@a.example") "</block>");
	client_expect(romeo, "<iq type='set'><block xmlns='" NS_BLOCKING
	                     "'>" BLOCKED("tybalt@a.example") "</block></iq>");
	client_drop(&romeo);
	client_drop(&juliet);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(who_asked_for_nothing_gets_nothing_after_a_restart_either)
{
	struct client *romeo, *juliet, *other;
	const char *id;

	begin();
	romeo = client_login(w, ROMEO);
	id = client_manage(romeo, "");
	ask_result(romeo, "set", "", "<enable xmlns='" NS_CARBONS "'/>", "");
	ask_result(romeo, "set", "", "<disable xmlns='" NS_CARBONS "'/>", "");
	restart_and_resume(&romeo, id);
	other = client_login(w, "romeo@a.example/garden");
	juliet = client_login(w, JULIET);
	client_printf(juliet, "<message to='%s' type='chat' id='m'><body>x</body></message>",
	              other->jid);
	client_expect(other, "<message id='m'/>");
	ask(other, "set", "",
	    "<query xmlns='" NS_ROSTER "'><item jid='juliet@a.example'/></query>");
	client_settle(romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(the_active_privacy_list_of_a_session_outlives_the_server)
{
	struct client *romeo, *tybalt;
	const char *id;

	begin();
	romeo = client_login(w, ROMEO);
	id = client_manage(romeo, "");
	client_send(romeo, "<iq type='set' id='l'><query xmlns='" NS_PRIVACY
	                   "'>" EVERYTHING_OF_TYBALT "</query></iq>");
	client_expect(romeo, "<iq type='result' id='l'/>");
	client_expect(romeo, "<iq type='set'/>");
	ask_result(romeo, "set", "", "<query xmlns='" NS_PRIVACY "'><active name='l'/></query>",
	           "");
	restart_and_resume(&romeo, id);
	tybalt = client_login(w, "tybalt@a.example/street");
	client_printf(tybalt, "<message to='%s' id='m'><body>x</body></message>", romeo->jid);
	client_expect(tybalt, "<message id='m' type='error'/>");
	ask_result(romeo, "get", "", "<query xmlns='" NS_PRIVACY "'/>",
	           "<query xmlns='" NS_PRIVACY "'><active name='l'/></query>");
	client_drop(&romeo);
	client_drop(&tybalt);
	world_free(&w);
}
END_TEST

/* ---- presence ---- */

START_TEST(nobody_sees_a_session_go_or_come_that_is_resumed_after_a_restart)
{
	struct client *romeo, *juliet;
	const char *id, *id_of_juliet;

	begin();
	romeo = client_online(w, ROMEO, 0);
	juliet = client_online(w, JULIET, 0);
	befriend(romeo, juliet);
	id = client_manage(romeo, "");
	id_of_juliet = client_manage(juliet, "");
	client_send(juliet, "<presence><show>away</show></presence>");
	client_expectf(juliet, "<presence from='%s'/>", juliet->jid);
	client_expectf(romeo, "<presence from='%s'><show>away</show></presence>", juliet->jid);
	restart_and_resume(&romeo, id);
	/* she is not connected, and is there */
	client_expectf(romeo, "<presence type='-' from='%s'><show>away</show></presence>",
	               JULIET);
	client_settle(romeo);
	{
		unsigned has = juliet->stanzas;

		client_drop(&juliet);
		juliet = client_resume(w, JULIET, id_of_juliet, has);
	}
	client_expectf(juliet, "<presence type='-' from='%s'/>", ROMEO);
	client_expect_nothing(juliet, romeo);
	client_expect_nothing(romeo, juliet);
	reconnect(&romeo, id); /* not again: nothing was lost this time */
	client_expect_nothing(juliet, romeo);
	client_settle(romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(a_resumed_session_hears_of_those_who_went_with_the_server)
{
	struct client *romeo, *juliet, *phone, *garden;
	const char *id, *id_of_phone;

	begin();
	romeo = client_online(w, ROMEO, 0);
	juliet = client_online(w, JULIET, 0);
	befriend(romeo, juliet);
	id = client_manage(romeo, "");
	phone = client_online(w, "juliet@a.example/phone", -1);
	client_expect(phone, "<presence from='" JULIET "'/>");
	client_expect(phone, "<presence from='" ROMEO "'/>");
	client_expectf(romeo, "<presence from='%s'/>", phone->jid);
	id_of_phone = client_manage(phone, "");
	garden = client_online(w, "romeo@a.example/garden", 0);
	client_expectf(romeo, "<presence from='%s'/>", garden->jid);
	client_expectf(phone, "<presence from='%s'/>", garden->jid);
	client_settle(phone);
	restart_and_resume(&romeo, id);
	/* his own, hers, and who stayed */
	client_expect(romeo, "<presence type='unavailable' from='romeo@a.example/garden'/>");
	client_expectf(romeo, "<presence type='-' from='%s'/>", phone->jid);
	client_expect(romeo, "<presence type='unavailable' from='" JULIET "'/>");
	client_settle(romeo);
	client_drop(&juliet);
	juliet = client_online(w, JULIET, 0);
	client_expect(juliet, "<presence from='juliet@a.example/phone'/>");
	client_expectf(romeo, "<presence type='-' from='%s'/>", JULIET);
	/* who is back is not gone */
	reconnect(&romeo, id);
	client_settle(romeo);
	ck_assert_str_ne(id_of_phone, id);
	client_drop(&romeo);
	client_drop(&juliet);
	client_drop(&phone);
	client_drop(&garden);
	world_free(&w);
}
END_TEST

START_TEST(a_session_that_does_not_come_back_is_seen_to_go_by_all_who_saw_it)
{
	struct client *romeo, *juliet, *tybalt;

	begin();
	romeo = client_online(w, ROMEO, 0);
	juliet = client_online(w, JULIET, 0);
	befriend(romeo, juliet);
	client_manage(romeo, "max='1'");
	client_send(romeo, "<presence to='tybalt@a.example/street'/>");
	client_settle(romeo);
	restart(&romeo);
	client_drop(&juliet);
	tybalt = client_login(w, "tybalt@a.example/street");
	juliet = client_online(w, JULIET, 0);
	client_expect(juliet, "<presence type='-' from='" ROMEO "'/>"); /* still there */
	client_expect(juliet, "<presence type='unavailable' from='" ROMEO "'/>");
	client_expect(tybalt, "<presence type='unavailable' from='" ROMEO "'/>");
	client_settle(tybalt);
	client_drop(&juliet);
	client_drop(&tybalt);
	world_free(&w);
}
END_TEST

START_TEST(a_session_that_nobody_can_resume_is_seen_to_go_after_a_restart)
{
	struct client *romeo, *juliet;
	const char *id;

	begin();
	romeo = client_online(w, ROMEO, 0);
	juliet = client_online(w, JULIET, 0);
	befriend(romeo, juliet);
	id = client_manage(romeo, "");
	client_send(juliet, "<enable xmlns='" NS_SM "'/>");
	client_expect(juliet, "<enabled xmlns='" NS_SM "'/>");
	restart(&juliet);
	{
		unsigned has = romeo->stanzas;

		client_drop(&romeo);
		romeo = client_resume(w, ROMEO, id, has);
	}
	do
		client_expect(romeo, "<presence from='" JULIET "'/>");
	while (!str_is(xml_attr(romeo->shown->node, "type"), "unavailable"));
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(whom_an_old_process_has_seen_is_known_within_bounds)
{
	struct client *romeo, *juliet;

	begin();
	juliet = client_online(w, JULIET, 0);
	romeo = client_online(w, ROMEO, 0);
	befriend_one(romeo, juliet);
	client_drop(&juliet);
	client_expect(romeo, "<presence type='unavailable'/>");
	for (int i = 0; i < 100; i++) {
		juliet =
			client_online(w, arena_printf(w->arena, "juliet@a.example/%d", i).p, 0);
		client_expect(romeo, "<presence type='-'/>");
		client_close(&juliet);
		client_expect(romeo, "<presence type='unavailable'/>");
	}
	restart(&romeo);
	romeo = client_online(w, ROMEO, 0);
	for (int i = 0; i < 32; i++)
		client_expect(romeo, "<presence type='unavailable'/>");
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example'/>");
	client_settle(romeo);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(a_client_that_shows_no_photo_shows_none_after_a_restart)
{
	static const char presence[] =
		"<presence><x xmlns='" NS_VCARD_UPDATE "'><photo/></x></presence>";
	struct client *romeo, *other;
	const char *id;

	begin();
	romeo = client_login(w, ROMEO);
	client_send(romeo, presence);
	client_expect(romeo, presence);
	id = client_manage(romeo, "");
	client_send(romeo, presence);
	client_expect(romeo, presence);
	restart_and_resume(&romeo, id);
	other = client_login(w, "romeo@a.example/garden");
	ask_result(other, "set", "",
	           "<vCard xmlns='" NS_VCARD "'><PHOTO><TYPE>image/png</TYPE>"
	           "<BINVAL>AAAA</BINVAL></PHOTO></vCard>",
	           "");
	client_settle(romeo);
	client_drop(&romeo);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(capabilities_are_asked_for_again_after_a_restart)
{
	static const char presence[] =
		"<presence id='p'><c xmlns='" NS_CAPS
		"' hash='sha-1' node='urn:x' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>";
	static const char question[] =
		"<iq type='get' from='romeo@a.example'><query xmlns='" NS_DISCO_INFO
		"' node='urn:x#QgayPKawpkPSDYmwT/WM94uAlu0='/></iq>";
	struct client *romeo;
	const char *id;

	begin();
	romeo = client_login(w, ROMEO);
	id = client_manage(romeo, "");
	client_send(romeo, presence);
	client_expect(romeo, question);
	client_expect(romeo, "<presence id='p'/>");
	restart_and_resume(&romeo, id);
	client_expect(romeo, question);
	reconnect(&romeo, id);
	client_settle(romeo);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(an_inactive_client_that_is_cut_off_goes_on_waiting_for_presence)
{
	struct client *romeo, *juliet;
	const char *id;
	unsigned has;

	begin();
	romeo = client_online(w, ROMEO, 0);
	juliet = client_online(w, JULIET, 0);
	befriend(romeo, juliet);
	id = client_manage(romeo, "");
	client_send(romeo, "<inactive xmlns='" NS_CSI "'/>");
	client_settle(romeo);
	has = romeo->stanzas;
	client_drop(&romeo);
	for (int i = 0; i < 100; i++) {
		client_printf(juliet, "<presence id='p%d'/>", i);
		client_expectf(juliet, "<presence id='p%d'/>", i);
	}
	client_printf(juliet, "<message to='%s' id='m'><body>x</body></message>", ROMEO);
	client_send(juliet, "<presence id='last'/>");
	client_expect(juliet, "<presence id='last'/>");
	romeo = client_resume(w, ROMEO, id, has);
	client_expect(romeo, "<presence id='p99'/>");
	client_expect(romeo, "<message id='m'/>");
	client_expect(romeo, "<presence id='last'/>");
	client_settle(romeo);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

/* ---- what is stored of sessions, and is not what it should be ---- */

static struct session *session_of(struct core *core, const char *full)
{
	for (struct entity *e = core->entities; e != NULL; e = e->hh.next) {
		struct session *s = NULL;

		while ((s = entity_next_session(e, s)) != NULL)
			if (str_is(jid_full_str(session_jid(s)), full))
				return s;
	}
	return NULL;
}

/* The one state that owns something. */
static void empty(struct mod *m, struct session *s)
{
	void *state = mod_session_state(m, s);
	struct presence_state *presence = state;

	if (strcmp(m->def->name, "presence") == 0) {
		strset_clear(&presence->directed);
		strset_clear(&presence->rooms);
	}
	memset(state, 0, m->def->session_size);
}

static void load_garbage(struct mod *m, struct session *s, struct str bytes)
{
	struct record_reader r = { .in = bytes };

	empty(m, s);
	if (m->def->session_load(m, s, &r) < 0)
		memset(mod_session_state(m, s), 0, m->def->session_size);
}

/* Each module, each beginning of random bytes; what was read must be such as can be saved. */
static void on_garbage(struct core *core, struct world_call *call)
{
	struct session *s = session_of(core, ROMEO);
	struct host *h = session_entity(s)->host;
	char bytes[64];

	for (size_t i = 0; i < h->n_mods; i++) {
		struct mod *m = &h->mods[i];

		for (int round = 0; m->def->session_load != NULL && round < 200; round++) {
			struct record_writer w2 = { 0 };

			for (size_t n = 0; n < sizeof(bytes); n++)
				bytes[n] = (char)(rand_u64() & (round % 2 == 0 ? 0xFF : 0x07));
			load_garbage(m, s, str_make(bytes, (size_t)round % sizeof(bytes)));
			m->def->session_save(m, s, &w2);
			buf_deinit(&w2.out);
		}
	}
	world_answer(call, 0);
}

START_TEST(garbage_in_the_record_of_a_session_harms_nobody)
{
	struct client *romeo;

	begin();
	romeo = client_online(w, ROMEO, 0);
	client_manage(romeo, "");
	world_ask(w, 0, on_garbage, NULL);
	client_settle(romeo);
	client_send(romeo, "<presence type='unavailable'/>");
	client_expect(romeo, "<presence type='unavailable'/>");
	client_settle(romeo);
	client_close(&romeo);
	world_free(&w);
}
END_TEST

CHECK_MAIN("resuming", carbons_and_pushes_go_on_after_a_restart,
           who_asked_for_nothing_gets_nothing_after_a_restart_either,
           the_active_privacy_list_of_a_session_outlives_the_server,
           nobody_sees_a_session_go_or_come_that_is_resumed_after_a_restart,
           a_resumed_session_hears_of_those_who_went_with_the_server,
           a_session_that_does_not_come_back_is_seen_to_go_by_all_who_saw_it,
           a_session_that_nobody_can_resume_is_seen_to_go_after_a_restart,
           whom_an_old_process_has_seen_is_known_within_bounds,
           a_client_that_shows_no_photo_shows_none_after_a_restart,
           capabilities_are_asked_for_again_after_a_restart,
           an_inactive_client_that_is_cut_off_goes_on_waiting_for_presence,
           garbage_in_the_record_of_a_session_harms_nobody)
