/*
 * jid_prepare.h - the parts of an address, each into its one form.  Private to this layer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/jid.h"

/* What a look at the bytes says. */
enum prepared {
	PREPARED,       /* this is the one form already */
	PREPARE_LOWER,  /* it is, once ASCII capitals are small */
	PREPARE_SLOWLY, /* ask the library */
	PREPARE_NEVER,  /* cannot be an address */
};
enum prepared prepare_look_local(struct str text);
enum prepared prepare_look_domain(struct str text);
enum prepared prepare_look_resource(struct str text);
/*
 * A domain that is no address literal and has no final dot.  A-labels count as plain here and
 * are told apart.
 */
enum prepared prepare_look_labels(struct str text, bool *a_label_out);
struct str prepare_lower(struct arena *arena, struct str text);
