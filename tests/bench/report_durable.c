/*
 * report_durable.c - the figures of stream management, of messages for those who are away, and of a restart.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/report_durable.h"

#include <stdio.h>

static double per(double sum, double n)
{
	return n > 0 ? sum / n : 0;
}

void report_json_acks(const struct report_chat *c)
{
	if (c->rate > 0)
		printf(", \"rate\": %u", c->rate);
	if (c->ack_every > 0)
		printf(", \"ack_every\": %u, \"acks\": %llu, \"ack_p50_us\": %.1f, "
		       "\"ack_p99_us\": %.1f",
		       c->ack_every, (unsigned long long)c->acks, c->ack_p50_ns / 1e3,
		       c->ack_p99_ns / 1e3);
}

void report_text_acks(const struct report_chat *c)
{
	if (c->ack_every > 0)
		printf("         asked behind %u: %llu acks, p50 %.2f ms, p99 %.2f ms\n",
		       c->ack_every, (unsigned long long)c->acks, c->ack_p50_ns / 1e6,
		       c->ack_p99_ns / 1e6);
}

void report_json_offline(const struct report_offline *o)
{
	double n = (double)o->messages;

	if (o->messages == 0)
		return;
	printf(", \"offline\": {\"receivers\": %u, \"ack_every\": %u, \"messages\": %llu, "
	       "\"seconds\": %.3f, \"per_second\": %.1f",
	       o->receivers, o->ack_every, (unsigned long long)o->messages, o->seconds,
	       per(n, o->seconds));
	if (o->server_cpu >= 0)
		printf(", \"quiet_seconds\": %.2f, \"server_cpu_us\": %.3f", o->quiet_seconds,
		       per(o->server_cpu * 1e6, n));
	printf(", \"generator_load\": %.3f, \"ack_p50_us\": %.1f, \"ack_p99_us\": %.1f, "
	       "\"fetched\": %llu, \"strays\": %llu}",
	       per(o->own_cpu, o->seconds), o->ack_p50_ns / 1e3, o->ack_p99_ns / 1e3,
	       (unsigned long long)o->fetched, (unsigned long long)o->strays);
}

void report_text_offline(const struct report_offline *o)
{
	double n = (double)o->messages;

	if (o->messages == 0)
		return;
	printf("offline  %llu messages for %u receivers, asked behind %u: %.0f messages/s",
	       (unsigned long long)o->messages, o->receivers, o->ack_every, per(n, o->seconds));
	if (o->server_cpu >= 0)
		printf(", server CPU %.2f us per message, quiet %.1f s after the last ack",
		       per(o->server_cpu * 1e6, n), o->quiet_seconds);
	printf(", ack p50 %.2f ms, p99 %.2f ms; %llu came when fetched, %llu of them twice or "
	       "out "
	       "of order\n",
	       o->ack_p50_ns / 1e6, o->ack_p99_ns / 1e6, (unsigned long long)o->fetched,
	       (unsigned long long)o->strays);
}

void report_json_resume(const struct report_resume *r)
{
	if (r->sessions == 0)
		return;
	printf(", \"resume\": {\"sessions\": %u, \"resumed\": %u, \"bound\": %u, "
	       "\"ready_seconds\": %.3f, \"seconds\": %.3f",
	       r->sessions, r->resumed, r->bound, r->ready_seconds, r->seconds);
	if (r->server_cpu >= 0)
		printf(", \"server_cpu_us\": %.1f", per(r->server_cpu * 1e6, r->sessions));
	printf(", \"generator_load\": %.3f, \"lost\": %llu}",
	       per(r->own_cpu, r->seconds - r->ready_seconds), (unsigned long long)r->lost);
}

void report_text_resume(const struct report_resume *r)
{
	if (r->sessions == 0)
		return;
	printf("resume   %u sessions: all back %.2f s after the server's start, which was "
	       "ready "
	       "after %.2f s; %u resumed, %u logged in anew",
	       r->sessions, r->seconds, r->ready_seconds, r->resumed, r->bound);
	if (r->server_cpu >= 0)
		printf(", server CPU %.3f ms each", per(r->server_cpu * 1e3, r->sessions));
	printf("; %llu of %u messages between them were lost\n", (unsigned long long)r->lost,
	       r->sessions);
}
