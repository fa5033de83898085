/*
 * libpurple tells its user interface of a contact's presence and icon by signals; whether we are
 * authorised to see somebody it shows in the text beside the name alone, which is looked at
 * from time to time.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "purple_people.h"

#include <stdio.h>
#include <string.h>

#define LOOK_MS 50
#define GROUP "Buddies"
#define UNAUTHORISED "Not Authorized"

static PurpleAccount *own;
static int listener;
static GHashTable *requests; /* who asked -> struct request */
static GHashTable *seen;     /* whom we see */

struct request {
	PurpleAccountRequestAuthorizationCb accept;
	void *data;
};

/* ---- what happens ---- */

static void *on_asked(PurpleAccount *account, const char *who, const char *id,
                      const char *alias, const char *message, gboolean on_list,
                      PurpleAccountRequestAuthorizationCb accept,
                      PurpleAccountRequestAuthorizationCb deny, void *data)
{
	struct request *request = g_new0(struct request, 1);

	(void)account, (void)id, (void)alias, (void)message, (void)on_list, (void)deny;
	request->accept = accept;
	request->data = data;
	g_hash_table_replace(requests, g_strdup(who), request);
	printf("ASKED %s\n", who);
	fflush(stdout);
	return NULL;
}

static PurpleAccountUiOps account_ops = { .request_authorize = on_asked };

static void say_presence(PurpleBuddy *buddy)
{
	PurpleStatus *status =
		purple_presence_get_active_status(purple_buddy_get_presence(buddy));
	const char *message = purple_status_get_attr_string(status, "message");
	char *text = purple_unescape_html(message == NULL ? "" : message);
	const char *id = purple_status_get_id(status);

	printf("PRESENCE %s %s%s%s\n", purple_buddy_get_name(buddy),
	       strcmp(id, "available") == 0 ? "online" : id, *text == '\0' ? "" : " ", text);
	fflush(stdout);
	g_free(text);
}

static void on_signed(PurpleBuddy *buddy, gpointer data)
{
	(void)data;
	say_presence(buddy);
}

static void on_status(PurpleBuddy *buddy, PurpleStatus *before, PurpleStatus *status,
                      gpointer data)
{
	(void)before, (void)status, (void)data;
	say_presence(buddy);
}

static void on_icon(PurpleBuddy *buddy, gpointer data)
{
	PurpleBuddyIcon *icon = purple_buddy_get_icon(buddy);
	const char *hash = icon == NULL ? NULL : purple_buddy_icon_get_checksum(icon);

	(void)data;
	printf("AVATAR %s %s\n", purple_buddy_get_name(buddy), hash == NULL ? "none" : hash);
	fflush(stdout);
}

static void on_removed(PurpleBuddy *buddy, gpointer data)
{
	(void)data;
	g_hash_table_remove(seen, purple_buddy_get_name(buddy));
	printf("GONE %s\n", purple_buddy_get_name(buddy));
	fflush(stdout);
}

static gboolean is_authorised(PurpleBuddy *buddy)
{
	PurplePlugin *plugin = purple_find_prpl(purple_account_get_protocol_id(own));
	char *text = PURPLE_PLUGIN_PROTOCOL_INFO(plugin)->status_text(buddy);
	gboolean yes = PURPLE_BUDDY_IS_ONLINE(buddy) || g_strcmp0(text, UNAUTHORISED) != 0;

	g_free(text);
	return yes;
}

static gboolean look(gpointer data)
{
	GSList *buddies, *at;

	(void)data;
	if (!purple_account_is_connected(own))
		return TRUE;
	buddies = purple_find_buddies(own, NULL);
	for (at = buddies; at != NULL; at = at->next) {
		const char *name = purple_buddy_get_name(at->data);
		gboolean yes = is_authorised(at->data);

		if (yes == (g_hash_table_lookup(seen, name) != NULL))
			continue;
		printf("%s %s\n", yes ? "SEES" : "LOST", name);
		fflush(stdout);
		if (yes)
			g_hash_table_replace(seen, g_strdup(name), own);
		else
			g_hash_table_remove(seen, name);
	}
	g_slist_free(buddies);
	return TRUE;
}

void people_watch(PurpleAccount *account)
{
	void *list = purple_blist_get_handle();

	own = account;
	requests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	purple_accounts_set_ui_ops(&account_ops);
	purple_signal_connect(list, "buddy-signed-on", &listener, PURPLE_CALLBACK(on_signed),
	                      NULL);
	purple_signal_connect(list, "buddy-signed-off", &listener, PURPLE_CALLBACK(on_signed),
	                      NULL);
	purple_signal_connect(list, "buddy-status-changed", &listener,
	                      PURPLE_CALLBACK(on_status), NULL);
	purple_signal_connect(list, "buddy-icon-changed", &listener, PURPLE_CALLBACK(on_icon),
	                      NULL);
	purple_signal_connect(list, "buddy-removed", &listener, PURPLE_CALLBACK(on_removed),
	                      NULL);
	g_timeout_add(LOOK_MS, look, NULL);
}

/* ---- what the test asks for ---- */

/* Whoever was let see us is on the list already, in the group of this name. */
static PurpleBuddy *make_buddy(const char *who)
{
	PurpleBuddy *buddy = purple_find_buddy(own, who);
	PurpleGroup *group = purple_find_group(GROUP);

	if (buddy != NULL)
		return buddy;
	if (group == NULL) {
		group = purple_group_new(GROUP);
		purple_blist_add_group(group, NULL);
	}
	buddy = purple_buddy_new(own, who, "a friend");
	purple_blist_add_buddy(buddy, NULL, group, NULL);
	return buddy;
}

static void do_add(const char *who)
{
	purple_account_add_buddy_with_invite(own, make_buddy(who), NULL);
}

static void do_accept(const char *who)
{
	struct request *request = g_hash_table_lookup(requests, who);

	if (request != NULL)
		request->accept(request->data);
	g_hash_table_remove(requests, who);
}

/* From the server's roster; that it is gone there takes it off the list. */
static void do_remove(const char *who)
{
	PurpleBuddy *buddy = purple_find_buddy(own, who);

	if (buddy != NULL)
		purple_account_remove_buddy(own, buddy, purple_buddy_get_group(buddy));
}

static void do_status(const char *rest)
{
	gboolean away = g_str_has_prefix(rest, "away ");
	char *markup = g_markup_escape_text(
		strchr(rest, ' ') == NULL ? "" : strchr(rest, ' ') + 1, -1);
	PurpleSavedStatus *status = purple_savedstatus_new(
		NULL, away ? PURPLE_STATUS_AWAY : PURPLE_STATUS_AVAILABLE);

	purple_savedstatus_set_message(status, markup);
	purple_savedstatus_activate(status);
	g_free(markup);
}

static void do_avatar(const char *base64)
{
	gsize n;
	guchar *photo = g_base64_decode(base64, &n);

	purple_buddy_icons_set_account_icon(own, photo, n);
}

/* libpurple has fetched it by itself when it saw the hash. */
static void do_photo(const char *who)
{
	PurpleBuddy *buddy = purple_find_buddy(own, who);
	PurpleBuddyIcon *icon = buddy == NULL ? NULL : purple_buddy_get_icon(buddy);
	gsize n = 0;
	gconstpointer data = icon == NULL ? NULL : purple_buddy_icon_get_data(icon, &n);
	char *hash = data == NULL ? g_strdup("none")
	                          : g_compute_checksum_for_data(G_CHECKSUM_SHA1, data, n);

	printf("PHOTO %s %s\n", who, hash);
	fflush(stdout);
	g_free(hash);
}

/* There is no word of the server's answer to these two. */
static void do_block(const char *who)
{
	purple_privacy_deny_add(own, who, FALSE);
	puts("DONE block");
	fflush(stdout);
}

static void do_unblock(const char *who)
{
	purple_privacy_deny_remove(own, who, FALSE);
	puts("DONE unblock");
	fflush(stdout);
}

const struct verb people_verbs[] = {
	{ "add", do_add },       { "accept", do_accept },   { "remove", do_remove },
	{ "status", do_status }, { "avatar", do_avatar },   { "photo", do_photo },
	{ "block", do_block },   { "unblock", do_unblock }, { 0 },
};
