/*
 * options.h - what the load generator was asked to do.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define WINDOWS_MAX 8      /* chat runs in one go */
#define RATES_MAX 4        /* rounds of changes in one go */
#define IN_FLIGHT_MAX 1024 /* messages of one session */

enum mode {
	MODE_REGISTER, /* make the accounts and leave */
	MODE_CONTACTS, /* print who is to be whose contact */
	MODE_BEFRIEND, /* make them each other's contacts and leave */
	MODE_LOGIN,    /* log in, report, log out */
	MODE_IDLE,     /* log in, report, and see what the quiet sessions hold */
	MODE_CHAT,     /* log in, report, and exchange messages in pairs */
	MODE_STORM,    /* log in with contacts, report, and change the presence */
	MODE_OFFLINE,  /* log half of the accounts in, and write to the others, who are away */
	MODE_ROOMS,    /* log in, report, join rooms, and talk there */
	MODE_RESUME,   /* log in, wait for the server's restart, and resume the streams */
};

/* How far a login goes. */
enum until {
	UNTIL_SECURE,    /* the TLS handshake alone; the client leaves at once */
	UNTIL_BOUND,     /* a resource is bound, and nobody knows */
	UNTIL_AVAILABLE, /* with a bare presence */
	UNTIL_SETTLED, /* with roster, carbons and a presence of the usual size, which came back */
};

enum protocol {
	PROTOCOL_XMPP,
	PROTOCOL_RAW, /* the relay's: frames of the size of the XMPP message */
};

struct options {
	const char *host; /* IPv4 address to connect to */
	int port;
	const char *domain;
	pid_t pid; /* of the server; 0: no processor time and memory in the report */
	/* Another server, which sessions of odd numbers are of. */
	int other_port; /* 0: there is none */
	const char *other_domain;
	pid_t other_pid;
	const char *users_prefix;
	const char *password;
	unsigned sessions;
	unsigned warm_sessions; /* logged in before anything is measured */
	unsigned inflight;      /* logins at a time */
	unsigned windows[WINDOWS_MAX];
	unsigned nwindows;
	unsigned body;     /* bytes */
	unsigned contacts; /* of each account in the storm; even */
	unsigned changes;  /* of each session's presence, at each rate */
	/* Changes or messages per second, of all sessions; 0: as fast as they go. */
	unsigned rates[RATES_MAX];
	unsigned nrates;
	unsigned room_size;  /* occupants of each room; 0 until all options are read: all */
	unsigned joining;    /* joins at a time */
	unsigned join_batch; /* joins, at the beginning and at the end, that are told apart */
	unsigned messages;   /* of each sender to its receiver who is away */
	bool sm;             /* stream management (XEP-0198) */
	unsigned ack_every;  /* messages; then the server is asked for an <a/> */
	bool join;           /* put messages that leave together into one TLS record */
	double seconds;
	double warm_seconds;   /* of traffic before the measuring */
	double settle_seconds; /* of quiet before memory is read */
	enum mode mode;
	enum until until;
	enum protocol protocol;
	bool direct_tls;
	bool do_register;
	bool verify;
	const char *ca;
	bool json;
};

/* Fill OUT from the command line; one that is wrong ends the program with 64. */
void options_parse(struct options *out, int argc, char **argv);

/* Mode rooms: which room account INDEX sits in; 0 is that of the warm sessions. */
unsigned options_room_of(const struct options *o, unsigned index);

/* How many accounts there are: of the warm sessions, of the others, of those who are away. */
unsigned options_all_sessions(const struct options *o);
