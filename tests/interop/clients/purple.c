/*
 * purple.c - libpurple without a screen, as Pidgin and Finch use it.  See peer.py for what a client program
 * reads and writes.
 * A certificate that nobody signed is accepted as a user would, by the first button of the question.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "purple_people.h"
#include "purple_rooms.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UI_ID "interop"
#define NS_DELAY "urn:xmpp:delay"
#define PROTOCOL "prpl-jabber"
#define LINE_MAX_BYTES 4096

struct watch {
	PurpleInputFunction function;
	gpointer data;
};

static GMainLoop *loop;
static PurpleAccount *account;
static gboolean is_ready;
static gboolean is_delayed; /* the message that is being handled */

/* libpurple's event loop on GLib's. */

static gboolean on_watch(GIOChannel *source, GIOCondition condition, gpointer data)
{
	struct watch *watch = data;
	int bits = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		bits |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
		bits |= PURPLE_INPUT_WRITE;
	watch->function(watch->data, g_io_channel_unix_get_fd(source),
	                (PurpleInputCondition)bits);
	return TRUE;
}

static guint add_watch(gint fd, PurpleInputCondition condition, PurpleInputFunction function,
                       gpointer data)
{
	struct watch *watch = g_new0(struct watch, 1);
	GIOChannel *channel = g_io_channel_unix_new(fd);
	int bits = 0;
	guint id;

	watch->function = function;
	watch->data = data;
	if (condition & PURPLE_INPUT_READ)
		bits |= G_IO_IN | G_IO_HUP | G_IO_ERR;
	if (condition & PURPLE_INPUT_WRITE)
		bits |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
	id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, (GIOCondition)bits, on_watch,
	                         watch, g_free);
	g_io_channel_unref(channel);
	return id;
}

static PurpleEventLoopUiOps event_loop_ops = {
	.timeout_add = g_timeout_add,
	.timeout_remove = g_source_remove,
	.input_add = add_watch,
	.input_remove = g_source_remove,
	.timeout_add_seconds = g_timeout_add_seconds,
};

/* Questions: the first action is the one that goes on. */

static void *answer_action(const char *title, const char *primary, const char *secondary,
                           int default_action, PurpleAccount *about, const char *who,
                           PurpleConversation *conversation, void *data, size_t count,
                           va_list actions)
{
	const char *label = va_arg(actions, const char *);
	PurpleRequestActionCb function = va_arg(actions, PurpleRequestActionCb);

	(void)title, (void)secondary, (void)default_action, (void)about, (void)who,
		(void)conversation;
	printf("NOTE asked: %s: %s\n", primary == NULL ? "" : primary, label);
	fflush(stdout);
	if (count > 0 && function != NULL)
		function(data, 0);
	return NULL;
}

static PurpleRequestUiOps request_ops = {
	.request_action = answer_action,
	.request_fields = rooms_keep_form,
};

static void on_disconnect_reason(PurpleConnection *connection, PurpleConnectionError reason,
                                 const char *text)
{
	(void)connection;
	printf("%s %d %s\n", is_ready ? "NOTE disconnected" : "FAILED", (int)reason, text);
	fflush(stdout);
	g_main_loop_quit(loop);
}

static PurpleConnectionUiOps connection_ops = { .report_disconnect_reason =
	                                                on_disconnect_reason };

/* What the test asks for. */

static void send_chat(const char *rest)
{
	const char *text = strchr(rest, ' ');
	PurpleConversation *conversation;
	char *who, *markup;

	if (text == NULL)
		return;
	who = g_strndup(rest, (gsize)(text - rest));
	markup = g_markup_escape_text(text + 1, -1);
	conversation = purple_conversation_new(PURPLE_CONV_TYPE_IM, account, who);
	purple_conv_im_send(PURPLE_CONV_IM(conversation), markup);
	g_free(markup);
	g_free(who);
}

static const struct verb own_verbs[] = { { "send", send_chat }, { 0 } };

static const struct verb *find_verb(const char *name)
{
	const struct verb *const tables[] = { own_verbs, people_verbs, rooms_verbs };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(tables); i++) {
		const struct verb *verb;

		for (verb = tables[i]; verb->name != NULL; verb++)
			if (strcmp(verb->name, name) == 0)
				return verb;
	}
	return NULL;
}

static gboolean obey(char *line)
{
	const struct verb *verb;
	const char *rest = "";
	char *end = strchr(line, ' ');

	if (end != NULL) {
		*end = '\0';
		rest = end + 1;
	}
	verb = find_verb(line);
	if (verb == NULL)
		return FALSE;
	verb->function(rest);
	return TRUE;
}

static gboolean on_command(GIOChannel *source, GIOCondition condition, gpointer data)
{
	char line[LINE_MAX_BYTES];

	(void)source, (void)condition, (void)data;
	if (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (obey(line))
			return TRUE;
	}
	purple_account_disconnect(account);
	g_main_loop_quit(loop);
	return FALSE;
}

static void on_signed_on(PurpleConnection *connection, gpointer data)
{
	GIOChannel *input = g_io_channel_unix_new(0);

	(void)data;
	is_ready = TRUE;
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_command, NULL);
	g_io_channel_unref(input);
	printf("READY %s\n", purple_connection_get_display_name(connection) == NULL
	                             ? purple_account_get_username(account)
	                             : purple_connection_get_display_name(connection));
	fflush(stdout);
}

static void on_received(PurpleAccount *to, const char *sender, const char *message,
                        PurpleConversation *conversation, PurpleMessageFlags flags,
                        gpointer data)
{
	char *text = purple_markup_strip_html(message);

	(void)to, (void)conversation, (void)flags, (void)data;
	printf("%s %.*s %s\n", is_delayed ? "LATE" : "RECEIVED", (int)strcspn(sender, "/"),
	       sender, text);
	fflush(stdout);
	g_free(text);
}

/*
 * Before libpurple handles a message.  Of the delay it keeps the time alone, in seconds; and
 * what it says of a message that came back depends on whether the error has the text in it,
 * which RFC 6120 §8.3.1 leaves open.
 */
static gboolean on_stanza(PurpleConnection *connection, const char *type, const char *id,
                          const char *from, const char *to, xmlnode *message, gpointer data)
{
	(void)connection, (void)id, (void)to, (void)data;
	is_delayed = xmlnode_get_child_with_namespace(message, "delay", NS_DELAY) != NULL;
	if (g_strcmp0(type, "error") == 0 && from != NULL) {
		printf("REFUSED %.*s\n", (int)strcspn(from, "/"), from);
		fflush(stdout);
	}
	return FALSE;
}

static int listener;

static gboolean start_core(const char *folder)
{
	purple_util_set_user_dir(folder);
	purple_debug_set_enabled(getenv("PURPLE_DEBUG") != NULL);
	purple_eventloop_set_ui_ops(&event_loop_ops);
	purple_request_set_ui_ops(&request_ops);
	purple_connections_set_ui_ops(&connection_ops);
	if (!purple_core_init(UI_ID))
		return FALSE;
	purple_set_blist(purple_blist_new());
	purple_signal_connect(purple_connections_get_handle(), "signed-on", &listener,
	                      PURPLE_CALLBACK(on_signed_on), NULL);
	purple_signal_connect(purple_conversations_get_handle(), "received-im-msg", &listener,
	                      PURPLE_CALLBACK(on_received), NULL);
	purple_signal_connect(purple_find_prpl(PROTOCOL), "jabber-receiving-message", &listener,
	                      PURPLE_CALLBACK(on_stanza), NULL);
	return TRUE;
}

int main(int argc, char **argv)
{
	PurpleSavedStatus *status;

	if (argc < 6)
		return EXIT_FAILURE;
	setvbuf(stdin, NULL, _IONBF, 0);
	loop = g_main_loop_new(NULL, FALSE);
	if (!start_core(argv[5])) {
		puts("FAILED libpurple does not start");
		return EXIT_FAILURE;
	}
	account = purple_account_new(argv[1], PROTOCOL);
	purple_account_set_password(account, argv[2]);
	/* The certificate is compared with the server's name as it is given here; argv[3] is its address. */
	purple_account_set_string(account, "connect_server", strchr(argv[1], '@') + 1);
	purple_account_set_int(account, "port", (int)strtol(argv[4], NULL, 10));
	purple_accounts_add(account);
	people_watch(account);
	rooms_watch(account);
	purple_account_set_enabled(account, UI_ID, TRUE);
	status = purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE);
	purple_savedstatus_activate(status);
	g_main_loop_run(loop);
	purple_core_quit();
	return EXIT_SUCCESS;
}
