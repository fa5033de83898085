/*
 * form.h - the form by which owners configure their room (XEP-0045 §10.1.3, §10.2, §15.5.4).
 *
 * One row of a table for each field (form.c).  A field that is not submitted leaves what it is for
 * as it is; one that nobody knows is passed over (XEP-0004 §3.2).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

#define NS_MUC_ROOMCONFIG NS_MUC "#roomconfig"

/* A list of people; bare JIDs, each once. */
struct form_people {
	bool is_given;
	struct jid *jids;
	size_t n;
};

bool form_lists(const struct form_people *people, struct jid bare);

/* What a submitted form asks for.  Strings are of the event's arena. */
struct form_wish {
	struct config config;
	struct form_people owners, admins;
};

/* The form, filled with what holds.  0, or ERR_CORRUPT, ERR_STORE. */
MUST_CHECK int form_show(struct muc_event *me, struct xml_node **x_out);
/*
 * X was submitted.  0; ERR_INVALID: it is none of this form; ERR_DENIED: a value cannot be, *WHY_OUT
 * says which, for its sender.
 */
MUST_CHECK int form_submitted(struct muc_event *me, const struct xml_node *x,
                              struct form_wish *wish_out, const char **why_out);
