/*
 * notify.h - a room tells its occupants that it has changed (XEP-0045 §10.2.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* Something that is not about privacy: status 104.  They may look what it is (disco#info). */
void notify_changed(struct muc_event *me);
/* What is: 170 to 173. */
void notify_code(struct muc_event *me, const char *code);
