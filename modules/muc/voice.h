/*
 * voice.h - a visitor asks to be heard, and a moderator lets him (XEP-0045 §7.13, §8.6).
 *
 * Nothing of a request is stored: what a moderator sends back says who is meant.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* X: a submitted form of the kind muc#request in a message to the room.  As a handler. */
int voice_form(struct muc_event *me, const struct xml_node *x);
