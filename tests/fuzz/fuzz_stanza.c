/*
 * fuzz_stanza.c - stanzas, with all that a session does to them behind the parser.
 *
 *  - Read, written and read again, the header is the same; so it is of a copy, and with content
 *    that is shared.
 *  - Whatever is answered, a result or an error of any condition, is a stanza of its kind that
 *    goes back to the sender and is not answered in turn.
 *  - Of a form that is good, every field is found by its name.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/fuzz/fuzz.h"
#include "tests/xml/random_tree.h"
#include "xml/dataform.h"
#include "xml/ns.h"
#include "xml/stanza.h"
#include "xml/writer.h"

/* S as a stream of the namespace NS would carry it, read back. */
static const struct xml_node *through_a_stream(struct arena *arena, const struct stanza *s,
                                               const char *ns)
{
	const struct xml_node *wrapper;
	struct buf out = { 0 };

	buf_printf(&out, "<w xmlns='%s'>", ns);
	stanza_write(&out, s, ns);
	buf_append(&out, STR("</w>"));
	ASSERT(xml_read(arena, buf_str(&out), &wrapper) == 0);
	buf_deinit(&out);
	return xml_only_child(wrapper);
}

/* ---- headers and content ---- */

static void check_header(struct arena *arena, const struct stanza *s)
{
	const struct xml_node *server = through_a_stream(arena, s, NS_SERVER);
	struct stanza again;

	ASSERT(stanza_parse(arena, server, &again) == STANZA_PARSED);
	ASSERT(again.kind == s->kind && again.type == s->type);
	ASSERT(jid_eq(again.from, s->from) && jid_eq(again.to, s->to));
	ASSERT(str_eq(again.id, s->id) && str_eq(again.lang, s->lang));
	ASSERT(same_tree(through_a_stream(arena, &again, NS_SERVER), server));
	ASSERT(same_tree(through_a_stream(arena, stanza_copy(arena, s), NS_SERVER), server));
}

/* Content that is a tree again is the same content, and so is the element that stands for it. */
static void check_unshared(struct arena *arena, const struct stanza *s,
                           struct shared_buf *inner)
{
	const struct xml_node *written = through_a_stream(arena, s, NS_CLIENT);
	struct stanza with_inner = *s, *again;
	struct xml_node *element;

	with_inner.inner = inner;
	with_inner.node = NULL;
	again = stanza_unshare(arena, &with_inner);
	ASSERT(again != NULL && again->inner == NULL);
	element = stanza_element(arena, again);
	for (const struct xml_node *a = element->first, *b = written->first;
	     a != NULL || b != NULL; a = a->next, b = b->next)
		ASSERT(a != NULL && b != NULL && same_tree(a, b));
	ASSERT(str_eq(xml_attr(element, "to"), xml_attr(written, "to")));
	ASSERT(str_eq(xml_attr(element, "id"), xml_attr(written, "id")));
}

static void check_shared(struct arena *arena, const struct stanza *s)
{
	struct stanza *other = stanza_readdress(arena, s, s->to, s->from);
	struct shared_buf *inner = stanza_share(s, NS_CLIENT);
	struct buf with_node = { 0 }, with_inner = { 0 };

	stanza_write(&with_node, other, NS_CLIENT);
	other->inner = inner;
	stanza_write(&with_inner, other, NS_CLIENT);
	ASSERT(str_eq(buf_str(&with_node), buf_str(&with_inner)));
	buf_deinit(&with_node);
	buf_deinit(&with_inner);
	check_unshared(arena, s, inner);
	shared_unref(&inner);
}

/* ---- answers ---- */

static void check_answer(struct arena *arena, const struct stanza *s,
                         const struct stanza *answer, enum stanza_type type)
{
	const struct xml_node *node = through_a_stream(arena, answer, NS_CLIENT);
	struct stanza back;

	ASSERT(stanza_parse(arena, node, &back) == STANZA_PARSED);
	ASSERT(back.kind == s->kind && back.type == type);
	ASSERT(jid_eq(back.from, s->to) && jid_eq(back.to, s->from));
	ASSERT(str_eq(back.id, s->id));
	ASSERT(stanza_error_reply(arena, &back, STANZA_BAD_REQUEST, NULL, NULL) == NULL);
}

static void check_error(struct arena *arena, const struct stanza *s,
                        enum stanza_error condition)
{
	struct xml_node *app = xml_new(arena, "urn:example:app", "why");
	struct stanza *reply = stanza_error_reply(arena, s, condition, "no <b>", app);
	const struct xml_node *error;

	ASSERT((reply == NULL) == (s->type == TYPE_ERROR || s->type == TYPE_RESULT));
	if (reply == NULL)
		return;
	check_answer(arena, s, reply, TYPE_ERROR);
	error = xml_child(through_a_stream(arena, reply, NS_CLIENT), NULL, "error");
	ASSERT(xml_is(error, NS_CLIENT, "error"));
	ASSERT(xml_child(error, NS_STANZA_ERROR, stanza_error_name(condition)) != NULL);
	ASSERT(str_is(xml_text(arena, xml_child(error, NS_STANZA_ERROR, "text")), "no <b>"));
	ASSERT(xml_child(error, "urn:example:app", "why") != NULL);
}

static void check_stanza(struct arena *arena, const struct stanza *s, enum stanza_parse result,
                         enum stanza_error condition)
{
	/*
	 * A bad address or type is left out, so the stanza may be good now, or bad in another
	 * way.
	 */
	if (result == STANZA_PARSED)
		check_header(arena, s);
	ASSERT(xml_is(through_a_stream(arena, s, NS_CLIENT), NS_CLIENT,
	              stanza_kind_name(s->kind)));
	check_shared(arena, s);
	check_error(arena, s, condition);
	if (stanza_is_request(s) && result == STANZA_PARSED) {
		ASSERT(xml_is_element(stanza_payload(s)));
		check_answer(arena, s, stanza_result(arena, s), TYPE_RESULT);
	}
}

/* ---- forms ---- */

static void check_field(struct arena *arena, const struct xml_node *x, struct str var)
{
	const char *name = arena_cstr(arena, var);
	struct str first = form_get(arena, x, name), all[4];
	size_t n = form_get_all(arena, x, name, all, ARRAY_LEN(all));
	bool value;
	int err = form_get_bool(arena, x, name, &value);

	ASSERT(n <= ARRAY_LEN(all) && (n == 0) == str_is_absent(first));
	ASSERT(n == 0 || str_eq(all[0], first));
	ASSERT((err == ERR_NOENT) == (n == 0));
	ASSERT(!str_is(var, "FORM_TYPE") || n == 0 ||
	       form_read(x, arena_cstr(arena, first)) == 0);
}

static void check_form(struct arena *arena, const struct xml_node *x)
{
	const struct xml_node *field = NULL;

	if (form_read(x, NULL) < 0)
		return;
	while ((field = xml_next_child(x, field)) != NULL) {
		struct str var = xml_attr(field, "var");

		if (xml_is(field, NS_DATA_FORM, "field") && !str_is_absent(var))
			check_field(arena, x, var);
	}
	ASSERT(str_is_absent(form_get(arena, x, "\x01 no such field")));
}

static void check_forms(struct arena *arena, const struct xml_node *node)
{
	const struct xml_node *child = NULL;

	check_form(arena, node);
	while ((child = xml_next_child(node, child)) != NULL)
		check_forms(arena, child);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8192);
	enum stanza_error condition = size % (STANZA_UNEXPECTED_REQUEST + 1);
	const struct xml_node *node;

	if (xml_read(arena, fuzz_str(data, size), &node) == 0) {
		struct stanza s;
		enum stanza_parse result = stanza_parse(arena, node, &s);

		if (result != STANZA_PARSE_UNKNOWN)
			check_stanza(arena, &s, result, condition);
		check_forms(arena, node);
	}
	arena_free(&arena);
	return 0;
}
