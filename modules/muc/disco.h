/*
 * disco.h - what a room tells of itself, and of who is in it (XEP-0045 §6.4, §6.5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

int disco_room_info(struct muc_event *me);
int disco_room_items(struct muc_event *me);

/* <query/> of disco#info with the identity of rooms and of their service; NAME absent: none. */
struct xml_node *disco_identity(struct event *ev, struct str name);
/* Does the host, or do its accounts, announce it? */
bool disco_host_has(const struct host *h, bool of_account, const char *var);
void disco_add_feature(struct event *ev, struct xml_node *query, const char *var);
