/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/ctl/admin.h"

#include "server/base/err.h"
#include "server/base/mem.h"
#include "xml/dataform.h"
#include "xml/ns.h"
#include "xml/parser.h"
#include "xml/stanza.h"
#include "xml/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct xml_limits answer_limits = {
	.element_bytes = (size_t)MIB(64), /* a list of all accounts */
	.depth = 64,
	.attributes = 64,
	.name_bytes = 1024,
	.elements = 1 << 20,
};

struct admin {
	int fd;
	struct xml_pool *pool;
	struct xml_stream *xml;
	struct arena *answer_arena; /* what came and was not taken */
	struct xml_node *answer;
};

static void on_open(void *owner, const struct xml_node *header, struct str default_ns)
{
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct admin *a = owner;

	arena_free(&a->answer_arena);
	a->answer_arena = arena;
	a->answer = element;
	xml_stream_pause(a->xml);
}

static const struct xml_stream_ops xml_ops = {
	.on_open = on_open,
	.on_element = on_element,
};

static int send_all(struct admin *a, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(a->fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_CLOSED;
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
	return 0;
}

/* Until one element is there. */
static int receive(struct admin *a)
{
	char bytes[4096];

	while (a->answer == NULL) {
		ssize_t n = read(a->fd, bytes, sizeof(bytes));
		size_t used;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || xml_stream_feed(a->xml, str_make(bytes, (size_t)n), &used) >
		                      XML_READ_PAUSED)
			return ERR_CLOSED;
	}
	return 0;
}

struct admin *admin_open(int fd)
{
	struct admin *a = MEM_NEW(struct admin);

	a->fd = fd;
	a->pool = xml_pool_new();
	a->xml = xml_stream_new(a->pool, &xml_ops, a);
	xml_stream_set_limits(a->xml, &answer_limits);
	return a;
}

int admin_connect(const char *path, struct admin **admin_out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*admin_out = admin_open(fd);
	return 0;
}

int admin_attach(struct server *server, struct admin **admin_out)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	if (fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	server_control(server, fds[0]);
	*admin_out = admin_open(fds[1]);
	return 0;
}

void admin_close(struct admin **admin)
{
	struct admin *a = *admin;

	if (a == NULL)
		return;
	close(a->fd);
	arena_free(&a->answer_arena);
	xml_stream_free(&a->xml);
	xml_pool_free(&a->pool);
	free(a);
	*admin = NULL;
}

/* ---- calls ---- */

static int send_call(struct admin *a, struct arena *arena, struct str name,
                     struct xml_node *form)
{
	struct stanza *iq = stanza_new(arena, STANZA_IQ, TYPE_SET);
	struct xml_node *command = xml_add(arena, stanza_node(iq), NS_COMMANDS, "command");
	struct buf out = { 0 };
	int err;

	iq->id = STR("1");
	xml_set(arena, command, "node", name);
	if (form != NULL)
		xml_append(command, form);
	if (!xml_stream_is_open(a->xml))
		buf_append(&out, STR("<stream:stream xmlns='" NS_CLIENT
		                     "' xmlns:stream='" NS_STREAM "' version='1.0'>"));
	stanza_write(&out, iq, NS_CLIENT);
	err = send_all(a, buf_str(&out));
	buf_deinit(&out);
	return err;
}

static int read_error(struct arena *arena, const struct xml_node *error,
                      struct str *problem_out)
{
	static const struct {
		const char *name;
		int err;
	} known[] = {
		{ "item-not-found", ERR_NOENT },     { "conflict", ERR_EXISTS },
		{ "not-acceptable", ERR_INVALID },   { "not-allowed", ERR_DENIED },
		{ "resource-constraint", ERR_BUSY },
	};
	const struct xml_node *text = xml_child(error, NS_STANZA_ERROR, "text");

	*problem_out = text == NULL ? STR_NONE : arena_copy(arena, xml_text(arena, text));
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (xml_child(error, NS_STANZA_ERROR, known[i].name) != NULL)
			return known[i].err;
	return ERR_STORE;
}

/* No answer but the end of the stream: for a request over the server's limits, say. */
static int read_end(struct arena *arena, const struct xml_node *end, struct str *problem_out)
{
	const struct xml_node *condition = xml_next_child(end, NULL);

	if (condition != NULL)
		*problem_out = arena_printf(arena, "the server ended the stream: " STR_FMT,
		                            STR_ARG(condition->name));
	return ERR_CLOSED;
}

int admin_call(struct admin *a, struct arena *arena, struct str name, struct xml_node *form,
               const struct xml_node **result_out, struct str *problem_out)
{
	const struct xml_node *error, *command;
	int err = send_call(a, arena, name, form);

	*problem_out = STR_NONE;
	if (err == 0)
		err = receive(a);
	if (err < 0)
		return err;
	error = xml_child(a->answer, NULL, "error");
	command = xml_child(a->answer, NS_COMMANDS, "command");
	if (error != NULL)
		err = read_error(arena, error, problem_out);
	else if (command != NULL)
		*result_out = xml_copy(arena, command);
	else
		err = read_end(arena, a->answer, problem_out);
	a->answer = NULL;
	return err;
}

int admin_add_account(struct server *server, struct str account, struct str password)
{
	struct arena *arena = arena_new(1024);
	struct xml_node *form = form_new(arena, "submit", NULL);
	const struct xml_node *result;
	struct str problem;
	struct admin *a;
	int err = admin_attach(server, &a);

	if (err == 0) {
		form_field(arena, form, FIELD_JID_SINGLE, "accountjid", NULL, account);
		form_field(arena, form, FIELD_TEXT_PRIVATE, "password", NULL, password);
		err = admin_call(a, arena, STR("account add"), form, &result, &problem);
		admin_close(&a);
	}
	arena_free(&arena);
	return err;
}
