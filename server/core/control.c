/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/control.h"

#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/core/command.h"
#include "xml/ns.h"

#include <stdlib.h>

struct control {
	TAILQ_ENTRY(control) link;
	struct core *core;
	struct stream *stream;
	struct command_call *call; /* the one under way */
	bool over;                 /* the stream is; a call is not */
};

/* A call under way, in its own arena. */
struct control_call {
	struct command_call call;
	struct control *control;
	struct stanza *request;
};

static void control_free(struct control *c)
{
	TAILQ_REMOVE(&c->core->controls, c, link);
	stream_free(&c->stream);
	free(c);
}

/* ---- answers ---- */

static enum stanza_error condition_of(int err)
{
	switch (err) {
	case ERR_NOENT:
		return STANZA_ITEM_NOT_FOUND;
	case ERR_EXISTS:
	case ERR_RESTING:
		return STANZA_CONFLICT;
	case ERR_INVALID:
		return STANZA_NOT_ACCEPTABLE;
	case ERR_DENIED:
		return STANZA_NOT_ALLOWED;
	case ERR_FULL:
	case ERR_BUSY:
		return STANZA_RESOURCE_CONSTRAINT;
	default:
		return STANZA_INTERNAL_SERVER_ERROR;
	}
}

static struct stanza *completed(struct control_call *cc, const char *text)
{
	struct arena *arena = cc->call.arena;
	struct stanza *reply = stanza_result(arena, cc->request);
	struct xml_node *command = xml_add(arena, stanza_node(reply), NS_COMMANDS, "command");

	xml_set(arena, command, "status", STR("completed"));
	if (text != NULL)
		xml_add_leaf(arena, command, "note", str_of(text));
	xml_append(command, cc->call.result);
	return reply;
}

/* The stream may be over without our having been told. */
static void send_answer(struct control *c, const struct stanza *reply)
{
	struct buf *out = stream_out(c->stream);

	if (out != NULL)
		stanza_write(out, reply, NS_CLIENT);
	stream_go(c->stream);
	if (shard_is_stopping(c->core->shard))
		stream_close(c->stream);
}

static void on_done(struct command_call *call, int err, const char *text)
{
	struct control_call *cc = CONTAINER_OF(call, struct control_call, call);
	struct control *c = cc->control;
	struct arena *arena = call->arena;
	struct stanza *reply =
		err < 0 ? stanza_error_reply(arena, cc->request, condition_of(err), text, NULL)
			: completed(cc, text);

	c->call = NULL;
	if (c->over)
		control_free(c);
	else
		send_answer(c, reply);
	arena_free(&arena);
}

/* ---- requests ---- */

static void run(struct control *c, struct arena *arena, struct stanza *request,
                const struct xml_node *node)
{
	const struct command *command = command_find(xml_attr(node, "node"));
	const struct xml_node *form = xml_child(node, NS_DATA_FORM, "x");
	struct control_call *cc = ARENA_NEW(arena, struct control_call);

	cc->call.core = c->core;
	cc->call.arena = arena;
	cc->call.form = form;
	cc->call.result = form_new(arena, "result", NULL);
	cc->call.done = on_done;
	cc->control = c;
	cc->request = request;
	c->call = &cc->call;
	stream_hold(c->stream);
	if (command == NULL)
		on_done(&cc->call, ERR_NOENT, "there is no such command");
	else if (form != NULL && form_read(form, NULL) < 0)
		on_done(&cc->call, ERR_INVALID, "the form is not well made");
	else
		command->run(&cc->call);
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct control *c = owner;
	struct stanza *request = ARENA_NEW(arena, struct stanza);
	const struct xml_node *payload;

	if (stanza_parse(arena, element, request) != STANZA_PARSED ||
	    request->type != TYPE_SET) {
		stream_fail(c->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
		arena_free(&arena);
		return;
	}
	payload = stanza_payload(request);
	if (xml_is(payload, NS_COMMANDS, "command")) {
		run(c, arena, request, payload);
		return;
	}
	stanza_write(stream_out(c->stream),
	             stanza_error_reply(arena, request, STANZA_SERVICE_UNAVAILABLE, NULL, NULL),
	             NS_CLIENT);
	arena_free(&arena);
}

static void on_header(void *owner, const struct stream_header *header)
{
	struct control *c = owner;

	stream_open(c->stream, STR_NONE, STR_NONE, STR_NONE, STR_NONE);
}

static void on_secure(void *owner)
{
}

static void on_bytes(void *owner, size_t n)
{
}

static void on_close(void *owner)
{
	struct control *c = owner;

	stream_close(c->stream);
}

static void on_over(void *owner)
{
	struct control *c = owner;

	c->over = true;
	if (c->call == NULL)
		control_free(c);
}

static const struct stream_ops stream_ops = {
	.on_header = on_header,
	.on_element = on_element,
	.on_secure = on_secure,
	.on_bytes = on_bytes,
	.on_close = on_close,
	.on_over = on_over,
};

void control_accept(struct shard *here, void *arg, int fd)
{
	struct control *c = MEM_NEW(struct control);

	c->core = core_of(here);
	ASSERT(c->core != NULL);
	if (stream_accept(&c->core->streams, fd, NS_CLIENT, &stream_ops, c, &c->stream) < 0)
		free(c);
	else
		TAILQ_INSERT_TAIL(&c->core->controls, c, link);
}

/* Who waits for an answer gets it first: send_answer. */
void controls_close(struct core *core)
{
	struct control *c;

	TAILQ_FOREACH(c, &core->controls, link)
		if (c->call == NULL)
			stream_close(c->stream);
}
