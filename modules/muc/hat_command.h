/*
 * hat_command.h - commands (XEP-0050) by which a room's admins create hats and say who wears them
 * (XEP-0317 §4.2 to §4.7).
 *
 *     create, destroy, assign, unassign     without a form: it is given; with one: done
 *     list, list-assigned                   at once
 *
 * Nothing is remembered between the two: a session id is as good as any other.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

int hat_command(struct muc_event *me);
/* Disco of the nodes that belong to it (XEP-0050 §2.2); MOD_PASS: it is no such node. */
int hat_command_info(struct muc_event *me, struct str node);
int hat_command_items(struct muc_event *me, struct str node);
