/*
 * delivery.h - stored messages on their way to a session, and the proof that they arrived.
 *
 * They go in parts, each with a ping of the host's behind it (XEP-0199).  A client has to answer
 * that (RFC 6120 §8.2.3), be it with an error, and what comes in order is read in order; so the
 * answer proves that the part was read, and only then it is deleted.  If the session ends
 * before, the messages are there still, and are handed out again: none is lost, some may come
 * twice.
 *
 * A managed session (XEP-0198) needs no proof: what is in its queue is as well kept as here, and
 * goes back to here if the session ends without having it.  So the part is deleted in the event
 * that hands it out, is larger, and the ping stands behind it only if there are more, to say when
 * the next one may come.
 *
 *     due ─▶ part + ping ─(answer)─▶ deleted; due, if there is more ─▶ part + ping ─▶ … ─▶ caught up
 *
 * One session at a time takes them (taker.h).  What comes for it is stored behind what is left
 * (delivery_follow), and so nothing overtakes, even where the disk does not take what is handed out.
 *
 * All is handed out in events of their own (event_behind, mod_visit), so that nothing else fails with it.  Where a
 * session is due one of them is always to come: asked for when it comes, comes back or answers, when
 * another one ends, when an answer is overdue, some seconds after one has failed, and with each
 * message that is stored behind.
 *
 * A session that was not managed yet when it was handed its part may be cut off and come back
 * without having it: then it gets it again.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/offline/box.h"

/* Handlers of HOOK_AVAILABLE and HOOK_UPDATED, HOOK_UNAVAILABLE, HOOK_ENDED. */
int delivery_on_presence(struct mod *m, struct event *ev);
int delivery_on_unavailable(struct mod *m, struct event *ev);
int delivery_on_ended(struct mod *m, struct event *ev);
/* Of HOOK_RESUMED. */
int delivery_on_resumed(struct mod *m, struct event *ev);
/* session_save and session_load of the descriptor. */
void delivery_save(struct mod *m, struct session *s, struct record_writer *w);
int delivery_load(struct mod *m, struct session *s, struct record_reader *r);
/* Of HOOK_SENT: is it the answer to a ping of ours? */
int delivery_on_answer(struct mod *m, struct event *ev);
/* Of HOOK_DELIVERED: what must not overtake is stored behind. */
int delivery_follow(struct mod *m, struct event *ev);
/* Of HOOK_UNDELIVERED: stores the message. */
int delivery_store(struct mod *m, struct event *ev);
