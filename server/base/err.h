/*
 * err.h - what functions that can fail return: 0 (or a count), or a negative error.
 *
 * Errors of the system are -errno; our own start at -1000.  What a peer is told (enum
 * stanza_error, enum stream_error) is another type, decided in one place.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/defs.h"

enum err {
	ERR_NOENT = -1000, /* no such key, host, account, node: an answer, not a fault */
	ERR_EXISTS = -1001,
	ERR_INVALID = -1002, /* input that its grammar does not allow */
	ERR_TOO_BIG = -1003, /* a limit was reached */
	ERR_CORRUPT = -1004, /* stored bytes that cannot be decoded */
	ERR_FULL = -1005,    /* disk or map full: nothing of the batch was stored */
	ERR_STORE = -1006,   /* the store failed otherwise */
	ERR_VERSION = -1007, /* a store written by a newer version */
	ERR_BUSY = -1008, /* a queue or pool is at its bound, or the store is held elsewhere */
	ERR_CLOSED = -1009, /* the peer or the object is gone */
	ERR_TLS = -1010,
	ERR_CONFIG = -1011, /* wrong configuration; what and where was told already */
	ERR_DENIED = -1012,
	ERR_TIMEOUT = -1013,
	ERR_RESTING = -1014, /* the name of an account that was removed lately */
};

/*
 * One short phrase for an error of either kind, the system's in its own words.  Thread: any;
 * static storage.
 */
const char *err_str(int err);
