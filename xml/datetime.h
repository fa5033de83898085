/*
 * datetime.h - XMPP dates (XEP-0082).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

/* "2026-11-21T07:00:00Z", with ".123" when the milliseconds are not zero or WITH_MS. */
struct str datetime_format(struct arena *arena, int64_t wall_ms, bool with_ms);
/* XEP-0082 §3.2 DateTime with any offset and fraction.  ERR_INVALID. */
MUST_CHECK int datetime_parse(struct str text, int64_t *wall_ms_out);
