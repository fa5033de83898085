/*
 * sm_record.h - managed sessions on disk: four spaces (doc/storage.md).
 *
 *     stream        key                      ->  the session, or that it ended
 *     stream-in     key                      ->  how far its stanzas have come
 *     stream-out    key | epoch | number     ->  a stanza that it has not acknowledged
 *     stream-index  owner | key              ->  bare JID                         of no owner's
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/sm.h"
#include "server/store/key.h"

enum sm_record_flags {
	/* what a record of "stream" is */
	RECORD_LIVE = 1,
	RECORD_ENDED = 2,
	/* of a session */
	RECORD_RESUMABLE = 1,
	/* of a stanza; one that is archived is there as its id in the archive */
	ITEM_OFFERED = 1,
	ITEM_ARRIVED = 2,
	ITEM_ARCHIVED = 4,
};

struct str sm_key(struct store_key *k, uint64_t key);
