/*
 * court.h - a module for the tests of this folder: presence as little as there can be, and iqs
 * that do to the core what modules do.
 *
 * All iqs are in the namespace urn:court and go to the own account:
 *
 *     <put key='k' bytes='N'/>     write N bytes under k, answer with a result
 *     <get key='k'/>               how many bytes stand there: <get bytes='N'/>, or item-not-found
 *     <half key='k' bytes='N'/>    write, then fail
 *     <none/>                      an empty result, nothing written
 *     <fail err='-1005'/>          return that error
 *     <later/>                     a result by event_finish, from a message
 *     <both key='k' bytes='N'/>    write, send the message "one" to the own full address, answer
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/lib/client.h"

extern const struct mod_def mod_court;
extern const struct mod_def *const court[]; /* it alone */

/* An iq for the own account. */
#define COURT_SET(id, body) "<iq id='" id "' type='set'><" body " xmlns='urn:court'/></iq>"
#define COURT_GET(id, body) "<iq id='" id "' type='get'><" body " xmlns='urn:court'/></iq>"

/* A world with that module. */
struct world *court_world(unsigned shards);
/*
 * An account NAME@a.example, NAME beginning with PREFIX, which that shard owns; its bare JID.
 */
const char *court_account(struct world *w, const char *prefix, unsigned shard);
