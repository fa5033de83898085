/*
 * mam.h - what other modules may ask of the archive.
 *
 * ev->archive_id is the id under which the event's own message was archived.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

extern const struct mod_def mod_mam;

/*
 * S, which is the message of EV in some form, as the account's own sessions are to see it: with its
 * id in the archive (XEP-0313 §3.4); S itself where it was not archived.
 */
const struct stanza *mam_stamp(struct event *ev, const struct stanza *s);
/* On a reader thread: event_archived will find the message of that id in memory. */
void mam_touch(struct store_reader *reader, uint64_t owner, uint64_t id);
