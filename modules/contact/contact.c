/*
 * contact.c - whom to write to about the service (XEP-0157): a form in the host's disco#info.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

struct contact_conf {
	struct conf_list abuse, admin, feedback, sales, security, status, support;
};

static const struct conf_option options[] = {
	CONF_OPT_LIST("abuse", struct contact_conf, abuse, NULL,
	              "URIs for reports of abuse, as mailto:abuse@example.org"),
	CONF_OPT_LIST("admin", struct contact_conf, admin, NULL,
	              "URIs of those who run the server"),
	CONF_OPT_LIST("feedback", struct contact_conf, feedback, NULL,
	              "URIs for what users think of the service"),
	CONF_OPT_LIST("sales", struct contact_conf, sales, NULL, "URIs for questions of money"),
	CONF_OPT_LIST("security", struct contact_conf, security, NULL,
	              "URIs for reports of weaknesses"),
	CONF_OPT_LIST("status", struct contact_conf, status, NULL,
	              "URIs that tell whether the service works"),
	CONF_OPT_LIST("support", struct contact_conf, support, NULL, "URIs for help"),
	{ 0 },
};

/* XEP-0157 §5.1: the name of a field is that of its option and this. */
#define FIELD_END "-addresses"

static const struct conf_list *list_of(const struct contact_conf *conf,
                                       const struct conf_option *option)
{
	return (const struct conf_list *)((const char *)conf + option->offset);
}

/* ---- are they URIs (XEP-0157 §3) ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986 §3.1. */
static bool is_scheme(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) &&
		    (i == 0 || ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '+' &&
		                s.p[i] != '-' && s.p[i] != '.')))
			return false;
	return s.n > 0;
}

/* RFC 3986 §2: no white space, no controls; letters beyond ASCII make it an IRI, which may be. */
static bool has_only_uri_chars(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7F || c == '<' || c == '>' || c == '"')
			return false;
	}
	return s.n > 0;
}

/* What the usual schemes need: an address, or a place. */
static bool is_uri(struct str text)
{
	struct str rest = text, scheme = str_cut(&rest, ':');

	if (str_is_absent(rest) || !is_scheme(scheme) || !has_only_uri_chars(rest))
		return false;
	if (str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")))
		return str_starts_with(rest, STR("//")) && rest.n > 2;
	if (str_eq_nocase(scheme, STR("mailto")))
		return str_find(rest, '@', 1) < rest.n - 1;
	return true;
}

static int start(struct mod *m)
{
	const struct contact_conf *conf = mod_conf(m);

	for (const struct conf_option *o = options; o->name != NULL; o++) {
		const struct conf_list *list = list_of(conf, o);

		for (size_t i = 0; i < list->n; i++) {
			if (is_uri(list->items[i]))
				continue;
			log_error(NULL,
			          "contact: " STR_FMT ": \"" STR_FMT
			          "\" in %s is no URI: write mailto:, xmpp: or https: and "
			          "the address",
			          STR_ARG(host_name(mod_host(m))), STR_ARG(list->items[i]),
			          o->name);
			return ERR_CONFIG;
		}
	}
	return 0;
}

/* ---- the form ---- */

static struct xml_node *disco_form(struct mod *m, struct arena *arena)
{
	const struct contact_conf *conf = mod_conf(m);
	struct xml_node *form = form_new(arena, "result", NS_SERVER_INFO);
	bool any = false;

	for (const struct conf_option *o = options; o->name != NULL; o++) {
		const struct conf_list *list = list_of(conf, o);
		struct xml_node *field;

		if (list->n == 0)
			continue;
		any = true;
		field = form_field(arena, form, FIELD_LIST_MULTI,
		                   arena_printf(arena, "%s" FIELD_END, o->name).p, NULL,
		                   STR_NONE);
		for (size_t i = 0; i < list->n; i++)
			form_value(arena, field, list->items[i]);
	}
	return any ? form : NULL;
}

const struct mod_def mod_contact = {
	.abi = MOD_ABI,
	.name = "contact",
	.summary = "tells whom to write to about the service",
	.xep = "XEP-0157 1.1.1",
	.conf_size = sizeof(struct contact_conf),
	.options = options,
	.start = start,
	.disco_form = disco_form,
};
