/*
 * register.h - people register with a room (XEP-0045 §7.10): they are members then, and a nick is
 * theirs.
 *
 * It is done at once, nobody is asked; so it is not for rooms that are for members only, where it
 * would let in everybody.  There, and where the owners have switched it off, who belongs to the room
 * already can reserve a nick.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

int register_get(struct muc_event *me);
int register_set(struct muc_event *me);
/* What disco#info of the node x-roomuser-item is for who asks (§7.12). */
#define REGISTER_NODE "x-roomuser-item"
int register_nick(struct muc_event *me);
