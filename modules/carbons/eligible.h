/*
 * eligible.h - which messages are copied to an account's other sessions (XEP-0280 §6.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/*
 * By what the message says of itself; S has a node.  SENT: by a session of the account, else
 * received for it.  An error never is: that depends on what it answers.
 */
bool carbons_eligible(const struct stanza *s, bool sent);
