/*
 * vcard.h - a room's vCard, and the picture in it (XEP-0054, XEP-0486).
 *
 * The hash of the picture is part of the room's configuration (config.avatar_hash): it stands in
 * disco#info and in presence from the room itself, which many clients look at (XEP-0486 §5.2).
 *
 * Space "muc-vcard", version 1, one record at most:
 *     (empty key) -> version, the vCard as XML
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

extern const struct store_space muc_vcard_space;

int room_vcard_get(struct muc_event *me);
int room_vcard_set(struct muc_event *me);
/* Who has entered is told of the picture, if there is one. */
void room_vcard_show(struct muc_event *me, const struct seat *to);
