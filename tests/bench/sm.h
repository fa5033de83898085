/*
 * sm.h - a client's side of stream management (XEP-0198): what both sides have handled.
 *
 * It counts and reads; what is to be sent, its caller sends.  A client counts what it sends from
 * <enable/> on and what it gets from <enabled/> on (XEP-0198 §4), and the counts outlive the
 * connection when the stream is resumed (§5).  Nothing is kept to be sent again: a run that needs
 * that has lost something, and says so.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/buf.h"
#include "tests/bench/piece.h"

#include <stdint.h>

#define NS_SM "urn:xmpp:sm:3"
#define SM_ENABLE "<enable xmlns='" NS_SM "' resume='true'/>"
#define SM_REQUEST "<r xmlns='" NS_SM "'/>"

struct sm {
	char *id;         /* to resume the stream by; NULL: the server did not give one */
	uint32_t sent;    /* stanzas */
	uint32_t acked;   /* of these, by the server's last word */
	uint32_t handled; /* stanzas that came */
	bool is_on;
};

/* What an element of the stream is to stream management. */
enum sm_kind {
	SM_STANZA,  /* handled; it has been counted */
	SM_ASKED,   /* an answer is due: sm_answer() */
	SM_ACKED,   /* the server has handled more, or as much as before */
	SM_BAD_ACK, /* it claims what was never sent, or takes something back */
	SM_OTHER,
};

void sm_deinit(struct sm *sm);

/* Take <enabled/>: counting begins. */
void sm_enabled(struct sm *sm, struct piece enabled);

/* Look at what came once stream management is on. */
enum sm_kind sm_take(struct sm *sm, struct piece got);

/* Take <resumed/>; false when its count cannot be. */
bool sm_resumed(struct sm *sm, struct piece resumed);

/* Append the answer to <r/>, or the request to resume. */
void sm_answer(const struct sm *sm, struct buf *out);
void sm_resume(const struct sm *sm, struct buf *out);
