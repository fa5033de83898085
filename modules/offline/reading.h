/*
 * reading.h - sessions that read the archive (XEP-0313 §6.1.1): what they have from there they are
 * not handed, and nobody is once they have it.
 *
 *     query, before it is available ─▶ it follows the archive: nothing that is archived is handed out to it …
 *     page, to the end              ─▶ … but what came since
 *     page with what is stored here ─▶ a ping behind it ─(answer)─▶ that is deleted here
 *
 * A client that reads only a conversation or looks for words does not follow the archive.  One that
 * follows it and has not come to its end goes on by itself; what came before it was available is
 * left to it, or to the next that does not read.
 *
 * The ping says itself what its answer proves: first and last id of the page.  Who forges one
 * loses what he could delete by XEP-0013, and has it in the archive.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/offline/box.h"

/* Is RECORD one that S is not handed? */
bool reading_skips(struct mod *m, struct session *s, const struct offline_record *record);
/* S is there to take messages. */
MUST_CHECK int reading_present(struct mod *m, struct event *ev, struct session *s);
/* A handler of HOOK_SENT: is it the answer to a ping behind a page? */
int reading_on_answer(struct mod *m, struct event *ev);

/* What session_save and session_load have of it. */
void reading_save(const struct reading *reading, struct record_writer *w);
void reading_load(struct reading *reading, struct record_reader *r);
