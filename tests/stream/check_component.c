/*
 * check_component.c - a component connects: the handshake, what it may say, and who is refused.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "server/base/digest.h"
#include "tests/lib/check_main.h"
#include "tests/stream/servers.h"
#include "xml/ns.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER(to) \
	"<stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAM "' to='" to "'>"
#define ERROR(name) "<" name " xmlns='" NS_STREAM_ERROR "'/>"
#define SHA1_BYTES 20

static struct servers *w;
static struct server *b;
static int fd;
static struct buf got; /* from the server, as it came */

static void connect_component(void)
{
	int fds[2];

	buf_clear(&got);
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	s2s_accept_component(&b->envs[0], fds[1]);
	fd = fds[0];
}

static void begin(void)
{
	w = servers_open();
	b = server_new(w, "b.example", 0, 2, true);
	connect_component();
}

static void end(void)
{
	close(fd);
	servers_close(&w);
	buf_deinit(&got);
}

static void say(const char *xml)
{
	ck_assert_int_eq(send(fd, xml, strlen(xml), MSG_NOSIGNAL), (ssize_t)strlen(xml));
}

/* Where TEXT begins in what came; NULL: not yet. */
static const char *find(const char *text)
{
	char bytes[4096];
	ssize_t n;

	servers_turn(w);
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buf_append(&got, str_make(bytes, (size_t)n));
	return memmem(got.p, got.n, text, strlen(text));
}

static void expect(const char *text)
{
	servers_until(w, find(text) != NULL);
}

static void shake(const char *secret)
{
	struct arena *arena = arena_new(256);
	uint8_t hash[SHA1_BYTES];
	struct str id;
	const char *at;

	expect("from='irc.b.example'>");
	at = find(" id='") + strlen(" id='");
	id = str_make(at, (size_t)(strchr(at, '\'') - at));
	digest_hash(DIGEST_SHA1, arena_concat(arena, id, str_of(secret)), hash);
	say(arena_printf(
		    arena, "<handshake>" STR_FMT "</handshake>",
		    STR_ARG(base16_encode(arena, str_make((const char *)hash, sizeof(hash)))))
	            .p);
	arena_free(&arena);
}

START_TEST(its_secret_lets_it_in)
{
	begin();
	say(HEADER("irc.b.example"));
	shake("b.example");
	expect("<handshake/>");
	ck_assert(server_told(b, "claims irc.b.example\n"));
	ck_assert(server_told(b, "authenticated  irc.b.example handshake\nready\n"));
	ck_assert(s2s_is_component(server_incoming(b)) && s2s_is_ready(server_incoming(b)));
	end();
}
END_TEST

START_TEST(it_moves_to_the_shard_of_its_domain)
{
	begin();
	b->moves = true;
	say(HEADER("irc.b.example"));
	shake("b.example");
	say("<message to='y@b.example' from='x@irc.b.example'/>");
	expect("<handshake/>");
	servers_until(w, server_told(b, "element <message xmlns='jabber:client' "
	                                "to='y@b.example' from='x@irc.b.example'/>\n"));
	ck_assert_ptr_eq(s2s_env_of(server_incoming(b)), &b->envs[1]);
	end();
}
END_TEST

START_TEST(it_may_send_to_anybody_in_the_name_of_its_domain)
{
	const struct s2s *s;

	begin();
	say(HEADER("IRC.b.example"));
	shake("b.example");
	expect("<handshake/>");
	s = server_incoming(b);
	ck_assert(s2s_admits(s, STR("b.example"), STR("irc.b.example")));
	ck_assert(s2s_admits(s, STR("elsewhere.example"), STR("irc.b.example")));
	ck_assert(!s2s_admits(s, STR("b.example"), STR("b.example")));
	ck_assert(!s2s_admits(s, STR("irc.b.example"), STR("x.irc.b.example")));
	end();
}
END_TEST

START_TEST(another_secret_does_not)
{
	begin();
	say(HEADER("irc.b.example"));
	shake("c.example");
	expect(ERROR("not-authorized"));
	ck_assert(!server_told(b, "claims"));
	close(fd);
	connect_component();
	say(HEADER(
		"irc.b.example") "<handshake/><message to='b.example' from='irc.b.example'/>");
	expect(ERROR("not-authorized"));
	ck_assert(!server_told(b, "element"));
	end();
}
END_TEST

START_TEST(other_domains_and_namespaces_are_refused_behind_a_header)
{
	begin();
	say(HEADER("b.example"));
	expect(ERROR("host-unknown"));
	ck_assert(find("<stream:stream ") < find(ERROR("host-unknown")));
	close(fd);
	connect_component();
	say("<stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAM "'>");
	expect(ERROR("improper-addressing"));
	close(fd);
	connect_component();
	say("<stream:stream xmlns='" NS_SERVER "' xmlns:stream='" NS_STREAM
	    "' to='irc.b.example'>");
	expect(ERROR("invalid-namespace"));
	end();
}
END_TEST

START_TEST(it_says_stanzas_and_nothing_else)
{
	begin();
	say(HEADER("irc.b.example"));
	shake("b.example");
	expect("<handshake/>");
	say("<iq to='b.example' from='irc.b.example' type='get'><q xmlns='q'/></iq>"
	    "<r xmlns='" NS_SM "'/>");
	expect(ERROR("unsupported-stanza-type"));
	ck_assert(server_told(b, "element <iq "));
	close(fd);
	connect_component();
	say(HEADER("irc.b.example") "<message to='b.example' from='irc.b.example'/>");
	expect(ERROR("not-authorized"));
	end();
}
END_TEST

START_TEST(large_elements_are_refused_before_the_handshake)
{
	char many[11000] = "";

	begin();
	say(HEADER("irc.b.example") "<handshake>");
	memset(many, 'x', sizeof(many) - 1);
	say(many);
	expect(ERROR("policy-violation"));
	end();
}
END_TEST

CHECK_MAIN("component", its_secret_lets_it_in, it_moves_to_the_shard_of_its_domain,
           it_may_send_to_anybody_in_the_name_of_its_domain, another_secret_does_not,
           other_domains_and_namespaces_are_refused_behind_a_header,
           it_says_stanzas_and_nothing_else, large_elements_are_refused_before_the_handshake)
