/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/report.h"

#include "xml/utf8.h"

#define REASON_MAX 256     /* bytes; others than those of the XEP may be registered */
#define STANZA_ID_MAX 1024 /* bytes */
#define ID_BYTES 9         /* of randomness */

struct report {
	struct jid who;
	const struct xml_node *node;
	struct str reason, text, lang; /* of the text */
};

int report_start(struct mod *m)
{
	const struct blocking_conf *conf = mod_conf(m);
	struct blocking_state *state = mod_state(m);

	state->reports = mod_rates_new(m, conf->reports_per_hour, conf->reports_per_hour,
	                               INT64_C(3600000));
	return 0;
}

void report_stop(struct mod *m)
{
	mod_rates_free(&((struct blocking_state *)mod_state(m))->reports);
}

/* ---- reading ---- */

static bool read_report(struct mod *m, struct event *ev, const struct xml_node *item,
                        struct report *r)
{
	const struct blocking_conf *conf = mod_conf(m);
	const struct xml_node *text;

	r->node = xml_child(item, NS_REPORTING, "report");
	r->reason = r->node == NULL ? STR_NONE : xml_attr(r->node, "reason");
	if (r->reason.n == 0 || r->reason.n > REASON_MAX)
		return false;
	text = xml_child(r->node, NULL, "text");
	r->text = STR("");
	r->lang = text == NULL ? STR_NONE : xml_attr_ns(text, NS_XML, "lang");
	if (text != NULL)
		r->text = utf8_cut(str_trim(xml_text(ev->arena, text)),
		                   (size_t)conf->report_text);
	return jid_parse(ev->arena, xml_attr(item, "jid"), &r->who) == 0;
}

/* In a word, where it has one. */
static struct str name_of(struct str reason)
{
	struct str prefix = STR("urn:xmpp:reporting:");

	return str_starts_with(reason, prefix) && reason.n > prefix.n
	               ? str_slice(reason, prefix.n, reason.n)
	               : reason;
}

/* ---- telling ---- */

static struct str body_of(struct event *ev, const struct report *r)
{
	struct str by = jid_bare_str(entity_jid(ev->entity)), who = jid_full_str(r->who),
		   reason = name_of(r->reason);

	return arena_printf(ev->arena,
	                    STR_FMT " has blocked " STR_FMT " and reports: " STR_FMT
	                            "%s" STR_FMT,
	                    STR_ARG(by), STR_ARG(who), STR_ARG(reason),
	                    r->text.n == 0 ? "" : "\n\n", STR_ARG(r->text));
}

/* Which stanzas are meant (§6), as many as are kept. */
static void add_stanzas(struct mod *m, struct event *ev, const struct report *r,
                        struct xml_node *to)
{
	const struct blocking_conf *conf = mod_conf(m);
	const struct xml_node *child = NULL;
	int64_t n = 0;

	while (n < conf->report_stanzas && (child = xml_next_child(r->node, child)) != NULL) {
		struct str by = xml_attr(child, "by"), id = xml_attr(child, "id");
		struct xml_node *copy;

		if (!xml_is(child, NS_STANZA_ID, "stanza-id") || id.n == 0 ||
		    id.n > STANZA_ID_MAX || by.n > JID_MAX)
			continue;
		copy = xml_add(ev->arena, to, NS_STANZA_ID, "stanza-id");
		xml_set(ev->arena, copy, "by", by);
		xml_set(ev->arena, copy, "id", id);
		n++;
	}
}

/* The report as it came, within bounds. */
static void add_report(struct mod *m, struct event *ev, const struct report *r,
                       struct xml_node *to)
{
	static const char *const consents[] = { "report-origin", "third-party" };
	struct xml_node *item = xml_add(ev->arena, to, NS_BLOCKING, "item");
	struct xml_node *report = xml_add(ev->arena, item, NS_REPORTING, "report");

	xml_set(ev->arena, item, "jid", jid_full_str(r->who));
	xml_set(ev->arena, report, "reason", r->reason);
	add_stanzas(m, ev, r, report);
	if (r->text.n > 0)
		xml_set_ns(ev->arena, xml_add_leaf(ev->arena, report, "text", r->text), NS_XML,
		           "lang", r->lang);
	for (size_t i = 0; i < ARRAY_LEN(consents); i++)
		if (xml_child(r->node, NULL, consents[i]) != NULL)
			xml_add(ev->arena, report, NULL, consents[i]);
}

/* By whom, for programs (XEP-0033 §4.6). */
static void add_reporter(struct event *ev, struct xml_node *to)
{
	struct xml_node *addresses = xml_add(ev->arena, to, NS_ADDRESS, "addresses");
	struct xml_node *address = xml_add(ev->arena, addresses, NULL, "address");

	xml_set(ev->arena, address, "type", STR("ofrom"));
	xml_set(ev->arena, address, "jid", jid_bare_str(entity_jid(ev->entity)));
}

static const struct stanza *make_message(struct mod *m, struct event *ev,
                                         const struct report *r)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_NORMAL);
	struct xml_node *node = stanza_node(s);

	s->from = host_jid(ev->host);
	s->id = rand_token(ev->arena, ID_BYTES);
	xml_add_leaf(ev->arena, node, "subject",
	             arena_concat(ev->arena, STR("Report: "), name_of(r->reason)));
	xml_add_leaf(ev->arena, node, "body", body_of(ev, r));
	add_reporter(ev, node);
	add_report(m, ev, r, node);
	return s;
}

static void report_one(struct mod *m, struct event *ev, const struct report *r)
{
	struct blocking_state *state = mod_state(m);
	struct log_ctx ctx = { .kind = "account",
		               .name = jid_bare_str(entity_jid(ev->entity)) };
	struct str who = jid_full_str(r->who), reason = name_of(r->reason), admin;
	const struct stanza *s;
	size_t at = 0;

	if (!mod_rate_take(state->reports, ctx.name)) {
		log_peer_info(&ctx, "report of " STR_FMT " left out: too many in an hour",
		              STR_ARG(who));
		return;
	}
	log_peer_info(&ctx, "reports " STR_FMT ": " STR_FMT, STR_ARG(who), STR_ARG(reason));
	s = make_message(m, ev, r);
	while (!str_is_absent(admin = host_next_admin(ev->host, &at))) {
		struct jid to;

		if (jid_parse(ev->arena, admin, &to) == 0)
			event_send(ev, stanza_readdress(ev->arena, s, s->from, to));
	}
}

void report_items(struct mod *m, struct event *ev)
{
	const struct xml_node *item = NULL;
	struct report r;

	while ((item = xml_next_child(ev->payload, item)) != NULL)
		if (read_report(m, ev, item, &r))
			report_one(m, ev, &r);
}
