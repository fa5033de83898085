/*
 * fuzz_client.c - two hostile clients of one server, with all that they may say after login.
 *
 * An input is lines.  The first letter says who, romeo or juliet, and what follows what:
 *
 *     r<message …        sends that element; others than whole elements are passed over.  In it $r and $j are their
 *                        bare JIDs, $i the name of the own stream (XEP-0198), $u the latest id of an archive
 *     r+                 logs in, bound
 *     r^                 logs in, and is not bound
 *     r!                 the connection breaks
 *     r.                 closes the stream
 *     r=                 resumes the stream, honestly, on a new connection
 *
 *  - Whoever is connected is answered; the server serves others in the end.
 *  - The server acknowledges no more than was sent, and never less than it did.
 *  - What it writes can be read.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/fuzz/fuzz_world.h"
#include "tests/lib/client.h"
#include "xml/ns.h"
#include "xml/writer.h"

#include <string.h>
#include <sys/socket.h>

#define LINES_MAX 100
#define PATIENCE_MS 20000
#define ID_BYTES 17
#define FENCE_ID "fence-of-the-test"

struct actor {
	struct world *world;
	const char *full, *bare;
	struct client *c; /* NULL: not connected */
	bool bound, managed;
	char stream[ID_BYTES], uid[ID_BYTES]; /* "": none */
	unsigned sent, acked, got;            /* stanzas, since the stream is managed */
	bool answered;                        /* the fence */
};

/* ---- what the server says ---- */

static void keep_id(char id_out[ID_BYTES], struct str id)
{
	if (id.n >= ID_BYTES || str_is_absent(id))
		return;
	memcpy(id_out, id.p, id.n);
	id_out[id.n] = '\0';
}

static void take_count(struct actor *a, const struct xml_node *node)
{
	uint64_t h;

	ck_assert_int_eq(str_to_u64(xml_attr(node, "h"), &h), 0);
	ck_assert_msg(h <= a->sent, "%llu of %u are acknowledged", (unsigned long long)h,
	              a->sent);
	ck_assert_msg(h >= a->acked, "%llu are acknowledged, and were %u",
	              (unsigned long long)h, a->acked);
	a->acked = (unsigned)h;
}

static void take_sm(struct actor *a, const struct xml_node *node)
{
	if (xml_is(node, NS_SM, "enabled")) {
		a->managed = true;
		a->got = a->acked = 0;
		a->stream[0] = '\0';
		keep_id(a->stream, xml_attr(node, "id"));
	} else if (xml_is(node, NS_SM, "resumed")) {
		a->bound = a->managed = true;
		take_count(a, node);
		a->sent = a->acked; /* nothing is sent again */
	} else if (xml_is(node, NS_SM, "a")) {
		take_count(a, node);
	} else if (xml_is(node, NS_SM, "failed")) {
		a->answered = true;
	}
}

static void take_element(struct actor *a, const struct xml_node *node)
{
	const struct xml_node *result = xml_child(node, NS_MAM, "result");

	if (xml_in_ns(node, NS_SM)) {
		take_sm(a, node);
		return;
	}
	if (!xml_in_ns(node, NS_CLIENT))
		return;
	a->got++;
	if (result != NULL)
		keep_id(a->uid, xml_attr(result, "id"));
	if (xml_child(node, NS_BIND, "bind") != NULL)
		a->bound = true;
	if (str_is(xml_attr(node, "id"), FENCE_ID))
		a->answered = true;
}

/* ---- what the clients do ---- */

static void leave(struct actor *a)
{
	if (a->c != NULL)
		client_drop(&a->c);
	a->bound = a->managed = false;
}

/* What does not go out is read as the stream's end. */
static void say(struct actor *a, struct str text)
{
	size_t at = 0;

	while (at < text.n) {
		ssize_t n = send(a->c->fd, text.p + at, text.n - at, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += (size_t)n;
	}
}

/* All that was said before is handled when this is answered. */
static void settle(struct actor *a)
{
	const struct xml_node *node;

	if (a->c == NULL)
		return;
	a->answered = false;
	if (a->bound) {
		say(a, STR("<iq type='get' id='" FENCE_ID
		           "' to='a.example'><ping xmlns='" NS_PING "'/></iq>"));
		a->sent++;
	} else {
		say(a, STR("<resume xmlns='" NS_SM "' previd='fence' h='0'/>"));
	}
	while ((!a->answered || a->c->first != NULL) &&
	       (node = client_next_or_end(a->c)) != NULL)
		take_element(a, node);
	if (a->c->ended)
		leave(a);
}

static void arrive(struct actor *a, bool bound)
{
	leave(a);
	a->c = bound ? client_login(a->world, a->full) : client_enter(a->world, a->bare);
	a->c->patience_ms = PATIENCE_MS;
	a->bound = bound;
}

static void resume(struct actor *a)
{
	arrive(a, false);
	say(a, arena_printf(a->world->arena, "<resume xmlns='" NS_SM "' previd='%s' h='%u'/>",
	                    a->stream, a->got));
}

/* $r, $j, $i, $u */
static struct str expand(const struct actor *a, struct str text)
{
	struct buf out = { 0 };
	struct str expanded;

	for (size_t i = 0; i < text.n; i++) {
		char name = text.p[i] == '$' && i + 1 < text.n ? text.p[++i] : '\0';

		if (name == 'r')
			buf_append(&out, STR("romeo@a.example"));
		else if (name == 'j')
			buf_append(&out, STR("juliet@a.example"));
		else if (name == 'i')
			buf_append(&out, str_of(a->stream));
		else if (name == 'u')
			buf_append(&out, str_of(a->uid));
		else
			buf_append_byte(&out, text.p[i]);
	}
	expanded = arena_copy(a->world->arena, buf_str(&out));
	buf_deinit(&out);
	return expanded;
}

static void send_element(struct actor *a, struct str text)
{
	struct arena *arena = a->world->arena;
	const struct xml_node *node;
	struct str whole;

	text = expand(a, text);
	whole = arena_printf(arena, "<x xmlns='" NS_CLIENT "'>" STR_FMT "</x>", STR_ARG(text));
	if (a->c == NULL || xml_read(arena, whole, &node) < 0)
		return;
	node = xml_only_child(node);
	if (node == NULL)
		return;
	if (xml_is(node, NS_SM, "enable") && !a->managed)
		a->sent = a->acked = 0;
	else if (xml_in_ns(node, NS_CLIENT))
		a->sent++;
	say(a, xml_print(arena, node));
}

static void act(struct actor *a, struct str what)
{
	if (str_is_empty(what))
		return;
	switch (what.p[0]) {
	case '<':
		send_element(a, what);
		break;
	case '+':
		arrive(a, true);
		break;
	case '^':
		arrive(a, false);
		break;
	case '!':
		leave(a);
		break;
	case '.':
		if (a->c != NULL)
			say(a, STR("</stream:stream>"));
		leave(a);
		break;
	case '=':
		resume(a);
		break;
	}
}

static void play(struct world *w, struct str input)
{
	struct actor romeo = { .world = w,
		               .bare = "romeo@a.example",
		               .full = "romeo@a.example/x" };
	struct actor juliet = { .world = w,
		                .bare = "juliet@a.example",
		                .full = "juliet@a.example/y" };
	size_t lines = 0;

	while (!str_is_absent(input) && lines++ < LINES_MAX) {
		struct str line = str_cut(&input, '\n');
		struct actor *a = str_starts_with(line, STR("r"))   ? &romeo
		                  : str_starts_with(line, STR("j")) ? &juliet
		                                                    : NULL;

		if (a == NULL)
			continue;
		act(a, str_slice(line, 1, line.n));
		settle(a);
	}
	settle(&romeo);
	settle(&juliet);
	leave(&romeo);
	leave(&juliet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "romeo", "juliet", NULL };

	fuzz_in_world(names, play, fuzz_str(data, size));
	return 0;
}
