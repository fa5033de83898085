/*
 * job.h - reads off the loop: prefetch of an entity, pages of an archive, exports.
 *
 * work() runs on a reader thread with a read transaction of its own that sees what is on disk
 * (not the overlay), must touch only the job, and keeps to short transactions; done() runs on
 * the shard that submitted it.  At most STORE_JOBS_MAX jobs of one shard wait; one more gets
 * ERR_BUSY.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/store/view.h"

#define STORE_JOBS_MAX 4096

struct store_reader; /* a reader thread's transaction */

struct store_job {
	struct store_job *next;
	void (*work)(struct store_job *job, struct store_reader *reader);
	void (*done)(struct shard *here, struct store_job *job);
	struct shard *home; /* set by store_submit */
	struct store_view *view; /* likewise */
};

MUST_CHECK int store_submit(struct store_view *view, struct store_job *job);
/* Touch every small record of OWNER, so that the loop's reads find its pages in memory. */
void store_prefetch(struct store_reader *reader, uint64_t owner);
/*
 * As store_find, store_scan and store_scan_down, without an overlay; values are borrowed until work() returns.
 */
MUST_CHECK int store_reader_find(struct store_reader *reader, const struct store_space *space,
                                 uint64_t owner, struct str key, struct str *value_out);
MUST_CHECK int store_reader_scan(struct store_reader *reader, const struct store_space *space,
                                 uint64_t owner, struct str prefix, struct str from,
                                 size_t limit, store_each_fn *each, void *arg);
MUST_CHECK int store_reader_scan_down(struct store_reader *reader,
                                      const struct store_space *space, uint64_t owner,
                                      struct str prefix, struct str from, size_t limit,
                                      store_each_fn *each, void *arg);
