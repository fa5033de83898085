/*
 * admin.h - requests about roles and affiliations (XEP-0045 §8, §9, §10.3 to §10.8): the lists, and
 * changes to them, all or none of a request.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

int admin_get(struct muc_event *me);
int admin_set(struct muc_event *me);
