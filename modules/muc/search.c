/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/search.h"

#include "modules/muc/find.h"
#include "xml/fold.h"

#define ORDER_USERS "{urn:xmpp:channel-search:0:order}nusers"
#define ORDER_ADDRESS "{urn:xmpp:channel-search:0:order}address"
#define ANONYMITY_NONE "{urn:xmpp:channel-search:0:anonymity}none"
#define TYPE "xep-0045"
#define TYPES_MAX 16
#define TERM_MIN 2       /* bytes, folded */
#define QUERY_MAX 256    /* bytes */
#define RETRY_AFTER "10" /* seconds */

/* ---- errors (XEP-0433 §4.2.2) ---- */

/* APP: the name of the application's own condition. */
static int refuse(struct event *ev, enum stanza_error condition, const char *type,
                  const char *text, const char *app)
{
	struct xml_node *own = xml_new(ev->arena, NS_CHANNEL_SEARCH_ERROR, app);
	struct stanza *reply = stanza_error_reply(ev->arena, ev->stanza, condition, text, own);

	xml_set(ev->arena, stanza_node(reply)->last, "type", str_of(type));
	if (condition == STANZA_RESOURCE_CONSTRAINT)
		xml_set(ev->arena, own, "retry-after", STR(RETRY_AFTER));
	event_send(ev, reply);
	return MOD_HANDLED;
}

/* ---- the form (§4.2.1) ---- */

static void add_bool(struct arena *arena, struct xml_node *x, const char *var,
                     const char *label, bool value)
{
	form_field(arena, x, FIELD_BOOLEAN, var, label, value ? STR("true") : STR("false"));
}

static int give_form(struct event *ev)
{
	struct arena *arena = ev->arena;
	struct xml_node *search = xml_new(arena, NS_CHANNEL_SEARCH, "search"), *field;
	struct xml_node *x = form_new(arena, "form", NS_CHANNEL_SEARCH_PARAMS);

	form_field(arena, x, FIELD_TEXT_SINGLE, "q", "Search for", STR_NONE);
	add_bool(arena, x, "all", "Return all entries (ignore search terms)", false);
	add_bool(arena, x, "sinname", "Search in name", true);
	add_bool(arena, x, "sindescription", "Search in description", true);
	add_bool(arena, x, "sinaddress", "Search in address", true);
	field = form_field(arena, x, FIELD_LIST_MULTI, "types", "Service types", STR(TYPE));
	form_option(arena, field, "Rooms (XEP-0045)", STR(TYPE));
	field = form_field(arena, x, FIELD_LIST_SINGLE, "key", "Sort results by",
	                   STR(ORDER_ADDRESS));
	form_option(arena, field, "Address", STR(ORDER_ADDRESS));
	form_option(arena, field, "Number of online users", STR(ORDER_USERS));
	xml_append(search, x);
	return event_result(ev, search);
}

/* ---- the question ---- */

/* Terms that are too short, or too many, are not looked for (§5). */
static void add_terms(struct find *find, struct str q)
{
	struct str rest = text_fold(find->arena, q);

	while (!str_is_absent(rest) && find->n_terms < FIND_TERMS) {
		struct str term = str_cut(&rest, ' ');

		if (term.n >= TERM_MIN)
			find->terms[find->n_terms++] = term;
	}
}

static bool wants_rooms(struct arena *arena, const struct xml_node *x)
{
	struct str types[TYPES_MAX];
	size_t n = form_get_all(arena, x, "types", types, TYPES_MAX);

	for (size_t i = 0; i < n; i++)
		if (str_is(types[i], TYPE))
			return true;
	return n == 0;
}

/* What is not there is as the form had it. */
static bool read_bool(struct arena *arena, const struct xml_node *x, const char *var,
                      bool usual)
{
	bool value;

	return form_get_bool(arena, x, var, &value) < 0 ? usual : value;
}

/* The address is "sinaddress" in the table of §6.1, and "sinaddr" in the examples. */
static void read_places(struct arena *arena, const struct xml_node *x, struct find *find)
{
	find->in_name = read_bool(arena, x, "sinname", true);
	find->in_description = read_bool(arena, x, "sindescription", true);
	find->in_address =
		read_bool(arena, x, "sinaddress", read_bool(arena, x, "sinaddr", true));
}

/* MOD_PASS; else he has been told what is wrong. */
static int read_words(struct event *ev, const struct xml_node *x, struct find *find)
{
	struct str q = form_get(ev->arena, x, "q");
	bool all = read_bool(ev->arena, x, "all", false);

	read_places(ev->arena, x, find);
	if (all && !str_is_empty(q))
		return refuse(ev, STANZA_BAD_REQUEST, "modify",
		              "all entries cannot be returned and searched by keywords",
		              "conflicting-fields");
	if (all)
		return MOD_PASS;
	if (str_is_empty(q) || !(find->in_name || find->in_description || find->in_address))
		return refuse(ev, STANZA_BAD_REQUEST, "cancel", NULL, "no-search-conditions");
	if (q.n <= QUERY_MAX)
		add_terms(find, q);
	if (find->n_terms == 0)
		return refuse(ev, STANZA_BAD_REQUEST, "modify",
		              "a search term has two characters at least",
		              "invalid-search-terms");
	return MOD_PASS;
}

static int read_order(struct event *ev, const struct xml_node *x, struct find *find)
{
	struct str key = form_get(ev->arena, x, "key");

	find->by_users = str_is(key, ORDER_USERS);
	if (find->by_users || str_is_absent(key) || str_is(key, ORDER_ADDRESS))
		return MOD_PASS;
	return refuse(ev, STANZA_FEATURE_NOT_IMPLEMENTED, "modify", NULL, "invalid-sort-key");
}

/* ---- pages: the name of an entry is its localpart behind its number of users ---- */

static struct str name_of(struct arena *arena, const struct found *found)
{
	return arena_printf(arena, "%llu " STR_FMT, (unsigned long long)found->users,
	                    STR_ARG(found->room.local));
}

static bool read_cursor(struct find *find, struct str name)
{
	find->has_cursor = !str_is_absent(name);
	if (!find->has_cursor)
		return true;
	find->cursor.room.local = name;
	return str_to_u64(str_cut(&find->cursor.room.local, ' '), &find->cursor.users) == 0 &&
	       !str_is_empty(find->cursor.room.local);
}

static int read_page(struct event *ev, struct find *find)
{
	struct rsm_request rsm;

	if (rsm_read(ev->arena, ev->payload, &rsm) < 0)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (rsm.has_index)
		return event_error(ev, STANZA_FEATURE_NOT_IMPLEMENTED);
	find->max = rsm.has_max && rsm.max < FIND_PAGE ? (size_t)rsm.max : FIND_PAGE;
	find->backwards = rsm.backwards;
	if (!read_cursor(find, rsm.backwards ? rsm.before : rsm.after))
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	return MOD_PASS;
}

/* ---- the answer (§6.2) ---- */

static void add_item(struct event *ev, struct xml_node *result, const struct found *found)
{
	struct arena *arena = ev->arena;
	const struct listed *room = &found->room;
	struct xml_node *item = xml_add(arena, result, NULL, "item");

	xml_set(arena, item, "address", listed_address(arena, host_name(ev->host), room));
	xml_add_leaf(arena, item, "name", listed_name(room));
	if (!str_is_empty(room->description))
		xml_add_leaf(arena, item, "description", room->description);
	if (!str_is_empty(room->language))
		xml_add_leaf(arena, item, "language", room->language);
	xml_add_leaf(arena, item, "nusers",
	             arena_printf(arena, "%llu", (unsigned long long)found->users));
	xml_add_leaf(arena, item, "service-type", STR(TYPE));
	if (room->is_open)
		xml_add_leaf(arena, item, "is-open", STR("true"));
	xml_add_leaf(arena, item, "anonymity-mode",
	             room->shows_jids ? STR(ANONYMITY_NONE) : STR("muc_semianonymous"));
}

static int answer(struct event *ev, const struct find *find)
{
	struct xml_node *result = xml_new(ev->arena, NS_CHANNEL_SEARCH, "result");
	struct rsm_page page = { .first = STR_NONE };

	for (size_t i = 0; i < find->n; i++)
		add_item(ev, result, &find->found[i]);
	if (find->n > 0) {
		page.first = name_of(ev->arena, &find->found[0]);
		page.last = name_of(ev->arena, &find->found[find->n - 1]);
	}
	rsm_write(ev->arena, result, &page);
	return event_result(ev, result);
}

static int on_part(struct event *ev, void *arg)
{
	struct find *find = arg;

	if (find->err < 0)
		return find->err;
	return find->is_done ? answer(ev, find) : event_read(ev, room_find_run, on_part, find);
}

static int search(struct event *ev, const struct xml_node *x)
{
	struct find *find = ARENA_NEW(ev->arena, struct find);
	int result;

	find->arena = ev->arena;
	find->domain = host_name(ev->host);
	result = read_words(ev, x, find);
	if (result == MOD_PASS)
		result = read_order(ev, x, find);
	if (result == MOD_PASS)
		result = read_page(ev, find);
	if (result != MOD_PASS)
		return result;
	room_find_begin(find);
	if (!wants_rooms(ev->arena, x))
		return answer(ev, find);
	return event_read(ev, room_find_run, on_part, find);
}

int search_get(struct muc_event *me)
{
	struct event *ev = me->ev;
	const struct muc_state *state = mod_state(me->mod);
	const struct xml_node *x = xml_child(ev->payload, NS_DATA_FORM, "x");

	if (x == NULL)
		return give_form(ev);
	if (form_read(x, NS_CHANNEL_SEARCH_PARAMS) < 0)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (!mod_rate_take(state->searches, jid_bare_str(ev->stanza->from)))
		return refuse(ev, STANZA_RESOURCE_CONSTRAINT, "wait", "too many searches",
		              "rate-limit");
	return search(ev, x);
}
