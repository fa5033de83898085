/*
 * rooms.c - who sits in which room, and how they come in.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/rooms.h"
#include "tests/bench/caps.h"
#include "tests/bench/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_MUC "http://jabber.org/protocol/muc"
#define STALL_SECONDS 20.0 /* nothing came for so long: what is missing is lost */
#define TAIL 0.05          /* seconds: the server still tidies up after the last join */
#define EXCERPT 300        /* bytes of a surprising stanza that the reason shows */

/* Where the joins of one room stand. */
struct joining {
	struct room *room;
	unsigned started;
	unsigned subjects; /* of all rooms before it began */
};

/* The readings between two batches. */
struct mark {
	unsigned joined;
	uint64_t presences;
	uint64_t at_ns;
	double server_cpu;
	double own_cpu;
};

static void fail(const struct client *c, const char *what, struct piece got)
{
	fprintf(stderr, "load: session %u: %s: %.*s\n", c->index, what,
	        (int)(got.n < EXCERPT ? got.n : EXCERPT), got.p);
	exit(1);
}

struct client *rooms_occupant(const struct rooms *rs, const struct room *r, unsigned who)
{
	const struct options *o = rs->fleet->options;
	unsigned place = (unsigned)(r - rs->rooms);
	unsigned first = place == 0 ? 0 : o->warm_sessions + (place - 1) * o->room_size;

	return &rs->fleet->clients[first + who];
}

struct room *rooms_of(struct rooms *rs, const struct client *c, unsigned *who_out)
{
	const struct options *o = rs->fleet->options;
	unsigned place = options_room_of(o, c->index);

	*who_out = place == 0 ? c->index : (c->index - o->warm_sessions) % o->room_size;
	return &rs->rooms[place];
}

/* The account whose nickname, n and its index, ends an occupant's JID; -1 for any other JID. */
static long occupant_in(struct piece jid)
{
	const char *slash = memchr(jid.p, '/', jid.n);
	const char *end = jid.p + jid.n;
	long index = 0;

	if (slash == NULL || end - slash < 3 || slash[1] != 'n')
		return -1;
	for (const char *p = slash + 2; p < end; p++) {
		if (*p < '0' || *p > '9' || index > INT32_MAX / 16)
			return -1;
		index = index * 10 + (*p - '0');
	}
	return index;
}

static void on_presence(struct client *c, struct piece presence, void *ctx)
{
	struct rooms *rs = ctx;
	long index = occupant_in(piece_attribute(presence, "from"));
	unsigned who, whom;
	struct room *r = rooms_of(rs, c, &who);

	if (index < 0)
		return; /* its own, or another account's, as the session came in */
	if (piece_attribute(presence, "type").n > 0)
		fail(c, "it cannot join", presence);
	if (index >= (long)options_all_sessions(rs->fleet->options) ||
	    rooms_of(rs, &rs->fleet->clients[index], &whom) != r)
		fail(c, "a presence of somebody who is elsewhere", presence);
	if (!room_meet(r, who, whom))
		fail(c, "a presence for the second time", presence);
}

/* XEP-0045 §7.2.15: behind the presences and the history, so that the join is over. */
static void on_subject(struct client *c, void *ctx)
{
	struct rooms *rs = ctx;

	rs->subjects++;
}

static const struct fleet_events fleet_events = {
	.on_presence = on_presence,
	.on_subject = on_subject,
	.on_message = rooms_on_message,
};

static void on_own_message(struct client *c, uint32_t number, void *ctx)
{
	unsigned *came = ctx;

	(void)c;
	(void)number;
	(*came)++;
}

/*
 * Every session writes to itself, once: what a server keeps for whoever has ever sent and got a
 * stanza is not what an occupant costs it.
 */
static void talk_to_themselves(struct fleet *f)
{
	static const struct fleet_events events = { .on_message = on_own_message };
	unsigned came = 0, all = options_all_sessions(f->options);
	uint64_t start_ns = uv_hrtime();

	f->events = &events;
	f->events_ctx = &came;
	for (unsigned i = 0; i < all; i++) {
		struct client *c = &f->clients[i];
		struct buf b = { 0 };

		buf_addf(&b, "<message type='chat' id='own' to='%s'><body>00000000", c->jid);
		buf_addf(&b, "%*s</body></message>", (int)f->options->body, "");
		client_queue_stanza(c, b.p, b.n);
		buf_deinit(&b);
	}
	net_flush(&f->net);
	while (came < all && (double)(uv_hrtime() - start_ns) < STALL_SECONDS * 1e9)
		fleet_wait(f, ROOMS_STEP);
	if (came < all) {
		fprintf(stderr, "load: %u messages of sessions to themselves were lost\n",
		        all - came);
		exit(1);
	}
}

void rooms_init(struct rooms *rs, struct fleet *f)
{
	const struct options *o = f->options;

	if (o->protocol == PROTOCOL_XMPP)
		talk_to_themselves(f);
	*rs = (struct rooms){ .fleet = f, .count = 1 + o->sessions / o->room_size };
	rs->rooms = buf_zalloc(rs->count * sizeof(*rs->rooms));
	room_init(&rs->rooms[0], o->warm_sessions);
	for (unsigned i = 1; i < rs->count; i++)
		room_init(&rs->rooms[i], o->room_size);
	f->events = &fleet_events;
	f->events_ctx = rs;
}

void rooms_deinit(struct rooms *rs)
{
	for (unsigned i = 0; i < rs->count; i++)
		room_deinit(&rs->rooms[i]);
	free(rs->rooms);
	rs->fleet->events = NULL;
}

static void add_room_jid(const struct rooms *rs, const struct room *r, struct buf *b)
{
	buf_addf(b, "room%u@conference.%s", (unsigned)(r - rs->rooms),
	         rs->fleet->options->domain);
}

/* Make all occupants ready to talk there; from now on they send records of a message's size. */
static void address(const struct rooms *rs, const struct room *r)
{
	struct buf jid = { 0 };

	add_room_jid(rs, r, &jid);
	for (unsigned who = 0; who < r->size; who++)
		client_address_room(rooms_occupant(rs, r, who), jid.p);
	buf_deinit(&jid);
}

static void send_join(struct rooms *rs, struct joining *j)
{
	struct client *c = rooms_occupant(rs, j->room, j->started++);
	struct buf b = { 0 };

	buf_add_text(&b, "<presence to='");
	add_room_jid(rs, j->room, &b);
	buf_addf(&b, "/n%u'>" CAPS_ELEMENT "<x xmlns='" NS_MUC "'/></presence>", c->index);
	client_queue_stanza(c, b.p, b.n);
	buf_deinit(&b);
}

/* Whether the first N joins of the room are over: everybody has heard of everybody. */
static bool is_over(const struct rooms *rs, const struct joining *j, unsigned n)
{
	return rs->subjects - j->subjects >= n && j->room->presences >= (uint64_t)n * n;
}

/* The first makes the room, and nobody comes with it. */
static bool may_join(const struct rooms *rs, const struct joining *j)
{
	unsigned joining = j->started > 1 ? rs->fleet->options->joining : 1;

	return j->started < joining || is_over(rs, j, j->started + 1 - joining);
}

/* Join until so many of the room's occupants are in it. */
static void fill(struct rooms *rs, struct joining *j, unsigned end)
{
	uint64_t seen = 0, progress_ns = uv_hrtime();

	while (!is_over(rs, j, end)) {
		while (j->started < end && may_join(rs, j))
			send_join(rs, j);
		net_flush(&rs->fleet->net);
		fleet_wait(rs->fleet, ROOMS_STEP);
		if (j->room->presences + rs->subjects != seen)
			progress_ns = uv_hrtime();
		seen = j->room->presences + rs->subjects;
		if ((double)(uv_hrtime() - progress_ns) > STALL_SECONDS * 1e9) {
			fprintf(stderr,
			        "load: of %u joins only %u subjects and %llu presences came\n",
			        j->started, rs->subjects - j->subjects,
			        (unsigned long long)j->room->presences);
			exit(1);
		}
	}
}

static struct mark take_mark(struct rooms *rs, unsigned joined)
{
	const struct options *o = rs->fleet->options;
	struct mark m = { .joined = joined, .at_ns = uv_hrtime(), .own_cpu = proc_own_cpu() };

	fleet_wait(rs->fleet, TAIL);
	m.server_cpu = o->pid != 0 ? proc_cpu_of(o->pid) : -1;
	for (unsigned i = 1; i < rs->count; i++)
		m.presences += rs->rooms[i].presences;
	return m;
}

static struct report_joins between(const struct mark *a, const struct mark *b)
{
	return (struct report_joins){
		.first = a->joined + 1,
		.last = b->joined,
		.presences = b->presences - a->presences,
		.seconds = (double)(b->at_ns - a->at_ns) / 1e9,
		.server_cpu = a->server_cpu >= 0 ? b->server_cpu - a->server_cpu : -1,
		.own_cpu = b->own_cpu - a->own_cpu,
	};
}

static void join_all(struct rooms *rs, struct report_rooms *out)
{
	unsigned size = rs->fleet->options->room_size, batch = rs->fleet->options->join_batch;
	struct mark start = take_mark(rs, 0), before = start, now = start;

	for (unsigned i = 1; i < rs->count; i++) {
		struct joining j = { .room = &rs->rooms[i], .subjects = rs->subjects };

		for (unsigned end = 0; end < size;) {
			end = end + batch < size ? end + batch : size;
			before = now;
			fill(rs, &j, end);
			now = take_mark(rs, (i - 1) * size + end);
			if (out->first.last == 0)
				out->first = between(&before, &now);
		}
		address(rs, &rs->rooms[i]);
	}
	out->last = between(&before, &now);
	out->all = between(&start, &now);
}

void rooms_join(struct rooms *rs, struct report_rooms *out)
{
	out->rooms = rs->count - 1;
	out->occupants = rs->fleet->options->room_size;
	if (rs->fleet->options->protocol == PROTOCOL_RAW) {
		for (unsigned i = 1; i < rs->count; i++)
			address(rs, &rs->rooms[i]);
		return;
	}
	join_all(rs, out);
}

void rooms_warm(struct rooms *rs)
{
	struct joining j = { .room = &rs->rooms[0] };
	unsigned size = rs->fleet->options->warm_sessions;

	if (rs->fleet->options->protocol == PROTOCOL_XMPP)
		fill(rs, &j, size);
	address(rs, &rs->rooms[0]);
	rooms_warm_up(rs);
}
