/*
 * check_checkpass.c - passwords that another program knows: what it is asked, and what its answers mean.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/checkpass.h"

#include "server/stream/auth.h"
#include "tests/lib/check_main.h"
#include "tests/lib/saslauthd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/jackdaw-checkpass-XXXXXX";
static char path[64];
static struct saslauthd *d;

static void begin(void)
{
	memcpy(strrchr(folder, '-'), "-XXXXXX", 8);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/mux", folder);
	ck_assert_int_eq(auth_init(), 0);
	d = saslauthd_new(path);
}

static void end(void)
{
	if (d != NULL)
		saslauthd_free(&d);
	auth_deinit();
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static enum checkpass_answer ask(struct str user, struct str realm, struct str password)
{
	struct checkpass *q = checkpass_new(str_of(path), user, realm, password);
	enum checkpass_answer answer;

	ck_assert_int_eq(checkpass_answer(q), CHECKPASS_NONE);
	checkpass_ask(q);
	answer = checkpass_answer(q);
	checkpass_free(&q);
	return answer;
}

static enum checkpass_answer ask_of_juliet(const char *password)
{
	return ask(STR("juliet"), STR("capulet.example"), str_of(password));
}

START_TEST(the_daemon_hears_name_password_service_and_realm)
{
	struct saslauthd_question q;

	begin();
	ck_assert_int_eq(ask_of_juliet("right"), CHECKPASS_YES);
	q = saslauthd_last(d);
	ck_assert_str_eq(q.user, "juliet");
	ck_assert_str_eq(q.password, "right");
	ck_assert_str_eq(q.service, "xmpp");
	ck_assert_str_eq(q.realm, "capulet.example");
	ck_assert_int_eq(ask_of_juliet("wrong"), CHECKPASS_NO);
	ck_assert_uint_eq(saslauthd_asked(d), 2);
	end();
}
END_TEST

START_TEST(what_is_not_ascii_arrives_as_it_is)
{
	begin();
	ck_assert_int_eq(ask(STR("j\xc3\xbclia*()\\"), STR("capulet.example"),
	                     STR(" gr\xc3\xbc\xc3\x9f ")),
	                 CHECKPASS_NO);
	ck_assert_str_eq(saslauthd_last(d).user, "j\xc3\xbclia*()\\");
	ck_assert_str_eq(saslauthd_last(d).password, " gr\xc3\xbc\xc3\x9f ");
	end();
}
END_TEST

START_TEST(garbage_lets_nobody_in)
{
	begin();
	ck_assert_int_eq(ask_of_juliet("garbage"), CHECKPASS_NO);
	ck_assert_int_eq(ask_of_juliet("short"), CHECKPASS_UNAVAILABLE);
	ck_assert_int_eq(ask_of_juliet("close"), CHECKPASS_UNAVAILABLE);
	end();
}
END_TEST

START_TEST(a_daemon_that_is_gone_is_unavailable)
{
	begin();
	saslauthd_free(&d);
	ck_assert_int_eq(ask_of_juliet("right"), CHECKPASS_UNAVAILABLE);
	unlink(path);
	ck_assert_int_eq(ask_of_juliet("right"), CHECKPASS_UNAVAILABLE);
	d = saslauthd_new(path);
	ck_assert_int_eq(ask_of_juliet("right"), CHECKPASS_YES);
	end();
}
END_TEST

START_TEST(what_the_daemon_cannot_take_is_not_sent)
{
	char longest[1024];

	begin();
	memset(longest, 'x', sizeof(longest));
	ck_assert_int_eq(ask(str_make(longest, 1023), STR("capulet.example"), STR("right")),
	                 CHECKPASS_NO);
	ck_assert_int_eq(ask(str_make(longest, 257), STR("capulet.example"), STR("right")),
	                 CHECKPASS_NO);
	ck_assert_int_eq(ask(STR("juliet"), STR("capulet.example"), str_make(longest, 257)),
	                 CHECKPASS_NO);
	ck_assert_uint_eq(saslauthd_asked(d), 0);
	ck_assert_int_eq(ask(str_make(longest, 256), STR("capulet.example"), STR("right")),
	                 CHECKPASS_YES);
	ck_assert_uint_eq(strlen(saslauthd_last(d).user), 256);
	end();
}
END_TEST

CHECK_MAIN("checkpass", the_daemon_hears_name_password_service_and_realm,
           what_is_not_ascii_arrives_as_it_is, garbage_lets_nobody_in,
           a_daemon_that_is_gone_is_unavailable, what_the_daemon_cannot_take_is_not_sent)
