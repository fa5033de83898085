/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "purple_rooms.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define NAME_FIELD "muc#roomconfig_roomname"

static PurpleAccount *own;
static int listener;

/*
 * The form of a room.  libpurple asks for it as soon as it has made one, by the first button of
 * its question; it stays open until the test says what to fill in.
 */
static struct {
	PurpleRequestFields *fields;
	PurpleRequestFieldsCb send;
	void *data;
} form;

static PurpleConversation *find(const char *room)
{
	return purple_find_conversation_with_account(PURPLE_CONV_TYPE_CHAT, room, own);
}

/* The first word of REST, to be freed; what follows it. */
static char *first_word(const char *rest, const char **behind_out)
{
	gsize n = strcspn(rest, " ");

	*behind_out = rest[n] == '\0' ? "" : rest + n + 1;
	return g_strndup(rest, n);
}

/* What happens. */

static void on_joined(PurpleConversation *conversation, gpointer data)
{
	(void)data;
	printf("ENTERED %s\n", purple_conversation_get_name(conversation));
	fflush(stdout);
}

static void on_left(PurpleConversation *conversation, gpointer data)
{
	(void)data;
	printf("OUT %s\n", purple_conversation_get_name(conversation));
	fflush(stdout);
}

static void on_other_joined(PurpleConversation *conversation, const char *nick,
                            PurpleConvChatBuddyFlags flags, gboolean is_new, gpointer data)
{
	(void)flags, (void)is_new, (void)data;
	printf("HERE %s %s\n", purple_conversation_get_name(conversation), nick);
	fflush(stdout);
}

static void on_other_left(PurpleConversation *conversation, const char *nick,
                          const char *reason, gpointer data)
{
	(void)reason, (void)data;
	printf("AWAY %s %s\n", purple_conversation_get_name(conversation), nick);
	fflush(stdout);
}

static void on_said(PurpleAccount *to, const char *nick, const char *message,
                    PurpleConversation *conversation, PurpleMessageFlags flags, gpointer data)
{
	char *text = purple_markup_strip_html(message);

	(void)to, (void)data;
	if ((flags & PURPLE_MESSAGE_SYSTEM) == 0)
		printf("%s %s %s %s\n",
		       (flags & PURPLE_MESSAGE_DELAYED) != 0 ? "EARLIER" : "SAID",
		       purple_conversation_get_name(conversation), nick, text);
	fflush(stdout);
	g_free(text);
}

/* It is not taken up at once: the test says when. */
static int on_invited(PurpleAccount *to, const char *by, const char *room, const char *text,
                      GHashTable *components, gpointer data)
{
	(void)to, (void)by, (void)text, (void)components, (void)data;
	printf("INVITED %s\n", room);
	fflush(stdout);
	return -1;
}

void *rooms_keep_form(const char *title, const char *primary, const char *secondary,
                      PurpleRequestFields *fields, const char *ok_text, GCallback ok_cb,
                      const char *cancel_text, GCallback cancel_cb, PurpleAccount *about,
                      const char *who, PurpleConversation *conversation, void *data)
{
	(void)title, (void)primary, (void)secondary, (void)ok_text, (void)cancel_text,
		(void)cancel_cb, (void)about, (void)who, (void)conversation;
	form.fields = fields;
	form.send = (PurpleRequestFieldsCb)ok_cb;
	form.data = data;
	puts("NOTE a form");
	fflush(stdout);
	return &form;
}

/* What the test asks for. */

static void do_enter(const char *rest)
{
	const char *nick;
	char *room = first_word(rest, &nick);
	GHashTable *components = g_hash_table_new(g_str_hash, g_str_equal);
	char **parts = g_strsplit(room, "@", 2);

	g_hash_table_insert(components, "room", parts[0]);
	g_hash_table_insert(components, "server", parts[1]);
	g_hash_table_insert(components, "handle", (gpointer)nick);
	serv_join_chat(purple_account_get_connection(own), components);
	g_hash_table_destroy(components);
	g_strfreev(parts);
	g_free(room);
}

/* The library looks at nothing that comes from there any more. */
static void do_leave(const char *room)
{
	serv_chat_leave(purple_account_get_connection(own),
	                purple_conv_chat_get_id(PURPLE_CONV_CHAT(find(room))));
	printf("OUT %s\n", room);
	fflush(stdout);
}

static gboolean send_form(gpointer data)
{
	char *name = data;

	if (form.fields == NULL)
		return TRUE; /* the server has not sent it yet */
	if (!purple_request_fields_exists(form.fields, NAME_FIELD)) {
		puts("FAILED the form has no name of the room");
	} else {
		purple_request_field_string_set_value(
			purple_request_fields_get_field(form.fields, NAME_FIELD), name);
		form.send(form.data, form.fields);
		form.fields = NULL;
		puts("DONE configure");
	}
	fflush(stdout);
	g_free(name);
	return FALSE;
}

static void do_configure(const char *rest)
{
	const char *name;
	char *room = first_word(rest, &name);

	g_timeout_add(20, send_form, g_strdup(name));
	g_free(room);
}

static void do_invite(const char *rest)
{
	const char *who;
	char *room = first_word(rest, &who);

	serv_chat_invite(purple_account_get_connection(own),
	                 purple_conv_chat_get_id(PURPLE_CONV_CHAT(find(room))), "come", who);
	g_free(room);
}

static void do_say(const char *rest)
{
	const char *text;
	char *room = first_word(rest, &text), *markup = g_markup_escape_text(text, -1);

	purple_conv_chat_send(PURPLE_CONV_CHAT(find(room)), markup);
	g_free(markup);
	g_free(room);
}

/* There is no word of the server's answer. */
static void do_kick(const char *rest)
{
	const char *nick;
	char *room = first_word(rest, &nick), *error = NULL;
	char *command = g_strdup_printf("kick %s enough", nick);

	if (purple_cmd_do_command(find(room), command, command, &error) == PURPLE_CMD_STATUS_OK)
		puts("DONE kick");
	else
		printf("FAILED %s\n", error == NULL ? command : error);
	fflush(stdout);
	g_free(command);
	g_free(room);
}

const struct verb rooms_verbs[] = {
	{ "enter", do_enter },
	{ "leave", do_leave },
	{ "configure", do_configure },
	{ "invite", do_invite },
	{ "say", do_say },
	{ "kick", do_kick },
	{ 0 },
};

void rooms_watch(PurpleAccount *account)
{
	void *conversations = purple_conversations_get_handle();

	own = account;
	purple_signal_connect(conversations, "chat-joined", &listener,
	                      PURPLE_CALLBACK(on_joined), NULL);
	purple_signal_connect(conversations, "chat-left", &listener, PURPLE_CALLBACK(on_left),
	                      NULL);
	purple_signal_connect(conversations, "chat-buddy-joined", &listener,
	                      PURPLE_CALLBACK(on_other_joined), NULL);
	purple_signal_connect(conversations, "chat-buddy-left", &listener,
	                      PURPLE_CALLBACK(on_other_left), NULL);
	purple_signal_connect(conversations, "received-chat-msg", &listener,
	                      PURPLE_CALLBACK(on_said), NULL);
	purple_signal_connect(conversations, "chat-invited", &listener,
	                      PURPLE_CALLBACK(on_invited), NULL);
}
