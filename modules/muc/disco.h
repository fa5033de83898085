/*
 * disco.h - what the service and its rooms are (XEP-0045 §6.2 to §6.5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

int disco_service_info(struct muc_event *me);
int disco_service_items(struct muc_event *me);
int disco_room_info(struct muc_event *me);
int disco_room_items(struct muc_event *me);
