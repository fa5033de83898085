/*
 * purple_people.h - contacts, avatars and blocking by libpurple's calls.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "purple_verb.h"

#include <purple.h>

/* Before the account is enabled: what happens to its contacts is written as peer.py says. */
void people_watch(PurpleAccount *account);
extern const struct verb people_verbs[];
