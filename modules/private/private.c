/*
 * private.c - XML that clients keep on the server for themselves (XEP-0049).
 *
 * What is stored under the name of an element is replaced as a whole: usually one element, or all
 * those of one set that have that name.
 *
 * Space "private", version 1:
 *     namespace (text), element name (text)  ->  version, then each element as XML
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

#include "xml/writer.h"

#define FORMAT 1

struct private_conf {
	int64_t max_element, max_total; /* bytes */
	int64_t max_elements;
};

static const struct conf_option options[] = {
	CONF_OPT_BYTES("max-element", struct private_conf, max_element, KIB(64), 1, MIB(8),
	               "largest element that a client may store"),
	CONF_OPT_INT("max-elements", struct private_conf, max_elements, 100, 1, 1000,
	             "elements of different names that an account may have"),
	CONF_OPT_BYTES("max-total", struct private_conf, max_total, MIB(1), 1, MIB(64),
	               "all that an account may store"),
	{ 0 },
};

static const struct store_space space = { .name = "private", .version = FORMAT };

static struct str key_of(struct event *ev, const struct xml_node *n)
{
	return store_key(ev->arena, n->ns, n->name, STR_NONE);
}

/* ---- what may be stored ---- */

/*
 * §2.3: a namespace of its own, and none of those that are reserved, which have their own places.
 */
static bool is_acceptable(const struct xml_node *n)
{
	return !str_is_empty(n->ns) && !str_starts_with(n->ns, STR("jabber:")) &&
	       !str_starts_with(n->ns, STR("http://jabber.org/")) && !str_is(n->ns, NS_VCARD);
}

static bool same_name(const struct xml_node *a, const struct xml_node *b)
{
	return str_eq(a->name, b->name) && str_eq(a->ns, b->ns);
}

/* ---- reading ---- */

/* The elements stored under the name of WANTED into QUERY; 0, ERR_NOENT, ERR_CORRUPT. */
static int add_stored(struct event *ev, const struct xml_node *wanted, struct xml_node *query)
{
	struct record_reader r;
	struct str value;
	int err = event_find(ev, &space, key_of(ev, wanted), &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != FORMAT)
		return ERR_CORRUPT;
	while (record_more(&r)) {
		struct xml_node *copy = ARENA_NEW(ev->arena, struct xml_node);
		const struct xml_node *n;

		if (xml_read(ev->arena, record_str(&r), &n) < 0)
			return ERR_CORRUPT;
		*copy = *n; /* what is in it is shared */
		xml_append(query, copy);
	}
	return record_end(&r);
}

/* §2.3: the only child names what is wanted; with nothing stored it comes back empty. */
static int on_get(struct mod *m, struct event *ev)
{
	const struct xml_node *wanted = xml_only_child(ev->payload);
	struct xml_node *query = xml_new(ev->arena, NS_PRIVATE, "query");
	int err;

	if (wanted == NULL)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (!is_acceptable(wanted))
		return event_error(ev, STANZA_NOT_ACCEPTABLE);
	err = add_stored(ev, wanted, query);
	if (err == ERR_NOENT)
		xml_append(query, xml_new_str(ev->arena, wanted->ns, wanted->name));
	else if (err < 0)
		return err;
	return event_result(ev, query);
}

/* ---- writing ---- */

/* What one set does to one name. */
struct change {
	struct str key, value; /* an absent value: nothing is stored any more */
};
struct changes {
	struct change *all;
	size_t n;
};

/* What the account would have, the changed names left out. */
struct usage {
	const struct changes *changes;
	uint64_t elements, bytes;
};

static int count_one(void *arg, struct str key, struct str value)
{
	struct usage *usage = arg;

	for (size_t i = 0; i < usage->changes->n; i++)
		if (str_eq(usage->changes->all[i].key, key))
			return 0;
	usage->elements++;
	usage->bytes += value.n;
	return 0;
}

/* An element without anything in it is what a name has under which nothing is stored. */
static bool is_blank(const struct xml_node *n)
{
	return n->first == NULL && n->attrs == NULL;
}

/* FIRST and those behind it that have its name, as a value. */
static struct str value_of(struct event *ev, const struct xml_node *first)
{
	struct record_writer w;
	bool any = false;
	struct str value;

	record_begin(&w, FORMAT);
	for (const struct xml_node *n = first; n != NULL; n = xml_next_child(ev->payload, n)) {
		if (!same_name(n, first) || is_blank(n))
			continue;
		record_put_str(&w, xml_print(ev->arena, n));
		any = true;
	}
	value = record_finish(&w, ev->arena);
	return any ? value : STR_NONE;
}

static bool is_first_of_name(const struct xml_node *query, const struct xml_node *n)
{
	const struct xml_node *other = NULL;

	while ((other = xml_next_child(query, other)) != n)
		if (same_name(other, n))
			return false;
	return true;
}

/* MOD_PASS with what is to be done, or the refusal. */
static int read_changes(struct mod *m, struct event *ev, struct changes *c)
{
	const struct private_conf *conf = mod_conf(m);
	const struct xml_node *n = NULL;
	size_t children = 0;

	while ((n = xml_next_child(ev->payload, n)) != NULL) {
		children++;
		if (!is_acceptable(n))
			return event_error(ev, STANZA_NOT_ACCEPTABLE);
	}
	if (children == 0) /* §2.3: MUST */
		return event_error(ev, STANZA_NOT_ACCEPTABLE);
	if (children > (size_t)conf->max_elements)
		return event_error_text(ev, STANZA_POLICY_VIOLATION, "too many elements");
	c->all = ARENA_ARRAY(ev->arena, struct change, children);
	while ((n = xml_next_child(ev->payload, n)) != NULL) {
		struct change *change = &c->all[c->n];

		if (!is_first_of_name(ev->payload, n))
			continue;
		*change = (struct change){ .key = key_of(ev, n), .value = value_of(ev, n) };
		if (change->value.n > (size_t)conf->max_element)
			return event_error_text(ev, STANZA_POLICY_VIOLATION,
			                        "an element is too large");
		c->n++;
	}
	return MOD_PASS;
}

/* With it, does the account keep within its bounds? */
static int check_usage(struct mod *m, struct event *ev, const struct changes *c)
{
	const struct private_conf *conf = mod_conf(m);
	struct usage usage = { .changes = c };
	int err = event_scan(ev, &space, STR_NONE, STR_NONE, 0, count_one, &usage);
	bool grows = false;

	if (err < 0)
		return err;
	for (size_t i = 0; i < c->n; i++) {
		if (str_is_absent(c->all[i].value))
			continue;
		grows = true;
		usage.elements++;
		usage.bytes += c->all[i].value.n;
	}
	if (grows && usage.elements > (uint64_t)conf->max_elements)
		return event_error_text(ev, STANZA_POLICY_VIOLATION,
		                        "too many elements are stored");
	if (grows && usage.bytes > (uint64_t)conf->max_total)
		return event_error_text(ev, STANZA_POLICY_VIOLATION, "too much is stored");
	return MOD_PASS;
}

/* §2.3.  All children or none: nothing is put before all of it is known to be good. */
static int on_set(struct mod *m, struct event *ev)
{
	struct changes c = { 0 };
	int result;

	if (ev->owner == 0) /* a temporary account: nothing can be stored for it */
		return event_error(ev, STANZA_NOT_ALLOWED);
	result = read_changes(m, ev, &c);
	if (result == MOD_PASS)
		result = check_usage(m, ev, &c);
	if (result != MOD_PASS)
		return result;
	for (size_t i = 0; i < c.n; i++) {
		if (str_is_absent(c.all[i].value))
			event_delete(ev, &space, c.all[i].key);
		else
			event_put(ev, &space, c.all[i].key, c.all[i].value);
	}
	return event_result(ev, NULL);
}

/*
 * §2.3: another account's.  Refused here, where nobody has looked whether there is such an account;
 * from elsewhere they get service-unavailable, as from one that does not exist.
 */
static int refuse_others(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;

	if (!stanza_is_request(s) || !xml_is(ev->payload, NS_PRIVATE, "query") ||
	    !jid_is_bare(s->to) || jid_bare_eq(s->to, s->from) ||
	    !str_eq(jid_domain(s->to), host_name(ev->host)))
		return MOD_PASS;
	return event_error(ev, STANZA_FORBIDDEN);
}

static const struct mod_iq iqs[] = {
	{ NS_PRIVATE, "query", IQ_GET | TO_SELF, on_get },
	{ NS_PRIVATE, "query", IQ_SET | TO_SELF, on_set },
	{ 0 },
};
static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_GUARD, refuse_others },
	{ 0 },
};

const struct mod_def mod_private = {
	.abi = MOD_ABI,
	.name = "private",
	.summary = "keeps XML that clients store for themselves",
	.xep = "XEP-0049 1.2",
	.conf_size = sizeof(struct private_conf),
	.options = options,
	.iqs = iqs,
	.hooks = hooks,
	.spaces = MOD_SPACES(&space),
	.features = MOD_FEATURES(NS_PRIVATE),
	.account_features = MOD_FEATURES(NS_PRIVATE),
};
