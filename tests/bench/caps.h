/*
 * caps.h - what a client of the storm can do, as it tells others (XEP-0115, XEP-0030).
 *
 * Servers ask the first client with a new hash what stands behind it, so there is an answer that
 * fits the hash.  None of the features asks for personal events ("+notify"): their delivery is
 * not what the storm measures.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/buf.h"
#include "tests/bench/piece.h"

#define CAPS_NODE "https://load.example/"
/* XEP-0115 §5.1: the SHA-1 of "client/pc//load<" and of the features in caps.c, each with "<". */
#define CAPS_VER "7N3tj7nB6ZQ35jriE0ybpRcTL8Q="
#define CAPS_ELEMENT \
	"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='" CAPS_NODE \
	"' ver='" CAPS_VER "'/>"

/* Append the answer when STANZA is a disco#info request, and nothing else. */
void caps_answer(struct piece stanza, struct buf *out);
