/*
 * csi.c - clients that say that their user is not looking get less (XEP-0352).
 *
 *     <inactive/> ─▶ a filter before the session:  presence         waits, the last of an address
 *                                                  chat states      dropped
 *                                                  all else         goes, what waits before it
 *     <active/>   ─▶ no filter, and what waits goes
 *
 * Messages and iqs never wait here: what is held is lost with the process, and presence alone may
 * be.  A session that is active, or has nothing held, costs one pointer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/csi/held.h"
#include "modules/csi/urgency.h"

struct csi_conf {
	bool hold_presence, drop_chat_states;
	int64_t held_stanzas;
	int64_t held_size; /* bytes */
};

struct csi_session {
	struct held *held;
};

static const struct conf_option options[] = {
	CONF_OPT_BOOL("hold-presence", struct csi_conf, hold_presence, true,
	              "keep presence back from a client that is inactive"),
	CONF_OPT_BOOL("drop-chat-states", struct csi_conf, drop_chat_states, true,
	              "tell a client that is inactive nothing of who is typing"),
	CONF_OPT_INT("held-stanzas", struct csi_conf, held_stanzas, 250, 1, 2000,
	             "how many are kept for a session before all of them are sent"),
	CONF_OPT_BYTES("held-size", struct csi_conf, held_size, KIB(256), KIB(1), MIB(4),
	               "how much is kept for a session before all of it is sent"),
	{ 0 },
};

static bool filter(struct mod *m, struct event *ev, struct session *s,
                   const struct stanza *stanza)
{
	const struct csi_conf *conf = mod_conf(m);
	struct csi_session *state = mod_session_state(m, s);
	enum urgency urgency = urgency_of(stanza);

	if (urgency == CAN_BE_LOST && conf->drop_chat_states)
		return true;
	if (urgency == CAN_WAIT && conf->hold_presence &&
	    held_add(&state->held, stanza, conf->held_stanzas, conf->held_size))
		return true;
	held_write(&state->held, ev, s);
	return false;
}

static void on_inactive(struct mod *m, struct event *ev, const struct xml_node *nonza)
{
	session_set_filter(ev->session, m, filter);
}

static void be_active(struct mod *m, struct event *ev)
{
	struct csi_session *state = mod_session_state(m, ev->session);

	session_set_filter(ev->session, NULL, NULL);
	held_write(&state->held, ev, ev->session);
}

/* §5.1: what waited is on its way before anything that the client says next is answered. */
static void on_active(struct mod *m, struct event *ev, const struct xml_node *nonza)
{
	be_active(m, ev);
}

/* XEP-0352 §5.3: a resumed stream begins as an active one. */
static int on_resumed(struct mod *m, struct event *ev)
{
	be_active(m, ev);
	return MOD_PASS;
}

static int on_ended(struct mod *m, struct event *ev)
{
	struct csi_session *state = mod_session_state(m, ev->session);

	session_set_filter(ev->session, NULL, NULL);
	held_clear(&state->held);
	return MOD_PASS;
}

static const struct mod_nonza nonzas[] = {
	{ NS_CSI, "active", on_active },
	{ NS_CSI, "inactive", on_inactive },
	{ 0 },
};

static const struct mod_hook hooks[] = {
	{ HOOK_ENDED, PHASE_ACT, on_ended },
	{ HOOK_RESUMED, PHASE_ACT, on_resumed },
	{ 0 },
};

static const struct mod_stream_feature stream_features[] = {
	{ .xml = "<csi xmlns='" NS_CSI "'/>" },
	{ 0 },
};

const struct mod_def mod_csi = {
	.abi = MOD_ABI,
	.name = "csi",
	.summary = "sends less to clients whose user is not looking",
	.xep = "XEP-0352 1.0.0",
	.conf_size = sizeof(struct csi_conf),
	.options = options,
	.session_size = sizeof(struct csi_session),
	.hooks = hooks,
	.nonzas = nonzas,
	.stream_features = stream_features,
};
