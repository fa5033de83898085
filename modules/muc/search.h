/*
 * search.h - the search for public rooms, as the service offers it (XEP-0433).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* <search/>: without a form, it is asked for. */
int search_get(struct muc_event *me);
