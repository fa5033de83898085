/*
 * purple_people.h - contacts, avatars and blocking by libpurple's calls.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <purple.h>

/* Before the account is enabled: what happens to its contacts is written as peer.py says. */
void people_watch(PurpleAccount *account);
/* Does VERB with REST; FALSE when it is not one of ours. */
gboolean people_obey(const char *verb, const char *rest);
