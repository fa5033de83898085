/*
 * ver.h - the verification string of capabilities (XEP-0115 §5), and what of disco#info it covers.
 *
 * Only what the string covers is worth keeping: identities, features, and the forms that have a
 * hidden FORM_TYPE.  An answer is ill-formed as a whole, and no string is made of it, when
 *
 *  - an identity stands there twice, with the same category, type, language and name (§5.4, 3.3);
 *  - so does a feature (3.4), or a FORM_TYPE, or if one has values that differ (3.5);
 *  - or it is no disco#info: an identity without category or type (XEP-0030 §3.1), none at all, a
 *    feature or field without var, a field twice in a form.
 *
 * "<" ends each part of the hashed text, so where one stands inside of a part it is "&lt;" there,
 * as it was on the wire: else a name could forge features (§5.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

struct caps_info {
	struct str text;            /* what is hashed: the string S of §5.1 */
	const struct str *features; /* sorted */
	size_t n_features;
	const struct xml_node *rest; /* a disco#info query with identities and forms alone */
	/*
	 * Others than who answered may mean the same text otherwise: features there may be a form
	 * here.  Nothing to be believed of others, though by the letter it is well-formed.
	 */
	bool ambiguous;
};

/* Read QUERY, all in ARENA or borrowed from it.  0, or ERR_INVALID: ill-formed. */
MUST_CHECK int caps_read(struct arena *arena, const struct xml_node *query,
                         struct caps_info *info_out);
/* Of info->text. */
struct str caps_ver(struct arena *arena, enum digest_kind hash, const struct caps_info *info);
/* "sha-1", "sha-256" (XEP-0300): 0, or ERR_NOENT for all others. */
MUST_CHECK int caps_hash(struct str name, enum digest_kind *hash_out);
