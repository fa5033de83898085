/*
 * saslauthd.h - a daemon that knows passwords, as libsasl2 sees it, in the test's own process.
 *
 * What it answers is the password's doing:
 *
 *     right     OK
 *     garbage   two bytes that are neither OK nor NO
 *     short     an answer of one byte
 *     close     nothing: the connection ends
 *     hang      nothing, until the daemon ends
 *     any other NO
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/defs.h"

#define SASLAUTHD_TEXT 1024

struct saslauthd_question {
	char user[SASLAUTHD_TEXT], password[SASLAUTHD_TEXT], service[SASLAUTHD_TEXT],
		realm[SASLAUTHD_TEXT];
};

struct saslauthd;
struct saslauthd *saslauthd_new(const char *socket_path);
void saslauthd_free(struct saslauthd **d);
/* The last one, and how many there were. */
struct saslauthd_question saslauthd_last(struct saslauthd *d);
unsigned saslauthd_asked(struct saslauthd *d);
