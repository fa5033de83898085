/*
 * check_reload.c - reading the configuration again while the server runs.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/core/court.h"
#include "tests/lib/capture.h"

#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct world *w;

static void begin(void)
{
	w = court_world(2);
	world_account(w, "romeo@a.example", "x");
}

/* Reload with these options, and what the log said. */
static struct str reload(const struct world_options *options)
{
	struct world_options before = w->options;
	struct capture log;

	world_configure(w, options);
	w->options = before;
	capture_begin(&log);
	server_reload(w->server);
	return capture_end(&log, w->arena);
}

static void new_certificate(const char *name)
{
	const struct str names[] = { STR_INIT("a.example"), STR_INIT("b.example") };

	ck_assert_int_eq(
		tls_make_self_signed(names, 2,
	                             world_file(w, arena_printf(w->arena, "%s.crt", name).p),
	                             world_file(w, arena_printf(w->arena, "%s.key", name).p)),
		0);
}

/* ---- the certificate that a client is shown ---- */

static void accept_tls(struct core *core, struct world_call *call)
{
	c2s_accept(&core->c2s, *(int *)call->arg, true);
	world_answer(call, 0);
}

static struct str certificate_on(unsigned shard)
{
	gnutls_certificate_credentials_t credentials;
	const gnutls_datum_t *peer;
	gnutls_session_t tls;
	struct str copy;
	unsigned n;
	int fds[2], ret;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	world_ask(w, shard, accept_tls, &fds[1]);
	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_init(&tls, GNUTLS_CLIENT);
	gnutls_set_default_priority(tls);
	gnutls_server_name_set(tls, GNUTLS_NAME_DNS, "a.example", strlen("a.example"));
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(tls, fds[0]);
	do
		ret = gnutls_handshake(tls);
	while (ret < 0 && !gnutls_error_is_fatal(ret));
	ck_assert_int_eq(ret, 0);
	peer = gnutls_certificate_get_peers(tls, &n);
	copy = arena_copy(w->arena, str_make((const char *)peer->data, peer->size));
	gnutls_deinit(tls);
	gnutls_certificate_free_credentials(credentials);
	close(fds[0]);
	return copy;
}

START_TEST(a_certificate_that_was_replaced_is_shown_after_a_reload)
{
	struct str before, after;
	struct client *c;

	begin();
	before = certificate_on(0);
	c = client_login(w, "romeo@a.example/orchard");
	new_certificate("a");
	ck_assert(str_eq(certificate_on(0), before));
	ck_assert_says(reload(&w->options), "");
	after = certificate_on(0);
	ck_assert(!str_eq(after, before));
	ck_assert(str_eq(certificate_on(1), after));
	client_settle(c);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_certificate_of_another_name_may_be_configured)
{
	struct str before;

	begin();
	before = certificate_on(0);
	new_certificate("new");
	reload(&(struct world_options){
		.host = "certificate = \"new.crt\"\nkey = \"new.key\"" });
	ck_assert(!str_eq(certificate_on(0), before));
	world_free(&w);
}
END_TEST

/* ---- mistakes ---- */

static void expect_no_change(const struct world_options *options, const char *part)
{
	const struct generation *before = w->server->generation;
	struct str certificate = certificate_on(1), said = reload(options);

	ck_assert_says(said, part);
	ck_assert_says(said, "reload: nothing was changed");
	ck_assert_ptr_eq(w->server->generation, before);
	ck_assert(str_eq(certificate_on(1), certificate));
}

START_TEST(a_file_with_a_mistake_changes_nothing)
{
	begin();
	expect_no_change(&(struct world_options){ .global = "login-timeout = soon" },
	                 "jackdaw.conf:7: login-timeout = \"soon\": expected a time");
	expect_no_change(&(struct world_options){ .global = "unknown = 1" },
	                 "no such option 'unknown'");
	expect_no_change(&(struct world_options){ .host = "key = \"missing.key\"" },
	                 "missing.key");
	expect_no_change(&(struct world_options){ .host = "modules = { \"none\" }" },
	                 "there is no module \"none\"");
	world_free(&w);
}
END_TEST

START_TEST(a_key_that_does_not_fit_its_certificate_changes_nothing)
{
	begin();
	new_certificate("new");
	expect_no_change(&(struct world_options){ .host = "certificate = \"new.crt\"" },
	                 "a.key");
	world_write(w, "broken.crt", "no certificate at all\n");
	expect_no_change(&(struct world_options){ .host = "certificate = \"broken.crt\"" },
	                 "broken.crt");
	world_free(&w);
}
END_TEST

START_TEST(other_hosts_need_a_restart)
{
	begin();
	expect_no_change(&(struct world_options){ .global = "host \"c.example\" { certificate "
	                                                    "= \"a.crt\"\nkey = \"a.key\" }" },
	                 "other hosts need a restart");
	world_free(&w);
}
END_TEST

/* ---- limits ---- */

START_TEST(limits_and_log_level_are_in_force_at_once)
{
	struct client *one, *two, *more;

	begin();
	one = client_login(w, "romeo@a.example/one");
	two = client_login(w, "romeo@a.example/two");
	ck_assert(!log_enabled(LOG_WARNING));
	reload(&(struct world_options){
		.global = "sessions-per-account = 2\nlog-level = warning\n" });
	ck_assert(log_enabled(LOG_WARNING));
	ck_assert(!log_enabled(LOG_INFO));
	more = client_enter(w, "romeo@a.example");
	client_send(
		more,
		"<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
	client_expect(more, "<iq type='error' id='1'><error><resource-constraint "
	                    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
	client_settle(one);
	client_settle(two);
	client_drop(&one);
	client_drop(&two);
	client_drop(&more);
	world_free(&w);
}
END_TEST

START_TEST(the_size_of_a_stanza_follows_for_streams_to_come)
{
	struct client *before, *after;
	char *big;

	begin();
	before = client_login(w, "romeo@a.example/before");
	reload(&(struct world_options){ .global = "stanza-size = \"20 kB\"", .shards = 2 });
	after = client_login(w, "romeo@a.example/after");
	big = arena_zalloc(w->arena, 30001);
	memset(big, 'x', 30000);
	client_printf(before, "<message id='b' to='%s'><body>%s</body></message>", before->jid,
	              big);
	client_expect(before, "<message id='b'/>");
	client_printf(after, "<message id='a' to='%s'><body>%s</body></message>", after->jid,
	              big);
	client_expect_end(after, "policy-violation");
	client_drop(&before);
	client_drop(&after);
	world_free(&w);
}
END_TEST

START_TEST(a_hundred_reloads_under_traffic_lose_nothing)
{
	struct client *c;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	for (int i = 0; i < 100; i++) {
		client_printf(c, "<message id='m%d' to='%s'/>", i, c->jid);
		server_reload(w->server);
		client_expectf(c, "<message id='m%d'/>", i);
	}
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("reload", a_certificate_that_was_replaced_is_shown_after_a_reload,
           a_certificate_of_another_name_may_be_configured,
           a_file_with_a_mistake_changes_nothing,
           a_key_that_does_not_fit_its_certificate_changes_nothing, other_hosts_need_a_restart,
           limits_and_log_level_are_in_force_at_once,
           the_size_of_a_stanza_follows_for_streams_to_come,
           a_hundred_reloads_under_traffic_lose_nothing)
