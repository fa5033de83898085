/*
 * check_parser.c - streams: every split, every pause, every error.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/xml/peer.h"
#include "xml/ns.h"

#define SESSION \
	"<?xml version='1.0' encoding=\"utf-8\"?>\n" HEADER " \r\n" \
	"<iq type='set' id='1'><bind xmlns='" NS_BIND \
	"'><resource>&lt;x&#x3e;</resource></bind></iq>\n\n" \
	"<presence/><a x='>'  y=\"'/>\" ><b/>text <![CDATA[<&>]]>&amp;more\r\nline\n<p:c " \
	"xmlns:p='urn:p' p:d=''/>\t</a >" \
	"<message to='\xC3\xA9@b'><body>\xF0\x9F\x90\xA6</body></message>\r" \
	"</stream:stream>"
#define SESSION_LOG \
	OPENED "<iq type='set' id='1'><bind xmlns='" NS_BIND \
	       "'><resource>&lt;x&gt;</resource></bind></iq>" \
	       "<presence/><a x='&gt;' y='&apos;/&gt;'><b/>text " \
	       "&lt;&amp;&gt;&amp;more\nline\n" \
	       "<c xmlns='urn:p' xmlns:ns0='urn:p' ns0:d=''/>\t</a>" \
	       "<message to='\xC3\xA9@b'><body>\xF0\x9F\x90\xA6</body></message>"

START_TEST(a_session_is_the_same_however_it_is_split_in_two)
{
	struct peer *peer = peer_new();
	struct str session = STR(SESSION);

	for (int pause = 0; pause < 2; pause++) {
		peer->pause_always = pause;
		for (size_t i = 0; i <= session.n; i++) {
			enum xml_result first = feed_all(peer, str_slice(session, 0, i));

			ck_assert_int_eq(first, i == session.n ? XML_READ_CLOSED : XML_READ_OK);
			if (i < session.n)
				ck_assert_int_eq(
					feed_all(peer, str_slice(session, i, session.n)),
					XML_READ_CLOSED);
			ck_assert_log(peer, SESSION_LOG);
			peer_renew(peer);
		}
	}
	peer_free(peer);
}
END_TEST

START_TEST(a_session_is_the_same_in_pieces_of_any_size)
{
	struct peer *peer = peer_new();
	struct str session = STR(SESSION);

	for (int pause = 0; pause < 2; pause++) {
		peer->pause_always = pause;
		for (size_t size = 1; size <= 64; size++) {
			enum xml_result result = XML_READ_OK;

			for (size_t at = 0; at < session.n && result == XML_READ_OK; at += size)
				result = feed_all(peer, str_slice(session, at, at + size));
			ck_assert_int_eq(result, XML_READ_CLOSED);
			ck_assert_log(peer, SESSION_LOG);
			peer_renew(peer);
		}
	}
	peer_free(peer);
}
END_TEST

/* Many streams share parsers: one byte to each in turn. */
START_TEST(streams_that_take_turns_do_not_mix)
{
	struct peer *first = peer_new();
	struct peer *peers[5] = { first };
	struct str session = STR(SESSION);

	for (size_t k = 1; k < ARRAY_LEN(peers); k++) {
		peers[k] = calloc(1, sizeof(*first));
		ck_assert_ptr_nonnull(peers[k]);
		peers[k]->stream = xml_stream_new(first->pool, &peer_ops, peers[k]);
		peers[k]->pause_always = k % 2;
	}
	for (size_t i = 0; i < session.n + 10 * ARRAY_LEN(peers); i++)
		for (size_t k = 0; k < ARRAY_LEN(peers); k++)
			if (i >= 10 * k && i - 10 * k < session.n)
				feed_all(peers[k],
				         str_slice(session, i - 10 * k, i - 10 * k + 1));
	for (size_t k = ARRAY_LEN(peers); k-- > 0;) {
		ck_assert_log(peers[k], SESSION_LOG);
		if (k > 0) {
			xml_stream_free(&peers[k]->stream);
			buf_deinit(&peers[k]->log);
			free(peers[k]);
		}
	}
	peer_free(first);
}
END_TEST

START_TEST(no_stanza_waits_for_the_bytes_behind_it)
{
	struct peer *peer = peer_new();
	struct str stanza = STR("<message to='b'><body>hello</body></message>");
	struct str more = STR("<message to='b'><bo");

	ck_assert_int_eq(feed_all(peer, STR(HEADER)), XML_READ_OK);
	for (size_t i = 1; i < stanza.n; i++) {
		struct buf rest = { 0 };
		size_t before = peer->elements;

		/* The rest of a stanza and the beginning of the next, in one piece that does not end in '>'. */
		ck_assert_int_eq(feed_all(peer, str_slice(stanza, 0, i)), XML_READ_OK);
		ck_assert_uint_eq(peer->elements, before);
		buf_append(&rest, str_slice(stanza, i, stanza.n));
		buf_append(&rest, more);
		ck_assert_int_eq(feed_all(peer, buf_str(&rest)), XML_READ_OK);
		ck_assert_uint_eq(peer->elements, before + 1);
		ck_assert_int_eq(feed_all(peer, STR("dy/></message>")), XML_READ_OK);
		ck_assert_uint_eq(peer->elements, before + 2);
		buf_deinit(&rest);
	}
	peer_free(peer);
}
END_TEST

START_TEST(a_pause_leaves_what_is_behind_the_element)
{
	struct peer *peer = peer_new();
	struct str bytes = STR(HEADER "<a/> <b>x</b><c");
	size_t used;

	peer->pause_always = true;
	ck_assert_int_eq(xml_stream_feed(peer->stream, bytes, &used), XML_READ_PAUSED);
	ck_assert_uint_eq(used, sizeof(HEADER) - 1);
	bytes = str_slice(bytes, used, bytes.n);
	ck_assert_int_eq(xml_stream_feed(peer->stream, bytes, &used), XML_READ_PAUSED);
	ck_assert_uint_eq(used, 4);
	ck_assert(!xml_stream_in_element(peer->stream));
	bytes = str_slice(bytes, used, bytes.n);
	ck_assert_int_eq(xml_stream_feed(peer->stream, bytes, &used), XML_READ_PAUSED);
	ck_assert_uint_eq(used, 9);
	/* What was left need not come again: here the peer's bytes are thrown away, as before STARTTLS. */
	ck_assert_int_eq(xml_stream_feed(peer->stream, STR("<d/>"), &used), XML_READ_PAUSED);
	ck_assert_uint_eq(used, 4);
	ck_assert_log(peer, OPENED "<a/><b>x</b><d/>");
	peer_free(peer);
}
END_TEST

START_TEST(a_header_that_ends_itself_opens_and_closes)
{
	struct peer *peer = peer_new();
	struct str bytes = STR("<stream:stream xmlns:stream='" NS_STREAM "'/>junk");
	size_t used;

	ck_assert_int_eq(xml_stream_feed(peer->stream, bytes, &used), XML_READ_CLOSED);
	ck_assert_uint_eq(used, bytes.n - 4);
	ck_assert_log(peer, "[open stream]");
	peer_renew(peer);
	peer->pause_always = true;
	ck_assert_int_eq(xml_stream_feed(peer->stream, bytes, &used), XML_READ_PAUSED);
	ck_assert_uint_eq(used, bytes.n - 4);
	ck_assert_int_eq(xml_stream_feed(peer->stream, STR("junk"), &used), XML_READ_CLOSED);
	ck_assert_uint_eq(used, 0);
	peer_free(peer);
}
END_TEST

START_TEST(the_bytes_behind_the_end_tag_are_left)
{
	struct peer *peer = peer_new();
	size_t used;

	ck_assert_int_eq(feed_all(peer, STR(HEADER)), XML_READ_OK);
	ck_assert_int_eq(xml_stream_feed(peer->stream, STR(" </stream:stream>\n<junk"), &used),
	                 XML_READ_CLOSED);
	ck_assert_uint_eq(used, 17);
	ck_assert(!xml_stream_is_open(peer->stream));
	peer_free(peer);
}
END_TEST

START_TEST(a_restart_in_a_callback_expects_a_header_next)
{
	struct peer *peer = peer_new();
	struct str session =
		STR(HEADER "<auth xmlns='" NS_SASL "'/>\n<?xml version='1.0'?>" HEADER "<iq/>");

	for (size_t i = 0; i <= session.n; i++) {
		peer->restart_at_auth = true;
		ck_assert_int_eq(feed_all(peer, str_slice(session, 0, i)), XML_READ_OK);
		ck_assert_int_eq(feed_all(peer, str_slice(session, i, session.n)), XML_READ_OK);
		ck_assert_log(peer, OPENED "<auth xmlns='" NS_SASL "'/>" OPENED "<iq/>");
		ck_assert(xml_stream_is_open(peer->stream));
		xml_stream_restart(peer->stream);
		ck_assert(!xml_stream_is_open(peer->stream));
		peer_renew(peer);
	}
	peer_free(peer);
}
END_TEST

START_TEST(white_space_between_elements_is_nothing)
{
	struct peer *peer = peer_new();

	ck_assert_int_eq(feed_all(peer, STR(HEADER)), XML_READ_OK);
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(feed_all(peer, STR(" \t\r\n \r")), XML_READ_OK);
	ck_assert(!xml_stream_in_element(peer->stream));
	ck_assert_int_eq(feed_all(peer, STR("<a/>\r")), XML_READ_OK);
	ck_assert(!xml_stream_in_element(peer->stream));
	ck_assert_int_eq(feed_all(peer, STR("\r \r<")), XML_READ_OK);
	ck_assert(xml_stream_in_element(peer->stream));
	ck_assert_int_eq(feed_all(peer, STR("a/>")), XML_READ_OK);
	ck_assert(!xml_stream_in_element(peer->stream));
	ck_assert_log(peer, OPENED "<a/><a/>");
	peer_free(peer);
}
END_TEST

START_TEST(text_between_elements_is_a_bad_format)
{
	expect_result(HEADER "x", XML_READ_BAD_FORMAT);
	expect_result(HEADER "<a/>x<b/>", XML_READ_BAD_FORMAT);
	expect_result(HEADER " &amp; <a/>", XML_READ_BAD_FORMAT);
	expect_result(HEADER "<![CDATA[x]]>", XML_READ_BAD_FORMAT);
	expect_result(HEADER "&#32;<a/>", XML_READ_OK);
}
END_TEST

/* RFC 6120 §11.1 */
START_TEST(restricted_xml_is_refused_wherever_it_stands)
{
	expect_result("<!-- x -->" HEADER, XML_READ_RESTRICTED);
	expect_result(HEADER "<!-- x -->", XML_READ_RESTRICTED);
	expect_result(HEADER "<a><!-- x -->", XML_READ_RESTRICTED);
	expect_result(HEADER "<?php ?>", XML_READ_RESTRICTED);
	expect_result("<?xml version='1.0'?><?php ?>" HEADER, XML_READ_RESTRICTED);
	expect_result("<!DOCTYPE x>" HEADER, XML_READ_RESTRICTED);
	expect_result("<!DOCTYPE x [<!ENTITY a 'b'>]>" HEADER, XML_READ_RESTRICTED);
	expect_result("<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" HEADER, XML_READ_RESTRICTED);
	expect_result(HEADER "<a>&nbsp;</a>", XML_READ_RESTRICTED);
	expect_result(HEADER "<a b='&nbsp;'/>", XML_READ_RESTRICTED);
	expect_result(HEADER "<a>&lt;&gt;&amp;&apos;&quot;&#65;</a>", XML_READ_OK);
}
END_TEST

/* RFC 6120 §11.6, §4.9.3.22 */
START_TEST(only_utf8_is_understood)
{
	expect_result("<?xml version='1.0' encoding='ISO-8859-1'?>", XML_READ_ENCODING);
	expect_result("<?xml version='1.0' encoding='UTF-16'?>", XML_READ_ENCODING);
	expect_result("\xFE\xFF<a/>", XML_READ_ENCODING);
	expect_result("\xFF\xFE<a/>", XML_READ_ENCODING);
	expect_bytes(STR("\0<\0a\0/\0>"), XML_READ_ENCODING);
	expect_bytes(STR("<\0a\0/\0>\0"), XML_READ_ENCODING);
	expect_bytes(STR("\xEF\xBB\xBF" HEADER "<a/>"), XML_READ_OK);
	expect_bytes(STR(HEADER "<a>\0</a>"), XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a>\xE9t\xE9</a>", XML_READ_ENCODING);
	expect_result(HEADER "<a b='\xE9t\xE9'/>", XML_READ_ENCODING);
	expect_result(HEADER "<\xE9t\xE9/>", XML_READ_ENCODING);
	expect_result(HEADER "<a>\xC0\xAF</a>", XML_READ_ENCODING);
	expect_result(HEADER "<a>\xED\xA0\x80</a>", XML_READ_ENCODING);
	expect_result(HEADER "<a>\xF4\x90\x80\x80</a>", XML_READ_ENCODING);
	expect_result(HEADER "<a>\xF0\x9F\x90<", XML_READ_ENCODING);
	expect_result("<?xml version='1.0' encoding='Utf-8' standalone='yes'?>" HEADER,
	              XML_READ_OK);
}
END_TEST

START_TEST(what_is_not_well_formed_is_refused)
{
	expect_result("x <a/>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a></b>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "</a>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "</stream>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a b=c/>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a b='1' b='2'/>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
	              XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a>&#0;</a>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a>&#xFFFE;</a>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a>\x01</a>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a>\xEF\xBF\xBE</a>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a>]]></a>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a b='<'/>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<?xml version='1.0'?>", XML_READ_NOT_WELL_FORMED);
	expect_result("<?xml version='1.1'?>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a xmlns:xml='urn:x'/>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<a xmlns='urn:\nx'/>", XML_READ_OK); /* normalised to a space */
	expect_result(HEADER "<a xmlns='urn:&#10;x'/>", XML_READ_NOT_WELL_FORMED);
	expect_result(HEADER "<p:a/>", XML_READ_BAD_PREFIX);
	expect_result(HEADER "<a p:b=''/>", XML_READ_BAD_PREFIX);
	expect_result("<stream:stream>", XML_READ_BAD_PREFIX);
}
END_TEST

START_TEST(the_header_tells_its_namespaces)
{
	static const char *const headers[][2] = {
		{ "<stream xmlns='" NS_STREAM "' to='x'>",
		  "[open stream to=x default=" NS_STREAM "]" },
		{ "<stream:stream xmlns:stream='urn:wrong'>", "[open stream in urn:wrong]" },
		{ "<s:stream xmlns:s='" NS_STREAM "' xmlns='urn:x'>",
		  "[open stream default=urn:x]" },
		{ "<stream:stream xmlns:stream='" NS_STREAM "' xmlns=''>",
		  "[open stream default=]" },
		{ "<stream xmlns='jabber:client'>",
		  "[open stream in jabber:client default=jabber:client]" },
		{ "<foo xmlns='jabber:client' xmlns:stream='" NS_STREAM "'>",
		  "[open foo in jabber:client default=jabber:client]" },
	};
	struct peer *peer = peer_new();

	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		ck_assert_int_eq(feed_all(peer, str_of(headers[i][0])), XML_READ_OK);
		ck_assert_msg(str_is(buf_str(&peer->log), headers[i][1]), "%s: " STR_FMT,
		              headers[i][0], STR_ARG(buf_str(&peer->log)));
		ck_assert(xml_stream_is_open(peer->stream));
		peer_renew(peer);
	}
	peer_free(peer);
}
END_TEST

/* Prefixes of the header hold for the whole stream, over pauses and turns as well. */
START_TEST(unusual_prefixes_live_as_long_as_their_stream)
{
	static const char header[] = "<s:stream xmlns='jabber:client' xmlns:s='" NS_STREAM
				     "' xmlns:p='urn:&lt;&#x27;p' xml:lang='en'>";
	struct peer *peer = peer_new();
	struct str session = STR("<p:a/><b p:c='1'><p:d/></b><message/></s:stream>");

	for (int pause = 0; pause < 2; pause++) {
		peer->pause_always = pause;
		for (size_t i = 0; i <= session.n; i++) {
			ck_assert_int_eq(feed_all(peer, str_of(header)), XML_READ_OK);
			feed_all(peer, str_slice(session, 0, i));
			ck_assert_int_eq(feed_all(peer, str_slice(session, i, session.n)),
			                 XML_READ_CLOSED);
			ck_assert_log(peer, "[open stream default=jabber:client]<a "
			                    "xmlns='urn:&lt;&apos;p'/>"
			                    "<b xmlns:ns0='urn:&lt;&apos;p' ns0:c='1'><d "
			                    "xmlns='urn:&lt;&apos;p'/></b>"
			                    "<message/>");
			peer_renew(peer);
		}
	}
	peer_free(peer);
}
END_TEST

START_TEST(a_stream_of_a_server_knows_dialback)
{
	struct peer *peer = peer_new();

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(feed_all(peer, STR("<stream:stream xmlns='jabber:server' "
		                                    "xmlns:stream='" NS_STREAM "' "
		                                    "xmlns:db='jabber:server:dialback'>")),
		                 XML_READ_OK);
		ck_assert_int_eq(feed_all(peer, STR("<db:result/>")), XML_READ_OK);
		ck_assert_log(peer, "[open stream default=jabber:server]<result "
		                    "xmlns='jabber:server:dialback'/>");
		peer_renew(peer);
		/* A stream that did not declare it does not, though a parser that does lies in the pool. */
		ck_assert_int_eq(feed_all(peer, STR("<stream:stream xmlns='jabber:server' "
		                                    "xmlns:stream='" NS_STREAM "'>")),
		                 XML_READ_OK);
		ck_assert_int_eq(feed_all(peer, STR("<db:result/>")), XML_READ_BAD_PREFIX);
		peer_renew(peer);
	}
	peer_free(peer);
}
END_TEST

START_TEST(a_stream_moves_between_pools)
{
	struct peer *peer = peer_new();
	struct xml_pool *other = xml_pool_new();

	ck_assert_int_eq(feed_all(peer, STR(HEADER "<a/>\r")), XML_READ_OK);
	xml_stream_move(peer->stream, other, peer);
	ck_assert_int_eq(feed_all(peer, STR("<b/><c>")), XML_READ_OK);
	xml_pool_free(&peer->pool);
	ck_assert_int_eq(feed_all(peer, STR("</c>")), XML_READ_OK);
	ck_assert_log(peer, OPENED "<a/><b/><c/>");
	peer->pool = other;
	peer_free(peer);
}
END_TEST

CHECK_MAIN("parser", a_session_is_the_same_however_it_is_split_in_two,
           a_session_is_the_same_in_pieces_of_any_size, streams_that_take_turns_do_not_mix,
           no_stanza_waits_for_the_bytes_behind_it, a_pause_leaves_what_is_behind_the_element,
           a_header_that_ends_itself_opens_and_closes, the_bytes_behind_the_end_tag_are_left,
           a_restart_in_a_callback_expects_a_header_next,
           white_space_between_elements_is_nothing, text_between_elements_is_a_bad_format,
           restricted_xml_is_refused_wherever_it_stands, only_utf8_is_understood,
           what_is_not_well_formed_is_refused, the_header_tells_its_namespaces,
           unusual_prefixes_live_as_long_as_their_stream, a_stream_of_a_server_knows_dialback,
           a_stream_moves_between_pools)
