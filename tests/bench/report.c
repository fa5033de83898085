/*
 * report.c - the figures of a run, and how they are printed.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/report.h"
#include "tests/bench/report_durable.h"

#include <stdio.h>

static double per(double sum, double n)
{
	return n > 0 ? sum / n : 0;
}

static void json_login(const struct report_login *l)
{
	printf(", \"login\": {\"sessions\": %u, \"seconds\": %.4f, \"per_second\": %.1f",
	       l->sessions, l->seconds, per(l->sessions, l->seconds));
	if (l->server_cpu >= 0)
		printf(", \"server_cpu_us\": %.1f", per(l->server_cpu * 1e6, l->sessions));
	printf(", \"generator_load\": %.3f}", per(l->own_cpu, l->seconds));
}

static void json_idle(const struct report_idle *i)
{
	printf(", \"idle\": {\"sessions\": %u, \"base_pss\": %.0f, \"pss_per_session\": %.0f, "
	       "\"anon_per_session\": %.0f}",
	       i->sessions, i->base_pss, i->pss, i->anon);
}

static void json_changes(const struct report_changes *c)
{
	printf("{\"rate\": %u, \"changes\": %llu, \"deliveries\": %llu, \"seconds\": %.3f, "
	       "\"per_second\": %.1f",
	       c->rate, (unsigned long long)c->changes, (unsigned long long)c->deliveries,
	       c->seconds, per((double)c->deliveries, c->seconds));
	if (c->server_cpu >= 0)
		printf(", \"server_cpu_us\": %.3f, \"server_load\": %.3f",
		       per(c->server_cpu * 1e6, (double)c->deliveries),
		       per(c->server_cpu, c->seconds));
	printf(", \"generator_load\": %.3f}", per(c->own_cpu, c->seconds));
}

static void json_storm(const struct report_storm *s)
{
	printf(", \"storm\": {\"contacts\": %u, \"login_presences\": %llu, \"changes\": [",
	       s->contacts, (unsigned long long)s->login_presences);
	for (unsigned i = 0; i < s->nchanges; i++) {
		printf("%s", i > 0 ? ", " : "");
		json_changes(&s->changes[i]);
	}
	printf("]}");
}

static void json_chat(const struct report_chat *c)
{
	printf("{\"sessions\": %u, \"window\": %u, \"seconds\": %.3f, \"messages\": %llu, "
	       "\"per_second\": %.1f",
	       c->sessions, c->window, c->seconds, (unsigned long long)c->messages,
	       per((double)c->messages, c->seconds));
	if (c->server_cpu >= 0)
		printf(", \"server_cpu_us\": %.3f, \"busiest_thread_us\": %.3f, "
		       "\"server_load\": %.3f",
		       per(c->server_cpu * 1e6, (double)c->messages),
		       per(c->busiest_cpu * 1e6, (double)c->messages),
		       per(c->server_cpu, c->seconds));
	printf(", \"generator_load\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f",
	       per(c->own_cpu, c->seconds), c->p50_ns / 1e3, c->p99_ns / 1e3);
	report_json_acks(c);
	printf("}");
}

static void print_json(const struct report *r)
{
	printf("{\"tls\": \"%s\", \"mechanism\": \"%s\", \"message_size\": %zu",
	       r->tls != NULL ? r->tls : "", r->mechanism != NULL ? r->mechanism : "",
	       r->message_size);
	if (r->archives > 0)
		printf(", \"archives\": %u", r->archives);
	if (r->login.sessions > 0)
		json_login(&r->login);
	if (r->idle.sessions > 0)
		json_idle(&r->idle);
	if (r->storm.contacts > 0)
		json_storm(&r->storm);
	report_json_offline(&r->offline);
	report_json_resume(&r->resume);
	report_json_rooms(&r->rooms);
	printf(", \"chat\": [");
	for (unsigned i = 0; i < r->nchats; i++) {
		printf("%s", i > 0 ? ", " : "");
		json_chat(&r->chats[i]);
	}
	printf("]}\n");
}

static void text_login(const struct report_login *l)
{
	printf("login    %u sessions in %.2f s: %.0f logins/s", l->sessions, l->seconds,
	       per(l->sessions, l->seconds));
	if (l->server_cpu >= 0)
		printf(", server CPU %.3f ms per login", per(l->server_cpu * 1e3, l->sessions));
	printf(" (generator %.0f %% busy)\n", 100 * per(l->own_cpu, l->seconds));
}

static void text_idle(const struct report_idle *i)
{
	printf("idle     %u sessions: %.2f KiB of PSS each, %.2f KiB of it anonymous (before: "
	       "%.1f MiB)\n",
	       i->sessions, i->pss / 1024, i->anon / 1024, i->base_pss / 1048576);
}

static void text_changes(const struct report_changes *c)
{
	printf("changes  %llu in %.2f s, %llu deliveries", (unsigned long long)c->changes,
	       c->seconds, (unsigned long long)c->deliveries);
	if (c->server_cpu >= 0)
		printf(", server CPU %.2f us per delivery (load %.2f)",
		       per(c->server_cpu * 1e6, (double)c->deliveries),
		       per(c->server_cpu, c->seconds));
	printf(" (generator %.0f %% busy)\n", 100 * per(c->own_cpu, c->seconds));
}

static void text_storm(const struct report_storm *s)
{
	printf("storm    %u contacts each, %llu presences with the logins\n", s->contacts,
	       (unsigned long long)s->login_presences);
	for (unsigned i = 0; i < s->nchanges; i++)
		text_changes(&s->changes[i]);
}

static void text_chat(const struct report_chat *c)
{
	printf("chat %-3u %u sessions: %.0f messages/s", c->window, c->sessions,
	       per((double)c->messages, c->seconds));
	if (c->rate > 0)
		printf(" of %u", c->rate);
	if (c->server_cpu >= 0)
		printf(", server CPU %.2f us per message (busiest thread %.2f, load %.2f)",
		       per(c->server_cpu * 1e6, (double)c->messages),
		       per(c->busiest_cpu * 1e6, (double)c->messages),
		       per(c->server_cpu, c->seconds));
	printf(", latency p50 %.2f ms, p99 %.2f ms (generator %.0f %% busy)\n", c->p50_ns / 1e6,
	       c->p99_ns / 1e6, 100 * per(c->own_cpu, c->seconds));
	report_text_acks(c);
}

static void print_text(const struct report *r)
{
	printf("session  %s %s\n", r->tls != NULL ? r->tls : "",
	       r->mechanism != NULL ? r->mechanism : "");
	if (r->login.sessions > 0)
		text_login(&r->login);
	if (r->idle.sessions > 0)
		text_idle(&r->idle);
	if (r->storm.contacts > 0)
		text_storm(&r->storm);
	report_text_offline(&r->offline);
	report_text_resume(&r->resume);
	report_text_rooms(&r->rooms);
	for (unsigned i = 0; i < r->nchats; i++)
		text_chat(&r->chats[i]);
	if (r->archives > 0)
		printf("archive  of %u sessions: there is a message in it\n", r->archives);
}

void report_print(const struct report *r, bool json)
{
	if (json)
		print_json(r);
	else
		print_text(r);
}
