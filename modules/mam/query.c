/*
 * query.c - what a query asks for.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/query.h"
#include "modules/mam/uid.h"

#include <stdlib.h>

#define FULLTEXT "{" NS_FULLTEXT "}fulltext"

/* What makes a query bad, to be told by parse. */
struct refusal {
	enum stanza_error condition;
	const char *text; /* NULL: none */
};

struct parse {
	struct event *ev;
	const struct mam_conf *conf;
	struct query *q;
	const struct hash_key *secret;
	const struct xml_node *form;
	struct str text; /* absent: none */
	struct refusal refusal;
};

static bool refuse(struct parse *p, enum stanza_error condition, const char *text)
{
	p->refusal = (struct refusal){ condition, text };
	return false;
}

/* ---- single fields; each is false when it refuses ---- */

/* An id that has to be in the archive. */
static bool need(struct parse *p, struct str uid, uint64_t *id_out)
{
	struct page *page = &p->q->page;

	if (uid_parse(p->secret, uid, id_out) < 0)
		return refuse(p, STANZA_ITEM_NOT_FOUND, NULL);
	ASSERT(page->n_needed < ARRAY_LEN(page->needed));
	page->needed[page->n_needed++] = *id_out;
	return true;
}

static void at_least(uint64_t *bound, uint64_t id)
{
	if (*bound < id)
		*bound = id;
}

static void at_most(uint64_t *bound, uint64_t id)
{
	if (*bound > id)
		*bound = id;
}

/* Nothing comes after the last id, and nothing before the first. */
static uint64_t next_id(uint64_t id)
{
	return id == UINT64_MAX ? id : id + 1;
}

static uint64_t previous_id(uint64_t id)
{
	return id == 0 ? id : id - 1;
}

/*
 * XEP-0313 §4.1.1.  In a room it is an occupant, by nickname: by what address occupants are known
 * otherwise is not for everybody to ask, and not what the archive is kept by.
 */
static bool read_with(struct parse *p, struct str text)
{
	bool of_room = entity_is_item(p->ev->entity), is_own;
	struct page *page = &p->q->page;
	struct jid jid;

	if (jid_parse(p->ev->arena, text, &jid) < 0)
		return refuse(p, STANZA_JID_MALFORMED, NULL);
	is_own = jid_bare_eq(jid, entity_jid(p->ev->entity));
	if (of_room && !is_own)
		return refuse(p, STANZA_FEATURE_NOT_IMPLEMENTED, "with is for room/nickname");
	page->with = jid_bare_str(jid);
	/* Messages to oneself match by the bare JID, whatever the resource. */
	if (!jid_is_bare(jid) && (of_room || !is_own))
		page->with_full = jid_full_str(jid);
	return true;
}

/* §4.1.2 */
static bool read_time(struct parse *p, struct str text, int64_t *ms_out)
{
	return datetime_parse(text, ms_out) == 0 ||
	       refuse(p, STANZA_BAD_REQUEST, "no date and time");
}

static bool read_start(struct parse *p, struct str text)
{
	int64_t ms;

	if (!read_time(p, text, &ms))
		return false;
	at_least(&p->q->page.from, archive_ms_id(ms));
	return true;
}

static bool read_end(struct parse *p, struct str text)
{
	int64_t ms;

	if (!read_time(p, text, &ms))
		return false;
	at_most(&p->q->page.upto, previous_id(archive_ms_id(ms + 1)));
	return true;
}

/* §4.1.3 */
static bool read_after_id(struct parse *p, struct str text)
{
	uint64_t id;

	if (!need(p, text, &id))
		return false;
	at_least(&p->q->page.from, next_id(id));
	return true;
}

static bool read_before_id(struct parse *p, struct str text)
{
	uint64_t id;

	if (!need(p, text, &id))
		return false;
	at_most(&p->q->page.upto, previous_id(id));
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool read_ids(struct parse *p, struct str text)
{
	struct page *page = &p->q->page;
	struct str uids[PAGE_IDS + 1];
	size_t n = form_get_all(p->ev->arena, p->form, "ids", uids, ARRAY_LEN(uids)), kept = 0;

	if (n == 0)
		return true;
	if (n > PAGE_IDS)
		return refuse(p, STANZA_POLICY_VIOLATION, "too many ids");
	for (size_t i = 0; i < n; i++)
		if (!need(p, str_trim(uids[i]), &page->ids[i]))
			return false;
	qsort(page->ids, n, sizeof(page->ids[0]), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || page->ids[kept - 1] != page->ids[i])
			page->ids[kept++] = page->ids[i];
	page->n_ids = kept;
	page->by_ids = true;
	return true;
}

/* §4.1.5: there are none to leave out. */
static bool read_groupchat(struct parse *p, struct str text)
{
	bool wanted;

	return form_get_bool(p->ev->arena, p->form, "include-groupchat", &wanted) == 0 ||
	       refuse(p, STANZA_BAD_REQUEST, NULL);
}

/*
 * XEP-0431 §3.1.  §3.2 leaves open what matches: all words must be in the message; longer ones
 * may be beginnings.
 */
static bool read_fulltext(struct parse *p, struct str text)
{
	p->text = text;
	return true;
}

static const struct query_field {
	const char *var;
	enum field_type type;
	/* TEXT: its first value, which is not empty if there can be but one */
	bool (*read)(struct parse *p, struct str text);
} fields[] = {
	{ "with", FIELD_JID_SINGLE, read_with },
	{ "start", FIELD_TEXT_SINGLE, read_start },
	{ "end", FIELD_TEXT_SINGLE, read_end },
	{ "before-id", FIELD_TEXT_SINGLE, read_before_id },
	{ "after-id", FIELD_TEXT_SINGLE, read_after_id },
	{ "ids", FIELD_LIST_MULTI, read_ids },
	{ "include-groupchat", FIELD_BOOLEAN, read_groupchat },
	{ FULLTEXT, FIELD_TEXT_SINGLE, read_fulltext },
};

static bool is_offered(const struct query_field *field, const struct mam_conf *conf)
{
	return conf->fulltext || field->read != read_fulltext;
}

/* ---- the whole ---- */

static const struct query_field *find_field(struct str var)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_is(var, fields[i].var))
			return &fields[i];
	return NULL;
}

static bool read_field(struct parse *p, const struct xml_node *node)
{
	struct str var = xml_attr(node, "var"), text;
	const struct query_field *field = find_field(var);

	if (str_is_absent(var) || str_is(var, "FORM_TYPE"))
		return true;
	if (field == NULL || !is_offered(field, p->conf))
		return refuse(p, STANZA_FEATURE_NOT_IMPLEMENTED, "unknown field");
	text = str_trim(xml_child_text(p->ev->arena, node, "value"));
	if (str_is_empty(text) && field->type != FIELD_LIST_MULTI)
		return true;
	return field->read(p, text);
}

static bool read_form(struct parse *p)
{
	const struct xml_node *field = NULL;

	p->form = xml_child(p->ev->payload, NS_DATA_FORM, "x");
	if (p->form == NULL)
		return true;
	if (form_read(p->form, NS_MAM) < 0)
		return refuse(p, STANZA_BAD_REQUEST, "no form for " NS_MAM);
	while ((field = xml_next_child(p->form, field)) != NULL)
		if (xml_is(field, NS_DATA_FORM, "field") && !read_field(p, field))
			return false;
	if (!str_is_absent(p->text)) {
		p->q->page.by_words = true;
		words_ask(p->ev->arena, p->text, p->q->page.with, &p->q->page.words);
	}
	return true;
}

/* §4.3, XEP-0059.  Bounds of the page within those of the set. */
static bool read_paging(struct parse *p)
{
	size_t max = (size_t)p->conf->page;
	struct page *page = &p->q->page;
	struct rsm_request rsm;
	uint64_t id;

	if (rsm_read(p->ev->arena, p->ev->payload, &rsm) < 0)
		return refuse(p, STANZA_BAD_REQUEST, NULL);
	if (rsm.has_index) /* XEP-0059 §2.6: it would take a walk from the first message on */
		return refuse(p, STANZA_FEATURE_NOT_IMPLEMENTED, "no pages by index");
	page->max = rsm.has_max && rsm.max < max ? (size_t)rsm.max : max;
	page->backwards = rsm.backwards;
	page->after = page->from;
	page->before = page->upto;
	if (!str_is_absent(rsm.after)) {
		if (!need(p, rsm.after, &id))
			return false;
		at_least(&page->after, next_id(id));
	}
	if (!str_is_absent(rsm.before)) {
		if (!need(p, rsm.before, &id))
			return false;
		at_most(&page->before, previous_id(id));
	}
	return true;
}

static bool read_query(struct parse *p)
{
	const struct xml_node *query = p->ev->payload;

	/* §5.1.3: the node of a publish-subscribe service, of which there is none here */
	if (!str_is_absent(xml_attr(query, "node")))
		return refuse(p, STANZA_FEATURE_NOT_IMPLEMENTED, NULL);
	p->q->queryid = xml_attr(query, "queryid");
	p->q->flip = xml_child(query, NULL, "flip-page") != NULL;
	return read_form(p) && read_paging(p);
}

bool query_read(struct event *ev, const struct archive *archive, const struct mam_conf *conf,
                struct query *q)
{
	struct parse p = { .ev = ev, .conf = conf, .q = q, .secret = &archive->secret };

	*q = (struct query){
		.page = { .arena = ev->arena, .owner = ev->owner, .upto = UINT64_MAX },
		.queryid = STR_NONE,
	};
	if (read_query(&p))
		return true;
	event_error_text(ev, p.refusal.condition, p.refusal.text);
	return false;
}

/* §4.1.6: any id may be asked for, so that none is listed (XEP-0122 §3.2). */
static void add_open(struct arena *arena, struct xml_node *field)
{
	struct xml_node *validate = xml_add(arena, field, NS_VALIDATE, "validate");

	xml_set(arena, validate, "datatype", STR("xs:string"));
	xml_add(arena, validate, NULL, "open");
}

struct xml_node *query_form(struct arena *arena, const struct mam_conf *conf)
{
	struct xml_node *x = form_new(arena, "form", NS_MAM);

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct xml_node *field;

		if (!is_offered(&fields[i], conf))
			continue;
		field = form_field(arena, x, fields[i].type, fields[i].var, NULL, STR_NONE);
		if (fields[i].type == FIELD_LIST_MULTI)
			add_open(arena, field);
	}
	return x;
}
