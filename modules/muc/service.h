/*
 * service.h - the domain of the rooms (XEP-0045 §6.1 to §6.3): what it is, and which rooms there are.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* A stanza to the domain itself; ME has no room. */
int service_received(struct muc_event *me);
