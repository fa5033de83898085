/*
 * load.c - the load generator: logs sessions in to a server, lets them be quiet or chat, and
 * reports what that cost the server.
 *
 *	accounts -> warm sessions -> logins -> quiet, memory -> chat, by window -> report
 *	                                                     -> changes of presence -> report
 *	                                                     -> messages to those who are away
 *	                                                     -> rooms: joins, memory, talk
 *	                                                     -> the server restarts, resumption
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/archived.h"
#include "tests/bench/befriend.h"
#include "tests/bench/chat.h"
#include "tests/bench/contacts.h"
#include "tests/bench/fleet.h"
#include "tests/bench/offline.h"
#include "tests/bench/proc.h"
#include "tests/bench/report.h"
#include "tests/bench/resume.h"
#include "tests/bench/rooms.h"
#include "tests/bench/storm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define SPARE_FILES 64 /* descriptors besides the sockets */
#define LOGIN_TAIL 0.3 /* seconds: the server still handles the last presence */

static void raise_file_limit(unsigned sessions)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0)
		return;
	if (lim.rlim_cur < sessions + SPARE_FILES) {
		lim.rlim_cur = sessions + SPARE_FILES;
		if (lim.rlim_max < lim.rlim_cur)
			lim.rlim_max = lim.rlim_cur;
		if (setrlimit(RLIMIT_NOFILE, &lim) != 0)
			fprintf(stderr, "load: no leave to open %u sockets\n", sessions);
	}
}

static struct proc_memory server_memory(const struct options *o)
{
	struct proc_memory m = { 0 };

	if (o->pid != 0 && proc_read_memory(o->pid, &m) < 0) {
		fprintf(stderr, "load: the memory of process %d cannot be read\n", (int)o->pid);
		exit(1);
	}
	return m;
}

/* STORM is NULL where nobody has contacts. */
static void log_in(struct fleet *f, struct storm *storm, struct report *r)
{
	const struct options *o = f->options;
	struct report_login *out = &r->login;
	double cpu = proc_cpu_of(o->pid), own = proc_own_cpu();
	uint64_t start = uv_hrtime();

	fleet_bring(f, CLIENT_LOG_IN, o->warm_sessions, o->sessions);
	if (storm != NULL)
		storm_settle(storm, &r->storm);
	out->sessions = o->sessions;
	out->seconds = (double)(uv_hrtime() - start) / 1e9;
	out->own_cpu = proc_own_cpu() - own;
	fleet_wait(f, LOGIN_TAIL);
	out->server_cpu = o->pid != 0 ? proc_cpu_of(o->pid) - cpu : -1;
}

static void weigh(struct fleet *f, const struct proc_memory *base, struct report_idle *out)
{
	const struct options *o = f->options;
	struct proc_memory now;

	fleet_wait(f, o->settle_seconds);
	now = server_memory(o);
	out->sessions = o->sessions;
	out->base_pss = base->pss;
	out->pss = (now.pss - base->pss) / o->sessions;
	out->anon = (now.anon - base->anon) / o->sessions;
}

static void describe_session(const struct client *c, struct report *r)
{
	r->tls = c->link.tls != NULL ? gnutls_session_get_desc(c->link.tls) : NULL;
	r->mechanism = c->mechanism;
}

/* A run for each rate, or for each window. */
static void chat(struct fleet *f, struct report *r)
{
	const struct options *o = f->options;
	unsigned runs = o->nrates > 0 ? o->nrates : o->nwindows;

	for (unsigned i = 0; i < runs; i++) {
		struct chat_plan plan = { 0 };

		if (o->nrates > 0)
			plan.rate = o->rates[i];
		else
			plan.window = o->windows[i];
		chat_run(f, o->warm_sessions, o->sessions, plan, &r->chats[r->nchats++]);
		r->message_size = f->clients[o->warm_sessions].message.n;
	}
	if (o->sm)
		r->archives = archive_count(f, o->warm_sessions, o->sessions);
}

static void change(struct storm *storm, const struct options *o, struct report_storm *out)
{
	for (unsigned i = 0; i < o->nrates; i++)
		storm_change(storm, o->rates[i], &out->changes[out->nchanges++]);
	storm_deinit(storm);
}

/* Bytes for each session since BASE was read. */
static double anon_since(const struct fleet *f, const struct proc_memory *base)
{
	return (server_memory(f->options).anon - base->anon) / f->options->sessions;
}

/* A run for each window, and then for each rate. */
static void sit_in_rooms(struct fleet *f, struct report *r)
{
	const struct options *o = f->options;
	struct report_rooms *out = &r->rooms;
	struct proc_memory base, now;
	struct rooms rs;

	rooms_init(&rs, f);
	rooms_warm(&rs);
	fleet_wait(f, o->settle_seconds);
	base = server_memory(o);
	rooms_join(&rs, out);
	fleet_wait(f, o->settle_seconds);
	now = server_memory(o);
	out->pss = (now.pss - base.pss) / o->sessions;
	out->anon = (now.anon - base.anon) / o->sessions;
	for (unsigned i = 0; i < o->nwindows + o->nrates; i++) {
		struct rooms_plan plan = { 0 };

		if (i < o->nwindows)
			plan.window = o->windows[i];
		else
			plan.rate = o->rates[i - o->nwindows];
		rooms_talk(&rs, plan, &out->talks[out->ntalks++]);
	}
	fleet_wait(f, o->settle_seconds);
	out->talked_anon = anon_since(f, &base);
	r->message_size = f->clients[o->warm_sessions].message.n;
	rooms_deinit(&rs);
}

static void measure(struct fleet *f, struct report *r)
{
	const struct options *o = f->options;
	bool weighed = o->mode == MODE_IDLE || o->mode == MODE_STORM;
	struct proc_memory base;
	struct storm storm;

	fleet_bring(f, CLIENT_LOG_IN, 0, o->warm_sessions);
	if (o->warm_sessions > 0)
		fleet_wait(f, weighed ? o->settle_seconds : LOGIN_TAIL);
	base = server_memory(o);
	if (o->mode == MODE_STORM)
		storm_init(&storm, f);
	log_in(f, o->mode == MODE_STORM ? &storm : NULL, r);
	describe_session(&f->clients[o->warm_sessions], r);
	if (weighed && o->pid != 0)
		weigh(f, &base, &r->idle);
	if (o->mode == MODE_CHAT)
		chat(f, r);
	else if (o->mode == MODE_STORM)
		change(&storm, o, &r->storm);
	else if (o->mode == MODE_OFFLINE)
		offline_run(f, o->warm_sessions, o->sessions, &r->offline);
	else if (o->mode == MODE_ROOMS)
		sit_in_rooms(f, r);
	else if (o->mode == MODE_RESUME)
		resume_run(f, o->warm_sessions, o->sessions, &r->resume);
}

int main(int argc, char **argv)
{
	struct report report = { 0 };
	struct options options;
	struct fleet fleet;
	int ret;

	options_parse(&options, argc, argv);
	if (options.mode == MODE_CONTACTS) {
		contacts_print(&options);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	raise_file_limit(options_all_sessions(&options));
	ret = fleet_init(&fleet, uv_default_loop(), &options);
	if (ret < 0) {
		fprintf(stderr, "load: %s\n", gnutls_strerror(ret));
		return 1;
	}
	if (options.do_register || options.mode == MODE_REGISTER)
		fleet_bring(&fleet, CLIENT_REGISTER, 0, options_all_sessions(&options));
	if (options.mode == MODE_BEFRIEND) {
		fleet_bring(&fleet, CLIENT_LOG_IN, 0, options_all_sessions(&options));
		befriend(&fleet);
	} else if (options.mode != MODE_REGISTER) {
		measure(&fleet, &report);
		report_print(&report, options.json);
		fflush(stdout);
	}
	/* All would have to hear that all leave: whoever measures ends the server instead. */
	if (options.mode == MODE_ROOMS)
		return 0;
	fleet_leave(&fleet);
	fleet_deinit(&fleet);
	gnutls_free(report.tls);
	return 0;
}
