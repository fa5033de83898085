/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/room.h"

#include "modules/muc/change.h"
#include "modules/muc/configure.h"
#include "modules/muc/hats.h"
#include "modules/muc/listing.h"
#include "modules/muc/private.h"

#define LEFT_MS HOURS(24)    /* longer than a session may hibernate */
#define LEFT_MAX 10000       /* that are told of at a time */
#define LEFT_SWEEP 4         /* old ones that go with each new one: more than come */
#define ROOM_BYTES 48        /* in an arena, for alignment and the end of each text */
#define OCCUPANT_ID_BYTES 15 /* of a hash that nobody else can make: more than will ever meet */
#define OCCUPANT_ID_TEXT 20  /* as base64 */
#define SEAT_LASTS 1

const struct store_space muc_seat_space = { .name = "muc-seat", .version = 1 };
const struct store_space muc_left_space = { .name = "muc-left", .version = 1 };
const struct store_space muc_subject_space = { .name = "muc-subject", .version = 1 };
const struct store_space muc_run_space = { .name = "muc-run", .version = 1 };

/* ---- finding ---- */

/* Resourceprep has made all spaces one kind of them. */
bool room_is_nick(struct str nick)
{
	size_t i = 0;

	while (i < nick.n && nick.p[i] == ' ')
		i++;
	return i < nick.n;
}

struct occupant *room_occupant(const struct room *room, struct str nick)
{
	struct occupant *o;

	HASH_FIND(hh, room->occupants, nick.p, nick.n, o);
	return o;
}

struct seat *room_seat(const struct room *room, struct jid full)
{
	struct str text = jid_full_str(full);
	struct seat *seat;

	HASH_FIND(hh, room->seats, text.p, text.n, seat);
	return seat;
}

bool occupant_is_of(const struct occupant *o, struct jid bare)
{
	return jid_bare_eq(o->seats->jid, bare);
}

struct occupant *room_next_of(const struct room *room, struct jid bare, struct occupant *prev)
{
	struct occupant *o = room_next(room, prev);

	while (o != NULL && !occupant_is_of(o, bare))
		o = room_next(room, o);
	return o;
}

struct jid occupant_jid(struct event *ev, const struct occupant *o)
{
	return jid_with_resource(ev->arena, entity_jid(ev->entity), o->nick);
}

struct str occupant_id(struct arena *arena, const struct config *config, struct jid bare)
{
	uint8_t mac[DIGEST_MAX];

	digest_hmac(DIGEST_SHA256,
	            str_make((const char *)config->secret.bytes, sizeof(config->secret.bytes)),
	            jid_bare_str(bare), mac);
	return base64_encode(arena, str_make((const char *)mac, OCCUPANT_ID_BYTES));
}

/* ---- in memory ---- */

static struct occupant *occupant_new(struct room *room, struct jid bare, struct str nick)
{
	struct arena *arena =
		arena_new(sizeof(struct occupant) + nick.n + OCCUPANT_ID_TEXT + ROOM_BYTES);
	struct occupant *o = ARENA_NEW(arena, struct occupant);

	o->arena = arena;
	o->nick = arena_copy(arena, nick);
	o->id = occupant_id(arena, &room->config, bare);
	HASH_ADD_KEYPTR(hh, room->occupants, o->nick.p, o->nick.n, o);
	return o;
}

static void occupant_free(struct room *room, struct occupant *o)
{
	struct arena *arena = o->arena;

	HASH_DEL(room->occupants, o);
	arena_free(&arena);
}

static struct seat *seat_new(struct room *room, struct occupant *o, struct jid full,
                             struct shared_buf *content)
{
	struct arena *arena =
		arena_new(sizeof(struct seat) + jid_full_str(full).n + ROOM_BYTES);
	struct seat *seat = ARENA_NEW(arena, struct seat);
	struct str text;

	seat->arena = arena;
	seat->jid = jid_copy(arena, full);
	seat->content = content;
	seat->occupant = o;
	seat->next = o->seats;
	o->seats = seat;
	text = jid_full_str(seat->jid);
	HASH_ADD_KEYPTR(hh, room->seats, text.p, text.n, seat);
	return seat;
}

static void leave_occupant(struct seat *seat)
{
	struct seat **at = &seat->occupant->seats;

	while (*at != seat)
		at = &(*at)->next;
	*at = seat->next;
}

static void seat_free(struct room *room, struct seat *seat)
{
	struct arena *arena = seat->arena;

	HASH_DEL(room->seats, seat);
	shared_unref(&seat->content);
	arena_free(&arena);
}

/* ---- records ---- */

static struct str seat_key(struct event *ev, struct jid full)
{
	return store_key(ev->arena, jid_full_str(full), STR_NONE, STR_NONE);
}

static void put_seat(struct event *ev, const struct seat *seat)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, jid_full_str(seat->jid));
	record_put_str(&w, seat->occupant->nick);
	record_put_u64(&w, seat->occupant->role);
	record_put_u64(&w, seat->lasts ? SEAT_LASTS : 0);
	record_put_i64(&w, seat->since_ms);
	record_put_str(&w, shared_str(seat->content));
	event_put(ev, &muc_seat_space, seat_key(ev, seat->jid), record_finish(&w, ev->arena));
}

static struct str left_key(struct event *ev, int64_t wall_ms, struct str nick)
{
	struct store_key key;

	key_init(&key);
	key_u64(&key, (uint64_t)wall_ms);
	key_text(&key, nick);
	return arena_copy(ev->arena, key_str(&key));
}

struct sweep {
	struct event *ev;
	uint64_t before; /* ms */
	struct str keys[LEFT_SWEEP];
	size_t n;
};

static int sweep_one(void *arg, struct str key, struct str value)
{
	struct sweep *sweep = arg;
	size_t pos = 0;
	uint64_t when;

	if (key_read_u64(key, &pos, &when) == 0 && when >= sweep->before)
		return 1;
	sweep->keys[sweep->n++] = arena_copy(sweep->ev->arena, key);
	return 0;
}

static void put_left(struct event *ev, struct str nick)
{
	int64_t now = core_wall_ms(ev->core);
	struct sweep sweep = { .ev = ev, .before = (uint64_t)(now - LEFT_MS) };
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, nick);
	event_put(ev, &muc_left_space, left_key(ev, now, nick), record_finish(&w, ev->arena));
	if (event_scan(ev, &muc_left_space, STR(""), STR_NONE, LEFT_SWEEP, sweep_one, &sweep) <
	    0)
		return; /* they can go another time */
	for (size_t i = 0; i < sweep.n; i++)
		event_delete(ev, &muc_left_space, sweep.keys[i]);
}

struct left_walk {
	uint64_t since; /* ms */
	room_left_fn *fn;
	void *arg;
};

static int on_left(void *arg, struct str key, struct str value)
{
	struct left_walk *w = arg;
	struct record_reader r;
	struct str nick;
	uint64_t when;
	size_t pos = 0;

	if (key_read_u64(key, &pos, &when) < 0 || record_open(&r, value) != 1)
		return ERR_CORRUPT;
	if (when < w->since)
		return 1;
	nick = record_str(&r);
	return record_end(&r) < 0 ? ERR_CORRUPT : w->fn(w->arg, nick);
}

int room_each_left(struct event *ev, int64_t since_ms, room_left_fn *fn, void *arg)
{
	int64_t at_least = core_wall_ms(ev->core) - LEFT_MS;
	struct left_walk w = { (uint64_t)(since_ms < at_least ? at_least : since_ms), fn, arg };

	return event_scan_down(ev, &muc_left_space, STR(""), STR_NONE, LEFT_MAX, on_left, &w);
}

/* ---- opening ---- */

struct opening {
	struct event *ev;
	struct room *room;
};

static int read_seat(void *arg, struct str key, struct str value)
{
	struct opening *opening = arg;
	struct room *room = opening->room;
	struct record_reader r;
	struct str text, nick, content;
	uint64_t role, bits;
	int64_t since_ms;
	struct occupant *o;
	struct seat *seat;
	struct jid full;
	int err = 0;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	text = arena_copy(opening->ev->arena, record_str(&r));
	nick = record_str(&r);
	role = record_u64(&r);
	bits = record_u64(&r);
	since_ms = record_i64(&r);
	content = record_str(&r);
	if (record_end(&r) < 0 || role >= ROLES ||
	    jid_parse(opening->ev->arena, text, &full) < 0)
		return ERR_CORRUPT;
	o = room_occupant(room, nick);
	if (o == NULL) {
		o = occupant_new(room, full, nick);
		o->role = (enum role)role;
		err = affiliation_of(opening->ev, jid_bare(full), &o->affiliation);
	}
	seat = seat_new(room, o, full, shared_new(content));
	seat->lasts = (bits & SEAT_LASTS) != 0;
	seat->since_ms = since_ms;
	return err;
}

bool room_has_seats(struct store_reader *reader, uint64_t owner)
{
	return store_reader_scan(reader, &muc_seat_space, owner, STR(""), STR_NONE, 1,
	                         store_any, NULL) == 1;
}

bool room_was_asked(struct event *ev)
{
	struct record_reader r;
	struct str value;

	return event_find(ev, &muc_run_space, STR(""), &value) == 0 &&
	       record_open(&r, value) == 1 && record_i64(&r) == core_started_ms(ev->core);
}

void room_put_asked(struct event *ev)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_i64(&w, core_started_ms(ev->core));
	event_put(ev, &muc_run_space, STR(""), record_finish(&w, ev->arena));
}

int room_open(struct mod *m, struct event *ev, struct room **room_out)
{
	struct room *room = mod_entity_state(m, ev->entity);
	struct opening opening = { ev, room };
	int err;

	*room_out = room;
	if (room->arena != NULL)
		return 0;
	room->arena = arena_new(512);
	err = config_read(ev, room->arena, &room->config);
	if (err == 0)
		err = event_scan(ev, &muc_seat_space, STR(""), STR_NONE, 0, read_seat,
		                 &opening);
	if (err == 0)
		err = hats_open(ev, room);
	if (err < 0) {
		room_close(m, room);
		return err == ERR_NOENT ? ERR_CORRUPT : err;
	}
	if (room->seats != NULL && !room_was_asked(ev))
		mod_visit(m, entity_jid(ev->entity), leave_visit, STR_NONE);
	if (configure_is_owed(room))
		mod_visit(m, entity_jid(ev->entity), configure_visit, STR_NONE);
	if (change_is_owed(room))
		mod_visit(m, entity_jid(ev->entity), change_visit, STR_NONE);
	return 0;
}

void room_close(struct mod *m, void *state)
{
	struct room *room = state;
	struct occupant *o;
	struct seat *seat;

	while ((seat = room->seats) != NULL)
		seat_free(room, seat);
	while ((o = room->occupants) != NULL)
		occupant_free(room, o);
	arena_free(&room->arena);
	*room = (struct room){ .arena = NULL };
}

int room_configure(struct event *ev, struct room *room, const struct config *config)
{
	config_write(ev, config);
	listing_update(ev, config);
	arena_free(&room->arena);
	room->arena = arena_new(512);
	return config_read(ev, room->arena, &room->config);
}

/* ---- changes ---- */

struct seat *room_add(struct event *ev, struct room *room, struct jid full, struct str nick,
                      struct shared_buf *content, bool lasts)
{
	struct occupant *o = room_occupant(room, nick);
	struct seat *seat;

	if (o == NULL)
		o = occupant_new(room, full, nick);
	seat = seat_new(room, o, full, content);
	seat->lasts = lasts;
	seat->since_ms = core_wall_ms(ev->core);
	return seat;
}

void room_show(struct event *ev, struct room *room, struct seat *seat,
               struct shared_buf *content, bool lasts)
{
	shared_unref(&seat->content);
	seat->content = content;
	seat->lasts = lasts;
	leave_occupant(seat);
	seat->next = seat->occupant->seats;
	seat->occupant->seats = seat;
	put_seat(ev, seat);
}

void room_put(struct event *ev, struct room *room, struct occupant *o)
{
	for (const struct seat *seat = o->seats; seat != NULL; seat = seat->next)
		put_seat(ev, seat);
}

/* In a new arena, so that who renames himself all day does not fill the old one. */
struct occupant *room_rename(struct event *ev, struct room *room, struct occupant *o,
                             struct str nick)
{
	struct occupant *renamed = occupant_new(room, o->seats->jid, nick);

	renamed->affiliation = o->affiliation;
	renamed->role = o->role;
	renamed->seats = o->seats;
	for (struct seat *seat = o->seats; seat != NULL; seat = seat->next)
		seat->occupant = renamed;
	put_left(ev, o->nick);
	occupant_free(room, o);
	room_put(ev, room, renamed);
	return renamed;
}

bool room_remove(struct event *ev, struct room *room, struct seat *seat)
{
	struct occupant *o = seat->occupant;
	bool was_last;

	event_delete(ev, &muc_seat_space, seat_key(ev, seat->jid));
	leave_occupant(seat);
	seat_free(room, seat);
	was_last = o->seats == NULL;
	if (was_last) {
		put_left(ev, o->nick);
		occupant_free(room, o);
	}
	return was_last;
}
