/*
 * jid_prepare.c - the parts of an address, each into its one form (RFC 7622 §3, by the profiles
 * of RFC 6122).
 *
 * Nearly all text is plain ASCII, where the profiles come down to a table.  The rest goes
 * through libidn, which costs up to a tenth of a millisecond for 1023 bytes, more where the
 * text grows (340 x U+FDFA): sizes are checked before and after, and what cannot fit is not
 * tried.  Its tables are Unicode 3.2; newer characters are let through as they are.  A part
 * that is not the same after a second pass is refused, because equal addresses must be equal
 * bytes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/jid_prepare.h"

#include "server/base/err.h"
#include "xml/utf8.h"

#include <stringprep.h>

#include <string.h>

/* What a byte may be part of as it is; capitals are another matter for local and domain. */
enum {
	L = 1, /* localpart: ASCII graphics but " & ' / : < > @ (RFC 7622 §3.3.1) */
	D = 2, /* domain: letters, digits, hyphen; dots divide */
	R = 4, /* resource: space and all graphics */
	U = 8, /* a capital letter */
};

/* clang-format off */
static const uint8_t classes[256] = {
	[' '] = R, ['!'] = L | R, ['"'] = R, ['#' ... '%'] = L | R, ['&'] = R, ['\''] = R,
	['(' ... ','] = L | R, ['-' ... '.'] = L | D | R, ['/'] = R, ['0' ... '9'] = L | D | R,
	[':'] = R, [';'] = L | R, ['<'] = R, ['='] = L | R, ['>'] = R, ['?'] = L | R, ['@'] = R,
	['A' ... 'Z'] = U | R, ['[' ... '`'] = L | R, ['a' ... 'z'] = L | D | R,
	['{' ... '~'] = L | R,
};
/* clang-format on */

/*
 * Sizes apart, which the callers check: PREPARED, PREPARE_LOWER, or what the first other byte
 * says.
 */
static enum prepared look(struct str text, unsigned wanted)
{
	unsigned seen = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned class = classes[(unsigned char)text.p[i]];

		if ((class & wanted) != 0)
			continue;
		if ((class & U) == 0 && (unsigned char)text.p[i] < 0x80)
			return PREPARE_NEVER;
		seen |= class == 0 ? 1 : 2;
	}
	if (seen & 1)
		return PREPARE_SLOWLY;
	return seen == 0 ? PREPARED : PREPARE_LOWER;
}

enum prepared prepare_look_local(struct str text)
{
	if (text.n == 0 || text.n > JID_PART_MAX)
		return PREPARE_NEVER;
	return look(text, L);
}

enum prepared prepare_look_resource(struct str text)
{
	if (text.n == 0 || text.n > JID_PART_MAX)
		return PREPARE_NEVER;
	return look(text, R);
}

struct str prepare_lower(struct arena *arena, struct str text)
{
	char *p = arena_alloc(arena, text.n);

	for (size_t i = 0; i < text.n; i++)
		p[i] = (classes[(unsigned char)text.p[i]] & U) ? (char)(text.p[i] | 0x20)
		                                               : text.p[i];
	return str_make(p, text.n);
}

#define PROFILE_BYTES (JID_PART_MAX + 1)

/*
 * One pass of a profile over BUF (PROFILE_BYTES), which ends in NUL; the result fits or it is
 * no address.
 */
static bool run_profile(char *buf, const Stringprep_profile *profile,
                        Stringprep_profile_flags flags)
{
	return stringprep(buf, PROFILE_BYTES, flags, profile) == STRINGPREP_OK &&
	       buf[0] != '\0';
}

/* Bytes that a character has at least after NFKC; those that grow most by far are named. */
static size_t least_bytes(uint32_t cp, size_t bytes)
{
	if (cp == 0xFDFA) /* 18 letters */
		return 33;
	if (cp == 0xFDFB) /* 8 letters */
		return 15;
	if (cp >= 0x3300 && cp <= 0x3357) /* 2 to 6 kana */
		return 6;
	return bytes < 2 ? bytes : 0; /* what is not ASCII may become less, or nothing */
}

/* UTF-8 that may fit: the library is slow above all where the result cannot. */
static bool may_fit(struct str text)
{
	size_t least = 0;
	size_t step;

	for (size_t i = 0; i < text.n; i += step) {
		uint32_t cp;

		step = utf8_step(text.p + i, text.n - i, &cp);
		if (step == 0)
			return false;
		least += least_bytes(cp, step);
	}
	return least <= JID_PART_MAX;
}

static int prepare(struct arena *arena, struct str text, const Stringprep_profile *profile,
                   struct str *out)
{
	char once[PROFILE_BYTES], twice[PROFILE_BYTES];

	if (!may_fit(text))
		return ERR_INVALID;
	memcpy(once, text.p, text.n);
	once[text.n] = '\0';
	if (!run_profile(once, profile, 0))
		return ERR_INVALID;
	memcpy(twice, once, sizeof(twice));
	if (!run_profile(twice, profile, 0) || strcmp(once, twice) != 0)
		return ERR_INVALID;
	*out = arena_copy(arena, str_of(once));
	return 0;
}

int jid_prepare_local(struct arena *arena, struct str text, struct str *out)
{
	switch (prepare_look_local(text)) {
	case PREPARED:
		*out = text;
		return 0;
	case PREPARE_LOWER:
		*out = prepare_lower(arena, text);
		return 0;
	case PREPARE_SLOWLY:
		return prepare(arena, text, stringprep_xmpp_nodeprep, out);
	default:
		return ERR_INVALID;
	}
}

int jid_prepare_resource(struct arena *arena, struct str text, struct str *out)
{
	switch (prepare_look_resource(text)) {
	case PREPARED:
		*out = text;
		return 0;
	case PREPARE_SLOWLY:
		return prepare(arena, text, stringprep_xmpp_resourceprep, out);
	default:
		return ERR_INVALID;
	}
}

int saslprep(struct arena *arena, struct str text, bool stored, struct str *out)
{
	char buf[PROFILE_BYTES];
	int err = ERR_INVALID;

	/* RFC 4013: ASCII but for controls stays as it is; so does a resource. */
	switch (prepare_look_resource(text)) {
	case PREPARED:
		*out = text;
		return 0;
	case PREPARE_SLOWLY:
		break;
	default:
		return ERR_INVALID;
	}
	if (!may_fit(text))
		return ERR_INVALID;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	if (run_profile(buf, stringprep_saslprep, stored ? STRINGPREP_NO_UNASSIGNED : 0)) {
		*out = arena_copy(arena, str_of(buf));
		err = 0;
	}
	explicit_bzero(buf, sizeof(buf)); /* it may be a password */
	return err;
}

/* --- domains: jid_domain.c has the slow path ---------------------------------------------- */

static bool label_is_plain(const char *p, size_t n)
{
	return n > 0 && n <= 63 && p[0] != '-' && p[n - 1] != '-';
}

static bool is_a_label(const char *p, size_t n)
{
	return n >= 4 && (p[0] | 0x20) == 'x' && (p[1] | 0x20) == 'n' && p[2] == '-' &&
	       p[3] == '-';
}

enum prepared prepare_look_labels(struct str text, bool *a_label_out)
{
	enum prepared result;
	size_t from = 0;

	*a_label_out = false;
	if (text.n == 0 || text.n > JID_PART_MAX)
		return PREPARE_NEVER;
	result = look(text, D);
	if (result == PREPARE_SLOWLY || result == PREPARE_NEVER)
		return result;
	while (from <= text.n) {
		size_t to = str_find(text, '.', from);

		if (!label_is_plain(text.p + from, to - from))
			return PREPARE_NEVER;
		*a_label_out = *a_label_out || is_a_label(text.p + from, to - from);
		from = to + 1;
	}
	return result;
}

enum prepared prepare_look_domain(struct str text)
{
	bool a_label;
	enum prepared result;

	if (text.n > 0 && (text.p[0] == '[' || text.p[text.n - 1] == '.'))
		return PREPARE_SLOWLY;
	result = prepare_look_labels(text, &a_label);
	return a_label && result != PREPARE_NEVER ? PREPARE_SLOWLY : result;
}
