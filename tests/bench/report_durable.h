/*
 * report_durable.h - the figures of stream management, of messages for those who are away, and of a restart.
 *
 * Each prints nothing where its part was not measured.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/report.h"

/* Members of a JSON object, each with a comma before it. */
void report_json_acks(const struct report_chat *c);
void report_json_offline(const struct report_offline *o);
void report_json_resume(const struct report_resume *r);

/* Lines of text. */
void report_text_acks(const struct report_chat *c);
void report_text_offline(const struct report_offline *o);
void report_text_resume(const struct report_resume *r);
