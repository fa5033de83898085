/*
 * strophe.c - libstrophe with its defaults, the library of Profanity.  See peer.py for what a client
 * program reads and writes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>

enum { TURN_MS = 20, LINE_MAX_BYTES = 4096 };

struct program {
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;
	bool ready;
	bool over;
};

static int on_message(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata)
{
	const char *from = xmpp_stanza_get_from(stanza);
	char *body = xmpp_message_get_body(stanza);
	struct program *program = userdata;

	(void)conn;
	if (body != NULL && from != NULL) {
		printf("RECEIVED %.*s %s\n", (int)strcspn(from, "/"), from, body);
		fflush(stdout);
	}
	if (body != NULL)
		xmpp_free(program->ctx, body);
	return 1;
}

static void on_state(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                     xmpp_stream_error_t *stream_error, void *userdata)
{
	struct program *program = userdata;

	if (event == XMPP_CONN_CONNECT) {
		xmpp_stanza_t *presence = xmpp_presence_new(program->ctx);

		xmpp_handler_add(conn, on_message, NULL, "message", NULL, program);
		xmpp_send(conn, presence);
		xmpp_stanza_release(presence);
		program->ready = true;
		printf("READY %s\n", xmpp_conn_get_bound_jid(conn));
	} else if (event == XMPP_CONN_DISCONNECT || event == XMPP_CONN_FAIL) {
		if (!program->ready)
			printf("FAILED error %d, stream error %d\n", error,
			       stream_error == NULL ? -1 : (int)stream_error->type);
		program->over = true;
	}
	fflush(stdout);
}

static void send_chat(struct program *program, char *rest)
{
	char *text = strchr(rest, ' ');
	xmpp_stanza_t *message;

	if (text == NULL)
		return;
	*text++ = '\0';
	message = xmpp_message_new(program->ctx, "chat", rest, NULL);
	xmpp_message_set_body(message, text);
	xmpp_send(program->conn, message);
	xmpp_stanza_release(message);
}

static void read_command(struct program *program)
{
	char line[LINE_MAX_BYTES];

	if (fgets(line, sizeof(line), stdin) != NULL && strncmp(line, "send ", 5) == 0) {
		line[strcspn(line, "\n")] = '\0';
		send_chat(program, line + 5);
	} else {
		xmpp_disconnect(program->conn);
	}
}

int main(int argc, char **argv)
{
	struct program program = { 0 };
	struct pollfd input = { .fd = 0, .events = POLLIN };

	if (argc < 5)
		return EXIT_FAILURE;
	setvbuf(stdin, NULL, _IONBF, 0); /* poll() must see what fgets() has not taken */
	xmpp_initialize();
	program.ctx = xmpp_ctx_new(NULL, NULL);
	program.conn = xmpp_conn_new(program.ctx);
	xmpp_conn_set_jid(program.conn, argv[1]);
	xmpp_conn_set_pass(program.conn, argv[2]);
	xmpp_conn_set_flags(program.conn,
	                    XMPP_CONN_FLAG_MANDATORY_TLS | XMPP_CONN_FLAG_TRUST_TLS);
	if (xmpp_connect_client(program.conn, argv[3],
	                        (unsigned short)strtoul(argv[4], NULL, 10), on_state,
	                        &program) != 0) {
		puts("FAILED connect");
		return EXIT_FAILURE;
	}
	while (!program.over) {
		xmpp_run_once(program.ctx, TURN_MS);
		if (program.ready && poll(&input, 1, 0) > 0)
			read_command(&program);
	}
	xmpp_conn_release(program.conn);
	xmpp_ctx_free(program.ctx);
	xmpp_shutdown();
	return EXIT_SUCCESS;
}
