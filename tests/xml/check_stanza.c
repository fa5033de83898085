/*
 * check_stanza.c - the header of stanzas, replies, errors, and stanzas out.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "xml/ns.h"
#include "xml/stanza.h"
#include "xml/writer.h"

static struct arena *arena;

/* TEXT's top level is in the namespace of clients unless it says otherwise. */
static enum stanza_parse parse(const char *text, struct stanza *s)
{
	const struct xml_node *wrapper = NULL;

	ck_assert_int_eq(xml_read(arena,
	                          arena_printf(arena, "<w xmlns='jabber:client'>%s</w>", text),
	                          &wrapper),
	                 0);
	return stanza_parse(arena, xml_next_child(wrapper, NULL), s);
}

static struct stanza parsed(const char *text)
{
	struct stanza s;

	ck_assert_msg(parse(text, &s) == STANZA_PARSED, "%s", text);
	return s;
}

static struct str written(const struct stanza *s, const char *ns)
{
	struct buf out = { 0 };
	struct str text;

	stanza_write(&out, s, ns);
	text = arena_copy(arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}

#define ck_assert_written(s, literal) ck_assert_str_is(written((s), NS_CLIENT), literal)

static void setup(void)
{
	arena = arena_new(4096);
}

START_TEST(the_header_is_read)
{
	struct stanza s;

	setup();
	s = parsed("<message from='A@b/c' to='d@E' type='chat' id='7' "
	           "xml:lang='de'><body>x</body></message>");
	ck_assert_int_eq(s.kind, STANZA_MESSAGE);
	ck_assert_int_eq(s.type, TYPE_CHAT);
	ck_assert_str_is(jid_full_str(s.from), "a@b/c");
	ck_assert_str_is(jid_full_str(s.to), "d@e");
	ck_assert_str_is(s.id, "7");
	ck_assert_str_is(s.lang, "de");
	ck_assert_written(&s, "<message from='a@b/c' to='d@e' type='chat' id='7' "
	                      "xml:lang='de'><body>x</body></message>");
	s = parsed("<presence/>");
	ck_assert_int_eq(s.kind, STANZA_PRESENCE);
	ck_assert_int_eq(s.type, TYPE_AVAILABLE);
	ck_assert(jid_is_none(s.from) && jid_is_none(s.to) && str_is_absent(s.id) &&
	          str_is_absent(s.lang));
	ck_assert_written(&s, "<presence/>");
	ck_assert_int_eq(parsed("<message type='nonsense'/>").type, TYPE_NORMAL);
	ck_assert_int_eq(parsed("<message/>").type, TYPE_NORMAL);
	ck_assert_int_eq(parsed("<iq type='error'/>").type, TYPE_ERROR);
	ck_assert_int_eq(parsed("<iq type='result'/>").type, TYPE_RESULT);
	arena_free(&arena);
}
END_TEST

START_TEST(every_type_is_read_and_written)
{
	setup();
	for (int type = TYPE_NORMAL; type <= TYPE_ERROR; type++) {
		const char *name = stanza_type_name((enum stanza_type)type);
		enum stanza_kind kind = type < TYPE_AVAILABLE ? STANZA_MESSAGE
		                        : type < TYPE_GET     ? STANZA_PRESENCE
		                                              : STANZA_IQ;
		struct stanza s;

		if (name == NULL)
			continue;
		s = parsed(arena_printf(arena, "<%s id='1' type='%s'><a xmlns='u'/></%s>",
		                        stanza_kind_name(kind), name, stanza_kind_name(kind))
		                   .p);
		ck_assert_int_eq((int)s.type, type);
		ck_assert_int_eq((int)s.kind, (int)kind);
	}
	arena_free(&arena);
}
END_TEST

START_TEST(bad_headers_are_told_apart)
{
	static const struct {
		const char *text;
		enum stanza_parse result;
	} cases[] = {
		{ "<foo/>", STANZA_PARSE_UNKNOWN },
		{ "<message xmlns='urn:x'/>", STANZA_PARSE_UNKNOWN },
		{ "<Message/>", STANZA_PARSE_UNKNOWN },
		{ "<message xmlns='jabber:server'/>", STANZA_PARSED },
		{ "<message from='@'/>", STANZA_PARSE_BAD_FROM },
		{ "<message to=''/>", STANZA_PARSE_BAD_TO },
		{ "<message to='a@b@c'/>", STANZA_PARSE_BAD_TO },
		{ "<iq id='1'><a/></iq>", STANZA_PARSE_BAD_TYPE },
		{ "<iq id='1' type='chat'><a/></iq>", STANZA_PARSE_BAD_TYPE },
		{ "<presence type='available'/>", STANZA_PARSE_BAD_TYPE },
		{ "<presence type='get'/>", STANZA_PARSE_BAD_TYPE },
		{ "<iq type='get'><a/></iq>", STANZA_PARSE_BAD_IQ },
		{ "<iq type='get' id=''><a/></iq>", STANZA_PARSE_BAD_IQ },
		{ "<iq type='get' id='1'/>", STANZA_PARSE_BAD_IQ },
		{ "<iq type='set' id='1'>x</iq>", STANZA_PARSE_BAD_IQ },
		{ "<iq type='set' id='1'><a/><b/></iq>", STANZA_PARSE_BAD_IQ },
		{ "<iq type='set' id='1'> <a/> </iq>", STANZA_PARSED },
		{ "<iq type='result'><a/><b/></iq>", STANZA_PARSED },
	};
	struct stanza s;

	setup();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_msg(parse(cases[i].text, &s) == cases[i].result, "%s", cases[i].text);
	ck_assert_int_eq(parse("<iq from='a@b' to='@' id='9'><a xmlns='u'/></iq>", &s),
	                 STANZA_PARSE_BAD_TO);
	ck_assert_str_is(jid_full_str(s.from), "a@b");
	ck_assert_str_is(s.id, "9");
	ck_assert_written(stanza_error_reply(arena, &s, STANZA_JID_MALFORMED, NULL, NULL),
	                  "<iq to='a@b' type='error' id='9'><error type='modify' "
	                  "code='400'>"
	                  "<jid-malformed xmlns='" NS_STANZA_ERROR "'/></error></iq>");
	arena_free(&arena);
}
END_TEST

START_TEST(a_result_goes_back)
{
	struct stanza s;
	struct stanza *result;

	setup();
	s = parsed("<iq from='a@b/c' to='d' type='get' id='1'><ping xmlns='" NS_PING
	           "'/></iq>");
	ck_assert(stanza_is_request(&s));
	ck_assert(xml_is(stanza_payload(&s), NS_PING, "ping"));
	result = stanza_result(arena, &s);
	ck_assert_written(result, "<iq from='d' to='a@b/c' type='result' id='1'/>");
	xml_add(arena, stanza_node(result), NS_PING, "pong");
	ck_assert_written(result,
	                  "<iq from='d' to='a@b/c' type='result' id='1'><pong xmlns='" NS_PING
	                  "'/></iq>");
	ck_assert_ptr_null(stanza_payload(result));
	arena_free(&arena);
}
END_TEST

START_TEST(errors_are_never_answered)
{
	struct stanza s;

	setup();
	s = parsed("<message from='a@b' type='error'/>");
	ck_assert_ptr_null(stanza_error_reply(arena, &s, STANZA_FORBIDDEN, NULL, NULL));
	s = parsed("<iq from='a@b' type='result' id='1'/>");
	ck_assert_ptr_null(stanza_error_reply(arena, &s, STANZA_FORBIDDEN, NULL, NULL));
	arena_free(&arena);
}
END_TEST

START_TEST(an_error_tells_condition_text_and_more)
{
	struct stanza s;

	setup();
	s = parsed("<message from='a@b/c' to='d@e' id='1'><x "
	           "xmlns='urn:x'>secret</x><body>hi</body>"
	           "<body xml:lang='de'>na</body></message>");
	ck_assert_written(
		stanza_error_reply(arena, &s, STANZA_RESOURCE_CONSTRAINT, "too <much>",
	                           xml_new(arena, "urn:app", "why")),
		"<message from='d@e' to='a@b/c' type='error' id='1'><body>hi</body><error "
		"type='wait' code='500'>"
		"<resource-constraint xmlns='" NS_STANZA_ERROR
		"'/><text xmlns='" NS_STANZA_ERROR
		"' xml:lang='en'>too &lt;much&gt;</text><why "
		"xmlns='urn:app'/></error></message>");
	arena_free(&arena);
}
END_TEST

START_TEST(every_condition_has_a_name_and_a_type)
{
	struct stanza s;

	setup();
	s = parsed("<presence from='a@b'/>");
	for (int c = STANZA_BAD_REQUEST; c <= STANZA_UNEXPECTED_REQUEST; c++) {
		struct stanza *reply =
			stanza_error_reply(arena, &s, (enum stanza_error)c, NULL, NULL);
		const struct xml_node *error = xml_child(stanza_node(reply), NULL, "error");

		ck_assert_ptr_nonnull(stanza_error_name((enum stanza_error)c));
		ck_assert(!str_is_empty(xml_attr(error, "type")));
		ck_assert(xml_is(xml_only_child(error), NS_STANZA_ERROR,
		                 stanza_error_name((enum stanza_error)c)));
	}
	arena_free(&arena);
}
END_TEST

START_TEST(what_was_asked_is_not_sent_back)
{
	struct stanza s;

	setup();
	s = parsed("<iq from='a@b' type='set' id='1'><q "
	           "xmlns='u'><password>x</password></q></iq>");
	ck_assert_written(stanza_error_reply(arena, &s, STANZA_FORBIDDEN, NULL, NULL),
	                  "<iq to='a@b' type='error' id='1'><error type='auth' "
	                  "code='403'><forbidden xmlns='" NS_STANZA_ERROR "'/></error></iq>");
	arena_free(&arena);
}
END_TEST

START_TEST(another_address_is_a_new_header_over_the_same_content)
{
	struct stanza s;
	struct stanza *other;
	struct jid to;

	setup();
	s = parsed("<message from='a@b' to='c@d' xmlns:p='urn:p' p:q='1' "
	           "foo='2'><body/></message>");
	ck_assert_int_eq(jid_parse(arena, STR("e@f/g"), &to), 0);
	other = stanza_readdress(arena, &s, s.from, to);
	ck_assert_ptr_eq(other->node, s.node);
	ck_assert_written(other, "<message from='a@b' to='e@f/g' xmlns:ns2='urn:p' ns2:q='1' "
	                         "foo='2'><body/></message>");
	arena_free(&arena);
}
END_TEST

/* RFC 6120 §4.8.3; XEP-0297: what is forwarded stays as it was. */
START_TEST(a_stanza_takes_the_namespace_of_its_stream)
{
	struct stanza s;

	setup();
	s = parsed("<message xmlns='jabber:server' to='a@b'><body>x</body><f xmlns='urn:f'>"
	           "<message "
	           "xmlns='jabber:client'><body>y</body></message></f><subject/></message>");
	ck_assert_str_is(written(&s, NS_CLIENT),
	                 "<message to='a@b'><body>x</body><f xmlns='urn:f'>"
	                 "<message xmlns='jabber:client'><body>y</body></message></f><subject/>"
	                 "</message>");
	s = parsed("<message to='a@b'><body>x</body><f xmlns='urn:f'><message "
	           "xmlns='jabber:client'/></f></message>");
	ck_assert_str_is(written(&s, NS_SERVER),
	                 "<message to='a@b'><body>x</body><f xmlns='urn:f'>"
	                 "<message xmlns='jabber:client'/></f></message>");
	arena_free(&arena);
}
END_TEST

START_TEST(shared_content_is_written_once_for_all)
{
	struct stanza s;
	struct stanza copy;
	struct shared_buf *inner, *again;

	setup();
	s = parsed("<message to='a@b' type='groupchat'><body>x</body><y xmlns='u'/></message>");
	inner = stanza_share(&s, NS_CLIENT);
	ck_assert_str_is(shared_str(inner), "<body>x</body><y xmlns='u'/>");
	copy = s;
	copy.inner = inner;
	copy.node = NULL;
	ck_assert_written(
		&copy,
		"<message to='a@b' type='groupchat'><body>x</body><y xmlns='u'/></message>");
	again = stanza_share(&copy, NS_CLIENT);
	ck_assert_ptr_eq(again, inner);
	shared_unref(&again);
	shared_unref(&inner);
	s = parsed("<presence/>");
	inner = stanza_share(&s, NS_CLIENT);
	copy.inner = inner;
	ck_assert_written(&copy, "<message to='a@b' type='groupchat'/>");
	shared_unref(&inner);
	arena_free(&arena);
}
END_TEST

START_TEST(a_copy_survives_its_original)
{
	struct arena *other = arena_new(1024);
	struct stanza s;
	struct stanza *copy;

	setup();
	s = parsed("<message from='A@b' to='c@d' id='1' xml:lang='x'><body>y</body></message>");
	copy = stanza_copy(other, &s);
	arena_free(&arena);
	arena = other;
	ck_assert_written(
		copy,
		"<message from='a@b' to='c@d' id='1' xml:lang='x'><body>y</body></message>");
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("stanza", the_header_is_read, every_type_is_read_and_written,
           bad_headers_are_told_apart, a_result_goes_back, errors_are_never_answered,
           an_error_tells_condition_text_and_more, every_condition_has_a_name_and_a_type,
           what_was_asked_is_not_sent_back,
           another_address_is_a_new_header_over_the_same_content,
           a_stanza_takes_the_namespace_of_its_stream, shared_content_is_written_once_for_all,
           a_copy_survives_its_original)
