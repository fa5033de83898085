/*
 * caps.h - what clients can do (XEP-0115), as far as it was verified.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/*
 * Has the client of SESSION, which is one of ev->entity's, announced capabilities with FEATURE
 * among them?  False too while they are not verified yet, or cannot be.  One look into a table,
 * and a walk over the client's features.
 */
bool caps_has(struct event *ev, struct session *session, const char *feature);
/*
 * A disco#info get with a node, to the host or by the own user to the account: answers it when
 * the node is one of capabilities; else MOD_PASS.
 */
int caps_answer(struct event *ev);
