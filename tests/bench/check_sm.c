/*
 * check_sm.c - a client's counts of stream management.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/sm.h"
#include "tests/lib/check_main.h"

#include <string.h>

static struct piece piece(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static enum sm_kind take(struct sm *sm, const char *text)
{
	return sm_take(sm, piece(text));
}

START_TEST(stanzas_are_counted_and_nothing_else)
{
	struct sm sm = { .is_on = true };

	ck_assert_int_eq(take(&sm, "<message><body>urn:xmpp:sm:3</body></message>"), SM_STANZA);
	ck_assert_int_eq(take(&sm, "<presence/>"), SM_STANZA);
	ck_assert_int_eq(take(&sm, "<iq type='get'/>"), SM_STANZA);
	ck_assert_int_eq(take(&sm, "<r xmlns='urn:xmpp:sm:3'/>"), SM_ASKED);
	ck_assert_int_eq(take(&sm, "<stream:error/>"), SM_OTHER);
	ck_assert_uint_eq(sm.handled, 3);
}
END_TEST

START_TEST(an_ack_moves_forward_up_to_what_was_sent)
{
	struct sm sm = { .is_on = true, .sent = 7 };

	ck_assert_int_eq(take(&sm, "<a xmlns='urn:xmpp:sm:3' h='5'/>"), SM_ACKED);
	ck_assert_uint_eq(sm.acked, 5);
	ck_assert_int_eq(take(&sm, "<a h=\"5\" xmlns=\"urn:xmpp:sm:3\"/>"), SM_ACKED);
	ck_assert_int_eq(take(&sm, "<a xmlns='urn:xmpp:sm:3' h='4'/>"), SM_BAD_ACK);
	ck_assert_int_eq(take(&sm, "<a xmlns='urn:xmpp:sm:3' h='8'/>"), SM_BAD_ACK);
	ck_assert_int_eq(take(&sm, "<a xmlns='urn:xmpp:sm:3' h='4294967303'/>"), SM_BAD_ACK);
	ck_assert_int_eq(take(&sm, "<a xmlns='urn:xmpp:sm:3' h=''/>"), SM_BAD_ACK);
	ck_assert_int_eq(take(&sm, "<a xmlns='urn:xmpp:sm:3' h='6x'/>"), SM_BAD_ACK);
	ck_assert_int_eq(take(&sm, "<a xmlns='urn:xmpp:sm:3'/>"), SM_BAD_ACK);
	ck_assert_uint_eq(sm.acked, 5);
}
END_TEST

START_TEST(only_a_stream_that_may_be_resumed_has_an_id)
{
	struct sm sm = { 0 };

	sm_enabled(&sm, piece("<enabled xmlns='urn:xmpp:sm:3' id='a1' resume='true'/>"));
	ck_assert(sm.is_on);
	ck_assert_str_eq(sm.id, "a1");
	sm_enabled(&sm, piece("<enabled xmlns='urn:xmpp:sm:3' id='a2' resume='1'/>"));
	ck_assert_str_eq(sm.id, "a2");
	sm_enabled(&sm, piece("<enabled xmlns='urn:xmpp:sm:3' id='a3'/>"));
	ck_assert_ptr_null(sm.id);
	sm_enabled(&sm, piece("<enabled xmlns='urn:xmpp:sm:3' id='a4' resume='false'/>"));
	ck_assert_ptr_null(sm.id);
	ck_assert(sm.is_on);
	sm_deinit(&sm);
}
END_TEST

START_TEST(a_resumed_stream_goes_on_counting)
{
	struct sm sm = { .sent = 3, .acked = 2, .handled = 9 };
	struct buf b = { 0 };

	sm.id = buf_strndup("x&amp;y", 7);
	sm_resume(&sm, &b);
	buf_add(&b, "", 1);
	ck_assert_str_eq(b.p, "<resume xmlns='urn:xmpp:sm:3' h='9' previd='x&amp;y'/>");
	ck_assert(!sm_resumed(&sm, piece("<resumed xmlns='urn:xmpp:sm:3' h='1'/>")));
	ck_assert(!sm_resumed(&sm, piece("<resumed xmlns='urn:xmpp:sm:3' h='4'/>")));
	ck_assert(sm_resumed(&sm, piece("<resumed xmlns='urn:xmpp:sm:3' h='3'/>")));
	ck_assert_uint_eq(sm.acked, 3);
	take(&sm, "<message/>");
	b.n = 0;
	sm_answer(&sm, &b);
	buf_add(&b, "", 1);
	ck_assert_str_eq(b.p, "<a xmlns='urn:xmpp:sm:3' h='10'/>");
	buf_deinit(&b);
	sm_deinit(&sm);
}
END_TEST

CHECK_MAIN("sm", stanzas_are_counted_and_nothing_else, an_ack_moves_forward_up_to_what_was_sent,
           only_a_stream_that_may_be_resumed_has_an_id, a_resumed_stream_goes_on_counting)
