/*
 * stanza.c - message, presence and iq: reading and building the header.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/stanza.h"

#include "xml/ns.h"
#include "xml/write_private.h"
#include "xml/writer.h"

static const char *const kind_names[] = {
	[STANZA_MESSAGE] = "message",
	[STANZA_PRESENCE] = "presence",
	[STANZA_IQ] = "iq",
};

#define KIND_BIT(kind) (1u << (kind))
#define ANY_KIND (KIND_BIT(STANZA_MESSAGE) | KIND_BIT(STANZA_PRESENCE) | KIND_BIT(STANZA_IQ))

/* RFC 6121 §5.2.2 and §4.7.1, RFC 6120 §8.2.3. */
static const struct type_name {
	struct str name;
	unsigned kinds;
} type_names[] = {
	[TYPE_NORMAL] = { STR_INIT("normal"), KIND_BIT(STANZA_MESSAGE) },
	[TYPE_CHAT] = { STR_INIT("chat"), KIND_BIT(STANZA_MESSAGE) },
	[TYPE_GROUPCHAT] = { STR_INIT("groupchat"), KIND_BIT(STANZA_MESSAGE) },
	[TYPE_HEADLINE] = { STR_INIT("headline"), KIND_BIT(STANZA_MESSAGE) },
	[TYPE_AVAILABLE] = { STR_INIT(""), 0 }, /* no word for it */
	[TYPE_UNAVAILABLE] = { STR_INIT("unavailable"), KIND_BIT(STANZA_PRESENCE) },
	[TYPE_SUBSCRIBE] = { STR_INIT("subscribe"), KIND_BIT(STANZA_PRESENCE) },
	[TYPE_SUBSCRIBED] = { STR_INIT("subscribed"), KIND_BIT(STANZA_PRESENCE) },
	[TYPE_UNSUBSCRIBE] = { STR_INIT("unsubscribe"), KIND_BIT(STANZA_PRESENCE) },
	[TYPE_UNSUBSCRIBED] = { STR_INIT("unsubscribed"), KIND_BIT(STANZA_PRESENCE) },
	[TYPE_PROBE] = { STR_INIT("probe"), KIND_BIT(STANZA_PRESENCE) },
	[TYPE_GET] = { STR_INIT("get"), KIND_BIT(STANZA_IQ) },
	[TYPE_SET] = { STR_INIT("set"), KIND_BIT(STANZA_IQ) },
	[TYPE_RESULT] = { STR_INIT("result"), KIND_BIT(STANZA_IQ) },
	[TYPE_ERROR] = { STR_INIT("error"), ANY_KIND },
};

/*
 * Without type: normal, available; an iq must have one, and counts as a get so that it is
 * answered.
 */
static const enum stanza_type default_types[] = {
	[STANZA_MESSAGE] = TYPE_NORMAL,
	[STANZA_PRESENCE] = TYPE_AVAILABLE,
	[STANZA_IQ] = TYPE_GET,
};

const char *stanza_kind_name(enum stanza_kind kind)
{
	return kind_names[kind];
}

const char *stanza_type_name(enum stanza_type type)
{
	return type == TYPE_NORMAL || type == TYPE_AVAILABLE ? NULL : type_names[type].name.p;
}

/* --- reading ------------------------------------------------------------------------------ */

static bool parse_kind(const struct xml_node *node, enum stanza_kind *kind_out)
{
	if (!xml_is_element(node) || !write_is_stanza_ns(node->ns))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kind_names); i++) {
		if (str_is(node->name, kind_names[i])) {
			*kind_out = (enum stanza_kind)i;
			return true;
		}
	}
	return false;
}

/* False when the type is missing or unknown where that is an error. */
static bool parse_type(struct str name, enum stanza_kind kind, enum stanza_type *type_out)
{
	*type_out = default_types[kind];
	if (str_is_absent(name))
		return kind != STANZA_IQ;
	for (size_t i = 0; i < ARRAY_LEN(type_names); i++) {
		if ((type_names[i].kinds & KIND_BIT(kind)) != 0 &&
		    str_eq(name, type_names[i].name)) {
			*type_out = (enum stanza_type)i;
			return true;
		}
	}
	return kind == STANZA_MESSAGE; /* RFC 6121 §5.2.2: an unknown one counts as normal */
}

static bool parse_address(struct arena *arena, struct str text, struct jid *jid_out)
{
	*jid_out = JID_NONE;
	return str_is_absent(text) || jid_parse(arena, text, jid_out) == 0;
}

/* The attributes of the header, found in one pass. */
struct header_attrs {
	struct str from, to, id, type, lang;
};

static struct header_attrs find_attrs(const struct xml_node *node)
{
	struct header_attrs found = { .from = STR_NONE };

	for (const struct xml_attr *attr = node->attrs; attr != NULL; attr = attr->next) {
		if (attr->ns.n > 0) {
			if (str_is(attr->name, "lang") && str_is(attr->ns, NS_XML))
				found.lang = attr->value;
		} else if (str_eq(attr->name, STR("to"))) {
			found.to = attr->value;
		} else if (str_eq(attr->name, STR("from"))) {
			found.from = attr->value;
		} else if (str_eq(attr->name, STR("id"))) {
			found.id = attr->value;
		} else if (str_eq(attr->name, STR("type"))) {
			found.type = attr->value;
		}
	}
	return found;
}

enum stanza_parse stanza_parse(struct arena *arena, const struct xml_node *node,
                               struct stanza *s_out)
{
	struct header_attrs attrs;
	bool good_from, good_to, good_type;

	*s_out = (struct stanza){ .node = node };
	if (!parse_kind(node, &s_out->kind))
		return STANZA_PARSE_UNKNOWN;
	attrs = find_attrs(node);
	s_out->id = attrs.id;
	s_out->lang = attrs.lang;
	good_type = parse_type(attrs.type, s_out->kind, &s_out->type);
	good_from = parse_address(arena, attrs.from, &s_out->from);
	good_to = parse_address(arena, attrs.to, &s_out->to);
	if (!good_from)
		return STANZA_PARSE_BAD_FROM;
	if (!good_to)
		return STANZA_PARSE_BAD_TO;
	if (!good_type)
		return STANZA_PARSE_BAD_TYPE;
	/* RFC 6120 §8.1.3 and §8.2.3, rule 4 */
	if (stanza_is_request(s_out) && (attrs.id.n == 0 || stanza_payload(s_out) == NULL))
		return STANZA_PARSE_BAD_IQ;
	return STANZA_PARSED;
}

bool stanza_is_request(const struct stanza *s)
{
	return s->kind == STANZA_IQ && (s->type == TYPE_GET || s->type == TYPE_SET);
}

bool stanza_is_subscription(const struct stanza *s)
{
	return s->kind == STANZA_PRESENCE && s->type >= TYPE_SUBSCRIBE &&
	       s->type <= TYPE_UNSUBSCRIBED;
}

const struct xml_node *stanza_payload(const struct stanza *s)
{
	return stanza_is_request(s) && s->node != NULL ? xml_only_child(s->node) : NULL;
}

/* --- building ----------------------------------------------------------------------------- */

struct stanza *stanza_new(struct arena *arena, enum stanza_kind kind, enum stanza_type type)
{
	struct stanza *s = ARENA_NEW(arena, struct stanza);

	s->kind = kind;
	s->type = type;
	s->node = xml_new(arena, NS_CLIENT, kind_names[kind]);
	return s;
}

struct xml_node *stanza_node(struct stanza *s)
{
	return (struct xml_node *)(uintptr_t)s->node; /* const once it is routed */
}

struct stanza *stanza_result(struct arena *arena, const struct stanza *request)
{
	struct stanza *s = stanza_new(arena, STANZA_IQ, TYPE_RESULT);

	s->from = request->to;
	s->to = request->from;
	s->id = request->id;
	return s;
}

struct stanza *stanza_readdress(struct arena *arena, const struct stanza *s, struct jid from,
                                struct jid to)
{
	struct stanza *copy = ARENA_NEW(arena, struct stanza);

	*copy = *s;
	copy->from = from;
	copy->to = to;
	return copy;
}

struct stanza *stanza_copy(struct arena *arena, const struct stanza *s)
{
	struct stanza *copy = ARENA_NEW(arena, struct stanza);

	*copy = *s;
	copy->from = jid_copy(arena, s->from);
	copy->to = jid_copy(arena, s->to);
	copy->id = arena_copy(arena, s->id);
	copy->lang = arena_copy(arena, s->lang);
	copy->node = s->node == NULL ? NULL : xml_copy(arena, s->node);
	return copy;
}

struct xml_node *stanza_element(struct arena *arena, const struct stanza *s)
{
	struct xml_node *element = xml_new(arena, NS_CLIENT, kind_names[s->kind]);

	xml_set(arena, element, "from", jid_full_str(s->from));
	xml_set(arena, element, "to", jid_full_str(s->to));
	xml_set(arena, element, "type", str_of(stanza_type_name(s->type)));
	xml_set(arena, element, "id", s->id);
	xml_set_ns(arena, element, NS_XML, "lang", s->lang);
	element->first = s->node->first;
	element->last = s->node->last;
	return element;
}

/* TEXT as it stands within a stream, as the children of *NODE_OUT. */
static int read_inner(struct arena *arena, struct str text, const struct xml_node **node_out)
{
	struct buf whole = { 0 };
	int err;

	buf_append(&whole, STR("<x xmlns='" NS_CLIENT "'>"));
	buf_append(&whole, text);
	buf_append(&whole, STR("</x>"));
	err = xml_read(arena, buf_str(&whole), node_out);
	buf_deinit(&whole);
	return err;
}

struct stanza *stanza_unshare(struct arena *arena, const struct stanza *s)
{
	struct stanza *copy = stanza_copy(arena, s);

	if (s->inner == NULL)
		return copy;
	copy->inner = NULL;
	return read_inner(arena, shared_str(s->inner), &copy->node) < 0 ? NULL : copy;
}

struct stanza *stanza_read(struct arena *arena, struct str text)
{
	struct stanza *s = ARENA_NEW(arena, struct stanza);
	const struct xml_node *node;

	if (read_inner(arena, text, &node) < 0)
		return NULL;
	node = xml_only_child(node);
	return node == NULL || stanza_parse(arena, node, s) != STANZA_PARSED ? NULL : s;
}
