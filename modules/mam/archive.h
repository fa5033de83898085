/*
 * archive.h - the records of an account's archive (XEP-0313).
 *
 * Space "archive", version 1, one record for a message:
 *     id (8 bytes, big endian) -> version, flags (number), the other side's full JID, message (XML)
 * Space "archive-with", version 1, the same messages by conversation:
 *     the other side's bare JID (text), id (8 bytes, big endian)
 *         -> version, hash of the message's own id, hash of its origin-id where that is another one
 * Space "archive-state", version 1, one record for an account, made with its first message:
 *     (empty key) -> version, secret (16 bytes), the least id not given yet
 *
 * An id is the time at which the message was archived, in microseconds since 1970, or one more than
 * the last id of the account, whichever is greater: ids ascend whatever the clock does, none is
 * given twice, and a span of time is a range of ids.  Clients see them enciphered (uid.h).  The
 * message is kept as it was sent or delivered, but for the account's own <stanza-id/>, which
 * is made from the id.
 *
 * A message to oneself is there once, as received, the other side being the own account.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/usage.h"

extern const struct store_space archive_space, archive_with_space, archive_state_space;

enum archive_flags {
	ARCHIVE_SENT = 1 << 0,      /* by the account; else it was received */
	ARCHIVE_RETRACTED = 1 << 1, /* a tombstone is in its place (XEP-0424) */
};

/* At each account: a cache of what its records say. */
struct archive {
	bool is_open;
	bool has_state; /* there is the record of archive-state */
	struct hash_key secret;
	uint64_t last; /* the newest id that was given; 0: none */
	struct usage usage;
};
/* Read what ARCHIVE, a part of the entity's state, has not got yet; ev->owner is not 0. */
MUST_CHECK int archive_open(struct event *ev, struct archive *archive);

/* A message as it is stored; borrows from the record. */
struct archive_record {
	uint64_t id;
	unsigned flags;
	struct str with; /* full JID */
	struct str xml;
};
/* What counts for it against a limit: not what the store adds. */
static inline uint64_t archive_record_bytes(const struct archive_record *record)
{
	return record->with.n + record->xml.n;
}

/* ---- storing; what is written is the event's ---- */

/* Keep S, which has a node, under the next id. */
MUST_CHECK int archive_put(struct event *ev, struct archive *archive, const struct stanza *s,
                           unsigned flags, uint64_t *id_out);
/* The same with the first free id from LEAST on. */
MUST_CHECK int archive_put_at(struct event *ev, struct archive *archive, const struct stanza *s,
                              unsigned flags, uint64_t least, uint64_t *id_out);
/* S takes the place of what RECORD holds: same id, same conversation. */
MUST_CHECK int archive_rewrite(struct event *ev, struct archive *archive,
                               const struct archive_record *record, const struct stanza *s,
                               unsigned flags);
/*
 * No trace is left but that the id is never given again.  Of the middle of an archive nothing
 * goes that way (XEP-0313 §3.2): see archive_rewrite.  Of its xml only the size is looked at.
 */
MUST_CHECK int archive_erase(struct event *ev, struct archive *archive,
                             const struct archive_record *record);

/* ---- reading ---- */

/* One key and value of the space "archive".  ERR_CORRUPT. */
MUST_CHECK int archive_decode(struct str key, struct str value,
                              struct archive_record *record_out);
/* The message of that id; ERR_NOENT.  On a shard; on a reader thread. */
MUST_CHECK int archive_find(struct event *ev, uint64_t id, struct archive_record *record_out);
MUST_CHECK int archive_read(struct store_reader *reader, uint64_t owner, uint64_t id,
                            struct archive_record *record_out);
/* The message itself, as a tree in ARENA.  ERR_CORRUPT. */
MUST_CHECK int archive_message(struct arena *arena, const struct archive_record *record,
                               struct stanza *s_out);

/* Keys: of "archive"; what those of a conversation with a bare JID begin with. */
struct str archive_key(struct arena *arena, uint64_t id);
struct str archive_with_prefix(struct arena *arena, struct str bare);
struct str archive_with_key(struct arena *arena, struct str bare, uint64_t id);
/* The id at the end of a key of either space.  ERR_CORRUPT. */
MUST_CHECK int archive_key_id(struct str key, uint64_t *id_out);

/* When the message of that id was archived, in milliseconds, and the first id of a millisecond. */
int64_t archive_id_ms(uint64_t id);
uint64_t archive_ms_id(int64_t wall_ms);

/*
 * Of the latest LIMIT messages with a bare JID, the newest that has MESSAGE_ID for its own id or
 * its origin-id, and was SENT by the account or received: by the hashes first, and then by the
 * message itself, which is *s_out, in the event's arena.  ERR_NOENT.
 */
MUST_CHECK int archive_find_message(struct event *ev, struct archive *archive, struct str bare,
                                    struct str message_id, bool sent, size_t limit,
                                    struct archive_record *record_out, struct stanza *s_out);
