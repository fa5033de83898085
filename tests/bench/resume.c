/*
 * resume.c - everybody comes back after a restart of the server, to the stream that they had.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/resume.h"
#include "tests/bench/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP 0.005
#define SETTLE_SECONDS 30.0 /* the presence of everybody is acknowledged within it */
#define CLOSE_SECONDS 10.0  /* everybody has seen the server go within it */
#define ARRIVE_SECONDS 20.0 /* nothing came for so long: the rest is lost */
#define TALK_MAX 256        /* messages under way */
#define LINE_MAX_SIZE 128

struct resume {
	struct fleet *fleet;
	unsigned first;
	unsigned count;
	unsigned lost; /* connections, the warm ones included */
	bool *has_got; /* by place */
	uint64_t arrived;
};

/* What the other side says when the server is back. */
struct restart {
	int pid;
	unsigned long long start_ns;
	unsigned long long ready_ns;
};

static void fail(const char *what, unsigned n)
{
	fprintf(stderr, "load: %u sessions: %s\n", n, what);
	exit(1);
}

static unsigned unsettled(const struct resume *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->count; i++) {
		const struct sm *sm = &t->fleet->clients[t->first + i].sm;

		n += sm->acked != sm->sent;
	}
	return n;
}

/* All that was sent must be acknowledged: the clients here send nothing again. */
static void settle(struct resume *t)
{
	for (unsigned i = 0; i < t->count; i++)
		client_ask(&t->fleet->clients[t->first + i]);
	net_flush(&t->fleet->net);
	for (double waited = 0; unsettled(t) > 0; waited += STEP) {
		if (waited > SETTLE_SECONDS)
			fail("their presence is not acknowledged", unsettled(t));
		fleet_wait(t->fleet, STEP);
	}
}

static void on_lost(struct client *c, void *ctx)
{
	struct resume *t = ctx;

	(void)c;
	t->lost++;
}

static const struct fleet_events waiting = { .on_lost = on_lost };

/* The standard input is looked at now and then, for the sockets are to see the server go. */
static void wait_for_restart(struct resume *t, struct restart *out)
{
	char line[LINE_MAX_SIZE] = "";
	size_t n = 0;

	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	puts("waiting");
	fflush(stdout);
	while (n == 0 || line[n - 1] != '\n') {
		ssize_t r = read(STDIN_FILENO, line + n, sizeof(line) - 1 - n);

		if (r == 0)
			fail("nobody says that the server is back", t->count);
		n += r > 0 ? (size_t)r : 0;
		fleet_wait(t->fleet, STEP);
	}
	if (sscanf(line, "go %d %llu %llu", &out->pid, &out->start_ns, &out->ready_ns) != 3)
		fail("what was said of the server is not understood", t->count);
	for (double waited = 0; t->lost < t->first + t->count; waited += STEP) {
		if (waited > CLOSE_SECONDS)
			fail("the old connection still stands", t->first + t->count - t->lost);
		fleet_wait(t->fleet, STEP);
	}
	fleet_wait(t->fleet, STEP); /* the last ones close */
}

static void on_message(struct client *c, uint32_t number, void *ctx)
{
	struct resume *t = ctx;
	unsigned place = c->index - t->first;

	if (place >= t->count)
		return;
	if (number != 0 || t->has_got[place])
		fail("a message came twice", 1);
	t->has_got[place] = true;
	t->arrived++;
}

static const struct fleet_events talking = { .on_message = on_message };

/* Who is back can be written to by the name that it has now.  Returns how many messages got lost. */
static uint64_t talk(struct resume *t)
{
	struct client *clients = &t->fleet->clients[t->first];
	uint64_t seen = 0;
	unsigned sent = 0;

	for (double waited = 0; t->arrived < t->count && waited < ARRIVE_SECONDS;
	     waited += STEP) {
		for (; sent < t->count && sent - t->arrived < TALK_MAX; sent++) {
			client_address(&clients[sent], &clients[sent ^ 1]);
			client_send(&clients[sent], 0);
		}
		net_flush(&t->fleet->net);
		if (t->arrived != seen)
			waited = 0;
		seen = t->arrived;
		fleet_wait(t->fleet, STEP);
	}
	return t->count - t->arrived;
}

static void count_resumed(const struct resume *t, struct report_resume *out)
{
	for (unsigned i = 0; i < t->count; i++)
		out->resumed += t->fleet->clients[t->first + i].is_resumed;
	out->bound = t->count - out->resumed;
}

void resume_run(struct fleet *f, unsigned first, unsigned count, struct report_resume *out)
{
	struct resume t = { .fleet = f, .first = first, .count = count };
	struct restart restart;
	double own;

	settle(&t);
	f->events = &waiting;
	f->events_ctx = &t;
	wait_for_restart(&t, &restart);
	t.has_got = buf_zalloc(count * sizeof(*t.has_got));
	f->events = &talking;
	own = proc_own_cpu();
	fleet_bring(f, CLIENT_RESUME, first, count);
	*out = (struct report_resume){
		.sessions = count,
		.ready_seconds = (double)(restart.ready_ns - restart.start_ns) / 1e9,
		.seconds = (double)(uv_hrtime() - restart.start_ns) / 1e9,
		.server_cpu = restart.pid > 0 ? proc_cpu_of(restart.pid) : -1,
		.own_cpu = proc_own_cpu() - own,
	};
	count_resumed(&t, out);
	out->lost = talk(&t);
	f->events = NULL;
	free(t.has_got);
}
