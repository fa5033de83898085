/*
 * checkpass.h - is this the password?  Asked of a program that knows, through libsasl2: its
 * sasl_checkpass with the method saslauthd, which asks PAM, LDAP and more.
 *
 * A question is complete in itself, as it may outlive the stream that it is about.  What the
 * other side hears: the localpart prepared by nodeprep and the password by SASLprep, in UTF-8;
 * the service "xmpp"; the host's domain as realm.
 *
 * libsasl2 waits for the answer without a bound, tells no reason why it is no, and takes
 * anything of two bytes or more that does not begin with OK for a no.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

enum checkpass_answer {
	CHECKPASS_NONE, /* not asked, or no answer yet */
	CHECKPASS_YES,
	CHECKPASS_NO,
	CHECKPASS_UNAVAILABLE, /* nobody there, or nobody who speaks the protocol */
};

struct checkpass;
/* SOCKET is the path of saslauthd's (…/mux).  All is copied; none has a NUL. */
struct checkpass *checkpass_new(struct str socket, struct str user, struct str realm,
                                struct str password);
/* Wipes the password.  Accepts a pointer to NULL. */
void checkpass_free(struct checkpass **q);
/* Thread: any; between auth_init and auth_deinit.  May hang for as long as the other side likes. */
void checkpass_ask(struct checkpass *q);
enum checkpass_answer checkpass_answer(const struct checkpass *q);
