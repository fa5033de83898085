/*
 * check_log.c - lines for the operator: their form, what is escaped, how many peers may cause.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/clock.h"
#include "server/base/err.h"
#include "server/base/log.h"
#include "tests/lib/check_main.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int stderr_before = -1;
static FILE *caught;

/* From here on standard error is a file, until caught_text. */
static void catch (void)
{
	caught = tmpfile();
	ck_assert_ptr_nonnull(caught);
	stderr_before = dup(STDERR_FILENO);
	dup2(fileno(caught), STDERR_FILENO);
}

static const char *caught_text(void)
{
	static char text[65536];
	ssize_t n;

	dup2(stderr_before, STDERR_FILENO);
	close(stderr_before);
	n = pread(fileno(caught), text, sizeof(text) - 1, 0);
	fclose(caught);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

/* What follows the time, whose form is checked. */
static const char *after_time(const char *line)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ ";

	for (size_t i = 0; form[i] != '\0'; i++)
		ck_assert(form[i] == 'd' ? isdigit((unsigned char)line[i])
		                         : form[i] == line[i]);
	return line + sizeof(form) - 1;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

START_TEST(a_line_names_time_level_and_subject)
{
	struct log_ctx ctx = { .kind = "c2s", .number = 41, .name = STR("romeo@a.example") };

	unsetenv("JOURNAL_STREAM");
	catch ();
	errno = EPIPE;
	log_info(&ctx, "session %s", "resumed");
	ck_assert_int_eq(errno, EPIPE);
	ck_assert_str_eq(after_time(caught_text()),
	                 "info c2s#41 romeo@a.example: session resumed\n");
}
END_TEST

START_TEST(parts_of_the_subject_may_be_missing)
{
	struct log_ctx name_only = { .name = STR("a.example") };
	struct log_ctx kind_only = { .kind = "store" };
	struct log_ctx nothing = { 0 };

	unsetenv("JOURNAL_STREAM");
	catch ();
	log_error(NULL, "a");
	ck_assert_str_eq(after_time(caught_text()), "error: a\n");
	catch ();
	log_warning(&name_only, "b");
	ck_assert_str_eq(after_time(caught_text()), "warning a.example: b\n");
	catch ();
	log_info(&kind_only, "c");
	ck_assert_str_eq(after_time(caught_text()), "info store: c\n");
	catch ();
	log_info(&nothing, "d");
	ck_assert_str_eq(after_time(caught_text()), "info: d\n");
}
END_TEST

START_TEST(control_characters_never_reach_the_terminal)
{
	struct log_ctx ctx = { .kind = "c2s", .name = STR("a\nb\x1b[2J") };

	unsetenv("JOURNAL_STREAM");
	catch ();
	log_info(&ctx, "%s|%s|%s|%s|%s", "\r\n\t\x7f", "\xc2\x9b", "\x9bm",
	         "\xc3\xa9\xe2\x82\xac", "\xf0\x9f\x90\xa6 \xe2\x82");
	ck_assert_str_eq(after_time(caught_text()),
	                 "info c2s a\\x0ab\\x1b[2J: \\x0d\\x0a\\x09\\x7f|\\xc2\\x9b|\\x9bm|"
	                 "\xc3\xa9\xe2\x82\xac|\xf0\x9f\x90\xa6 \\xe2\\x82\n");
}
END_TEST

START_TEST(a_long_line_is_cut_and_says_so)
{
	static char name[5000];
	struct log_ctx ctx = { .kind = "c2s" };
	const char *text;

	unsetenv("JOURNAL_STREAM");
	memset(name, 'n', sizeof(name) - 1);
	catch ();
	log_info(&ctx, "%s", name);
	text = caught_text();
	ck_assert_uint_lt(strlen(text), 4097);
	ck_assert(str_ends_with(str_of(text), STR("nnn...\n")));

	ctx.name = str_of(name);
	memset(name, 1, sizeof(name) - 1);
	catch ();
	log_info(&ctx, "%s", name);
	text = caught_text();
	ck_assert_uint_lt(strlen(text), 4097);
	ck_assert_uint_eq(count_lines(text), 1);
	ck_assert(str_ends_with(str_of(text), STR("\\x01...\n")));
}
END_TEST

START_TEST(the_level_decides_what_is_written)
{
	enum log_level level = LOG_INFO;
	int evaluated = 0;

	catch ();
	log_set_level(LOG_WARNING);
	log_info(NULL, "no %d", ++evaluated);
	ck_assert_int_eq(evaluated, 0);
	if (evaluated == 0)
		log_warning(NULL, "yes");
	else
		ck_abort();
	log_set_level(LOG_INFO);
	ck_assert_uint_eq(count_lines(caught_text()), 1);
	ck_assert_int_eq(log_level_parse(STR("debug"), &level), 0);
	ck_assert_int_eq(level, LOG_DEBUG);
	ck_assert_int_eq(log_level_parse(STR("loud"), &level), ERR_INVALID);
	ck_assert_int_eq(level, LOG_DEBUG);
}
END_TEST

START_TEST(the_journal_gets_priorities_and_no_time)
{
	struct stat st;
	char stream[64];

	catch ();
	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_warning(&((struct log_ctx){ .kind = "c2s" }), "a");
	log_error(NULL, "b");
	ck_assert_str_eq(caught_text(), "<4>c2s: a\n<3>b\n");

	catch ();
	setenv("JOURNAL_STREAM", "1:2", 1); /* inherited, of another program */
	log_error(NULL, "c");
	unsetenv("JOURNAL_STREAM");
	ck_assert_str_eq(after_time(caught_text()), "error: c\n");
}
END_TEST

START_TEST(peers_share_a_budget_and_the_rest_is_counted)
{
	int64_t begin = clock_mono_ms();
	unsigned long told = 0;
	size_t written = 0;
	const char *text;
	size_t seconds;

	unsetenv("JOURNAL_STREAM");
	catch ();
	for (int i = 0; i < 300; i++)
		log_peer_warning(NULL, "peer line");
	log_error(NULL, "not a peer");
	seconds = (size_t)(clock_mono_ms() - begin) / 1000 + 2;
	while (clock_mono_ms() < begin + SECONDS(seconds))
		usleep(20000);
	log_error(NULL, "later");
	text = caught_text();
	ck_assert_ptr_nonnull(strstr(text, "error: not a peer\n"));
	for (const char *p = text; (p = strstr(p, "peer line\n")) != NULL; p++)
		written++;
	ck_assert_uint_ge(written, 50);
	ck_assert_uint_le(written, 50 * seconds);
	for (const char *p = text; (p = strstr(p, "warning: ")) != NULL; p++) {
		if (strstr(p, "lines about peers left out") == strchr(p, 'l'))
			told += strtoul(p + strlen("warning: "), NULL, 10);
	}
	ck_assert_uint_eq(told + written, 300);
}
END_TEST

CHECK_MAIN("log", a_line_names_time_level_and_subject, parts_of_the_subject_may_be_missing,
           control_characters_never_reach_the_terminal, a_long_line_is_cut_and_says_so,
           the_level_decides_what_is_written, the_journal_gets_priorities_and_no_time,
           peers_share_a_budget_and_the_rest_is_counted)
