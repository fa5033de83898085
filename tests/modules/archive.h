/*
 * archive.h - asking an archive, for the tests of the module mam.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/modules/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(var, value) "<field var='" var "'><value>" value "</value></field>"
#define FORM(fields) \
	"<x xmlns='" NS_DATA_FORM "' type='submit'>" FIELD("FORM_TYPE", NS_MAM) fields "</x>"
#define RSM(inner) "<set xmlns='" NS_RSM "'>" inner "</set>"
#define QUERY(inner) "<query xmlns='" NS_MAM "' queryid='q'>" inner "</query>"
#define BODY(text) "<body>" text "</body>"
#define HINT(name) "<" name " xmlns='" NS_HINTS "'/>"

#define ANSWER_MAX 1100

/* An answer, which lives as long as the world. */
struct answer {
	size_t n;
	struct answered {
		const char *uid, *body, *stamp; /* body "": none */
		const struct xml_node *message; /* as it was archived */
	} all[ANSWER_MAX];
	const struct xml_node *fin;
	const char *first, *last, *count, *index; /* NULL: not told */
	bool complete;
};

static inline const char *text_of(struct world *w, struct str text)
{
	return str_is_absent(text) ? NULL : arena_cstr(w->arena, text);
}

static inline void read_answered(struct world *w, struct answer *a,
                                 const struct xml_node *message)
{
	const struct xml_node *result, *forwarded;
	struct answered *one = &a->all[a->n++];
	struct str body;

	ck_assert_uint_le(a->n, ANSWER_MAX);
	message = xml_copy(w->arena, message);
	result = xml_child(message, NS_MAM, "result");
	ck_assert_ptr_nonnull(result);
	ck_assert(str_is(xml_attr(result, "queryid"), "q"));
	one->uid = text_of(w, xml_attr(result, "id"));
	forwarded = xml_child(result, NS_FORWARD, "forwarded");
	one->stamp = text_of(w, xml_attr(xml_child(forwarded, NS_DELAY, "delay"), "stamp"));
	one->message = xml_child(forwarded, NS_CLIENT, "message");
	ck_assert(one->uid != NULL && one->stamp != NULL);
	body = one->message == NULL ? STR_NONE : xml_child_text(w->arena, one->message, "body");
	one->body = str_is_absent(body) ? "" : text_of(w, body);
}

static inline void read_fin(struct world *w, struct answer *a, const struct xml_node *iq)
{
	const struct xml_node *set, *first;

	a->fin = xml_child(xml_copy(w->arena, iq), NS_MAM, "fin");
	ck_assert_msg(a->fin != NULL, "no answer: " STR_FMT, STR_ARG(xml_print(w->arena, iq)));
	set = xml_child(a->fin, NS_RSM, "set");
	ck_assert_ptr_nonnull(set);
	first = xml_child(set, NULL, "first");
	a->complete = str_is(xml_attr(a->fin, "complete"), "true");
	a->first = text_of(w, xml_child_text(w->arena, set, "first"));
	a->last = text_of(w, xml_child_text(w->arena, set, "last"));
	a->count = text_of(w, xml_child_text(w->arena, set, "count"));
	a->index = first == NULL ? NULL : text_of(w, xml_attr(first, "index"));
}

/* What C is answered by the archive of AT ("": its own) for a query that holds INNER. */
static inline struct answer *look_at(struct client *c, const char *at, const char *inner)
{
	struct world *w = c->world;
	struct answer *a = ARENA_NEW(w->arena, struct answer);
	const struct xml_node *n;

	client_printf(c, "<iq type='set' id='look'%s%s%s>" QUERY("%s") "</iq>",
	              at[0] == '\0' ? "" : " to='", at, at[0] == '\0' ? "" : "'", inner);
	while (xml_is(n = client_next(c), NS_CLIENT, "message"))
		read_answered(w, a, n);
	ck_assert(str_is(xml_attr(n, "id"), "look"));
	read_fin(w, a, n);
	return a;
}

static inline struct answer *look(struct client *c, const char *inner)
{
	return look_at(c, "", inner);
}

static inline struct answer *lookf(struct client *c, const char *format, ...) PRINTF_LIKE(2, 3);
static inline struct answer *lookf(struct client *c, const char *format, ...)
{
	struct answer *a;
	char *text;
	va_list args;

	va_start(args, format);
	ck_assert_int_ge(vasprintf(&text, format, args), 0);
	va_end(args);
	a = look(c, text);
	free(text);
	return a;
}

/* The bodies, in the order in which they came, each with a space behind it. */
static inline const char *bodies(struct world *w, const struct answer *a)
{
	struct str all = STR("");

	for (size_t i = 0; i < a->n; i++)
		all = arena_printf(w->arena, STR_FMT "%s ", STR_ARG(all), a->all[i].body);
	return arena_cstr(w->arena, all);
}

/* The id by BY in a message that was delivered; NULL: there is none. */
static inline const char *stamped(struct world *w, const struct xml_node *message,
                                  const char *by)
{
	const struct xml_node *n = NULL;
	const char *id = NULL;

	while ((n = xml_next_child(message, n)) != NULL) {
		if (!xml_is(n, NS_STANZA_ID, "stanza-id") || !str_is(xml_attr(n, "by"), by))
			continue;
		ck_assert_msg(id == NULL, "two ids by %s", by); /* XEP-0359 §4, rule 4 */
		id = text_of(w, arena_copy(w->arena, xml_attr(n, "id")));
		ck_assert_ptr_nonnull(id);
	}
	return id;
}
