/*
 * base64.c - base64 and base16 by libsodium, as strict as XMPP asks.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"

#include "server/base/err.h"

#include <sodium.h>

static struct str encode(struct arena *arena, struct str bytes, int variant)
{
	size_t size = sodium_base64_encoded_len(bytes.n, variant); /* with a NUL */
	char *text = arena_alloc(arena, size);

	sodium_bin2base64(text, size, (const unsigned char *)bytes.p, bytes.n, variant);
	return str_of(text);
}

struct str base64_encode(struct arena *arena, struct str bytes)
{
	return encode(arena, bytes, sodium_base64_VARIANT_ORIGINAL);
}

struct str base64_encode_url(struct arena *arena, struct str bytes)
{
	return encode(arena, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct str base16_encode(struct arena *arena, struct str bytes)
{
	size_t size = 2 * bytes.n + 1; /* with a NUL */
	char *text = arena_alloc(arena, size);

	sodium_bin2hex(text, size, (const unsigned char *)bytes.p, bytes.n);
	return str_make(text, size - 1);
}

/* The decoder of libsodium 1.0.18 reads every byte from 0x80 up as "/". */
static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	return true;
}

int base64_decode(struct arena *arena, struct str text, struct str *bytes_out)
{
	size_t max = text.n / 4 * 3;
	unsigned char *bytes = arena_alloc(arena, max + 1);
	size_t n = 0;

	if (text.n % 4 != 0 || !is_ascii(text))
		return ERR_INVALID;
	if (text.n > 0 && sodium_base642bin(bytes, max, text.p, text.n, NULL, &n, NULL,
	                                    sodium_base64_VARIANT_ORIGINAL) != 0)
		return ERR_INVALID;
	bytes[n] = '\0'; /* as arena_copy does */
	*bytes_out = str_make((const char *)bytes, n);
	return 0;
}
