/*
 * scram_message.c - SCRAM's messages as text (RFC 5802 §7).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/scram_message.h"

#include "server/base/base64.h"
#include "server/base/err.h"
#include "xml/utf8.h"

struct attr {
	char name;
	struct str value; /* not empty */
};

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * value-char needs no further look once this holds for the whole message and the commas are
 * cut.
 */
static bool is_text(struct str s)
{
	return utf8_is_valid(s) && str_find(s, '\0', 0) == s.n;
}

/* cb-name = 1*(ALPHA / DIGIT / "." / "-") */
static bool is_binding_type(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!is_alpha(c) && !(c >= '0' && c <= '9') && c != '.' && c != '-')
			return false;
	}
	return s.n > 0;
}

/* printable = %x21-2B / %x2D-7E; the comma is cut off already. */
static bool is_nonce(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7E)
			return false;
	return s.n > 0;
}

/* attr-val = ALPHA "=" value.  Fails at the end of the message too. */
static int take_attr(struct str *rest, struct attr *attr_out)
{
	struct str part;

	if (str_is_absent(*rest))
		return ERR_INVALID;
	part = str_cut(rest, ',');
	if (part.n < 3 || !is_alpha(part.p[0]) || part.p[1] != '=')
		return ERR_INVALID;
	/* §5.1: m= is mandatory to understand, and no extension is known. */
	if (part.p[0] == 'm')
		return ERR_INVALID;
	*attr_out = (struct attr){ .name = part.p[0], .value = str_slice(part, 2, part.n) };
	return 0;
}

static int take_named(struct str *rest, char name, struct str *value_out)
{
	struct attr attr;
	int err = take_attr(rest, &attr);

	if (err < 0)
		return err;
	if (attr.name != name)
		return ERR_INVALID;
	*value_out = attr.value;
	return 0;
}

/* saslname = 1*(value-safe-char / "=2C" / "=3D") */
static int unescape(struct arena *arena, struct str name, struct str *out)
{
	char *p;
	size_t n = 0;

	if (str_find(name, '=', 0) == name.n) {
		*out = name;
		return 0;
	}
	p = arena_alloc(arena, name.n);
	for (size_t i = 0; i < name.n; i++) {
		struct str escape = str_slice(name, i, i + 3);

		if (name.p[i] != '=') {
			p[n++] = name.p[i];
			continue;
		}
		if (str_is(escape, "=2C"))
			p[n++] = ',';
		else if (str_is(escape, "=3D"))
			p[n++] = '=';
		else
			return ERR_INVALID;
		i += 2;
	}
	*out = str_make(p, n);
	return 0;
}

/* gs2-header = gs2-cbind-flag "," [ authzid ] ",".  Leaves in *REST what follows it. */
static int parse_gs2_header(struct arena *arena, struct str *rest, struct scram_first *first)
{
	struct str text = *rest;
	struct str flag = str_cut(rest, ','), authzid;

	if (str_is_absent(*rest))
		return ERR_INVALID;
	authzid = str_cut(rest, ',');
	if (str_is_absent(*rest))
		return ERR_INVALID;
	if (str_is(flag, "n") || str_is(flag, "y"))
		first->flag = flag.p[0];
	else if (str_starts_with(flag, STR("p=")) &&
	         is_binding_type(str_slice(flag, 2, flag.n)))
		first->flag = 'p';
	else
		return ERR_INVALID;
	if (first->flag == 'p')
		first->binding_type = str_slice(flag, 2, flag.n);
	first->gs2_header = str_make(text.p, flag.n + 1 + authzid.n + 1);
	if (str_is_empty(authzid))
		return 0;
	if (authzid.n < 3 || !str_starts_with(authzid, STR("a=")))
		return ERR_INVALID;
	return unescape(arena, str_slice(authzid, 2, authzid.n), &first->authzid);
}

int scram_parse_first(struct arena *arena, struct str text, struct scram_first *first_out)
{
	struct scram_first first = { 0 };
	struct str rest = text, user;
	struct attr extension;

	if (!is_text(text) || parse_gs2_header(arena, &rest, &first) < 0)
		return ERR_INVALID;
	first.bare = rest;
	if (take_named(&rest, 'n', &user) < 0 || unescape(arena, user, &first.user) < 0)
		return ERR_INVALID;
	if (take_named(&rest, 'r', &first.nonce) < 0 || !is_nonce(first.nonce))
		return ERR_INVALID;
	while (!str_is_absent(rest))
		if (take_attr(&rest, &extension) < 0)
			return ERR_INVALID;
	*first_out = first;
	return 0;
}

int scram_parse_final(struct arena *arena, struct str text, struct scram_final *final_out)
{
	struct scram_final final = { 0 };
	struct str rest = text, binding;
	struct attr attr;

	if (!is_text(text))
		return ERR_INVALID;
	if (take_named(&rest, 'c', &binding) < 0 ||
	    base64_decode(arena, binding, &final.binding) < 0)
		return ERR_INVALID;
	if (take_named(&rest, 'r', &final.nonce) < 0 || !is_nonce(final.nonce))
		return ERR_INVALID;
	do {
		if (take_attr(&rest, &attr) < 0)
			return ERR_INVALID;
	} while (attr.name != 'p');
	/* The proof is the last of all. */
	if (!str_is_absent(rest) || base64_decode(arena, attr.value, &final.proof) < 0)
		return ERR_INVALID;
	final.without_proof = str_make(text.p, text.n - attr.value.n - sizeof(",p=") + 1);
	*final_out = final;
	return 0;
}

struct str scram_format_first(struct arena *arena, struct str nonce, struct str salt,
                              uint32_t iterations)
{
	struct str salt64 = base64_encode(arena, salt);

	return arena_printf(arena, "r=" STR_FMT ",s=" STR_FMT ",i=%u", STR_ARG(nonce),
	                    STR_ARG(salt64), iterations);
}

struct str scram_format_final(struct arena *arena, struct str signature)
{
	return arena_concat(arena, STR("v="), base64_encode(arena, signature));
}
