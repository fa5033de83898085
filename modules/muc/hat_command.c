/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/hat_command.h"

#include "modules/muc/hats.h"
#include "modules/muc/notify.h"
#include "modules/muc/show.h"

#define FORM "urn:xmpp:hats:commands"
#define TITLE_MAX 256 /* bytes: all in the room get it */
#define URI_MAX 512

enum who {
	WHO_ADMINS,
	WHO_OCCUPANTS, /* and admins */
};

/* What is asked for, with its form; NULL: none was sent. */
struct request {
	struct muc_event *me;
	const struct command *command;
	const struct xml_node *form;
	struct hat hat;
	struct jid jid; /* bare */
};

struct command {
	const char *node, *name;
	enum who who;
	int (*ask)(struct request *r,
	           struct xml_node *x); /* fills the form; NULL: there is none */
	int (*run)(struct request *r);
};

/* ---- answers ---- */

static int answer(struct request *r, const char *status, struct xml_node *form)
{
	struct event *ev = r->me->ev;
	struct xml_node *command = xml_new(ev->arena, NS_COMMANDS, "command"), *actions;
	struct str id = xml_attr(ev->payload, "sessionid");

	xml_set(ev->arena, command, "node", xml_attr(ev->payload, "node"));
	xml_set(ev->arena, command, "sessionid",
	        str_is_empty(id) ? rand_token(ev->arena, 12) : id);
	xml_set(ev->arena, command, "status", str_of(status));
	if (str_is(str_of(status), "executing")) {
		actions = xml_add(ev->arena, command, NULL, "actions");
		xml_set(ev->arena, actions, "execute", STR("complete"));
		xml_add(ev->arena, actions, NULL, "complete");
	}
	if (form != NULL)
		xml_append(command, form);
	return event_result(ev, command);
}

static int done(struct request *r)
{
	return answer(r, "completed", NULL);
}

/* XEP-0050 §4.4 */
static int bad(struct request *r, const char *text)
{
	struct event *ev = r->me->ev;
	struct xml_node *app = xml_new(ev->arena, NS_COMMANDS, "bad-payload");

	event_send(ev,
	           stanza_error_reply(ev->arena, ev->stanza, STANZA_BAD_REQUEST, text, app));
	return MOD_HANDLED;
}

/* ---- who sees it ---- */

/* All who wear it, or whose JID is R's, as far as there is room for that. */
static int show_wearers(struct request *r, bool of_jid)
{
	struct muc_event *me = r->me;
	size_t seats = room_count_seats(me->room), sent = 0;
	const struct occupant *o = NULL;

	while ((o = room_next(me->room, o)) != NULL && sent < FAN_OUT_MAX) {
		struct hats_worn worn;
		bool is_one = of_jid && occupant_is_of(o, r->jid);
		int err = of_jid ? 0 : hats_find_worn(me->ev, jid_bare(o->seats->jid), &worn);

		if (err < 0)
			return err;
		if (!is_one && (of_jid || !hats_has(&worn, r->hat.uri)))
			continue;
		show(me, o, NULL);
		sent += seats;
	}
	return 0;
}

/* ---- forms ---- */

static struct xml_node *form_titled(struct request *r, const char *type, const char *title)
{
	struct xml_node *x = form_new(r->me->ev->arena, type, FORM);

	form_title(r->me->ev->arena, x, title, NULL);
	return x;
}

static int ask_create(struct request *r, struct xml_node *x)
{
	struct arena *arena = r->me->ev->arena;

	form_required(arena,
	              form_field(arena, x, FIELD_TEXT_SINGLE, "hats#title", "Title", STR_NONE));
	form_required(arena, form_field(arena, x, FIELD_TEXT_SINGLE, "hats#uri", "Unique URI",
	                                STR_NONE));
	form_field(arena, x, FIELD_TEXT_SINGLE, "hats#hue", "Color, as an angle", STR_NONE);
	return 0;
}

struct options {
	struct arena *arena;
	struct xml_node *field;
};

static int add_option(void *arg, const struct hat *hat)
{
	struct options *o = arg;

	form_option(o->arena, o->field, arena_cstr(o->arena, hat->title), hat->uri);
	return 0;
}

static int ask_destroy(struct request *r, struct xml_node *x)
{
	struct options o = { .arena = r->me->ev->arena };

	o.field = form_field(o.arena, x, FIELD_LIST_SINGLE, "hats#uri", "Hat", STR_NONE);
	form_required(o.arena, o.field);
	return hats_each(r->me->ev, add_option, &o);
}

static int ask_wearer(struct request *r, struct xml_node *x)
{
	struct arena *arena = r->me->ev->arena;

	form_required(arena, form_field(arena, x, FIELD_JID_SINGLE, "hats#jid",
	                                "Address of who wears it", STR_NONE));
	return ask_destroy(r, x);
}

static int ask(struct request *r)
{
	struct xml_node *x = form_titled(r, "form", r->command->name);
	int err = r->command->ask(r, x);

	return err < 0 ? err : answer(r, "executing", x);
}

/* ---- hats ---- */

/* An angle in degrees, as XEP-0392 has them. */
static bool is_hue(struct str hue)
{
	size_t points = 0;

	for (size_t i = 0; i < hue.n; i++) {
		points += hue.p[i] == '.';
		if (hue.p[i] != '.' && (hue.p[i] < '0' || hue.p[i] > '9'))
			return false;
	}
	return hue.n <= 16 && points <= 1;
}

static int count(void *arg, const struct hat *hat)
{
	++*(size_t *)arg;
	return 0;
}

/* 1, 0, or an error. */
static int has_place(struct event *ev, struct str uri)
{
	struct hat hat;
	size_t n = 0;
	int err = hats_find(ev, uri, &hat);

	if (err != ERR_NOENT)
		return err < 0 ? err : 1;
	err = hats_each(ev, count, &n);
	return err < 0 ? err : n < HATS_MAX;
}

/* §4.2: of a URI that there is, it is an update. */
static int run_create(struct request *r)
{
	struct event *ev = r->me->ev;
	int result = has_place(ev, r->hat.uri);

	if (str_is_empty(r->hat.title) || r->hat.title.n > TITLE_MAX)
		return bad(r, "the title is missing, or too long");
	if (!is_hue(r->hat.hue))
		return bad(r, "the hue is no angle");
	if (result <= 0)
		return result < 0 ? result
		                  : event_error_text(ev, STANZA_POLICY_VIOLATION,
		                                     "there are too many hats");
	hats_put(ev, &r->hat);
	notify_changed(r->me);
	result = show_wearers(r, false);
	return result < 0 ? result : done(r);
}

struct undressing {
	struct request *r;
	struct hats_worn all[HATS_WEARERS];
	size_t n;
};

static int find_wearer(void *arg, const struct hats_worn *worn)
{
	struct undressing *u = arg;

	if (u->n < ARRAY_LEN(u->all) && hats_has(worn, u->r->hat.uri))
		u->all[u->n++] = *worn;
	return 0;
}

static void take_off(struct request *r, struct hats_worn *worn)
{
	size_t n = 0;

	for (size_t i = 0; i < worn->n; i++)
		if (!str_eq(worn->uris[i], r->hat.uri))
			worn->uris[n++] = worn->uris[i];
	worn->n = n;
	hats_put_worn(r->me->ev, r->me->room, worn);
}

/* §4.3: it is gone from all heads; who wore it is shown, as long as that can be told. */
static int run_destroy(struct request *r)
{
	struct event *ev = r->me->ev;
	struct undressing *u = ARENA_NEW(ev->arena, struct undressing);
	struct hat hat;
	int err = hats_find(ev, r->hat.uri, &hat);

	if (err < 0)
		return err == ERR_NOENT ? event_error(ev, STANZA_ITEM_NOT_FOUND) : err;
	u->r = r;
	err = hats_each_worn(ev, find_wearer, u);
	hats_delete(ev, r->hat.uri);
	notify_changed(r->me);
	if (err == 0)
		err = show_wearers(r, false);
	for (size_t i = 0; i < u->n; i++)
		take_off(r, &u->all[i]);
	return err < 0 ? err : done(r);
}

/* ---- who wears them ---- */

static int count_worn(void *arg, const struct hats_worn *worn)
{
	++*(size_t *)arg;
	return 0;
}

/* Has the room, and has he, place for one more?  1, 0, or an error. */
static int has_place_on(struct request *r, const struct hats_worn *worn)
{
	size_t n = 0;
	int err;

	if (worn->n > 0)
		return worn->n < HATS_WORN_MAX;
	err = hats_each_worn(r->me->ev, count_worn, &n);
	return err < 0 ? err : n < HATS_WEARERS;
}

static int run_assign(struct request *r)
{
	struct event *ev = r->me->ev;
	struct hats_worn worn;
	struct hat hat;
	int err = hats_find(ev, r->hat.uri, &hat), has;

	if (err < 0)
		return err == ERR_NOENT ? event_error(ev, STANZA_ITEM_NOT_FOUND) : err;
	err = hats_find_worn(ev, r->jid, &worn);
	if (err < 0)
		return err;
	if (hats_has(&worn, r->hat.uri))
		return done(r);
	has = has_place_on(r, &worn);
	if (has <= 0)
		return has < 0 ? has
		               : event_error_text(ev, STANZA_POLICY_VIOLATION,
		                                  "there is no place for one more");
	worn.uris[worn.n++] = r->hat.uri;
	hats_put_worn(ev, r->me->room, &worn);
	err = show_wearers(r, true);
	return err < 0 ? err : done(r);
}

static int run_unassign(struct request *r)
{
	struct hats_worn worn;
	int err = hats_find_worn(r->me->ev, r->jid, &worn);

	if (err < 0)
		return err;
	if (!hats_has(&worn, r->hat.uri))
		return event_error(r->me->ev, STANZA_ITEM_NOT_FOUND);
	take_off(r, &worn);
	err = show_wearers(r, true);
	return err < 0 ? err : done(r);
}

/* ---- lists ---- */

struct listing_hats {
	struct request *r;
	struct xml_node *x;
};

static void add_cells(struct arena *arena, struct xml_node *item, const struct hat *hat)
{
	form_cell(arena, item, "hats#title", hat->title);
	form_cell(arena, item, "hats#uri", hat->uri);
	form_cell(arena, item, "hats#hue", hat->hue);
}

static void report(struct arena *arena, struct xml_node *x)
{
	form_reported(arena, x, "hats#title", "Title");
	form_reported(arena, x, "hats#uri", "URI");
	form_reported(arena, x, "hats#hue", "Hue");
}

static int list_hat(void *arg, const struct hat *hat)
{
	struct listing_hats *l = arg;
	struct arena *arena = l->r->me->ev->arena;

	add_cells(arena, form_item(arena, l->x), hat);
	return 0;
}

static int run_list(struct request *r)
{
	struct listing_hats l = { r, form_titled(r, "result", "Hats List") };
	int err;

	report(r->me->ev->arena, l.x);
	err = hats_each(r->me->ev, list_hat, &l);
	return err < 0 ? err : answer(r, "completed", l.x);
}

static int list_worn(void *arg, const struct hats_worn *worn)
{
	struct listing_hats *l = arg;
	struct event *ev = l->r->me->ev;

	for (size_t i = 0; i < worn->n; i++) {
		struct xml_node *item;
		struct hat hat;

		if (hats_find(ev, worn->uris[i], &hat) < 0)
			continue;
		item = form_item(ev->arena, l->x);
		form_cell(ev->arena, item, "hats#jid", jid_bare_str(worn->jid));
		add_cells(ev->arena, item, &hat);
	}
	return 0;
}

static int run_list_assigned(struct request *r)
{
	struct listing_hats l = { r, form_titled(r, "result", "Assigned Hats List") };
	int err;

	form_reported(r->me->ev->arena, l.x, "hats#jid", "Address");
	report(r->me->ev->arena, l.x);
	err = hats_each_worn(r->me->ev, list_worn, &l);
	return err < 0 ? err : answer(r, "completed", l.x);
}

/* ---- which command ---- */

static const struct command commands[] = {
	{ FORM ":create", "Create a hat", WHO_ADMINS, ask_create, run_create },
	{ FORM ":destroy", "Destroy a hat", WHO_ADMINS, ask_destroy, run_destroy },
	{ FORM ":assign", "Give a hat to somebody", WHO_ADMINS, ask_wearer, run_assign },
	{ FORM ":unassign", "Take a hat off somebody", WHO_ADMINS, ask_wearer, run_unassign },
	{ FORM ":list", "List hats", WHO_OCCUPANTS, NULL, run_list },
	{ FORM ":list-assigned", "List who wears hats", WHO_ADMINS, NULL, run_list_assigned },
};

static const struct command *find_command(struct str node)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_is(node, commands[i].node))
			return &commands[i];
	return NULL;
}

/* 1, 0, or an error. */
static int may_run(struct muc_event *me, const struct command *command)
{
	enum affiliation a;
	int err;

	if (command->who == WHO_OCCUPANTS && me->seat != NULL)
		return 1;
	err = affiliation_of(me->ev, jid_bare(me->ev->stanza->from), &a);
	return err < 0 ? err : a >= AFFILIATION_ADMIN;
}

/* False: there is something that cannot be read. */
static bool read_form(struct request *r)
{
	struct arena *arena = r->me->ev->arena;
	struct str jid;

	if (form_read(r->form, FORM) < 0)
		return false;
	r->hat.uri = form_get(arena, r->form, "hats#uri");
	r->hat.title = form_get(arena, r->form, "hats#title");
	r->hat.hue = form_get(arena, r->form, "hats#hue");
	if (str_is_absent(r->hat.hue))
		r->hat.hue = STR("");
	jid = form_get(arena, r->form, "hats#jid");
	if (str_is_empty(r->hat.uri) || r->hat.uri.n > URI_MAX)
		return false;
	if (r->command->ask != ask_wearer)
		return true;
	if (str_is_absent(jid) || jid_parse(arena, jid, &r->jid) < 0 || r->jid.local_n == 0)
		return false;
	r->jid = jid_bare(r->jid);
	return true;
}

int hat_command(struct muc_event *me)
{
	struct request r = { .me = me };
	int may;

	r.command = find_command(xml_attr(me->ev->payload, "node"));
	if (r.command == NULL)
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	may = may_run(me, r.command);
	if (may <= 0)
		return may < 0 ? may : event_error(me->ev, STANZA_FORBIDDEN);
	if (str_is(xml_attr(me->ev->payload, "action"), "cancel"))
		return answer(&r, "canceled", NULL);
	r.form = xml_child(me->ev->payload, NS_DATA_FORM, "x");
	if (r.command->ask != NULL && r.form == NULL)
		return ask(&r);
	if (r.command->ask != NULL && !read_form(&r))
		return bad(&r, NULL);
	return r.command->run(&r);
}

/* ---- disco ---- */

int hat_command_info(struct muc_event *me, struct str node)
{
	struct arena *arena = me->ev->arena;
	const struct command *command = find_command(node);
	struct xml_node *query, *identity;

	if (command == NULL)
		return MOD_PASS;
	query = xml_new(arena, NS_DISCO_INFO, "query");
	xml_set(arena, query, "node", node);
	identity = xml_add(arena, query, NULL, "identity");
	xml_set(arena, identity, "category", STR("automation"));
	xml_set(arena, identity, "type", STR("command-node"));
	xml_set(arena, identity, "name", str_of(command->name));
	xml_set(arena, xml_add(arena, query, NULL, "feature"), "var", STR(NS_COMMANDS));
	xml_set(arena, xml_add(arena, query, NULL, "feature"), "var", STR(NS_DATA_FORM));
	return event_result(me->ev, query);
}

/* Those that he may run. */
int hat_command_items(struct muc_event *me, struct str node)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *query = xml_new(arena, NS_DISCO_ITEMS, "query");

	if (!str_is(node, NS_COMMANDS))
		return MOD_PASS;
	xml_set(arena, query, "node", node);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		int may = may_run(me, &commands[i]);
		struct xml_node *item;

		if (may < 0)
			return may;
		if (may == 0)
			continue;
		item = xml_add(arena, query, NULL, "item");
		xml_set(arena, item, "jid", jid_bare_str(entity_jid(me->ev->entity)));
		xml_set(arena, item, "node", str_of(commands[i].node));
		xml_set(arena, item, "name", str_of(commands[i].name));
	}
	return event_result(me->ev, query);
}
