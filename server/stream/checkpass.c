/*
 * checkpass.c - passwords that another program knows, through libsasl2.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/checkpass.h"

#include "server/base/digest.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdlib.h>
#include <string.h>

/*
 * What saslauthd takes of a name, a password, a realm.  Longer ones are not sent: nobody can have
 * them there, and libsasl2 2.1.28 loses a piece of memory over a name of more than a kilobyte.
 */
#define TEXT_MAX 256

struct checkpass {
	enum checkpass_answer answer;
	sasl_callback_t callbacks[3];
	const char *socket, *user, *realm;
	char *password; /* the last one in TEXT */
	size_t password_n;
	bool is_too_long;
	char text[];
};

static char *put(char **at, struct str s)
{
	char *text = *at;

	if (s.n > 0)
		memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*at += s.n + 1;
	return text;
}

struct checkpass *checkpass_new(struct str socket, struct str user, struct str realm,
                                struct str password)
{
	struct checkpass *q =
		mem_zalloc(sizeof(*q) + socket.n + user.n + realm.n + password.n + 4);
	char *at = q->text;

	q->socket = put(&at, socket);
	q->user = put(&at, user);
	q->realm = put(&at, realm);
	q->password = put(&at, password);
	q->password_n = password.n;
	q->is_too_long = user.n > TEXT_MAX || realm.n > TEXT_MAX || password.n > TEXT_MAX;
	return q;
}

void checkpass_free(struct checkpass **q)
{
	if (*q == NULL)
		return;
	digest_wipe((*q)->password, (*q)->password_n);
	free(*q);
	*q = NULL;
}

enum checkpass_answer checkpass_answer(const struct checkpass *q)
{
	return q->answer;
}

/* ---- what libsasl2 wants to know ---- */

static int on_getopt(void *context, const char *plugin, const char *option, const char **result,
                     unsigned *n)
{
	const struct checkpass *q = context;

	if (str_is(str_of(option), "pwcheck_method"))
		*result = "saslauthd";
	else if (str_is(str_of(option), "saslauthd_path"))
		*result = q->socket;
	else
		return SASL_FAIL; /* the default */
	if (n != NULL)
		*n = (unsigned)strlen(*result);
	return SASL_OK;
}

/* Why nobody could be asked stands in the log alone; a no has no line. */
static int on_log(void *context, int level, const char *message)
{
	const struct checkpass *q = context;

	if (level == SASL_LOG_ERR || level == SASL_LOG_FAIL)
		log_peer_warning(NULL, "saslauthd at %s: %s", q->socket, message);
	return SASL_OK;
}

#define CALLBACK(function) ((sasl_callback_ft)(void (*)(void))(function))

static enum checkpass_answer answer_of(int code)
{
	switch (code) {
	case SASL_OK:
		return CHECKPASS_YES;
	case SASL_BADAUTH:
	case SASL_NOUSER:
		return CHECKPASS_NO;
	default:
		return CHECKPASS_UNAVAILABLE;
	}
}

void checkpass_ask(struct checkpass *q)
{
	sasl_conn_t *conn = NULL;
	int code;

	if (q->is_too_long) {
		q->answer = CHECKPASS_NO;
		return;
	}
	q->callbacks[0] = (sasl_callback_t){ SASL_CB_GETOPT, CALLBACK(on_getopt), q };
	q->callbacks[1] = (sasl_callback_t){ SASL_CB_LOG, CALLBACK(on_log), q };
	q->callbacks[2] = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
	code = sasl_server_new("xmpp", q->realm, q->realm, NULL, NULL, q->callbacks, 0, &conn);
	if (code == SASL_OK)
		code = sasl_checkpass(conn, q->user, (unsigned)strlen(q->user), q->password,
		                      (unsigned)q->password_n);
	sasl_dispose(&conn);
	q->answer = answer_of(code);
}
