/*
 * fuzz_stanza.c - stanzas: read, written and read again, the header is the same; replies are XML.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/fuzz/fuzz.h"
#include "tests/xml/random_tree.h"
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

static void check(struct arena *arena, const struct stanza *s, enum stanza_parse result)
{
	const struct xml_node *server = through_a_stream(arena, s, NS_SERVER);
	struct stanza again;
	struct stanza *reply = stanza_error_reply(arena, s, STANZA_BAD_REQUEST, "no", NULL);

	/* A bad address or type is left out, so the stanza may be good now, or bad in another way. */
	if (result == STANZA_PARSED) {
		ASSERT(stanza_parse(arena, server, &again) == STANZA_PARSED);
		ASSERT(again.kind == s->kind && again.type == s->type);
		ASSERT(jid_eq(again.from, s->from) && jid_eq(again.to, s->to));
		ASSERT(str_eq(again.id, s->id) && str_eq(again.lang, s->lang));
		ASSERT(same_tree(through_a_stream(arena, &again, NS_SERVER), server));
	}
	if (reply != NULL)
		ASSERT(xml_is(through_a_stream(arena, reply, NS_CLIENT), NS_CLIENT,
		              stanza_kind_name(s->kind)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8192);
	const struct xml_node *node;

	if (xml_read(arena, fuzz_str(data, size), &node) == 0) {
		struct stanza s;
		enum stanza_parse result = stanza_parse(arena, node, &s);

		if (result != STANZA_PARSE_UNKNOWN)
			check(arena, &s, result);
	}
	arena_free(&arena);
	return 0;
}
