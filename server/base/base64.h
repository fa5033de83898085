/*
 * base64.h - RFC 4648 base64 (by libsodium) with the strictness that RFC 6120 §6.5.5 asks for; and
 * base16, which nothing here has to decode.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

struct str base64_encode(struct arena *arena, struct str bytes);
/* The URL-safe alphabet (RFC 4648 §5), without padding: for names, not for SASL. */
struct str base64_encode_url(struct arena *arena, struct str bytes);
/* Base16 (RFC 4648 §8), in small letters. */
struct str base16_encode(struct arena *arena, struct str bytes);
/*
 * Decode text that must be base64 to the letter: no white space, right padding, no bits left
 * over.  Returns 0 with *bytes_out in the arena, or ERR_INVALID.
 */
MUST_CHECK int base64_decode(struct arena *arena, struct str text, struct str *bytes_out);
