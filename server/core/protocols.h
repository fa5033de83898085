/*
 * protocols.h - what the server speaks: RFCs and XEPs, how far, and since when.  Data only.
 *
 * The one place where that is said.  doc/protocols.md and doc/jackdaw.doap are printed from it,
 * and a test (tests/doc/list_protocols.c) fails while they differ.  A XEP that a module
 * implements has its revision in the module's descriptor (mod_def.xep), and here a row without
 * one; the same test fails when either is missing.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/defs.h"

enum protocol_status {
	PROTOCOL_COMPLETE,
	PROTOCOL_PARTIAL, /* NOTE says what is missing */
};

struct protocol_rfc {
	unsigned number;
	const char *title;
	enum protocol_status status;
	const char *note; /* NULL: none */
};

struct protocol_xep {
	unsigned number;
	const char *title;
	const char *version; /* that was implemented; NULL: a module's descriptor says */
	enum protocol_status status;
	const char *since; /* which version of the server */
	const char *note;  /* NULL: none */
};

/* Both in order of numbers, and ended by number 0. */
extern const struct protocol_rfc protocol_rfcs[];
extern const struct protocol_xep protocol_xeps[];
