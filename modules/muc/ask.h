/*
 * ask.h - iqs from one occupant to another (XEP-0045 §17.4).
 *
 * A request goes from seat to seat under the addresses of the room.  Nothing is remembered of it: the
 * id under which it is sent on holds what the answer needs, and a MAC under the room's secret says
 * that the room has asked this very address.  Of the asker it holds a hash, so that his address does
 * not show (§17.4).
 *
 *     id = base64url(record: hash of the asker's full JID, nick asked for, his id | MAC)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* An iq to an occupant's address, of a room that there is: a request, or the answer to one. */
int ask_occupant(struct muc_event *me);
/* The same where there is no room: nobody is in it. */
int ask_nobody(struct muc_event *me);
