/*
 * report_rooms.c - the figures of rooms.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/report_rooms.h"

#include <stdio.h>

static double per(double sum, double n)
{
	return n > 0 ? sum / n : 0;
}

static double joins(const struct report_joins *j)
{
	return j->last - j->first + 1;
}

static void json_joins(const char *name, const struct report_joins *j)
{
	printf(", \"%s\": {\"first\": %u, \"last\": %u, \"presences\": %llu, \"seconds\": %.3f",
	       name, j->first, j->last, (unsigned long long)j->presences, j->seconds);
	if (j->server_cpu >= 0)
		printf(", \"server_cpu_us\": %.2f, \"presence_us\": %.3f",
		       per(j->server_cpu * 1e6, joins(j)),
		       per(j->server_cpu * 1e6, (double)j->presences));
	printf(", \"generator_load\": %.3f}", per(j->own_cpu, j->seconds));
}

static void json_talk(const struct report_talk *t)
{
	printf("{\"window\": %u, \"rate\": %u, \"seconds\": %.3f, \"messages\": %llu, "
	       "\"deliveries\": %llu, \"per_second\": %.1f, \"messages_per_second\": %.2f",
	       t->window, t->rate, t->seconds, (unsigned long long)t->messages,
	       (unsigned long long)t->deliveries, per((double)t->deliveries, t->seconds),
	       per((double)t->messages, t->seconds));
	if (t->server_cpu >= 0 && t->deliveries > 0)
		printf(", \"server_cpu_us\": %.3f, \"busiest_thread_us\": %.3f, "
		       "\"server_load\": %.3f",
		       per(t->server_cpu * 1e6, (double)t->deliveries),
		       per(t->busiest_cpu * 1e6, (double)t->deliveries),
		       per(t->server_cpu, t->seconds));
	printf(", \"generator_load\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
	       "\"last_p50_us\": %.1f, \"last_p99_us\": %.1f}",
	       per(t->own_cpu, t->seconds), t->p50_ns / 1e3, t->p99_ns / 1e3,
	       t->last_p50_ns / 1e3, t->last_p99_ns / 1e3);
}

void report_json_rooms(const struct report_rooms *r)
{
	if (r->rooms == 0)
		return;
	printf(", \"rooms\": {\"rooms\": %u, \"occupants\": %u", r->rooms, r->occupants);
	if (r->all.last > 0 && r->all.server_cpu >= 0)
		printf(", \"pss_per_occupant\": %.0f, \"anon_per_occupant\": %.0f, "
		       "\"anon_per_occupant_talked\": %.0f",
		       r->pss, r->anon, r->talked_anon);
	if (r->all.last > 0) {
		json_joins("joins", &r->all);
		json_joins("first_joins", &r->first);
		json_joins("last_joins", &r->last);
	}
	printf(", \"talk\": [");
	for (unsigned i = 0; i < r->ntalks; i++) {
		printf("%s", i > 0 ? ", " : "");
		json_talk(&r->talks[i]);
	}
	printf("]}");
}

static void text_joins(const struct report_joins *j)
{
	printf("joins    %u to %u in %.2f s", j->first, j->last, j->seconds);
	if (j->server_cpu >= 0)
		printf(", server CPU %.3f ms per join, %.2f us per presence",
		       per(j->server_cpu * 1e3, joins(j)),
		       per(j->server_cpu * 1e6, (double)j->presences));
	printf(" (generator %.0f %% busy)\n", 100 * per(j->own_cpu, j->seconds));
}

static void text_talk(const struct report_talk *t)
{
	if (t->rate > 0)
		printf("talk     of %u messages/s:", t->rate);
	else
		printf("talk %-3u", t->window);
	printf(" %.1f messages/s, %.0f deliveries/s", per((double)t->messages, t->seconds),
	       per((double)t->deliveries, t->seconds));
	if (t->server_cpu >= 0)
		printf(", server CPU %.2f us per delivery (busiest thread %.2f, load %.2f)",
		       per(t->server_cpu * 1e6, (double)t->deliveries),
		       per(t->busiest_cpu * 1e6, (double)t->deliveries),
		       per(t->server_cpu, t->seconds));
	printf(", latency p50 %.2f ms, p99 %.2f ms, to the last occupant %.2f and %.2f ms "
	       "(generator %.0f %% busy)\n",
	       t->p50_ns / 1e6, t->p99_ns / 1e6, t->last_p50_ns / 1e6, t->last_p99_ns / 1e6,
	       100 * per(t->own_cpu, t->seconds));
}

void report_text_rooms(const struct report_rooms *r)
{
	if (r->rooms == 0)
		return;
	printf("rooms    %u of %u occupants", r->rooms, r->occupants);
	if (r->all.last > 0 && r->all.server_cpu >= 0)
		printf(": %.0f bytes of PSS for each, %.0f of them anonymous, %.0f after the "
		       "talk",
		       r->pss, r->anon, r->talked_anon);
	printf("\n");
	if (r->all.last > 0) {
		text_joins(&r->all);
		text_joins(&r->first);
		text_joins(&r->last);
	}
	for (unsigned i = 0; i < r->ntalks; i++)
		text_talk(&r->talks[i]);
}
