/*
 * retract.h - messages to a room are taken back, by who said them (XEP-0424) or by a moderator
 * (XEP-0425).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* The <retract/> in S; NULL: it is no retraction. */
const struct xml_node *retract_find(const struct stanza *s);
/* A groupchat message with one. */
int retract_own(struct muc_event *me);
/* An iq with <moderate/>. */
int retract_moderated(struct muc_event *me);
