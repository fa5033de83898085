/*
 * owner.h - what owners do: configure a room, and end it (XEP-0045 §10).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

int owner_get(struct muc_event *me);
int owner_set(struct muc_event *me);
