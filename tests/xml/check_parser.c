/*
 * check_parser.c - streams: every split, every pause, every limit.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "tests/lib/check_main.h"
#include "xml/ns.h"
#include "xml/parser.h"
#include "xml/writer.h"

#include <stdio.h>
#include <string.h>

#define HEADER \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " \
	"to='a.example' version='1.0'>"
/* What the log of a peer calls that header. */
#define OPENED "[open stream to=a.example default=jabber:client]"

/* A stream whose events become text, so that whole conversations compare with one assertion. */
struct peer {
	struct xml_pool *pool;
	struct xml_stream *stream;
	struct buf log;
	bool pause_always;
	bool restart_at_auth;
	size_t elements;
};

static void on_open(void *owner, const struct xml_node *header, struct str default_ns)
{
	struct peer *peer = owner;

	ck_assert(header->first == NULL && header->next == NULL);
	buf_printf(&peer->log, "[open " STR_FMT, STR_ARG(header->name));
	if (!xml_in_ns(header, NS_STREAM))
		buf_printf(&peer->log, " in " STR_FMT, STR_ARG(header->ns));
	if (!str_is_absent(xml_attr(header, "to")))
		buf_printf(&peer->log, " to=" STR_FMT, STR_ARG(xml_attr(header, "to")));
	if (!str_is_absent(default_ns))
		buf_printf(&peer->log, " default=" STR_FMT, STR_ARG(default_ns));
	buf_append_byte(&peer->log, ']');
	if (peer->pause_always)
		xml_stream_pause(peer->stream);
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct peer *peer = owner;

	xml_write(&peer->log, element, STR(NS_CLIENT));
	peer->elements++;
	if (peer->pause_always)
		xml_stream_pause(peer->stream);
	if (peer->restart_at_auth && xml_is(element, NS_SASL, "auth"))
		xml_stream_restart(peer->stream);
	arena_free(&arena);
}

static const struct xml_stream_ops ops = { on_open, on_element };

static struct peer *peer_new(void)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	ck_assert_ptr_nonnull(peer);
	peer->pool = xml_pool_new();
	peer->stream = xml_stream_new(peer->pool, &ops, peer);
	return peer;
}

static void peer_free(struct peer *peer)
{
	xml_stream_free(&peer->stream);
	xml_pool_free(&peer->pool);
	buf_deinit(&peer->log);
	free(peer);
}

static void peer_renew(struct peer *peer)
{
	xml_stream_free(&peer->stream);
	peer->stream = xml_stream_new(peer->pool, &ops, peer);
	buf_clear(&peer->log);
	peer->elements = 0;
}

/* Feed all of BYTES, going on after each pause; returns why it ended. */
static enum xml_result feed_all(struct peer *peer, struct str bytes)
{
	for (;;) {
		size_t used = SIZE_MAX;
		enum xml_result result = xml_stream_feed(peer->stream, bytes, &used);

		ck_assert_uint_le(used, bytes.n);
		if (result != XML_READ_PAUSED)
			return result;
		/* A pause ends right behind a tag. */
		ck_assert(used == 0 || bytes.p[used - 1] == '>');
		bytes = str_slice(bytes, used, bytes.n);
	}
}

#define ck_assert_log(peer, literal) ck_assert_str_is(buf_str(&(peer)->log), literal)

/* Fed to a fresh stream, at once and byte by byte, S ends with RESULT. */
static void expect_bytes(struct str s, enum xml_result result)
{
	struct peer *peer = peer_new();
	enum xml_result got = feed_all(peer, s);

	ck_assert_msg(got == result, "%d, not %d, for " STR_FMT, (int)got, (int)result, STR_ARG(s));
	peer_renew(peer);
	for (size_t i = 0; i < s.n; i++) {
		got = feed_all(peer, str_slice(s, i, i + 1));
		if (got != XML_READ_OK)
			break;
	}
	ck_assert_msg(got == result, "%d, not %d, byte by byte, for " STR_FMT, (int)got, (int)result, STR_ARG(s));
	if (result > XML_READ_CLOSED) /* an error is final */
		ck_assert_int_eq(feed_all(peer, STR("<a/>")), (int)result);
	peer_free(peer);
}

static void expect_result(const char *text, enum xml_result result)
{
	expect_bytes(str_of(text), result);
}

#define SESSION \
	"<?xml version='1.0' encoding=\"utf-8\"?>\n" HEADER " \r\n" \
	"<iq type='set' id='1'><bind xmlns='" NS_BIND "'><resource>&lt;x&#x3e;</resource></bind></iq>\n\n" \
	"<presence/><a x='>'  y=\"'/>\" ><b/>text <![CDATA[<&>]]>&amp;more\r\nline\n<p:c xmlns:p='urn:p' p:d=''/>\t</a >" \
	"<message to='\xC3\xA9@b'><body>\xF0\x9F\x90\xA6</body></message>\r" \
	"</stream:stream>"
#define SESSION_LOG \
	OPENED "<iq type='set' id='1'><bind xmlns='" NS_BIND "'><resource>&lt;x&gt;</resource></bind></iq>" \
	       "<presence/><a x='&gt;' y='&apos;/&gt;'><b/>text &lt;&amp;&gt;&amp;more\nline\n" \
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
				ck_assert_int_eq(feed_all(peer, str_slice(session, i, session.n)), XML_READ_CLOSED);
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
		peers[k]->stream = xml_stream_new(first->pool, &ops, peers[k]);
		peers[k]->pause_always = k % 2;
	}
	for (size_t i = 0; i < session.n + 10 * ARRAY_LEN(peers); i++)
		for (size_t k = 0; k < ARRAY_LEN(peers); k++)
			if (i >= 10 * k && i - 10 * k < session.n)
				feed_all(peers[k], str_slice(session, i - 10 * k, i - 10 * k + 1));
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
	ck_assert_int_eq(xml_stream_feed(peer->stream, STR(" </stream:stream>\n<junk"), &used), XML_READ_CLOSED);
	ck_assert_uint_eq(used, 17);
	ck_assert(!xml_stream_is_open(peer->stream));
	peer_free(peer);
}
END_TEST

START_TEST(a_restart_in_a_callback_expects_a_header_next)
{
	struct peer *peer = peer_new();
	struct str session = STR(HEADER "<auth xmlns='" NS_SASL "'/>\n<?xml version='1.0'?>" HEADER "<iq/>");

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
	expect_result("<?xml version='1.0' encoding='Utf-8' standalone='yes'?>" HEADER, XML_READ_OK);
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
	expect_result(HEADER "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", XML_READ_NOT_WELL_FORMED);
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
		{ "<stream xmlns='" NS_STREAM "' to='x'>", "[open stream to=x default=" NS_STREAM "]" },
		{ "<stream:stream xmlns:stream='urn:wrong'>", "[open stream in urn:wrong]" },
		{ "<s:stream xmlns:s='" NS_STREAM "' xmlns='urn:x'>", "[open stream default=urn:x]" },
		{ "<stream:stream xmlns:stream='" NS_STREAM "' xmlns=''>", "[open stream default=]" },
		{ "<stream xmlns='jabber:client'>", "[open stream in jabber:client default=jabber:client]" },
		{ "<foo xmlns='jabber:client' xmlns:stream='" NS_STREAM "'>",
		  "[open foo in jabber:client default=jabber:client]" },
	};
	struct peer *peer = peer_new();

	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		ck_assert_int_eq(feed_all(peer, str_of(headers[i][0])), XML_READ_OK);
		ck_assert_msg(str_is(buf_str(&peer->log), headers[i][1]), "%s: " STR_FMT, headers[i][0],
			      STR_ARG(buf_str(&peer->log)));
		ck_assert(xml_stream_is_open(peer->stream));
		peer_renew(peer);
	}
	peer_free(peer);
}
END_TEST

/* Prefixes of the header hold for the whole stream, over pauses and turns as well. */
START_TEST(unusual_prefixes_live_as_long_as_their_stream)
{
	static const char header[] = "<s:stream xmlns='jabber:client' xmlns:s='" NS_STREAM "' xmlns:p='urn:&lt;&#x27;p' xml:lang='en'>";
	struct peer *peer = peer_new();
	struct str session = STR("<p:a/><b p:c='1'><p:d/></b><message/></s:stream>");

	for (int pause = 0; pause < 2; pause++) {
		peer->pause_always = pause;
		for (size_t i = 0; i <= session.n; i++) {
			ck_assert_int_eq(feed_all(peer, str_of(header)), XML_READ_OK);
			feed_all(peer, str_slice(session, 0, i));
			ck_assert_int_eq(feed_all(peer, str_slice(session, i, session.n)), XML_READ_CLOSED);
			ck_assert_log(peer, "[open stream default=jabber:client]<a xmlns='urn:&lt;&apos;p'/>"
					    "<b xmlns:ns0='urn:&lt;&apos;p' ns0:c='1'><d xmlns='urn:&lt;&apos;p'/></b>"
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
		ck_assert_int_eq(feed_all(peer, STR("<stream:stream xmlns='jabber:server' xmlns:stream='" NS_STREAM "' "
						    "xmlns:db='jabber:server:dialback'>")),
				 XML_READ_OK);
		ck_assert_int_eq(feed_all(peer, STR("<db:result/>")), XML_READ_OK);
		ck_assert_log(peer, "[open stream default=jabber:server]<result xmlns='jabber:server:dialback'/>");
		peer_renew(peer);
		/* A stream that did not declare it does not, though a parser that does lies in the pool. */
		ck_assert_int_eq(feed_all(peer, STR("<stream:stream xmlns='jabber:server' xmlns:stream='" NS_STREAM "'>")),
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

/* --- limits ------------------------------------------------------------------------------------------------ */

static void repeat(struct buf *out, const char *text, size_t times)
{
	while (times-- > 0)
		buf_append(out, str_of(text));
}

/* COUNT times MIDDLE between HEAD and TAIL: the result, in pieces of SIZE bytes. */
static enum xml_result feed_repeated(struct peer *peer, const char *head, const char *middle, size_t count,
				     const char *tail, size_t size)
{
	enum xml_result result = feed_all(peer, STR(HEADER));
	struct buf bytes = { 0 };

	buf_append(&bytes, str_of(head));
	repeat(&bytes, middle, count);
	buf_append(&bytes, str_of(tail));
	for (size_t at = 0; at < bytes.n && result == XML_READ_OK; at += size)
		result = feed_all(peer, str_slice(buf_str(&bytes), at, at + size));
	buf_deinit(&bytes);
	peer_renew(peer);
	return result;
}

static const struct {
	const char *name, *head, *middle, *tail;
	size_t most; /* of the middle */
} limit_cases[] = {
	{ "element bytes", "<a>", "12345678", "1</a>", (256 * 1024 - 8) / 8 },
	{ "depth", "", "<a>", "", 63 },
	{ "name", "<", "n", "/>", 1024 },
	{ "namespace", "<a xmlns='", "n", "'/>", 1024 },
	{ "attribute name", "<a ", "n", "=''/>", 1024 },
	{ "elements", "<a>", "<b/>", "</a>", 16383 },
	{ "token", "<a b='", "1234567", "12'/>", (16 * 1024 - 11) / 7 },
	{ "token with brackets", "<a b='", ">>>>>>>", "12'/>", (16 * 1024 - 11) / 7 },
};

START_TEST(every_dimension_has_a_limit_and_it_is_exact)
{
	struct peer *peer = peer_new();

	for (size_t i = 0; i < ARRAY_LEN(limit_cases); i++) {
		static const size_t sizes[] = { SIZE_MAX / 2, 7, 1000 };

		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			int at = (int)feed_repeated(peer, limit_cases[i].head, limit_cases[i].middle,
						    limit_cases[i].most, limit_cases[i].tail, sizes[k]);
			int over = (int)feed_repeated(peer, limit_cases[i].head, limit_cases[i].middle,
						      limit_cases[i].most + 1, limit_cases[i].tail, sizes[k]);

			ck_assert_msg(at == XML_READ_OK, "%s: %d in pieces of %zu", limit_cases[i].name, at, sizes[k]);
			ck_assert_msg(over == XML_READ_LIMIT, "%s and one: %d", limit_cases[i].name, over);
		}
	}
	peer_free(peer);
}
END_TEST

START_TEST(attributes_are_limited)
{
	struct peer *peer = peer_new();

	for (size_t count = 63; count <= 66; count++) {
		struct buf bytes = { 0 };

		buf_append(&bytes, STR(HEADER "<a"));
		for (size_t i = 0; i < count; i++)
			buf_printf(&bytes, " a%zu=''", i);
		buf_append(&bytes, STR("/>"));
		ck_assert_int_eq(feed_all(peer, buf_str(&bytes)), count <= 64 ? XML_READ_OK : XML_READ_LIMIT);
		buf_deinit(&bytes);
		peer_renew(peer);
	}
	peer_free(peer);
}
END_TEST

START_TEST(an_element_that_never_ends_is_cut_off)
{
	static const char *const endless[] = { "<a>", "<a b='", "<a ", "<", "<a><![CDATA[", "<!--", "<?x ", "<!DOCTYPE x " };
	static const char *const more[] = { "x", " ", ">" };

	for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
		for (size_t k = 0; k < ARRAY_LEN(more); k++) {
			struct peer *peer = peer_new();
			enum xml_result result = feed_all(peer, STR(HEADER));
			struct buf bytes = { 0 };
			size_t rounds = 0;

			repeat(&bytes, more[k], 300);
			result = feed_all(peer, str_of(endless[i]));
			while (result == XML_READ_OK && rounds++ < 2000)
				result = feed_all(peer, buf_str(&bytes));
			ck_assert_msg(result > XML_READ_CLOSED, "%s %s", endless[i], more[k]);
			buf_deinit(&bytes);
			peer_free(peer);
		}
	}
}
END_TEST

START_TEST(a_header_that_never_ends_is_cut_off)
{
	static const char *const endless[] = { "<?xml version='1.0'?> ", "<a", "<stream:stream x='", "<a xmlns:a='" };

	for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
		struct peer *peer = peer_new();
		enum xml_result result = feed_all(peer, str_of(endless[i]));
		size_t rounds = 0;

		while (result == XML_READ_OK && rounds++ < 20 * 1024)
			result = feed_all(peer, STR(" "));
		ck_assert_int_eq(result, XML_READ_LIMIT);
		peer_free(peer);
	}
}
END_TEST

START_TEST(own_limits_replace_the_usual_ones)
{
	struct xml_limits limits = xml_limits_default;
	struct peer *peer = peer_new();

	limits.element_bytes = 20;
	xml_stream_set_limits(peer->stream, &limits);
	ck_assert_int_eq(feed_all(peer, STR(HEADER "<a>345678901234</a>")), XML_READ_OK);
	ck_assert_int_eq(feed_all(peer, STR("  <a>34567890123456</a>")), XML_READ_LIMIT);
	peer_free(peer);
}
END_TEST

/* 400,000 names once made expat hold 81 MB. */
START_TEST(fresh_names_do_not_add_up)
{
	struct peer *peer = peer_new();

	ck_assert_int_eq(feed_all(peer, STR(HEADER)), XML_READ_OK);
	for (unsigned i = 0; i < 20000; i++) {
		char text[64];
		int n = snprintf(text, sizeof(text), "<n%u a%u=''/>", i, i);

		ck_assert_int_eq(feed_all(peer, str_make(text, (size_t)n)), XML_READ_OK);
		buf_clear(&peer->log);
	}
	ck_assert_uint_eq(peer->elements, 20000);
	peer_free(peer);
}
END_TEST

START_TEST(one_element_cannot_make_expat_swell)
{
	struct peer *peer = peer_new();
	struct buf bytes = { 0 };
	enum xml_result result;

	buf_append(&bytes, STR(HEADER "<a>"));
	for (unsigned i = 0; i < 9000; i++)
		buf_printf(&bytes, "<b%x a%x='' b%x='' c%x=''/>", i, i, i, i);
	result = feed_all(peer, buf_str(&bytes));
	ck_assert_int_eq(result, XML_READ_LIMIT);
	buf_deinit(&bytes);
	peer_free(peer);
}
END_TEST

CHECK_MAIN("parser", a_session_is_the_same_however_it_is_split_in_two, a_session_is_the_same_in_pieces_of_any_size,
	   streams_that_take_turns_do_not_mix, no_stanza_waits_for_the_bytes_behind_it,
	   a_pause_leaves_what_is_behind_the_element, a_header_that_ends_itself_opens_and_closes,
	   the_bytes_behind_the_end_tag_are_left, a_restart_in_a_callback_expects_a_header_next,
	   white_space_between_elements_is_nothing, text_between_elements_is_a_bad_format,
	   restricted_xml_is_refused_wherever_it_stands, only_utf8_is_understood, what_is_not_well_formed_is_refused,
	   the_header_tells_its_namespaces, unusual_prefixes_live_as_long_as_their_stream,
	   a_stream_of_a_server_knows_dialback, a_stream_moves_between_pools,
	   every_dimension_has_a_limit_and_it_is_exact, attributes_are_limited, an_element_that_never_ends_is_cut_off,
	   a_header_that_never_ends_is_cut_off, own_limits_replace_the_usual_ones, fresh_names_do_not_add_up,
	   one_element_cannot_make_expat_swell)
