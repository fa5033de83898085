/*
 * jid_domain.c - the domain of an address (RFC 7622 §3.2): host names with U-labels, IPv4
 * addresses, IPv6 in brackets.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "xml/jid_prepare.h"
#include "xml/utf8.h"

#include <idn2.h>

#include <arpa/inet.h>
#include <string.h>

/* "[::1]": one address has many spellings, so it is kept in the one of RFC 5952. */
static int prepare_ipv6(struct arena *arena, struct str text, struct str *out)
{
	struct in6_addr address;
	char inner[INET6_ADDRSTRLEN];
	size_t n;

	if (text.n < 4 || text.n - 2 >= sizeof(inner) || text.p[text.n - 1] != ']')
		return ERR_INVALID;
	n = text.n - 2;
	memcpy(inner, text.p + 1, n);
	inner[n] = '\0';
	if (strlen(inner) != n || inet_pton(AF_INET6, inner, &address) != 1)
		return ERR_INVALID;
	if (inet_ntop(AF_INET6, &address, inner, sizeof(inner)) == NULL)
		return ERR_INVALID;
	*out = arena_printf(arena, "[%s]", inner);
	return 0;
}

/*
 * Without IDN2_USE_STD3_ASCII_RULES, which drops what it does not allow ("a_b" becomes "ab")
 * where we must refuse; so the result is checked by our own table.
 */
static const int idn_flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;

/* U-labels that, made A-labels, are ASCII again. */
static bool comes_back(const char *unicode, const char *ascii)
{
	char *again = NULL;
	bool same = idn2_to_ascii_8z(unicode, &again, idn_flags) == IDN2_OK &&
	            strcmp(again, ascii) == 0;

	idn2_free(again);
	return same;
}

static bool is_host_name(const char *ascii)
{
	bool a_label;

	return prepare_look_labels(str_of(ascii), &a_label) == PREPARED;
}

/* Labels of any kind: U-labels not yet mapped, A-labels, plain ones. */
static int prepare_labels(struct arena *arena, struct str text, struct str *out)
{
	char *ascii = NULL;
	char *unicode = NULL;
	int err = ERR_INVALID;
	struct str found;

	/* Bounds the work, and holds ASCII to what a domain may have; no NUL gets past this. */
	if (!utf8_is_valid(text))
		return ERR_INVALID;
	if (idn2_to_ascii_8z(arena_cstr(arena, text), &ascii, idn_flags) != IDN2_OK ||
	    !is_host_name(ascii))
		goto out;
	if (idn2_to_unicode_8z8z(ascii, &unicode, 0) != IDN2_OK || !comes_back(unicode, ascii))
		goto out;
	found = str_of(unicode);
	if (found.n > JID_PART_MAX)
		goto out;
	*out = arena_copy(arena, found);
	err = 0;
out:
	idn2_free(ascii);
	idn2_free(unicode);
	return err;
}

/* Other characters that part labels, and are a full stop once mapped. */
static bool ends_in_stop(struct str text)
{
	return str_ends_with(text, STR(".")) || str_ends_with(text, STR("\xE3\x80\x82")) ||
	       str_ends_with(text, STR("\xEF\xBC\x8E")) ||
	       str_ends_with(text, STR("\xEF\xBD\xA1"));
}

int jid_prepare_domain(struct arena *arena, struct str text, struct str *out)
{
	bool a_label;

	if (text.n > 0 && text.p[0] == '[')
		return prepare_ipv6(arena, text, out);
	/* RFC 7622 §3.2: one final label separator is stripped before anything else. */
	if (ends_in_stop(text))
		text.n -= text.p[text.n - 1] == '.' ? 1 : 3;
	switch (prepare_look_labels(text, &a_label)) {
	case PREPARED:
		if (a_label)
			return prepare_labels(arena, text, out);
		*out = text;
		return 0;
	case PREPARE_LOWER:
		text = prepare_lower(arena, text);
		if (a_label)
			return prepare_labels(arena, text, out);
		*out = text;
		return 0;
	case PREPARE_SLOWLY:
		return prepare_labels(arena, text, out);
	default:
		return ERR_INVALID;
	}
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	return true;
}

int jid_domain_ascii(struct arena *arena, struct str domain, struct str *out)
{
	char *ascii = NULL;
	int err = ERR_INVALID;

	if (is_ascii(domain)) {
		*out = domain;
		return 0;
	}
	if (idn2_to_ascii_8z(arena_cstr(arena, domain), &ascii, idn_flags) == IDN2_OK) {
		*out = arena_copy(arena, str_of(ascii));
		err = 0;
	}
	idn2_free(ascii);
	return err;
}
