/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/dialback.h"

#include "server/base/base64.h"
#include "server/base/digest.h"
#include "server/base/err.h"
#include "xml/ns.h"
#include "xml/writer.h"

#define SHA256_BYTES 32

/* XEP-0185 §2: HMAC's key is the hash of the secret, as text. */
struct str dialback_key(struct arena *arena, const char *secret, struct str receiving,
                        struct str originating, struct str id)
{
	uint8_t hash[SHA256_BYTES], mac[SHA256_BYTES];
	struct str what = arena_printf(arena, STR_FMT " " STR_FMT " " STR_FMT,
	                               STR_ARG(receiving), STR_ARG(originating), STR_ARG(id));

	digest_hash(DIGEST_SHA256, str_of(secret), hash);
	digest_hmac(DIGEST_SHA256,
	            base16_encode(arena, str_make((const char *)hash, sizeof(hash))), what,
	            mac);
	return base16_encode(arena, str_make((const char *)mac, sizeof(mac)));
}

bool dialback_key_is_right(const char *secret, struct str receiving, struct str originating,
                           struct str id, struct str key)
{
	struct arena *arena = arena_new(1024);
	struct str right = dialback_key(arena, secret, receiving, originating, id);
	bool same = key.n == right.n && digest_equal(key.p, right.p, right.n);

	arena_free(&arena);
	return same;
}

/* ---- elements ---- */

bool dialback_is(const struct xml_node *element)
{
	return xml_is(element, NS_DIALBACK, "result") || xml_is(element, NS_DIALBACK, "verify");
}

static enum dialback_type type_of(struct str type)
{
	if (str_is_absent(type))
		return DIALBACK_REQUEST;
	if (str_is(type, "valid"))
		return DIALBACK_VALID;
	if (str_is(type, "invalid"))
		return DIALBACK_INVALID;
	return str_is(type, "error") ? DIALBACK_ERROR : DIALBACK_UNKNOWN;
}

/* XEP-0220 §2.5: <error/> is of the stream's namespace; whoever writes it in dialback's is understood too. */
static struct str error_of(const struct xml_node *element)
{
	const struct xml_node *error = xml_child(element, NS_SERVER, "error");
	const struct xml_node *child;

	if (error == NULL)
		error = xml_child(element, NS_DIALBACK, "error");
	child = error == NULL ? NULL : xml_next_child(error, NULL);
	return xml_in_ns(child, NS_STANZA_ERROR) ? child->name : STR_NONE;
}

static bool is_text(struct str text)
{
	return text.n > 0 && text.n <= DIALBACK_TEXT_MAX;
}

int dialback_read(struct arena *arena, const struct xml_node *element, struct dialback *d_out)
{
	struct dialback d = {
		.is_verify = str_is(element->name, "verify"),
		.type = type_of(xml_attr(element, "type")),
		.id = xml_attr(element, "id"),
	};
	struct str from = xml_attr(element, "from"), to = xml_attr(element, "to");

	if (str_is_absent(from) || str_is_absent(to) ||
	    jid_prepare_domain(arena, from, &d.from) < 0 ||
	    jid_prepare_domain(arena, to, &d.to) < 0)
		return ERR_INVALID;
	if (d.is_verify && !is_text(d.id))
		return ERR_INVALID;
	if (d.type == DIALBACK_REQUEST) {
		d.key = str_trim(xml_text(arena, element));
		if (!is_text(d.key))
			return ERR_INVALID;
	}
	if (d.type == DIALBACK_ERROR)
		d.error = error_of(element);
	*d_out = d;
	return 0;
}

static const char *type_name(enum dialback_type type)
{
	static const char *const names[] = {
		[DIALBACK_VALID] = "valid",
		[DIALBACK_INVALID] = "invalid",
		[DIALBACK_ERROR] = "error",
	};

	return (size_t)type < ARRAY_LEN(names) ? names[type] : NULL;
}

static void write_error(struct buf *out, struct str condition)
{
	buf_append(out, STR("<error type='cancel'><"));
	buf_append(out, condition);
	buf_append(out, STR(" xmlns='" NS_STANZA_ERROR "'/></error>"));
}

void dialback_write(struct buf *out, const struct dialback *d)
{
	struct str name = d->is_verify ? STR("db:verify") : STR("db:result");

	buf_append_byte(out, '<');
	buf_append(out, name);
	xml_write_attr(out, "from", d->from);
	xml_write_attr(out, "to", d->to);
	if (d->is_verify)
		xml_write_attr(out, "id", d->id);
	xml_write_attr(out, "type", str_of(type_name(d->type)));
	buf_append_byte(out, '>');
	if (d->type == DIALBACK_ERROR)
		write_error(out, d->error);
	else if (d->type == DIALBACK_REQUEST)
		xml_write_text(out, d->key);
	buf_append(out, STR("</"));
	buf_append(out, name);
	buf_append_byte(out, '>');
}

struct dialback dialback_answer(const struct dialback *d, enum dialback_type type)
{
	return (struct dialback){
		.is_verify = d->is_verify,
		.type = type,
		.from = d->to,
		.to = d->from,
		.id = d->id,
	};
}

struct dialback dialback_refusal(const struct dialback *d, const char *condition)
{
	struct dialback answer = dialback_answer(d, DIALBACK_ERROR);

	answer.error = str_of(condition);
	return answer;
}
