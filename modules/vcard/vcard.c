/*
 * vcard.c - vCards (XEP-0054): each account's own, for all to read.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/vcard/private.h"

#include "xml/writer.h"

#include <string.h>

struct vcard_conf {
	int64_t max_size, max_photo; /* bytes */
};

static const struct conf_option options[] = {
	CONF_OPT_BYTES("max-size", struct vcard_conf, max_size, KIB(64), KIB(1), MIB(1),
	               "largest vCard as XML, its photo left out"),
	CONF_OPT_BYTES("max-photo", struct vcard_conf, max_photo, KIB(96), 0, MIB(8),
	               "largest image in a vCard"),
	{ 0 },
};

/* ---- reading ---- */

/* ERR_NOENT is the caller's to answer. */
static int answer(struct event *ev)
{
	struct xml_node *reply = ARENA_NEW(ev->arena, struct xml_node);
	const struct xml_node *card;
	int err = vcard_find(ev, &card);

	if (err < 0)
		return err;
	*reply = *card; /* what is in it is shared */
	return event_result(ev, reply);
}

/*
 * §3.1: with nothing stored an empty one or item-not-found.  Clients that change what is there
 * begin with reading it, and some of them take an error for the end.
 */
static int on_get_own(struct mod *m, struct event *ev)
{
	int result = answer(ev);

	return result == ERR_NOENT ? event_result(ev, xml_new(ev->arena, NS_VCARD, "vCard"))
	                           : result;
}

/* §3.3: the very error that an account gives that does not exist. */
static int on_get(struct mod *m, struct event *ev)
{
	int result = answer(ev);

	return result == ERR_NOENT ? event_error(ev, STANZA_SERVICE_UNAVAILABLE) : result;
}

/* ---- writing ---- */

static bool same_photo(const struct vcard_state *a, const struct vcard_state *b)
{
	return a->has_photo == b->has_photo && memcmp(a->hash, b->hash, sizeof(a->hash)) == 0;
}

/* Says what is wrong (its answer is in *result_out), or gives the vCard as XML and its hash. */
static bool take(struct mod *m, struct event *ev, struct str *xml_out,
                 struct vcard_state *state_out, int *result_out)
{
	const struct vcard_conf *conf = mod_conf(m);
	struct str text, image;

	*result_out = 0;
	*xml_out = xml_print(ev->arena, ev->payload);
	if (avatar_read(ev->arena, ev->payload, &text, &image) < 0)
		*result_out =
			event_error_text(ev, STANZA_BAD_REQUEST, "the photo is not in base64");
	else if (image.n > (size_t)conf->max_photo)
		*result_out =
			event_error_text(ev, STANZA_POLICY_VIOLATION, "the photo is too large");
	else if (xml_out->n - text.n > (size_t)conf->max_size)
		*result_out =
			event_error_text(ev, STANZA_POLICY_VIOLATION, "the vCard is too large");
	state_out->has_photo = image.n > 0;
	if (state_out->has_photo)
		digest_hash(DIGEST_SHA1, image, state_out->hash);
	return *result_out == 0;
}

/*
 * §3.2: all of it at once.  A vCard without an element says that there shall be none; what is kept
 * then says that there is no photo any more, for those who have seen one.
 */
static int on_set(struct mod *m, struct event *ev)
{
	struct vcard_state old = { 0 }, state = { 0 };
	struct str xml;
	int err, result;

	if (ev->owner == 0) /* a temporary account: nothing can be stored for it */
		return event_error(ev, STANZA_NOT_ALLOWED);
	if (!take(m, ev, &xml, &state, &result))
		return result;
	err = vcard_find_state(ev, &old);
	if (err < 0 && err != ERR_NOENT)
		return err;
	state.revision = old.revision + 1;
	vcard_put(ev, xml_next_child(ev->payload, NULL) == NULL ? STR("") : xml, &state);
	result = event_hooks(ev, HOOK_VCARD);
	if (result != MOD_PASS)
		return result;
	avatar_set(m, ev, &state, !same_photo(&old, &state));
	return event_result(ev, NULL);
}

/*
 * §3.2: another account's.  Refused here, where nobody has looked whether there is such an account;
 * from elsewhere they get the error of one that does not exist.
 */
static int refuse_others(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;

	if (s->type != TYPE_SET || !xml_is(ev->payload, NS_VCARD, "vCard") ||
	    !jid_is_bare(s->to) || jid_bare_eq(s->to, s->from) ||
	    !str_eq(jid_domain(s->to), host_name(ev->host)))
		return MOD_PASS;
	return event_error(ev, STANZA_FORBIDDEN);
}

static const struct mod_iq iqs[] = {
	{ NS_VCARD, "vCard", IQ_GET | TO_SELF, on_get_own },
	{ NS_VCARD, "vCard", IQ_GET | TO_OTHER, on_get },
	{ NS_VCARD, "vCard", IQ_SET | TO_SELF, on_set },
	{ 0 },
};
static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_GUARD, refuse_others },
	{ HOOK_SENT, PHASE_FILTER, avatar_on_sent },
	{ 0 },
};

const struct mod_def mod_vcard = {
	.abi = MOD_ABI,
	.name = "vcard",
	.summary = "keeps vCards, and tells contacts of the photo in them",
	.xep = "XEP-0054 1.3.0, XEP-0153 1.1.1, XEP-0398 1.0.0",
	.conf_size = sizeof(struct vcard_conf),
	.options = options,
	.session_size = sizeof(struct vcard_session),
	.session_save = avatar_session_save,
	.session_load = avatar_session_load,
	.entity_size = sizeof(struct vcard_entity),
	.iqs = iqs,
	.hooks = hooks,
	.spaces = MOD_SPACES(&vcard_space),
	.features = MOD_FEATURES(NS_VCARD),
	.account_features = MOD_FEATURES(NS_VCARD),
};
