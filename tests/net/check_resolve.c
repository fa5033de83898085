/*
 * check_resolve.c - where the servers of a domain are, as a DNS server on loopback tells it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/net/resolve.h"
#include "tests/lib/capture.h"
#include "tests/lib/check_main.h"
#include "tests/net/dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS SECONDS(60) /* a hang: answers come at once */
#define HASTY_MS 1500           /* time limit of a query, where silence is to be waited for */

#define SERVER "_xmpp-server._tcp."
#define DIRECT "_xmpps-server._tcp."

static const struct dns_row zone[] = {
	/* in order of priority, both kinds */
	{ SERVER "both.example", ROW_SRV, "20 0 5269 two.both.example" },
	{ SERVER "both.example", ROW_SRV, "40 0 5299 one.both.example" },
	{ DIRECT "both.example", ROW_SRV, "30 0 443 one.both.example" },
	{ DIRECT "both.example", ROW_SRV, "10 0 5270 ONE.both.example" },
	{ "one.both.example", ROW_A, "192.0.2.1" },
	{ "one.both.example", ROW_AAAA, "2001:db8::1" },
	{ "two.both.example", ROW_A, "192.0.2.2" },
	/* no SRV */
	{ "plain.example", ROW_A, "192.0.2.3" },
	{ "plain.example", ROW_AAAA, "2001:db8::3" },
	{ "empty.example", ROW_SRV, "0 0 1 beside.the.point" },
	{ "*.crowd.example", ROW_A, "192.0.2.4" },
	/* "." */
	{ SERVER "closed.example", ROW_SRV, "0 0 0 ." },
	{ DIRECT "closed.example", ROW_SRV, "0 0 0 ." },
	{ "closed.example", ROW_A, "192.0.2.5" },
	{ SERVER "shut.example", ROW_SRV, "0 0 0 ." },
	{ "shut.example", ROW_A, "192.0.2.5" },
	{ DIRECT "open.example", ROW_SRV, "0 0 0 ." },
	{ SERVER "open.example", ROW_SRV, "0 0 5269 one.both.example" },
	{ SERVER "doubt.example", ROW_SRV, "0 0 0 ." },
	{ DIRECT "doubt.example", ROW_SERVFAIL, NULL },
	{ "doubt.example", ROW_A, "192.0.2.5" },
	/* no answer to SRV */
	{ SERVER "ill.example", ROW_SERVFAIL, NULL },
	{ DIRECT "ill.example", ROW_SERVFAIL, NULL },
	{ "ill.example", ROW_A, "192.0.2.6" },
	{ SERVER "silent.example", ROW_SILENCE, NULL },
	{ DIRECT "silent.example", ROW_SILENCE, NULL },
	{ "silent.example", ROW_A, "192.0.2.7" },
	{ SERVER "half.example", ROW_SRV, "10 0 5269 two.both.example" },
	{ DIRECT "half.example", ROW_SERVFAIL, NULL },
	{ SERVER "garbled.example", ROW_GARBAGE, NULL },
	{ DIRECT "garbled.example", ROW_GARBAGE, NULL },
	{ "garbled.example", ROW_A, "192.0.2.8" },
	/* no answer to anything */
	{ "dead.example", ROW_SERVFAIL, NULL },
	{ "*.dead.example", ROW_SERVFAIL, NULL },
	{ "mute.example", ROW_SILENCE, NULL },
	{ "*.mute.example", ROW_SILENCE, NULL },
	/* targets that lead nowhere, beside one that does not */
	{ SERVER "mixed.example", ROW_SRV, "10 0 5269 missing.example" },
	{ SERVER "mixed.example", ROW_SRV, "20 0 5269 dead.example" },
	{ SERVER "mixed.example", ROW_SRV, "30 0 5269 two.both.example" },
	{ SERVER "lost.example", ROW_SRV, "10 0 5269 missing.example" },
	{ "lost.example", ROW_A, "192.0.2.9" },
	{ SERVER "stuck.example", ROW_SRV, "10 0 5269 dead.example" },
	/* aliases */
	{ SERVER "alias.example", ROW_CNAME, SERVER "both2.example" },
	{ SERVER "both2.example", ROW_SRV, "10 0 5269 www.example" },
	{ "www.example", ROW_CNAME, "two.both.example" },
};

static struct {
	struct shard_group *group;
	struct shard *shard;
	struct arena *arena;
	struct dns_server *server;
	struct resolver *resolver;
} w;

static void open_world_with(const struct dns_row *rows, size_t n, int64_t timeout_ms,
                            const char *anchor_file)
{
	struct resolver_config config = { .anchor_file = anchor_file,
		                          .timeout_ms = timeout_ms };
	struct str address;

	w.arena = arena_new(4096);
	ck_assert_int_eq(shard_group_open(1, &w.group), 0);
	w.shard = shard_group_at(w.group, 0);
	shard_run_here(w.shard, 0);
	w.server = dns_server_open(rows, n);
	address = dns_server_address(w.server);
	config.servers = &address;
	config.n_servers = 1;
	ck_assert_int_eq(resolver_check(&config), 0);
	w.resolver = resolver_new(w.shard, &config);
}

static void open_world(int64_t timeout_ms)
{
	open_world_with(zone, ARRAY_LEN(zone), timeout_ms, "");
}

static void close_world(void)
{
	resolver_free(&w.resolver);
	shard_group_stop(w.group, NULL, NULL);
	shard_group_close(&w.group);
	dns_server_close(&w.server);
	arena_free(&w.arena);
}

/* ---- what comes back, as text ---- */

struct asked {
	struct resolve_query *query;
	unsigned *left; /* or NULL: how many of many are not done */
	bool done;
	bool *all_done;
	struct buf answer;
};

static void print_address(struct buf *b, const struct sockaddr_storage *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	char text[INET6_ADDRSTRLEN];

	if (address->ss_family == AF_INET6)
		buf_printf(b, " [%s]:%u",
		           inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text)),
		           ntohs(in6->sin6_port));
	else
		buf_printf(b, " %s:%u", inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)),
		           ntohs(in->sin_port));
}

static void print_answer(struct buf *b, const struct resolve_answer *answer)
{
	static const char *const results[] = { "found", "none", "failed" };

	buf_printf(b, "%s", results[answer->result]);
	for (size_t i = 0; i < answer->n_targets; i++) {
		const struct resolve_target *t = &answer->targets[i];

		buf_printf(b, "; " STR_FMT "%s%s", STR_ARG(t->name),
		           t->direct_tls ? " direct" : "", t->secure ? " secure" : "");
		for (size_t k = 0; k < t->n_addresses; k++)
			print_address(b, &t->addresses[k]);
		ck_assert_uint_eq(t->tlsa.n, 0);
	}
}

static void on_done(void *arg, const struct resolve_answer *answer)
{
	struct asked *a = arg;

	ck_assert(!a->done);
	a->done = true;
	print_answer(&a->answer, answer);
	if (a->left != NULL && --*a->left == 0)
		*a->all_done = true;
	/* As a caller may who clears up after itself. */
	resolve_cancel(&a->query);
}

static struct str ask(const char *domain)
{
	struct asked a = { 0 };
	struct str answer;

	a.query = resolve_start(w.resolver, str_of(domain), on_done, &a);
	ck_assert(!a.done);
	ck_assert(shard_wait_here(w.shard, &a.done, PATIENCE_MS));
	answer = arena_copy(w.arena, buf_str(&a.answer));
	buf_deinit(&a.answer);
	return answer;
}

START_TEST(both_kinds_of_servers_are_one_list_by_priority)
{
	open_world(0);
	ck_assert_str_is(ask("both.example"),
	                 "found; one.both.example direct [2001:db8::1]:5270 192.0.2.1:5270; "
	                 "two.both.example 192.0.2.2:5269; "
	                 "one.both.example direct [2001:db8::1]:443 192.0.2.1:443; "
	                 "one.both.example [2001:db8::1]:5299 192.0.2.1:5299");
	close_world();
}
END_TEST

START_TEST(a_domain_without_srv_is_its_own_server)
{
	open_world(0);
	ck_assert_str_is(ask("plain.example"),
	                 "found; plain.example [2001:db8::3]:5269 192.0.2.3:5269");
	ck_assert_str_is(ask("plain.example."),
	                 "found; plain.example [2001:db8::3]:5269 192.0.2.3:5269");
	close_world();
}
END_TEST

START_TEST(a_domain_without_anything_has_no_server)
{
	open_world(0);
	ck_assert_str_is(ask("missing.example"), "none");
	ck_assert_str_is(ask("empty.example"), "none");
	close_world();
}
END_TEST

START_TEST(what_is_no_domain_is_not_asked_for)
{
	open_world(0);
	ck_assert_str_is(ask(""), "none");
	ck_assert_str_is(ask("a b.example"), "none");
	ck_assert_str_is(ask("2001:db8::1"), "none");
	ck_assert_uint_eq(dns_server_asked(w.server), 0);
	close_world();
}
END_TEST

START_TEST(a_domain_as_long_as_can_be_has_no_srv)
{
	char longest[254];

	memset(longest, 'x', sizeof(longest));
	for (size_t i = 60; i < 240; i += 60)
		longest[i] = '.';
	memcpy(longest + 253 - 14, ".crowd.example", sizeof(".crowd.example"));
	open_world(0);
	ck_assert(str_ends_with(ask(longest), STR(".crowd.example 192.0.2.4:5269")));
	close_world();
}
END_TEST

START_TEST(a_dot_says_that_there_is_no_server)
{
	open_world(0);
	ck_assert_str_is(ask("closed.example"), "none");
	ck_assert_str_is(ask("shut.example"), "none");
	ck_assert_str_is(ask("open.example"),
	                 "found; one.both.example [2001:db8::1]:5269 192.0.2.1:5269");
	ck_assert_str_is(ask("doubt.example"), "failed");
	close_world();
}
END_TEST

START_TEST(no_answer_to_srv_is_as_good_as_no_record)
{
	open_world(0);
	ck_assert_str_is(ask("ill.example"), "found; ill.example 192.0.2.6:5269");
	ck_assert_str_is(ask("half.example"), "found; two.both.example 192.0.2.2:5269");
	close_world();
}
END_TEST

START_TEST(silence_about_srv_is_waited_out_for_a_third_of_the_time)
{
	open_world(HASTY_MS);
	ck_assert_str_is(ask("silent.example"), "found; silent.example 192.0.2.7:5269");
	close_world();
}
END_TEST

START_TEST(garbage_is_no_answer)
{
	open_world(HASTY_MS);
	ck_assert_str_is(ask("garbled.example"), "found; garbled.example 192.0.2.8:5269");
	close_world();
}
END_TEST

START_TEST(nobody_answers)
{
	open_world(HASTY_MS);
	ck_assert_str_is(ask("dead.example"), "failed");
	ck_assert_str_is(ask("mute.example"), "failed");
	close_world();
}
END_TEST

START_TEST(targets_that_lead_nowhere_are_left_out)
{
	open_world(0);
	ck_assert_str_is(ask("mixed.example"), "found; two.both.example 192.0.2.2:5269");
	/* RFC 6120 §3.2.1 item 8: with an answer to SRV there is no fallback. */
	ck_assert_str_is(ask("lost.example"), "none");
	ck_assert_str_is(ask("stuck.example"), "failed");
	close_world();
}
END_TEST

START_TEST(aliases_are_followed)
{
	open_world(0);
	ck_assert_str_is(ask("alias.example"), "found; www.example 192.0.2.2:5269");
	close_world();
}
END_TEST

START_TEST(an_address_is_its_own_server)
{
	open_world(0);
	ck_assert_str_is(ask("192.0.2.77"), "found; 192.0.2.77 192.0.2.77:5269");
	ck_assert_str_is(ask("[2001:db8::7]"), "found; [2001:db8::7] [2001:db8::7]:5269");
	ck_assert_uint_eq(dns_server_asked(w.server), 0);
	close_world();
}
END_TEST

/* Rows of one name: N of TYPE, with a number between BEFORE and BEHIND. */
static void add_rows(struct dns_row *rows, size_t n, const char *name, enum dns_row_type type,
                     const char *before, const char *behind)
{
	for (size_t i = 0; i < n; i++) {
		rows[i].name = name;
		rows[i].type = type;
		rows[i].data = arena_cstr(w.arena,
		                          arena_printf(w.arena, "%s%zu%s", before, i, behind));
	}
}

static unsigned count_of(struct str text, const char *part)
{
	unsigned n = 0;
	const char *p = text.p;

	while ((p = memmem(p, (size_t)(text.p + text.n - p), part, strlen(part))) != NULL) {
		p += strlen(part);
		n++;
	}
	return n;
}

START_TEST(of_too_many_records_some_are_taken)
{
	static struct dns_row rows[200 + 40 + 40 + 2];
	struct arena *arena = arena_new(4096);
	struct str answer;

	w.arena = arena;
	add_rows(rows, 200, SERVER "wide.example", ROW_SRV, "", " 0 5269 one.example");
	add_rows(rows + 200, 40, "many.example", ROW_A, "192.0.2.", "");
	add_rows(rows + 240, 40, "many.example", ROW_AAAA, "2001:db8::", "");
	rows[280] = (struct dns_row){ SERVER "deep.example", ROW_SRV, "1 0 1 many.example" };
	rows[281] = (struct dns_row){ "one.example", ROW_A, "192.0.2.1" };
	open_world_with(rows, ARRAY_LEN(rows), 0, "");
	answer = ask("wide.example");
	ck_assert_uint_eq(count_of(answer, "; one.example 192.0.2.1:5269"),
	                  RESOLVE_TARGETS_MAX);
	answer = ask("deep.example");
	ck_assert_uint_eq(count_of(answer, " 192.0.2."), RESOLVE_ADDRESSES_MAX / 2);
	ck_assert_uint_eq(count_of(answer, " [2001:db8::"), RESOLVE_ADDRESSES_MAX / 2);
	close_world();
	arena_free(&arena);
}
END_TEST

#define MANY 600 /* more than are asked for at once */

START_TEST(many_at_once_all_get_their_answer)
{
	struct asked *all = mem_zalloc(MANY * sizeof(*all));
	unsigned left = MANY;
	bool all_done = false;

	open_world(PATIENCE_MS);
	for (int i = 0; i < MANY; i++) {
		all[i].left = &left;
		all[i].all_done = &all_done;
		all[i].query =
			resolve_start(w.resolver, arena_printf(w.arena, "d%d.crowd.example", i),
		                      on_done, &all[i]);
	}
	ck_assert(shard_wait_here(w.shard, &all_done, PATIENCE_MS));
	for (int i = 0; i < MANY; i++) {
		struct str want =
			arena_printf(w.arena, "found; d%d.crowd.example 192.0.2.4:5269", i);

		ck_assert(str_eq(buf_str(&all[i].answer), want));
		buf_deinit(&all[i].answer);
	}
	free(all);
	close_world();
}
END_TEST

static void never(void *arg, const struct resolve_answer *answer)
{
	ck_abort_msg("told of what was cancelled");
}

static void wait_until_asked(void)
{
	for (int i = 0; i < 1000 && dns_server_asked(w.server) == 0; i++)
		shard_run_here(w.shard, 5);
	ck_assert_uint_ne(dns_server_asked(w.server), 0);
}

START_TEST(a_cancelled_query_is_forgotten_at_any_time)
{
	struct resolve_query *q;
	struct resolve_query *none = NULL;

	open_world(0);
	/* Before it began, while it is out, and with the answer on its way. */
	q = resolve_start(w.resolver, STR("plain.example"), never, NULL);
	resolve_cancel(&q);
	ck_assert_ptr_null(q);
	q = resolve_start(w.resolver, STR("mute.example"), never, NULL);
	wait_until_asked();
	resolve_cancel(&q);
	q = resolve_start(w.resolver, STR("both.example"), never, NULL);
	for (int i = 0; i < 5; i++)
		shard_run_here(w.shard, 0);
	usleep(20000);
	resolve_cancel(&q);
	resolve_cancel(&none);
	ck_assert_str_is(ask("plain.example"),
	                 "found; plain.example [2001:db8::3]:5269 192.0.2.3:5269");
	close_world();
}
END_TEST

START_TEST(room_that_a_cancelled_query_leaves_is_used)
{
	struct resolve_query *mute[300];

	open_world(PATIENCE_MS);
	for (size_t i = 0; i < ARRAY_LEN(mute); i++)
		mute[i] = resolve_start(w.resolver, STR("mute.example"), never, NULL);
	wait_until_asked();
	for (size_t i = 0; i < ARRAY_LEN(mute); i++)
		resolve_cancel(&mute[i]);
	ck_assert_str_is(ask("plain.example"),
	                 "found; plain.example [2001:db8::3]:5269 192.0.2.3:5269");
	close_world();
}
END_TEST

static void on_failed(void *arg, const struct resolve_answer *answer)
{
	ck_assert_int_eq(answer->result, RESOLVE_FAILED);
	++*(unsigned *)arg;
}

START_TEST(time_that_a_query_waited_is_time_it_does_not_have)
{
	unsigned failed = 0;

	open_world(HASTY_MS);
	for (int i = 0; i < 256; i++)
		resolve_start(w.resolver, STR("mute.example"), on_failed, &failed);
	/* By itself it would be found after a third of the time. */
	ck_assert_str_is(ask("silent.example"), "failed");
	ck_assert_uint_eq(failed, 256);
	close_world();
}
END_TEST

START_TEST(a_resolver_goes_with_all_that_is_under_way)
{
	open_world(0);
	resolve_start(w.resolver, STR("mute.example"), never, NULL);
	wait_until_asked();
	resolve_start(w.resolver, STR("plain.example"), never, NULL);
	resolve_start(w.resolver, STR("192.0.2.1"), never, NULL);
	close_world();
}
END_TEST

static void free_resolver(void *arg, const struct resolve_answer *answer)
{
	ck_assert_int_eq(answer->result, RESOLVE_FOUND);
	resolver_free(&w.resolver);
	*(bool *)arg = true;
}

START_TEST(a_resolver_may_go_while_it_tells)
{
	bool done = false;

	open_world(0);
	resolve_start(w.resolver, STR("192.0.2.1"), free_resolver, &done);
	resolve_start(w.resolver, STR("192.0.2.2"), never, NULL);
	ck_assert(shard_wait_here(w.shard, &done, PATIENCE_MS));
	close_world();
}
END_TEST

/* ---- DNSSEC ---- */

static const char *write_file(const char *text)
{
	const char *path =
		arena_cstr(w.arena, arena_printf(w.arena, "/tmp/jackdaw-anchor-%d", getpid()));
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

/* As if somebody between us and the domain had taken the signatures away. */
START_TEST(a_forged_answer_is_no_answer_and_nothing_is_tried_instead)
{
	struct arena *arena = arena_new(256);
	struct capture log;
	const char *path;
	struct str said;

	w.arena = arena;
	path = write_file("both.example. IN DS 12345 13 2 00112233445566778899aabbccddeeff"
	                  "00112233445566778899aabbccddeeff\n");
	open_world_with(zone, ARRAY_LEN(zone), 0, path);
	capture_begin(&log);
	ck_assert_str_is(ask("both.example"), "failed");
	/* Its targets lie below the same anchor. */
	ck_assert_str_is(ask("open.example"), "failed");
	said = capture_end(&log, w.arena);
	ck_assert_says(said, "DNSSEC of _xmpp");
	/* What lies below no anchor is as it was. */
	ck_assert_str_is(ask("plain.example"),
	                 "found; plain.example [2001:db8::3]:5269 192.0.2.3:5269");
	close_world();
	unlink(path);
	arena_free(&arena);
}
END_TEST

/* ---- the configuration ---- */

static int try_config(const char *server, const char *anchor_file, struct str *said_out)
{
	const struct str servers[] = { STR("127.0.0.1"), str_of(server) };
	const struct resolver_config config = { .servers = servers,
		                                .n_servers = server != NULL ? 2 : 1,
		                                .anchor_file = anchor_file };
	struct capture log;
	int err;

	capture_begin(&log);
	err = resolver_check(&config);
	*said_out = capture_end(&log, w.arena);
	return err;
}

START_TEST(servers_are_addresses_with_a_port_or_without)
{
	static const char *const good[] = { "192.0.2.1", "192.0.2.1@5353", "::1",
		                            "2001:db8::1@53" };
	static const char *const bad[] = { "",
		                           "dns.example",
		                           "192.0.2.1@",
		                           "192.0.2.1@0",
		                           "192.0.2.1@65536",
		                           "192.0.2.1:53",
		                           "[::1]",
		                           "192.0.2.1@5@3" };
	struct str said;

	open_world(0);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_int_eq(try_config(good[i], "", &said), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ck_assert_int_eq(try_config(bad[i], "", &said), ERR_INVALID);
		ck_assert_says(said, "is no DNS server; write an IPv4 or IPv6 address in "
		                     "digits, followed by @PORT if it is not 53");
	}
	close_world();
}
END_TEST

START_TEST(trust_anchors_that_cannot_be_used_are_told_at_once)
{
	struct str said;
	const char *path;

	open_world(0);
	ck_assert_int_eq(try_config(NULL, "/nowhere/root.key", &said), ERR_NOENT);
	ck_assert_says(said, "trust anchors of DNSSEC cannot be read from /nowhere/root.key: "
	                     "No such file or directory; name another file");
	path = write_file("this is no zone file\n");
	ck_assert_int_eq(try_config(NULL, path, &said), ERR_NOENT);
	ck_assert_says(said, "it holds no DS or DNSKEY records");
	path = write_file(". IN DS 20326 8 2 "
	                  "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n");
	ck_assert_int_eq(try_config(NULL, path, &said), 0);
	unlink(path);
	close_world();
}
END_TEST

CHECK_MAIN("resolve", both_kinds_of_servers_are_one_list_by_priority,
           a_domain_without_srv_is_its_own_server, a_domain_without_anything_has_no_server,
           what_is_no_domain_is_not_asked_for, a_domain_as_long_as_can_be_has_no_srv,
           a_dot_says_that_there_is_no_server, no_answer_to_srv_is_as_good_as_no_record,
           silence_about_srv_is_waited_out_for_a_third_of_the_time, garbage_is_no_answer,
           nobody_answers, targets_that_lead_nowhere_are_left_out, aliases_are_followed,
           an_address_is_its_own_server, of_too_many_records_some_are_taken,
           many_at_once_all_get_their_answer, a_cancelled_query_is_forgotten_at_any_time,
           room_that_a_cancelled_query_leaves_is_used,
           time_that_a_query_waited_is_time_it_does_not_have,
           a_resolver_goes_with_all_that_is_under_way, a_resolver_may_go_while_it_tells,
           a_forged_answer_is_no_answer_and_nothing_is_tried_instead,
           servers_are_addresses_with_a_port_or_without,
           trust_anchors_that_cannot_be_used_are_told_at_once)
