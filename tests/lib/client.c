/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/client.h"

#include "server/base/base64.h"
#include "server/base/mem.h"
#include "server/stream/c2s_private.h"
#include "xml/ns.h"
#include "xml/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 60000 /* a hang; no test measures time by it */
#define SUCCESS "<success xmlns='" NS_SASL "'/>"

/* ---- the server's end ---- */

struct arrival {
	struct client_options options;
	const char *local; /* NULL: not authenticated */
	int fd;
};

static void set_address(struct c2s *c, const char *address)
{
	count_table_down(c->env->addresses, c2s_address(c));
	free(c->address);
	c->address = strdup(address);
	count_table_up(c->env->addresses, c2s_address(c));
}

/* On the accepting shard: a stream as it is behind the TLS handshake, or behind SASL. */
static void arrive(struct core *core, struct world_call *call)
{
	struct arrival *a = call->arg;
	struct c2s_env *env = &core->c2s;
	struct c2s *c;

	c2s_accept(env, a->fd, false);
	c = TAILQ_LAST(&env->all, c2s_list);
	c->host = env->ops->find_host(env, str_of(a->options.host));
	c->state = C2S_SECURE;
	c->secure = true;
	if (a->options.address != NULL)
		set_address(c, a->options.address);
	if (a->local != NULL) {
		c->text = strdup(a->local);
		c->mechanism = "none";
		stream_hold(c->stream);
		env->ops->authenticated(c, str_of(c->text));
	}
	world_answer(call, 0);
}

/* ---- reading ---- */

static void on_open(void *owner, const struct xml_node *header, struct str default_ns)
{
}

static void on_element(void *owner, struct arena *arena, struct xml_node *node)
{
	struct client *c = owner;
	struct client_element *e = MEM_NEW(struct client_element);

	e->arena = arena;
	e->node = node;
	*c->last = e;
	c->last = &e->next;
}

static const struct xml_stream_ops xml_ops = {
	.on_open = on_open,
	.on_element = on_element,
};

static void receive(struct client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	ssize_t n;

	ck_assert_msg(poll(&p, 1, c->patience_ms) == 1, "%s waits in vain",
	              c->jid == NULL ? "a client" : c->jid);
	n = recv(c->fd, buf_reserve(&c->got, 4096), 4096, 0);
	if (n > 0)
		c->got.n += (size_t)n;
	else
		c->ended = true;
}

static void parse(struct client *c)
{
	enum xml_result result;
	size_t used;

	if (c->got.n == 0)
		return;
	result = xml_stream_feed(c->xml, buf_str(&c->got), &used);
	ck_assert_int_le(result, XML_READ_CLOSED);
	c->ended = c->ended || result == XML_READ_CLOSED;
	buf_consume(&c->got, used);
}

static void free_element(struct client_element *e)
{
	if (e == NULL)
		return;
	arena_free(&e->arena);
	free(e);
}

/* NULL at the end. */
static const struct xml_node *next_element(struct client *c)
{
	while (c->first == NULL && !c->ended) {
		receive(c);
		parse(c);
	}
	free_element(c->shown);
	c->shown = c->first;
	if (c->first == NULL)
		return NULL;
	c->first = c->first->next;
	if (c->first == NULL)
		c->last = &c->first;
	return c->shown->node;
}

const struct xml_node *client_next_or_end(struct client *c)
{
	const struct xml_node *node;

	do
		node = next_element(c);
	while (node != NULL && c->managed && xml_is(node, NS_SM, "r"));
	if (node != NULL && xml_in_ns(node, NS_CLIENT))
		c->stanzas++;
	return node;
}

const struct xml_node *client_next(struct client *c)
{
	const struct xml_node *node = client_next_or_end(c);

	ck_assert_msg(node != NULL, "the stream of %s ended",
	              c->jid == NULL ? "a client" : c->jid);
	return node;
}

/* ---- patterns ---- */

static bool match(struct arena *arena, const struct xml_node *node,
                  const struct xml_node *pattern)
{
	struct str text = str_trim(xml_text(arena, pattern));

	if (!str_eq(node->ns, pattern->ns) || !str_eq(node->name, pattern->name))
		return false;
	for (const struct xml_attr *a = pattern->attrs; a != NULL; a = a->next) {
		struct str value = str_is_absent(a->ns)
		                           ? xml_attr(node, arena_cstr(arena, a->name))
		                           : xml_attr_ns(node, arena_cstr(arena, a->ns),
		                                         arena_cstr(arena, a->name));

		if (str_is(a->value, "-") ? !str_is_absent(value)
		                          : str_is_absent(value) || !(str_is(a->value, "*") ||
		                                                      str_eq(value, a->value)))
			return false;
	}
	if (!str_is_empty(text) && !str_eq(text, str_trim(xml_text(arena, node))))
		return false;
	for (const struct xml_node *p = NULL; (p = xml_next_child(pattern, p)) != NULL;) {
		const struct xml_node *n = NULL;

		while ((n = xml_next_child(node, n)) != NULL && !match(arena, n, p))
			;
		if (n == NULL)
			return false;
	}
	return true;
}

bool client_matches(struct arena *arena, const struct xml_node *node, const char *pattern)
{
	const struct xml_node *wrapped;
	struct str text = arena_printf(
		arena, "<x xmlns='" NS_CLIENT "' xmlns:stream='" NS_STREAM "'>%s</x>", pattern);

	ck_assert_msg(xml_read(arena, text, &wrapped) == 0, "no pattern: %s", pattern);
	return match(arena, node, xml_only_child(wrapped));
}

const struct xml_node *client_expect(struct client *c, const char *pattern)
{
	const struct xml_node *node = client_next_or_end(c);
	struct arena *arena = arena_new(1024);

	ck_assert_msg(node != NULL, "the stream of %s ended, before %s",
	              c->jid == NULL ? "a client" : c->jid, pattern);
	ck_assert_msg(client_matches(arena, node, pattern), "%s expected %s, and got " STR_FMT,
	              c->jid == NULL ? "a client" : c->jid, pattern,
	              STR_ARG(xml_print(arena, node)));
	arena_free(&arena);
	return node;
}

static const char *format_text(char **text, const char *format, va_list args) PRINTF_LIKE(2, 0);
static const char *format_text(char **text, const char *format, va_list args)
{
	ck_assert_int_ge(vasprintf(text, format, args), 0);
	return *text;
}

const struct xml_node *client_expectf(struct client *c, const char *format, ...)
{
	const struct xml_node *node;
	char *text;
	va_list args;

	va_start(args, format);
	node = client_expect(c, format_text(&text, format, args));
	va_end(args);
	free(text);
	return node;
}

/* ---- writing ---- */

void client_send(struct client *c, const char *xml)
{
	size_t n = strlen(xml);

	while (n > 0) {
		ssize_t sent = send(c->fd, xml, n, MSG_NOSIGNAL);

		ck_assert_int_gt(sent, 0);
		xml += sent;
		n -= (size_t)sent;
	}
}

void client_printf(struct client *c, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	client_send(c, format_text(&text, format, args));
	va_end(args);
	free(text);
}

void client_expect_nothing(struct client *c, struct client *from)
{
	unsigned fence = ++c->world->fences;

	client_printf(from, "<message to='%s' type='headline' id='fence%u'/>", c->jid, fence);
	client_expectf(c, "<message from='%s' id='fence%u'/>", from->jid, fence);
}

void client_settle(struct client *c)
{
	client_expect_nothing(c, c);
}

void client_expect_end(struct client *c, const char *condition)
{
	const struct xml_node *node;

	if (condition != NULL)
		client_expectf(c,
		               "<stream:error><%s xmlns='" NS_STREAM_ERROR "'/></stream:error>",
		               condition);
	node = client_next_or_end(c);
	ck_assert_msg(node == NULL, "the stream goes on");
}

/* ---- login ---- */

const struct xml_node *client_restart(struct client *c)
{
	xml_stream_restart(c->xml);
	client_send(c, "<stream:stream xmlns='" NS_CLIENT "' xmlns:stream='" NS_STREAM
	               "' to='a.example' version='1.0'>");
	parse(c);
	return client_expect(c, "<stream:features/>");
}

static struct client *connect_client(struct world *w, struct arrival *a)
{
	struct client *c = MEM_NEW(struct client);
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	c->world = w;
	c->fd = fds[0];
	c->patience_ms = PATIENCE_MS;
	c->last = &c->first;
	c->pool = xml_pool_new();
	c->xml = xml_stream_new(c->pool, &xml_ops, c);
	a->fd = fds[1];
	world_ask(w, a->options.shard, arrive, a);
	return c;
}

static void send_header(struct client *c, const char *host)
{
	client_printf(c,
	              "<stream:stream xmlns='" NS_CLIENT "' xmlns:stream='" NS_STREAM
	              "' to='%s' version='1.0'>",
	              host);
	client_expect(c, "<stream:features/>");
}

struct client *client_open(struct world *w, const struct client_options *options)
{
	struct arrival a = { 0 };
	struct client *c;

	if (options != NULL)
		a.options = *options;
	if (a.options.host == NULL)
		a.options.host = "a.example";
	c = connect_client(w, &a);
	send_header(c, a.options.host);
	return c;
}

/* The success comes before the header, so it is no part of the XML stream to come. */
static void read_success(struct client *c)
{
	while (c->got.n < strlen(SUCCESS) && !c->ended)
		receive(c);
	ck_assert_msg(str_starts_with(buf_str(&c->got), STR(SUCCESS)),
	              "not let in: \"" STR_FMT "\"", STR_ARG(buf_str(&c->got)));
	buf_consume(&c->got, strlen(SUCCESS));
}

struct client *client_enter(struct world *w, const char *bare)
{
	struct jid jid = world_jid(w, bare);
	struct arrival a = {
		.local = arena_copy(w->arena, jid_local(jid)).p,
		.options.host = arena_copy(w->arena, jid_domain(jid)).p,
	};
	struct client *c = connect_client(w, &a);

	read_success(c);
	send_header(c, a.options.host);
	return c;
}

struct client *client_login(struct world *w, const char *full)
{
	struct client *c = client_enter(w, full);
	const char *resource = strchr(full, '/');
	struct arena *arena = arena_new(256);
	const struct xml_node *iq;

	client_printf(c,
	              "<iq type='set' id='bind'><bind xmlns='" NS_BIND
	              "'><resource>%s</resource></bind></iq>",
	              resource == NULL ? "" : resource + 1);
	iq = client_expect(c, "<iq type='result' id='bind'><bind xmlns='" NS_BIND
	                      "'><jid/></bind></iq>");
	c->jid = arena_copy(w->arena,
	                    xml_child_text(arena, xml_child(iq, NS_BIND, "bind"), "jid"))
	                 .p;
	arena_free(&arena);
	return c;
}

struct client *client_online(struct world *w, const char *full, int priority)
{
	struct client *c = client_login(w, full);

	client_printf(c, "<presence id='online'><priority>%d</priority></presence>", priority);
	client_expectf(c, "<presence id='online' from='%s'/>", c->jid);
	return c;
}

const char *client_manage(struct client *c, const char *attrs)
{
	const struct xml_node *enabled;

	client_printf(c, "<enable xmlns='" NS_SM "' resume='true' %s/>", attrs);
	enabled = client_expect(c, "<enabled xmlns='" NS_SM "' id='*' resume='true'/>");
	c->managed = true;
	c->stanzas = 0;
	return arena_copy(c->world->arena, xml_attr(enabled, "id")).p;
}

struct client *client_resume(struct world *w, const char *full, const char *id, unsigned has)
{
	struct client *c = client_enter(w, full);

	client_printf(c, "<resume xmlns='" NS_SM "' previd='%s' h='%u'/>", id, has);
	client_expectf(c, "<resumed xmlns='" NS_SM "' previd='%s'/>", id);
	c->jid = arena_copy(w->arena, str_of(full)).p;
	c->managed = true;
	c->stanzas = has;
	return c;
}

bool client_authenticate(struct client *c, const char *user, const char *password)
{
	struct arena *arena = arena_new(256);
	size_t user_n = strlen(user), password_n = strlen(password);
	char *plain = arena_zalloc(arena, user_n + password_n + 2);
	bool success;

	memcpy(plain + 1, user, user_n);
	memcpy(plain + 2 + user_n, password, password_n);
	client_printf(c, "<auth xmlns='" NS_SASL "' mechanism='PLAIN'>%s</auth>",
	              base64_encode(arena, str_make(plain, user_n + password_n + 2)).p);
	success = xml_is(client_next(c), NS_SASL, "success");
	arena_free(&arena);
	if (success)
		client_restart(c);
	return success;
}

/* ---- the end ---- */

void client_drop(struct client **cp)
{
	struct client *c = *cp;

	close(c->fd);
	while (c->first != NULL) {
		struct client_element *e = c->first;

		c->first = e->next;
		free_element(e);
	}
	free_element(c->shown);
	buf_deinit(&c->got);
	xml_stream_free(&c->xml);
	xml_pool_free(&c->pool);
	free(c);
	*cp = NULL;
}

void client_close(struct client **c)
{
	client_send(*c, "</stream:stream>");
	while (client_next_or_end(*c) != NULL)
		;
	client_drop(c);
}
