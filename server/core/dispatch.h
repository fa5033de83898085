/*
 * dispatch.h - what happens to a stanza at an entity (doc/routing.md, RFC 6121 §8).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/event.h"

/*
 * A stanza that was routed to E, in ARENA (taken), or in PARCEL, with a reference to that and to
 * its shared content, which are taken.
 */
void dispatch_received(struct entity *e, struct arena *arena, const struct letter *letter,
                       struct parcel *parcel);
/* An element that a client sent on its bound stream; ARENA is taken. */
void dispatch_sent(struct session *s, struct arena *arena, struct xml_node *element);
/* The same for a stanza of its that need not be checked: it was sent before. */
void dispatch_again(struct session *s, struct arena *arena, const struct stanza *stanza);
/* Messages to an account (RFC 6121 §8.5.2, §8.5.3): message.c. */
int dispatch_message(struct event *ev);
/*
 * What ADDRESS costs beyond its bytes, in bytes: a part that is not ASCII is prepared by tables, at a hundred times
 * their cost.
 */
int64_t dispatch_address_cost(struct str address);
