/*
 * stanza_error.c - error replies: every defined condition (RFC 6120 §8.3) with its usual type.
 *
 * The numeric codes are those of XEP-0086, for clients older than the conditions.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/ns.h"
#include "xml/stanza.h"

static const struct condition {
	const char *name, *type, *code;
} conditions[] = {
	[STANZA_BAD_REQUEST] = { "bad-request", "modify", "400" },
	[STANZA_CONFLICT] = { "conflict", "cancel", "409" },
	[STANZA_FEATURE_NOT_IMPLEMENTED] = { "feature-not-implemented", "cancel", "501" },
	[STANZA_FORBIDDEN] = { "forbidden", "auth", "403" },
	[STANZA_GONE] = { "gone", "cancel", "302" },
	[STANZA_INTERNAL_SERVER_ERROR] = { "internal-server-error", "cancel", "500" },
	[STANZA_ITEM_NOT_FOUND] = { "item-not-found", "cancel", "404" },
	[STANZA_JID_MALFORMED] = { "jid-malformed", "modify", "400" },
	[STANZA_NOT_ACCEPTABLE] = { "not-acceptable", "modify", "406" },
	[STANZA_NOT_ALLOWED] = { "not-allowed", "cancel", "405" },
	[STANZA_NOT_AUTHORIZED] = { "not-authorized", "auth", "401" },
	[STANZA_POLICY_VIOLATION] = { "policy-violation", "modify", NULL },
	[STANZA_RECIPIENT_UNAVAILABLE] = { "recipient-unavailable", "wait", "404" },
	[STANZA_REDIRECT] = { "redirect", "modify", "302" },
	[STANZA_REGISTRATION_REQUIRED] = { "registration-required", "auth", "407" },
	[STANZA_REMOTE_SERVER_NOT_FOUND] = { "remote-server-not-found", "cancel", "404" },
	[STANZA_REMOTE_SERVER_TIMEOUT] = { "remote-server-timeout", "wait", "504" },
	[STANZA_RESOURCE_CONSTRAINT] = { "resource-constraint", "wait", "500" },
	[STANZA_SERVICE_UNAVAILABLE] = { "service-unavailable", "cancel", "503" },
	[STANZA_SUBSCRIPTION_REQUIRED] = { "subscription-required", "auth", "407" },
	[STANZA_UNDEFINED_CONDITION] = { "undefined-condition", "cancel", "500" },
	[STANZA_UNEXPECTED_REQUEST] = { "unexpected-request", "wait", "400" },
};

const char *stanza_error_name(enum stanza_error condition)
{
	return conditions[condition].name;
}

static void return_child(struct arena *arena, struct xml_node *reply, const struct stanza *s,
                         const char *ns, const char *name)
{
	const struct xml_node *child = s->kind != STANZA_MESSAGE || s->node == NULL
	                                       ? NULL
	                                       : xml_child(s->node, ns, name);
	struct xml_node *copy;

	if (child == NULL)
		return;
	copy = ARENA_NEW(arena, struct xml_node);
	*copy = *child;
	copy->next = NULL;
	xml_append(reply, copy);
}

/*
 * Some clients tell of a message that came back by its text alone (§8.3.1), and rooms by its mark
 * whether it was a private one (XEP-0045 §7.5).
 */
static void return_content(struct arena *arena, struct xml_node *reply, const struct stanza *s)
{
	return_child(arena, reply, s, NULL, "body");
	return_child(arena, reply, s, NS_MUC_USER, "x");
}

struct stanza *stanza_error_reply(struct arena *arena, const struct stanza *s,
                                  enum stanza_error condition, const char *text,
                                  struct xml_node *app)
{
	const struct condition *c = &conditions[condition];
	struct stanza *reply;
	struct xml_node *error;

	if (s->type == TYPE_ERROR || s->type == TYPE_RESULT)
		return NULL;
	reply = stanza_new(arena, s->kind, TYPE_ERROR);
	reply->from = s->to;
	reply->to = s->from;
	reply->id = s->id;
	return_content(arena, stanza_node(reply), s);
	error = xml_add(arena, stanza_node(reply), NULL, "error");
	xml_set(arena, error, "type", str_of(c->type));
	xml_set(arena, error, "code", str_of(c->code));
	xml_add(arena, error, NS_STANZA_ERROR, c->name);
	if (text != NULL) {
		struct xml_node *node = xml_add(arena, error, NS_STANZA_ERROR, "text");

		xml_set_ns(arena, node, NS_XML, "lang", STR("en"));
		xml_add_text(arena, node, str_of(text));
	}
	if (app != NULL)
		xml_append(error, app);
	return reply;
}
