/*
 * options.c - what the load generator was asked to do.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/options.h"
#include "tests/bench/room.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE_ERROR 64 /* EX_USAGE */
#define BODY_MIN 8     /* the number of the message stands in it */
#define BODY_MAX 8000
#define CONTACTS_MAX 1000
#define ROOM_SIZE_MAX 20000 /* each pair has a bit */
#define STORM_RATE 500      /* changes of presence in a second */

static const char usage[] =
	"usage: load [OPTION]...\n"
	"Logs XMPP sessions in and measures the server.\n"
	"  --mode MODE            register, contacts, befriend, login, idle, chat, storm,\n"
	"                         offline, rooms or resume (chat)\n"
	"  --host ADDRESS         IPv4 address (127.0.0.1)\n"
	"  --port PORT            (5222)\n"
	"  --domain NAME          the served domain (localhost)\n"
	"  --pid PID              process of the server, for its processor time and memory\n"
	"  --other-port PORT      mode chat: of another server, which every second session is "
        "of\n"
	"  --other-domain NAME    that it serves\n"
	"  --other-pid PID        its process, whose processor time is added\n"
	"  --protocol NAME        xmpp, or raw for the relay (xmpp)\n"
	"  --tls KIND             starttls or direct (starttls)\n"
	"  --ca FILE              trust the certificates in FILE rather than the system's\n"
	"  --no-verify            take any certificate\n"
	"  --register             make the accounts first, by in-band registration\n"
	"  --users-prefix TEXT    accounts are TEXT0, TEXT1, ... (u)\n"
	"  --password TEXT        of all accounts (secret)\n"
	"  --sessions N           sessions to measure (100)\n"
	"  --warm-sessions N      further sessions that log in before any measuring (20)\n"
	"  --inflight N           logins at a time (16)\n"
	"  --until STEP           mode login: secure, bound or available (available)\n"
	"  --contacts N           of each account, for befriend and storm (20)\n"
	"  --changes N            of each session's presence in the storm (1)\n"
	"  --rate N[,N]...        of these in a second, all sessions together; one round "
	"each;\n"
	"                         0: as fast as they arrive (500).  Mode chat: messages in a\n"
	"                         second, one run each, rather than windows.  Mode rooms: the\n"
	"                         same, after the windows\n"
	"  --window W[,W]...      messages in flight for each session; one chat run each (1).\n"
	"                         Mode rooms: for each room\n"
	"  --room-size N          occupants of each room, of which there are as many as the\n"
	"                         sessions fill (all sessions)\n"
	"  --joining N            joins at a time (1)\n"
	"  --join-batch N         the first and the last N joins are reported apart (100)\n"
	"  --body BYTES           of a message (100)\n"
	"  --sm                   with stream management; offline and resume always have it\n"
	"  --ack-every N          ask for an acknowledgement behind N messages (1)\n"
	"  --messages N           mode offline: of each session to its receiver (100)\n"
	"  --join                 messages that leave together share a TLS record\n"
	"  --seconds S            measured part of a chat run (5)\n"
	"  --warm-seconds S       traffic before it (1)\n"
	"  --settle-seconds S     quiet before memory is read (2)\n"
	"  --json                 report as JSON\n";

enum id {
	ID_MODE = 256,
	ID_HOST,
	ID_PORT,
	ID_DOMAIN,
	ID_PID,
	ID_OTHER_PORT,
	ID_OTHER_DOMAIN,
	ID_OTHER_PID,
	ID_PROTOCOL,
	ID_TLS,
	ID_CA,
	ID_NO_VERIFY,
	ID_REGISTER,
	ID_USERS_PREFIX,
	ID_PASSWORD,
	ID_SESSIONS,
	ID_WARM_SESSIONS,
	ID_INFLIGHT,
	ID_UNTIL,
	ID_CONTACTS,
	ID_CHANGES,
	ID_RATE,
	ID_WINDOW,
	ID_ROOM_SIZE,
	ID_JOINING,
	ID_JOIN_BATCH,
	ID_BODY,
	ID_SM,
	ID_ACK_EVERY,
	ID_MESSAGES,
	ID_JOIN,
	ID_SECONDS,
	ID_WARM_SECONDS,
	ID_SETTLE_SECONDS,
	ID_JSON,
	ID_HELP,
};

static const struct option table[] = {
	{ "mode", required_argument, NULL, ID_MODE },
	{ "host", required_argument, NULL, ID_HOST },
	{ "port", required_argument, NULL, ID_PORT },
	{ "domain", required_argument, NULL, ID_DOMAIN },
	{ "pid", required_argument, NULL, ID_PID },
	{ "other-port", required_argument, NULL, ID_OTHER_PORT },
	{ "other-domain", required_argument, NULL, ID_OTHER_DOMAIN },
	{ "other-pid", required_argument, NULL, ID_OTHER_PID },
	{ "protocol", required_argument, NULL, ID_PROTOCOL },
	{ "tls", required_argument, NULL, ID_TLS },
	{ "ca", required_argument, NULL, ID_CA },
	{ "no-verify", no_argument, NULL, ID_NO_VERIFY },
	{ "register", no_argument, NULL, ID_REGISTER },
	{ "users-prefix", required_argument, NULL, ID_USERS_PREFIX },
	{ "password", required_argument, NULL, ID_PASSWORD },
	{ "sessions", required_argument, NULL, ID_SESSIONS },
	{ "warm-sessions", required_argument, NULL, ID_WARM_SESSIONS },
	{ "inflight", required_argument, NULL, ID_INFLIGHT },
	{ "until", required_argument, NULL, ID_UNTIL },
	{ "contacts", required_argument, NULL, ID_CONTACTS },
	{ "changes", required_argument, NULL, ID_CHANGES },
	{ "rate", required_argument, NULL, ID_RATE },
	{ "window", required_argument, NULL, ID_WINDOW },
	{ "room-size", required_argument, NULL, ID_ROOM_SIZE },
	{ "joining", required_argument, NULL, ID_JOINING },
	{ "join-batch", required_argument, NULL, ID_JOIN_BATCH },
	{ "body", required_argument, NULL, ID_BODY },
	{ "sm", no_argument, NULL, ID_SM },
	{ "ack-every", required_argument, NULL, ID_ACK_EVERY },
	{ "messages", required_argument, NULL, ID_MESSAGES },
	{ "join", no_argument, NULL, ID_JOIN },
	{ "seconds", required_argument, NULL, ID_SECONDS },
	{ "warm-seconds", required_argument, NULL, ID_WARM_SECONDS },
	{ "settle-seconds", required_argument, NULL, ID_SETTLE_SECONDS },
	{ "json", no_argument, NULL, ID_JSON },
	{ "help", no_argument, NULL, ID_HELP },
	{ 0 },
};

static void fail(const char *what)
{
	fprintf(stderr, "load: %s\nTry: load --help\n", what);
	exit(USAGE_ERROR);
}

static unsigned parse_number(const char *text, unsigned min, unsigned max)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || v < min || v > max) {
		fprintf(stderr, "load: %s: a number from %u to %u is wanted\n", text, min, max);
		exit(USAGE_ERROR);
	}
	return (unsigned)v;
}

static double parse_seconds(const char *text)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end != '\0' || !(v >= 0) || v > 86400)
		fail("a number of seconds is wanted");
	return v;
}

/* The place of TEXT among the N NAMES. */
static unsigned parse_name(const char *text, const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(text, names[i]) == 0)
			return i;
	}
	fprintf(stderr, "load: %s: unknown\nTry: load --help\n", text);
	exit(USAGE_ERROR);
}

/* Numbers from MIN to MAX with commas between.  Returns how many there are, at most ROOM. */
static unsigned parse_list(char *text, unsigned min, unsigned max, unsigned *out, unsigned room)
{
	char *rest = NULL;
	unsigned n = 0;

	for (char *w = strtok_r(text, ",", &rest); w != NULL; w = strtok_r(NULL, ",", &rest)) {
		if (n == room)
			fail("too many numbers in a list");
		out[n++] = parse_number(w, min, max);
	}
	return n;
}

/* Options that name the server and the way to it.  Returns false for any other. */
static bool take_target(struct options *o, int id, char *arg)
{
	static const char *const protocols[] = { "xmpp", "raw" };
	static const char *const kinds[] = { "starttls", "direct" };

	if (id == ID_HOST)
		o->host = arg;
	else if (id == ID_PORT)
		o->port = (int)parse_number(arg, 1, 65535);
	else if (id == ID_DOMAIN)
		o->domain = arg;
	else if (id == ID_PID)
		o->pid = (pid_t)parse_number(arg, 1, INT_MAX);
	else if (id == ID_PROTOCOL)
		o->protocol = parse_name(arg, protocols, 2);
	else if (id == ID_TLS)
		o->direct_tls = parse_name(arg, kinds, 2) == 1;
	else if (id == ID_CA)
		o->ca = arg;
	else if (id == ID_NO_VERIFY)
		o->verify = false;
	else if (id == ID_USERS_PREFIX)
		o->users_prefix = arg;
	else if (id == ID_PASSWORD)
		o->password = arg;
	else
		return false;
	return true;
}

/* Options of the other one of two servers.  Returns false for any other. */
static bool take_other(struct options *o, int id, char *arg)
{
	if (id == ID_OTHER_PORT)
		o->other_port = (int)parse_number(arg, 1, 65535);
	else if (id == ID_OTHER_DOMAIN)
		o->other_domain = arg;
	else if (id == ID_OTHER_PID)
		o->other_pid = (pid_t)parse_number(arg, 1, INT_MAX);
	else
		return false;
	return true;
}

/* Options of the storm.  Returns false for any other. */
static bool take_storm(struct options *o, int id, char *arg)
{
	if (id == ID_CONTACTS)
		o->contacts = parse_number(arg, 2, CONTACTS_MAX);
	else if (id == ID_CHANGES)
		o->changes = parse_number(arg, 1, 1000);
	else if (id == ID_RATE)
		o->nrates = parse_list(arg, 0, 1000000, o->rates, RATES_MAX);
	else
		return false;
	return true;
}

/* Options of stream management.  Returns false for any other. */
static bool take_sm(struct options *o, int id, char *arg)
{
	if (id == ID_SM)
		o->sm = true;
	else if (id == ID_ACK_EVERY)
		o->ack_every = parse_number(arg, 1, IN_FLIGHT_MAX);
	else if (id == ID_MESSAGES)
		o->messages = parse_number(arg, 1, 1000000);
	else
		return false;
	return true;
}

/* Options of rooms.  Returns false for any other. */
static bool take_rooms(struct options *o, int id, char *arg)
{
	if (id == ID_ROOM_SIZE)
		o->room_size = parse_number(arg, 2, ROOM_SIZE_MAX);
	else if (id == ID_JOINING)
		o->joining = parse_number(arg, 1, 1000);
	else if (id == ID_JOIN_BATCH)
		o->join_batch = parse_number(arg, 1, ROOM_SIZE_MAX);
	else
		return false;
	return true;
}

static void take_work(struct options *o, int id, char *arg)
{
	static const char *const modes[] = { "register", "contacts", "befriend", "login",
		                             "idle",     "chat",     "storm",    "offline",
		                             "rooms",    "resume" };
	static const char *const steps[] = { "secure", "bound", "available" };

	if (id == ID_MODE)
		o->mode = parse_name(arg, modes, 10);
	else if (id == ID_UNTIL)
		o->until = parse_name(arg, steps, 3);
	else if (id == ID_REGISTER)
		o->do_register = true;
	else if (id == ID_SESSIONS)
		o->sessions = parse_number(arg, 1, 1000000);
	else if (id == ID_WARM_SESSIONS)
		o->warm_sessions = parse_number(arg, 0, 1000000);
	else if (id == ID_INFLIGHT)
		o->inflight = parse_number(arg, 1, 100000);
	else if (id == ID_WINDOW)
		o->nwindows = parse_list(arg, 1, IN_FLIGHT_MAX, o->windows, WINDOWS_MAX);
	else if (id == ID_BODY)
		o->body = parse_number(arg, BODY_MIN, BODY_MAX);
	else if (id == ID_JOIN)
		o->join = true;
	else if (id == ID_SECONDS)
		o->seconds = parse_seconds(arg);
	else if (id == ID_WARM_SECONDS)
		o->warm_seconds = parse_seconds(arg);
	else if (id == ID_SETTLE_SECONDS)
		o->settle_seconds = parse_seconds(arg);
	else if (id == ID_JSON)
		o->json = true;
}

static void finish_sm(struct options *out)
{
	if (out->mode == MODE_OFFLINE || out->mode == MODE_RESUME)
		out->sm = true;
	if (out->sm && out->protocol == PROTOCOL_RAW)
		fail("the relay knows no stream management");
	if (out->sm && out->until != UNTIL_AVAILABLE)
		fail("stream management is for those who stay");
	if (out->mode == MODE_RESUME && out->sessions % 2 != 0)
		fail("resume wants an even number of sessions");
}

static void finish_rooms(struct options *out)
{
	if (out->room_size == 0)
		out->room_size = out->sessions;
	if (out->sessions % out->room_size != 0 || out->room_size > ROOM_SIZE_MAX)
		fail("rooms are full, and not too large");
	for (unsigned i = 0; i < out->nwindows; i++) {
		if (out->windows[i] > ROOM_WINDOW_MAX)
			fail("so many messages cannot be on their way in a room");
	}
}

/* What must fit together does. */
static void finish(struct options *out)
{
	bool talks = out->mode == MODE_CHAT || out->mode == MODE_ROOMS;

	if (out->mode == MODE_CHAT && (out->sessions % 2 != 0 || out->warm_sessions % 2 != 0))
		fail("chat wants even numbers of sessions");
	if ((out->other_domain != NULL) != (out->other_port != 0))
		fail("the other server has a domain and a port");
	if (out->protocol == PROTOCOL_RAW)
		out->direct_tls = true;
	finish_sm(out);
	if (out->mode == MODE_STORM && out->nrates == 0)
		out->rates[out->nrates++] = STORM_RATE;
	if (out->mode == MODE_ROOMS)
		finish_rooms(out);
	for (unsigned i = 0; talks && i < out->nrates; i++) {
		if (out->rates[i] == 0)
			fail("who talks wants windows, or a rate that is not 0");
	}
	if (out->mode != MODE_LOGIN && out->until != UNTIL_AVAILABLE)
		fail("how far logins go is for mode login to choose");
	if (out->mode != MODE_CONTACTS && out->mode != MODE_BEFRIEND && out->mode != MODE_STORM)
		return;
	if (out->protocol == PROTOCOL_RAW)
		fail("the relay knows no contacts");
	if (out->sm)
		fail("contacts are made and measured without stream management");
	if (out->contacts % 2 != 0 || out->sessions <= out->contacts)
		fail("contacts are an even number, below that of the sessions");
	out->until = UNTIL_SETTLED;
}

void options_parse(struct options *out, int argc, char **argv)
{
	int id;

	*out = (struct options){
		.host = "127.0.0.1",
		.port = 5222,
		.domain = "localhost",
		.users_prefix = "u",
		.password = "secret",
		.sessions = 100,
		.warm_sessions = 20,
		.inflight = 16,
		.windows = { 1 },
		.nwindows = 1,
		.body = 100,
		.contacts = 20,
		.changes = 1,
		.joining = 1,
		.join_batch = 100,
		.messages = 100,
		.ack_every = 1,
		.seconds = 5,
		.warm_seconds = 1,
		.settle_seconds = 2,
		.mode = MODE_CHAT,
		.until = UNTIL_AVAILABLE,
		.verify = true,
	};
	while ((id = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (id == ID_HELP) {
			fputs(usage, stdout);
			exit(0);
		}
		if (id == '?')
			fail("no such option");
		if (!take_target(out, id, optarg) && !take_other(out, id, optarg) &&
		    !take_storm(out, id, optarg) && !take_sm(out, id, optarg) &&
		    !take_rooms(out, id, optarg))
			take_work(out, id, optarg);
	}
	if (optind < argc)
		fail("no arguments but options are wanted");
	finish(out);
}

unsigned options_room_of(const struct options *o, unsigned index)
{
	return index < o->warm_sessions ? 0 : 1 + (index - o->warm_sessions) / o->room_size;
}

unsigned options_all_sessions(const struct options *o)
{
	unsigned away = o->mode == MODE_OFFLINE ? o->sessions : 0;

	return o->warm_sessions + o->sessions + away;
}
