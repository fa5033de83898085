/*
 * purple_rooms.h - rooms by libpurple's calls.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "purple_verb.h"

#include <purple.h>

/* When libpurple has started: what happens in rooms is written as peer.py says. */
void rooms_watch(PurpleAccount *account);
extern const struct verb rooms_verbs[];
/* A form to fill in, for purple_request_fields: of a room that is to be configured. */
void *rooms_keep_form(const char *title, const char *primary, const char *secondary,
                      PurpleRequestFields *fields, const char *ok_text, GCallback ok_cb,
                      const char *cancel_text, GCallback cancel_cb, PurpleAccount *about,
                      const char *who, PurpleConversation *conversation, void *data);
