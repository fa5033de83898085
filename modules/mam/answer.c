/*
 * answer.c - what a query is answered with (XEP-0313 §4, §5).
 *
 * The messages that were found go to who asked, and the iq's result behind them.  The readers are
 * everybody's: of an archive, one may have so many queries under way, and what they cost counts as
 * if the client had sent it: one that reads its whole archive is slowed down, and nobody else.
 *
 * At a room there is no session to be slowed down.  So a client is charged for a page when it asks
 * for it, at its account; and of all that somebody has rooms looked through for, so much goes in a
 * second.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/query.h"
#include "modules/mam/uid.h"
#include "modules/offline/offline.h"

#define QUERIES 16 /* of one under way: their pages fit into what may wait for a client */
/* In bytes sent, ten for a microsecond: a query, a message sent, a message looked at. */
#define COST_QUERY 500
#define COST_SENT 150
#define COST_LOOK 5

struct asked {
	struct mod *m;
	struct query q;
	struct hash_key secret;
	uint64_t newest;        /* the last id that there was */
	uint64_t after, before; /* the bounds that were asked for */
	bool of_room;
	/* of a room: what becomes of each message, and how much was counted of what was looked at */
	mam_edit_fn *edit; /* may be NULL */
	void *edit_arg;
	size_t counted;
};

/*
 * The session that asked, be it the same or one that has its name by now; NULL: it is gone, or
 * somebody else's.
 */
static struct session *asker(struct event *ev)
{
	return entity_session(ev->entity, jid_resource(ev->stanza->from));
}

/* ---- messages ---- */

/* What who asked may see of it; NULL: nothing. */
static const struct stanza *shown(struct event *ev, const struct asked *asked,
                                  const struct page_message *found)
{
	if (found->message == NULL || asked->edit == NULL)
		return found->message;
	return asked->edit(asked->edit_arg, ev, found->message);
}

/* §4.2 */
static void send_message(struct event *ev, const struct asked *asked,
                         const struct page_message *found, struct session *to)
{
	struct arena *arena = ev->arena;
	struct stanza *s = stanza_new(arena, STANZA_MESSAGE, TYPE_NORMAL);
	struct xml_node *result = xml_add(arena, stanza_node(s), NS_MAM, "result"), *forwarded;
	const struct stanza *message = shown(ev, asked, found);

	s->from = entity_jid(ev->entity);
	s->to = ev->stanza->from;
	xml_set(arena, result, "queryid", asked->q.queryid);
	xml_set(arena, result, "id", uid_format(arena, &asked->secret, found->id));
	forwarded = xml_add(arena, result, NS_FORWARD, "forwarded");
	xml_set(arena, xml_add(arena, forwarded, NS_DELAY, "delay"), "stamp",
	        datetime_format(arena, archive_id_ms(found->id), true));
	if (message != NULL) /* §3.2: else a placeholder */
		xml_append(forwarded, stanza_element(arena, message));
	if (asked->of_room)
		event_send_lightly(ev, s);
	else
		event_offer(ev, to, s);
}

static void send_page(struct event *ev, const struct asked *asked, struct session *to)
{
	const struct page *p = &asked->q.page;

	for (size_t i = 0; i < p->n_found; i++) {
		bool as_found = p->backwards == asked->q.flip;

		send_message(ev, asked, &p->found[as_found ? i : p->n_found - 1 - i], to);
	}
}

/* ---- the result ---- */

static struct xml_node *fin(struct event *ev, const struct page *p,
                            const struct hash_key *secret)
{
	struct xml_node *node = xml_new(ev->arena, NS_MAM, "fin");
	struct rsm_page set = { .first = STR_NONE,
		                .has_count = p->is_counted,
		                .count = p->count };

	if (p->is_complete)
		xml_set(ev->arena, node, "complete", STR("true"));
	if (p->n_found > 0) {
		uint64_t first = p->found[0].id, last = p->found[p->n_found - 1].id;

		set.first = uid_format(ev->arena, secret, p->backwards ? last : first);
		set.last = uid_format(ev->arena, secret, p->backwards ? first : last);
		/*
		 * §4.3.2 leaves it to us, and there are clients that page backwards until they
		 * see the end of the set, which is where they begin.
		 */
		set.has_index = p->is_counted && !p->backwards;
		set.index = p->index;
	}
	rsm_write(ev->arena, node, &set);
	return node;
}

/* ---- what it costs ---- */

static void charge(struct session *s, int64_t cost)
{
	if (s != NULL)
		session_charge(s, cost);
}

static int64_t cost_of(size_t n_sent, size_t n_looked)
{
	return (int64_t)(COST_QUERY + n_sent * COST_SENT + n_looked * COST_LOOK);
}

int answer_elsewhere(struct mod *m, struct event *ev)
{
	size_t n = (size_t)((const struct mam_conf *)mod_conf(m))->page;
	struct rsm_request rsm;

	if (ev->stanza->type != TYPE_SET || !xml_is(ev->payload, NS_MAM, "query") ||
	    jid_bare_eq(ev->stanza->to, entity_jid(ev->entity)))
		return MOD_PASS;
	if (rsm_read(ev->arena, ev->payload, &rsm) == 0 && rsm.has_max && rsm.max < n)
		n = (size_t)rsm.max;
	charge(ev->session, cost_of(n, n));
	return MOD_PASS;
}

/* False: who asks a room has had so much looked at that it is enough. */
static bool may_look(struct event *ev, struct mod *m)
{
	const struct mam_state *state = mod_state(m);

	return mod_rate_take(state->looks, jid_bare_str(ev->stanza->from));
}

static bool may_look_on(struct event *ev, struct asked *asked)
{
	bool may = true;

	while (asked->of_room && may &&
	       asked->counted + LOOKS_COUNTED <= asked->q.page.looked) {
		asked->counted += LOOKS_COUNTED;
		may = may_look(ev, asked->m);
	}
	return may;
}

/* ---- what its reader need not be handed as stored messages ---- */

/* Of a page of the whole archive between two moments; what was filtered has gaps. */
static int tell_offline(struct event *ev, const struct asked *asked, struct session *to)
{
	const struct page *p = &asked->q.page;
	struct offline_page page = { 0 };

	if (!page_is_whole(p) || p->max == 0)
		return 0;
	page.newest = asked->newest;
	page.is_end = asked->before >= asked->newest && (p->backwards || p->is_complete);
	if (p->n_found > 0) {
		page.first = p->backwards ? p->found[p->n_found - 1].id : asked->after;
		page.last = p->found[p->backwards ? 0 : p->n_found - 1].id;
	}
	return offline_page_sent(ev, to, &page);
}

static void run(struct store_reader *reader, void *arg)
{
	page_run(reader, &((struct asked *)arg)->q.page);
}

static int on_page(struct event *ev, void *arg)
{
	struct asked *asked = arg;
	struct page *p = &asked->q.page;
	struct session *to = asker(ev);
	bool may = may_look_on(ev, asked);
	int err;

	if (p->err == 0 && p->goes_on && may && p->looked < PAGE_LOOK_MAX)
		return event_read(ev, run, on_page, asked);
	charge(to, cost_of(p->n_found, p->looked));
	if (p->err == ERR_NOENT || (asked->of_room && !entity_is_item(ev->entity)))
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (p->err < 0)
		return p->err;
	if (p->goes_on && p->n_found == 0)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                        "too many messages to look at");
	p->is_complete = p->is_complete && !p->goes_on;
	if (to != NULL || asked->of_room)
		send_page(ev, asked, to);
	event_result(ev, fin(ev, p, &asked->secret));
	err = to == NULL ? 0 : tell_offline(ev, asked, to);
	return err < 0 ? err : MOD_HANDLED;
}

/* ---- requests ---- */

int answer_form(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_MAM, "query");

	xml_append(query, query_form(ev->arena, mod_conf(m)));
	return event_result(ev, query);
}

/* The answer has left, or the query failed. */
static void on_left(struct entity *e, void *arg, int err)
{
	--*(uint8_t *)arg;
}

/* How many queries of this archive who asks has under way. */
static uint8_t *asking(struct mam_state *state, struct event *ev)
{
	uint64_t hash = hash_str(&state->key, who_and_where(ev, ev->stanza->from));

	return &state->asking[hash % ASKING];
}

/* False: it is answered. */
static bool may_ask(struct mod *m, struct event *ev)
{
	uint8_t *n = asking(mod_state(m), ev);

	if (*n >= QUERIES || (entity_is_item(ev->entity) && !may_look(ev, m))) {
		event_error_text(ev, STANZA_RESOURCE_CONSTRAINT, "too many queries at once");
		return false;
	}
	++*n;
	event_then(ev, on_left, n);
	return true;
}

static int answer(struct mod *m, struct event *ev, mam_edit_fn *edit, void *edit_arg)
{
	const struct mam_conf *conf = mod_conf(m);
	struct mam_entity *state = mod_entity_state(m, ev->entity);
	struct asked *asked = ARENA_NEW(ev->arena, struct asked);
	int err = ev->owner == 0 ? 0 : archive_open(ev, &state->archive);

	if (err < 0)
		return err;
	asked->m = m;
	asked->of_room = entity_is_item(ev->entity);
	asked->edit = edit;
	asked->edit_arg = edit_arg;
	asked->secret = state->archive.secret;
	asked->newest = state->archive.last;
	if (!query_read(ev, &state->archive, conf, &asked->q))
		return MOD_HANDLED;
	asked->after = asked->q.page.after;
	asked->before = asked->q.page.before;
	if (!may_ask(m, ev))
		return MOD_HANDLED;
	return event_read(ev, run, on_page, asked);
}

int answer_query(struct mod *m, struct event *ev)
{
	return answer(m, ev, NULL, NULL);
}

/* ---- §5: metadata ---- */

struct metadata {
	struct hash_key secret;
	uint64_t owner, first, last; /* ids; 0: there is none */
	int err;
};

static int note_id(void *arg, struct str key, struct str value)
{
	return archive_key_id(key, arg);
}

static void read_ends(struct store_reader *reader, void *arg)
{
	struct metadata *data = arg;

	data->err = store_reader_scan(reader, &archive_space, data->owner, STR(""), STR_NONE, 1,
	                              note_id, &data->first);
	if (data->err == 0)
		data->err = store_reader_scan_down(reader, &archive_space, data->owner, STR(""),
		                                   STR_NONE, 1, note_id, &data->last);
}

static void add_end(struct event *ev, struct xml_node *parent, const char *name,
                    const struct hash_key *secret, uint64_t id)
{
	struct xml_node *node = xml_add(ev->arena, parent, NULL, name);

	xml_set(ev->arena, node, "id", uid_format(ev->arena, secret, id));
	xml_set(ev->arena, node, "timestamp",
	        datetime_format(ev->arena, archive_id_ms(id), true));
}

static int on_ends(struct event *ev, void *arg)
{
	const struct metadata *data = arg;
	struct xml_node *node = xml_new(ev->arena, NS_MAM, "metadata");

	charge(asker(ev), COST_QUERY);
	if (data->err < 0)
		return data->err;
	if (data->last != 0) {
		add_end(ev, node, "start", &data->secret, data->first);
		add_end(ev, node, "end", &data->secret, data->last);
	}
	return event_result(ev, node);
}

int answer_metadata(struct mod *m, struct event *ev)
{
	struct mam_entity *state = mod_entity_state(m, ev->entity);
	struct metadata *data = ARENA_NEW(ev->arena, struct metadata);
	int err = ev->owner == 0 ? 0 : archive_open(ev, &state->archive);

	if (err < 0)
		return err;
	if (!may_ask(m, ev))
		return MOD_HANDLED;
	data->secret = state->archive.secret;
	data->owner = ev->owner;
	return event_read(ev, read_ends, on_ends, data);
}

/* ---- of a room ---- */

int mam_answer(struct event *ev, mam_edit_fn *edit, void *arg)
{
	struct mod *m = host_module(ev->host, &mod_mam);

	if (!mam_is_on(ev))
		return MOD_PASS;
	if (xml_is(ev->payload, NS_MAM, "query"))
		return ev->stanza->type == TYPE_GET ? answer_form(m, ev)
		                                    : answer(m, ev, edit, arg);
	if (xml_is(ev->payload, NS_MAM, "metadata") && ev->stanza->type == TYPE_GET)
		return answer_metadata(m, ev);
	return MOD_PASS;
}
