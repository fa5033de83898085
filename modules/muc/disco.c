/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/disco.h"

#include "modules/mam/mam.h"
#include "modules/muc/hat_command.h"
#include "modules/muc/hats.h"
#include "modules/muc/register.h"
#include "modules/muc/show.h"
#include "modules/muc/vcard.h"

#define NS_MUC_ROOMINFO NS_MUC "#roominfo"
#define NS_MUC_SELF_PING NS_MUC "#self-ping-optimization"
#define NODE_TRAFFIC NS_MUC "#traffic"
#define OCCUPANTS_MAX 500 /* in one answer */

struct xml_node *disco_identity(struct event *ev, struct str name)
{
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_INFO, "query");
	struct xml_node *identity = xml_add(ev->arena, query, NULL, "identity");

	xml_set(ev->arena, identity, "category", STR("conference"));
	xml_set(ev->arena, identity, "type", STR("text"));
	xml_set(ev->arena, identity, "name", name);
	return query;
}

void disco_add_feature(struct event *ev, struct xml_node *query, const char *var)
{
	xml_set(ev->arena, xml_add(ev->arena, query, NULL, "feature"), "var", str_of(var));
}

bool disco_host_has(const struct host *h, bool of_account, const char *var)
{
	struct str feature;

	for (size_t at = 0; !str_is_absent(feature = host_next_feature(h, of_account, &at));)
		if (str_is(feature, var))
			return true;
	return false;
}

/* ---- what kind of room it is ---- */

static const char *const features[] = {
	NS_COMMANDS, NS_HATS,          NS_DISCO_INFO,    NS_DISCO_ITEMS,
	NS_MUC,      NS_MUC_STABLE_ID, NS_MUC_SELF_PING, NS_OCCUPANT_ID,
	NS_PING,     NS_RSM,           NS_STANZA_ID,     NS_VCARD,
};
/* Where what is said is kept, be it for newcomers alone. */
static const char *const kept_features[] = { NS_RETRACT, NS_RETRACT_TOMBSTONE, NS_MODERATE };
static const char *const archive_features[] = { NS_MAM, NS_MAM_EXTENDED };

static void add_all(struct event *ev, struct xml_node *query, const char *const *vars, size_t n)
{
	for (size_t i = 0; i < n; i++)
		disco_add_feature(ev, query, vars[i]);
}

static void add_of_archive(struct muc_event *me, struct xml_node *query)
{
	struct event *ev = me->ev;

	if (!mam_is_on(ev))
		return;
	add_all(ev, query, kept_features, ARRAY_LEN(kept_features));
	if (!me->room->config.logs)
		return;
	add_all(ev, query, archive_features, ARRAY_LEN(archive_features));
	if (disco_host_has(host_parent(ev->host), true, NS_FULLTEXT))
		disco_add_feature(ev, query, NS_FULLTEXT);
}

/* §16.3 */
static void add_kind(struct event *ev, struct xml_node *query, const struct config *c)
{
	const char *const kind[] = {
		c->is_public ? "muc_public" : "muc_hidden",
		c->is_persistent ? "muc_persistent" : "muc_temporary",
		c->is_members_only ? "muc_membersonly" : "muc_open",
		c->is_moderated ? "muc_moderated" : "muc_unmoderated",
		c->shows_jids ? "muc_nonanonymous" : "muc_semianonymous",
		str_is_empty(c->password) ? "muc_unsecured" : "muc_passwordprotected",
	};

	add_all(ev, query, kind, ARRAY_LEN(kind));
	if (c->is_registrable)
		disco_add_feature(ev, query, NS_REGISTER);
}

/* ---- more of it (§6.4, XEP-0128) ---- */

static void add_text(struct event *ev, struct xml_node *form, const char *var, struct str value)
{
	if (!str_is_empty(value))
		form_field(ev->arena, form, FIELD_TEXT_SINGLE, var, NULL, value);
}

static void add_number(struct event *ev, struct xml_node *form, const char *var, uint64_t n)
{
	add_text(ev, form, var, arena_printf(ev->arena, "%llu", (unsigned long long)n));
}

static void add_bool(struct event *ev, struct xml_node *form, const char *var, bool value)
{
	form_field(ev->arena, form, FIELD_BOOLEAN, var, NULL, value ? STR("1") : STR("0"));
}

/* XEP-0486 §3.3, §5.1: of each form of the picture. */
static void add_hashes(struct event *ev, struct xml_node *form, struct str hashes)
{
	struct xml_node *field;

	if (str_is_empty(hashes))
		return;
	field = form_field(ev->arena, form, FIELD_TEXT_MULTI, "muc#roominfo_avatarhash", NULL,
	                   STR_NONE);
	while (!str_is_absent(hashes))
		form_value(ev->arena, field, str_cut(&hashes, ' '));
}

static int add_uri(void *arg, const struct hat *hat)
{
	struct buf *uris = arg;

	buf_append(uris, hat->uri);
	buf_append(uris, STR("<"));
	return 0;
}

/* XEP-0317 §2 */
static int add_hats(struct event *ev, struct xml_node *form)
{
	struct buf uris = { 0 };
	uint8_t hash[DIGEST_MAX];
	int err = hats_each(ev, add_uri, &uris);

	if (err == 0 && buf_str(&uris).n > 0) {
		digest_hash(DIGEST_SHA256, buf_str(&uris), hash);
		add_text(ev, form, "hats#hash",
		         base64_encode(ev->arena, str_make((const char *)hash,
		                                           digest_size(DIGEST_SHA256))));
	}
	buf_deinit(&uris);
	return err;
}

/* §14.4: what is said in the room, and by how many, is for those alone who could be there. */
static int may_know(struct muc_event *me)
{
	const struct config *c = &me->room->config;
	enum affiliation a;
	int err;

	if (me->seat != NULL ||
	    (c->is_public && !c->is_members_only && str_is_empty(c->password)))
		return 1;
	err = affiliation_of(me->ev, jid_bare(me->ev->stanza->from), &a);
	return err < 0 ? err : a >= AFFILIATION_MEMBER;
}

static int add_details(struct muc_event *me, struct xml_node *form)
{
	struct str subject;
	int err = subject_text(me->ev, &subject);

	if (err < 0)
		return err;
	add_text(me->ev, form, "muc#roominfo_subject", subject);
	add_number(me->ev, form, "muc#roominfo_occupants", room_count(me->room));
	return 0;
}

static int add_form(struct muc_event *me, struct xml_node *query)
{
	struct event *ev = me->ev;
	const struct config *c = &me->room->config;
	struct xml_node *form = form_new(ev->arena, "result", NS_MUC_ROOMINFO);
	int may = may_know(me), err;

	if (may < 0)
		return may;
	add_text(ev, form, "muc#roomconfig_roomname", c->name);
	add_text(ev, form, "muc#roominfo_description", c->description);
	if (!str_is_empty(c->contact))
		form_field(ev->arena, form, FIELD_JID_MULTI, "muc#roominfo_contactjid", NULL,
		           c->contact);
	add_text(ev, form, "muc#roominfo_lang", c->language);
	add_bool(ev, form, "muc#roominfo_subjectmod", c->participants_may_change_subject);
	add_bool(ev, form, "muc#roomconfig_changesubject", c->participants_may_change_subject);
	add_bool(ev, form, "muc#roomconfig_allowinvites", c->members_may_invite);
	add_number(ev, form, "muc#maxhistoryfetch", c->history);
	add_hashes(ev, form, c->avatar_hash);
	err = add_hats(ev, form);
	if (err == 0 && may > 0)
		err = add_details(me, form);
	xml_append(query, form);
	return err;
}

static struct str name_of(struct muc_event *me)
{
	struct str name = me->room->config.name;

	return str_is_empty(name) ? jid_local(entity_jid(me->ev->entity)) : name;
}

static int info(struct muc_event *me)
{
	struct event *ev = me->ev;
	struct xml_node *query = disco_identity(ev, name_of(me));
	int err;

	add_all(ev, query, features, ARRAY_LEN(features));
	add_of_archive(me, query);
	add_kind(ev, query, &me->room->config);
	err = add_form(me, query);
	return err < 0 ? err : event_result(ev, query);
}

/* ---- the answers ---- */

/* §7.2.10: to others than its owner there is no such room yet. */
static int is_there(struct muc_event *me)
{
	enum affiliation a;
	int err;

	if (!me->room->config.is_locked)
		return 1;
	err = affiliation_of(me->ev, jid_bare(me->ev->stanza->from), &a);
	return err < 0 ? err : a == AFFILIATION_OWNER;
}

/* §18.1: nothing is kept from passing, of which that node would tell. */
static int on_node(struct muc_event *me, struct str node)
{
	int result = hat_command_info(me, node);

	if (result != MOD_PASS)
		return result;
	if (str_is(node, REGISTER_NODE))
		return register_nick(me);
	if (str_is(node, NODE_TRAFFIC))
		return event_error(me->ev, STANZA_SERVICE_UNAVAILABLE);
	return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
}

int disco_room_info(struct muc_event *me)
{
	struct str node = xml_attr(me->ev->payload, "node");
	int there = is_there(me);

	if (there < 0)
		return there;
	if (there == 0)
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	return str_is_empty(node) ? info(me) : on_node(me, node);
}

/* ---- occupants ---- */

static bool is_shown(const struct muc_event *me, const struct occupant *o)
{
	return o == me->seat->occupant || show_is_broadcast(me->room, o->role);
}

static size_t count_shown(const struct muc_event *me)
{
	const struct occupant *o = NULL;
	size_t n = 0;

	while ((o = room_next(me->room, o)) != NULL)
		n += is_shown(me, o);
	return n;
}

/* Where the occupant of that address stands among them: false, if he is not there. */
static bool find_place(struct muc_event *me, struct str address, size_t *place_out)
{
	const struct occupant *o = NULL, *sought;
	struct jid jid;

	if (jid_parse(me->ev->arena, address, &jid) < 0)
		return false;
	sought = room_occupant(me->room, jid_resource(jid));
	if (sought == NULL || !is_shown(me, sought))
		return false;
	*place_out = 0;
	while ((o = room_next(me->room, o)) != sought)
		*place_out += is_shown(me, o);
	return true;
}

/* XEP-0059 §2: the page is [*from_out, *to_out) of N; false: there is none such. */
static bool find_page(struct muc_event *me, const struct rsm_request *rsm, size_t n,
                      size_t *from_out, size_t *to_out)
{
	size_t max =
		rsm->has_max && rsm->max < OCCUPANTS_MAX ? (size_t)rsm->max : OCCUPANTS_MAX;
	size_t from = 0, to = n;

	if (!str_is_absent(rsm->after) && !find_place(me, rsm->after, &from))
		return false;
	if (!str_is_absent(rsm->after))
		from++;
	if (!str_is_absent(rsm->before) && !find_place(me, rsm->before, &to))
		return false;
	if (rsm->has_index)
		from = rsm->index < n ? (size_t)rsm->index : n;
	if (rsm->backwards)
		from = to > max ? to - max : 0;
	else if (to - from > max)
		to = from + max;
	*from_out = from;
	*to_out = to;
	return true;
}

static void add_page(struct muc_event *me, struct xml_node *query, size_t from, size_t to,
                     struct rsm_page *page)
{
	struct event *ev = me->ev;
	const struct occupant *o = NULL;
	size_t at = 0;

	while (at < to && (o = room_next(me->room, o)) != NULL) {
		struct str address;

		if (!is_shown(me, o) || at++ < from)
			continue;
		address = jid_full_str(occupant_jid(ev, o));
		if (str_is_absent(page->first))
			page->first = address;
		page->last = address;
		xml_set(ev->arena, xml_add(ev->arena, query, NULL, "item"), "jid", address);
	}
}

/* §6.5: for occupants, who see each other anyway; to others the list is private, thus empty. */
int disco_room_items(struct muc_event *me)
{
	struct event *ev = me->ev;
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_ITEMS, "query");
	struct rsm_page page = { .first = STR_NONE, .has_count = true };
	struct str node = xml_attr(ev->payload, "node");
	struct rsm_request rsm;
	size_t from, to;

	if (!str_is_empty(node)) {
		int result = hat_command_items(me, node);

		return result == MOD_PASS ? event_error(ev, STANZA_ITEM_NOT_FOUND) : result;
	}
	if (rsm_read(ev->arena, ev->payload, &rsm) < 0)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (me->seat == NULL)
		return event_result(ev, query);
	page.count = count_shown(me);
	if (!find_page(me, &rsm, page.count, &from, &to))
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	add_page(me, query, from, to, &page);
	page.has_index = !str_is_absent(page.first);
	page.index = from;
	if (rsm.has_max || to - from < page.count)
		rsm_write(ev->arena, query, &page);
	return event_result(ev, query);
}
