/*
 * register.c - accounts by the clients themselves (XEP-0077): making one before login, a new
 * password, removal.
 *
 * Making accounts is off unless the configuration allows it, and throttled by address.  A
 * password is changed and an account removed only from a session of that account.  The plain
 * fields are asked for.  A data form is understood as well, also without a FORM_TYPE, since some
 * clients send that.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

struct register_conf {
	bool allow;
	int64_t per_hour, burst;
	struct conf_list reserved;
};

static const struct conf_option options[] = {
	CONF_OPT_BOOL("allow", struct register_conf, allow, false,
	              "let anyone make an account"),
	CONF_OPT_INT("per-hour", struct register_conf, per_hour, 10, 1, 1000000000,
	             "new accounts for one address in an hour, on each shard"),
	CONF_OPT_INT("burst", struct register_conf, burst, 5, 1, 1000000000,
	             "how many of them at once"),
	CONF_OPT_LIST("reserved", struct register_conf, reserved,
	              "abuse admin administrator hostmaster postmaster root security support "
	              "webmaster xmpp",
	              "names that nobody may take"),
	{ 0 },
};

struct register_state {
	struct mod_rates *made; /* accounts by address */
};

#define ELSEWHERE "accounts and passwords of this host are made elsewhere"

/* ---- what a client fills in ---- */

struct fields {
	struct str username, password;
	bool remove;
};

static struct fields read_fields(struct arena *arena, const struct xml_node *query)
{
	const struct xml_node *form = xml_child(query, NS_DATA_FORM, "x");

	if (form != NULL && form_read(form, NULL) == 0)
		return (struct fields){
			.username = form_get(arena, form, "username"),
			.password = form_get(arena, form, "password"),
			.remove = xml_child(query, NULL, "remove") != NULL,
		};
	return (struct fields){
		.username = xml_child_text(arena, query, "username"),
		.password = xml_child_text(arena, query, "password"),
		.remove = xml_child(query, NULL, "remove") != NULL,
	};
}

/*
 * §4: a data form is for what has no field of its own.  A client knows what to put into these,
 * and shows a form to its user as it came, to be filled in a second time.
 */
static struct xml_node *blank(struct arena *arena)
{
	struct xml_node *query = xml_new(arena, NS_REGISTER, "query");

	xml_add_leaf(arena, query, "instructions", STR("Choose a user name and a password."));
	xml_add(arena, query, NULL, "username");
	xml_add(arena, query, NULL, "password");
	return query;
}

static enum stanza_error condition_of(int err)
{
	switch (err) {
	case ERR_EXISTS:
	case ERR_RESTING:
		return STANZA_CONFLICT;
	case ERR_INVALID:
		return STANZA_NOT_ACCEPTABLE;
	case ERR_NOENT:
		return STANZA_ITEM_NOT_FOUND;
	case ERR_DENIED:
		return STANZA_NOT_ALLOWED;
	case ERR_BUSY:
	case ERR_FULL:
		return STANZA_RESOURCE_CONSTRAINT;
	default:
		return STANZA_INTERNAL_SERVER_ERROR;
	}
}

/* ---- before login ---- */

static void on_created(struct core *core, void *arg, int err)
{
	struct early_iq *iq = arg;

	if (err < 0)
		early_error(iq, condition_of(err), NULL);
	else
		early_result(iq, NULL);
}

static bool is_reserved(const struct register_conf *conf, struct arena *arena, struct str local)
{
	struct str name;

	for (size_t i = 0; i < conf->reserved.n; i++)
		if (jid_prepare_local(arena, conf->reserved.items[i], &name) == 0 &&
		    str_eq(name, local))
			return true;
	return false;
}

/* XEP-0077 §3.1 and its errors. */
static void create(struct mod *m, struct early_iq *iq, const struct xml_node *query)
{
	const struct register_conf *conf = mod_conf(m);
	struct register_state *state = mod_state(m);
	struct arena *arena = early_arena(iq);
	struct fields f = read_fields(arena, query);
	struct str local;
	struct jid jid;

	if (f.remove) {
		early_error(iq, STANZA_UNEXPECTED_REQUEST, NULL); /* §3.2: nobody yet */
	} else if (str_is_empty(f.username) || str_is_empty(f.password)) {
		early_error(iq, STANZA_NOT_ACCEPTABLE, "a user name and a password are needed");
	} else if (jid_prepare_local(arena, f.username, &local) < 0 ||
	           jid_make(arena, local, host_name(mod_host(m)), STR_NONE, &jid) < 0) {
		early_error(iq, STANZA_JID_MALFORMED, "this is no user name");
	} else if (is_reserved(conf, arena, local)) {
		early_error(iq, STANZA_CONFLICT, "this name is reserved");
	} else if (!mod_rate_take(state->made, early_address(iq))) {
		early_error(iq, STANZA_RESOURCE_CONSTRAINT,
		            "too many new accounts from your address: wait a while");
	} else {
		account_create(early_core(iq), jid, f.password, on_created, iq);
	}
}

static bool on_early(struct mod *m, struct early_iq *iq)
{
	const struct register_conf *conf = mod_conf(m);
	const struct xml_node *query = stanza_payload(early_stanza(iq));

	if (!xml_is(query, NS_REGISTER, "query"))
		return false;
	if (!host_keeps_passwords(mod_host(m)))
		early_error(iq, STANZA_NOT_ALLOWED, ELSEWHERE);
	else if (!conf->allow)
		early_error(iq, STANZA_NOT_ALLOWED,
		            "accounts are made by the administrator here");
	else if (early_stanza(iq)->type == TYPE_GET)
		early_result(iq, blank(early_arena(iq)));
	else
		create(m, iq, query);
	return true;
}

/* ---- in a session, at the account ---- */

static int on_get(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_REGISTER, "query");

	xml_add(ev->arena, query, NULL, "registered");
	xml_add_leaf(ev->arena, query, "username", jid_local(entity_jid(ev->entity)));
	if (host_keeps_passwords(mod_host(m)))
		xml_add(ev->arena, query, NULL, "password");
	return event_result(ev, query);
}

static void on_changed(struct core *core, void *arg, int err)
{
	struct event *ev = arg;

	event_finish(ev, err < 0 ? event_error(ev, condition_of(err)) : event_result(ev, NULL));
}

/* XEP-0077 §3.2 and §3.3. */
static int on_set(struct mod *m, struct event *ev)
{
	struct fields f = read_fields(ev->arena, ev->payload);
	struct jid account = entity_jid(ev->entity);
	struct str local;

	if (f.remove && xml_only_child(ev->payload) == NULL)
		return event_error(ev, STANZA_BAD_REQUEST); /* <remove/> stands alone */
	if (f.remove) {
		account_remove(ev->core, account, on_changed, ev);
		return MOD_LATER;
	}
	if (str_is_empty(f.username) || str_is_empty(f.password))
		return event_error(ev, STANZA_BAD_REQUEST);
	if (jid_prepare_local(ev->arena, f.username, &local) < 0 ||
	    !str_eq(local, jid_local(account)))
		return event_error(ev, STANZA_NOT_ALLOWED); /* another's password */
	if (!host_keeps_passwords(mod_host(m)))
		return event_error_text(ev, STANZA_NOT_ALLOWED, ELSEWHERE);
	account_set_password(ev->core, account, f.password, on_changed, ev);
	return MOD_LATER;
}

/* ---- the descriptor ---- */

static int start(struct mod *m)
{
	const struct register_conf *conf = mod_conf(m);
	struct register_state *state = mod_state(m);

	state->made = mod_rates_new(m, conf->burst, conf->per_hour, HOURS(1));
	return 0;
}

static void stop(struct mod *m)
{
	struct register_state *state = mod_state(m);

	mod_rates_free(&state->made);
}

static bool is_allowed(const void *conf)
{
	return ((const struct register_conf *)conf)->allow;
}

static const struct mod_iq iqs[] = {
	{ NS_REGISTER, "query", IQ_GET | TO_SELF | AT_SENDER, on_get },
	{ NS_REGISTER, "query", IQ_SET | TO_SELF | AT_SENDER, on_set },
	{ 0 },
};

static const struct mod_stream_feature stream_features[] = {
	{ .early = true,
	  .xml = "<register xmlns='" NS_REGISTER_FEATURE "'/>",
	  .wanted = is_allowed },
	{ 0 },
};

const struct mod_def mod_register = {
	.abi = MOD_ABI,
	.name = "register",
	.summary = "lets clients make accounts, change passwords and remove accounts",
	.xep = "XEP-0077 2.4",
	.conf_size = sizeof(struct register_conf),
	.options = options,
	.state_size = sizeof(struct register_state),
	.start = start,
	.stop = stop,
	.iqs = iqs,
	.features = MOD_FEATURES(NS_REGISTER),
	.stream_features = stream_features,
	.sets_passwords = true,
	.early = on_early,
};
