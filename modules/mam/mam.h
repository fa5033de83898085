/*
 * mam.h - what other modules may ask of the archive.
 *
 * ev->archive_id is the id under which the event's own message was archived.
 *
 * An account's archive is kept by the module's own hooks.  That of a room, or of any other item of a
 * service that names mod_mam among its modules (struct mod_service), is kept by the service: all
 * that stands under "rooms" works at ev's entity, which is such an item, on records that are its own
 * and go with it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

extern const struct mod_def mod_mam;

/* Is there an archive at ev's entity? */
bool mam_is_on(struct event *ev);
/*
 * S, which is the message of EV in some form, as those are to see it who may read the archive: with
 * its id there (XEP-0313 §3.4); S itself where it was not archived.
 */
const struct stanza *mam_stamp(struct event *ev, const struct stanza *s);
/*
 * XEP-0359 §4: S, or without each <stanza-id/> that claims to be of the event's entity or its host.
 * Whether there is an archive or not.
 */
const struct stanza *mam_strip(struct event *ev, const struct stanza *s);
/* On a reader thread: event_archived will find the message of that id in memory. */
void mam_touch(struct store_reader *reader, uint64_t owner, uint64_t id);

/* ---- rooms ---- */

/*
 * S, from an occupant (room/nick) or the room, goes into the room's archive without its to, if it is
 * of the kind that is archived (mam.md), subjects included: then ev->archive_id is not 0, and
 * mam_stamp makes of it, in any form, what the occupants get.  S has a tree.
 */
MUST_CHECK int mam_keep(struct event *ev, const struct stanza *s);

/*
 * The latest LIMIT messages, the newest first, until one is older than SINCE_MS (wall clock; 0:
 * any), or FN returns other than 0.  What FN gets is stamped, in the event's arena.  A message that
 * was retracted is passed over, and counts; retractions are messages (XEP-0424 §6).  0, or an error,
 * also of FN.  Cost: some ten microseconds for each.
 */
typedef int mam_fn(void *arg, const struct stanza *s, int64_t wall_ms);
MUST_CHECK int mam_latest(struct event *ev, size_t limit, int64_t since_ms, mam_fn *fn,
                          void *arg);

/*
 * Answer the event's iq, of somebody who may read the archive, if it is <query/>, got or set, or
 * <metadata/>: returns as handlers do, MOD_PASS if it is none of these or there is no archive.  The
 * messages go to who asked, and the result behind them.
 *
 * EDIT makes of each message what he may see, a tree in the event's arena (NULL: nothing but its id
 * and time); EDIT itself NULL: as it was kept.  It runs later, in the same event: ARG lives in the
 * event's arena, or longer.  Not when the room is gone by then.
 */
typedef const struct stanza *mam_edit_fn(void *arg, struct event *ev, const struct stanza *s);
int mam_answer(struct event *ev, mam_edit_fn *edit, void *arg);

/*
 * The message whose <stanza-id/> says UID, as it was kept.  ERR_NOENT: it is not there, or was
 * retracted.
 */
MUST_CHECK int mam_find(struct event *ev, struct str uid, uint64_t *id_out,
                        const struct stanza **s_out);
/*
 * TOMBSTONE takes the place of that message (XEP-0424 §5, XEP-0425 §5), without its to; nothing is
 * found by its words any more.  ERR_NOENT as above; ERR_BUSY: the event's sender does it too often.
 */
MUST_CHECK int mam_bury(struct event *ev, uint64_t id, const struct stanza *tombstone);
/*
 * All but the latest KEEP messages are to go.  That begins when there are some more, and is done
 * behind this event, a part at a time; where the server stops in between, the next call goes on.
 */
MUST_CHECK int mam_trim(struct event *ev, uint64_t keep);
