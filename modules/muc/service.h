/*
 * service.h - the domain of the rooms (XEP-0045 §6), and iqs to rooms and occupants that are asked
 * there as anywhere.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* A stanza to the domain itself; ME has no room. */
int service_received(struct muc_event *me);
/* An iq to an occupant (§17.4): requests, and their answers. */
int ask_occupant(struct muc_event *me);
