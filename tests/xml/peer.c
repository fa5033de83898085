/*
 * peer.c - a stream whose events become text.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/xml/peer.h"

#include "xml/ns.h"
#include "xml/writer.h"

static void on_open(void *owner, const struct xml_node *header, struct str default_ns)
{
	struct peer *peer = owner;

	ck_assert(header->first == NULL && header->next == NULL);
	buf_printf(&peer->log, "[open " STR_FMT, STR_ARG(header->name));
	if (!xml_in_ns(header, NS_STREAM))
		buf_printf(&peer->log, " in " STR_FMT, STR_ARG(header->ns));
	if (!str_is_absent(xml_attr(header, "to")))
		buf_printf(&peer->log, " to=" STR_FMT, STR_ARG(xml_attr(header, "to")));
	if (!str_is_absent(default_ns))
		buf_printf(&peer->log, " default=" STR_FMT, STR_ARG(default_ns));
	buf_append_byte(&peer->log, ']');
	if (peer->pause_always)
		xml_stream_pause(peer->stream);
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct peer *peer = owner;

	xml_write(&peer->log, element, STR(NS_CLIENT));
	peer->elements++;
	if (peer->pause_always)
		xml_stream_pause(peer->stream);
	if (peer->restart_at_auth && xml_is(element, NS_SASL, "auth"))
		xml_stream_restart(peer->stream);
	arena_free(&arena);
}

const struct xml_stream_ops peer_ops = { on_open, on_element };

struct peer *peer_new(void)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	ck_assert_ptr_nonnull(peer);
	peer->pool = xml_pool_new();
	peer->stream = xml_stream_new(peer->pool, &peer_ops, peer);
	return peer;
}

void peer_free(struct peer *peer)
{
	xml_stream_free(&peer->stream);
	xml_pool_free(&peer->pool);
	buf_deinit(&peer->log);
	free(peer);
}

void peer_renew(struct peer *peer)
{
	xml_stream_free(&peer->stream);
	peer->stream = xml_stream_new(peer->pool, &peer_ops, peer);
	buf_clear(&peer->log);
	peer->elements = 0;
}

enum xml_result feed_all(struct peer *peer, struct str bytes)
{
	for (;;) {
		size_t used = SIZE_MAX;
		enum xml_result result = xml_stream_feed(peer->stream, bytes, &used);

		ck_assert_uint_le(used, bytes.n);
		if (result != XML_READ_PAUSED)
			return result;
		/* A pause ends right behind a tag. */
		ck_assert(used == 0 || bytes.p[used - 1] == '>');
		bytes = str_slice(bytes, used, bytes.n);
	}
}

void expect_bytes(struct str s, enum xml_result result)
{
	struct peer *peer = peer_new();
	enum xml_result got = feed_all(peer, s);

	ck_assert_msg(got == result, "%d, not %d, for " STR_FMT, (int)got, (int)result,
	              STR_ARG(s));
	peer_renew(peer);
	for (size_t i = 0; i < s.n; i++) {
		got = feed_all(peer, str_slice(s, i, i + 1));
		if (got != XML_READ_OK)
			break;
	}
	ck_assert_msg(got == result, "%d, not %d, byte by byte, for " STR_FMT, (int)got,
	              (int)result, STR_ARG(s));
	if (result > XML_READ_CLOSED) /* an error is final */
		ck_assert_int_eq(feed_all(peer, STR("<a/>")), (int)result);
	peer_free(peer);
}

void expect_result(const char *text, enum xml_result result)
{
	expect_bytes(str_of(text), result);
}
