/*
 * check_control.c - administrative commands, and the local socket by which they come.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/core/command.h"
#include "server/ctl/admin.h"
#include "tests/core/court.h"
#include "tests/lib/capture.h"
#include "xml/ns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct world *w;
static struct admin *admin;
static struct str problem;
static const struct xml_node *form; /* of the last answer */

static void begin(unsigned shards)
{
	w = court_world(shards);
	ck_assert_int_eq(admin_attach(w->server, &admin), 0);
}

static void end(void)
{
	admin_close(&admin);
	world_free(&w);
}

/* A command with one or two fields; VALUE NULL: without. */
static int call(const char *name, const char *var, const char *value, const char *password)
{
	struct xml_node *x = form_new(w->arena, "submit", NULL);
	const struct xml_node *command = NULL;
	int err;

	if (value != NULL)
		form_field(w->arena, x, FIELD_TEXT_SINGLE, var, NULL, str_of(value));
	if (password != NULL)
		form_field(w->arena, x, FIELD_TEXT_PRIVATE, "password", NULL, str_of(password));
	err = admin_call(admin, w->arena, str_of(name), x, &command, &problem);
	form = err < 0 ? NULL : xml_child(command, NS_DATA_FORM, "x");
	return err;
}

static int account(const char *verb, const char *jid, const char *password)
{
	return call(arena_printf(w->arena, "account %s", verb).p, "accountjid", jid, password);
}

/* The accounts that the last answer lists, with a space behind each. */
static struct str listed(void)
{
	struct str all = STR("");

	for (const struct xml_node *n = NULL; (n = xml_next_child(form, n)) != NULL;)
		if (xml_is(n, NS_DATA_FORM, "item"))
			all = arena_printf(
				w->arena, STR_FMT STR_FMT " ", STR_ARG(all),
				STR_ARG(xml_child_text(w->arena, xml_child(n, NULL, "field"),
			                               "value")));
	return all;
}

START_TEST(accounts_are_made_listed_changed_and_deleted)
{
	begin(2);
	ck_assert_int_eq(account("add", "romeo@a.example", "x"), 0);
	ck_assert_int_eq(account("add", "Juliet@a.example", "x"), 0);
	ck_assert_int_eq(account("add", "nurse@b.example", "x"), 0);
	ck_assert_int_eq(account("add", "romeo@a.example", "x"), ERR_EXISTS);
	ck_assert_str_is(problem, "there is such an account already");
	ck_assert_int_eq(call("account list", "host", NULL, NULL), 0);
	ck_assert_str_is(listed(), "juliet@a.example romeo@a.example nurse@b.example ");
	ck_assert_int_eq(call("account list", "host", "b.example", NULL), 0);
	ck_assert_str_is(listed(), "nurse@b.example ");
	ck_assert_int_eq(account("passwd", "romeo@a.example", "y"), 0);
	ck_assert_int_eq(account("delete", "romeo@a.example", NULL), 0);
	ck_assert_int_eq(account("delete", "romeo@a.example", NULL), ERR_NOENT);
	ck_assert_str_is(problem, "there is no such account");
	ck_assert_int_eq(account("passwd", "romeo@a.example", "y"), ERR_NOENT);
	ck_assert_int_eq(call("account list", "host", "a.example", NULL), 0);
	ck_assert_str_is(listed(), "juliet@a.example ");
	end();
}
END_TEST

static int add_by_force(const char *jid, const char *force)
{
	struct xml_node *x = form_new(w->arena, "submit", NULL);
	const struct xml_node *command;

	form_field(w->arena, x, FIELD_JID_SINGLE, "accountjid", NULL, str_of(jid));
	form_field(w->arena, x, FIELD_TEXT_PRIVATE, "password", NULL, STR("x"));
	form_field(w->arena, x, FIELD_BOOLEAN, "force", NULL, str_of(force));
	return admin_call(admin, w->arena, STR("account add"), x, &command, &problem);
}

START_TEST(a_name_that_rests_is_given_out_by_force_alone)
{
	w = world_new(&(struct world_options){ .modules = court,
	                                       .host = "name-reuse = \"30 days\"" });
	ck_assert_int_eq(admin_attach(w->server, &admin), 0);
	ck_assert_int_eq(account("add", "romeo@a.example", "x"), 0);
	ck_assert_int_eq(account("delete", "romeo@a.example", NULL), 0);
	ck_assert_int_eq(account("add", "romeo@a.example", "x"), ERR_EXISTS);
	ck_assert_str_is(problem,
	                 "an account of this name was removed lately, and the name rests "
	                 "(name-reuse): give it out all the same with --force");
	ck_assert_int_eq(add_by_force("romeo@a.example", "false"), ERR_EXISTS);
	ck_assert_int_eq(add_by_force("romeo@a.example", "perhaps"), ERR_INVALID);
	ck_assert_int_eq(add_by_force("romeo@a.example", "true"), 0);
	ck_assert_int_eq(add_by_force("romeo@a.example", "true"), ERR_EXISTS);
	end();
}
END_TEST

START_TEST(what_is_wrong_with_a_command_is_said)
{
	begin(1);
	ck_assert_int_eq(account("add", "a.example", "x"), ERR_INVALID);
	ck_assert_str_is(problem, "an account is named user@host");
	ck_assert_int_eq(account("add", "x@a.example/y", "x"), ERR_INVALID);
	ck_assert_int_eq(account("add", NULL, "x"), ERR_INVALID);
	ck_assert_int_eq(account("add", "x@elsewhere.example", "x"), ERR_NOENT);
	ck_assert_str_is(problem, "no such host is served here");
	ck_assert_int_eq(account("add", "x@a.example", NULL), ERR_INVALID);
	ck_assert_str_is(
		problem,
		"the password is empty, too long, or has characters that no password may have");
	ck_assert_int_eq(account("add", "x@a.example", "a\tb"), ERR_INVALID);
	ck_assert_int_eq(account("make", "x@a.example", "x"), ERR_NOENT);
	ck_assert_str_is(problem, "there is no such command");
	ck_assert_int_eq(call("account list", "host", "elsewhere.example", NULL), ERR_NOENT);
	ck_assert_str_is(problem, "no such host is served here");
	end();
}
END_TEST

START_TEST(a_long_list_comes_whole)
{
	struct str all;
	size_t n = 0;

	begin(2);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(
			account("add", arena_printf(w->arena, "user%03d@a.example", i).p, "x"),
			0);
	ck_assert_int_eq(call("account list", "host", NULL, NULL), 0);
	all = listed();
	for (size_t i = 0; i < all.n; i++)
		n += all.p[i] == ' ';
	ck_assert_uint_eq(n, 300);
	ck_assert(str_starts_with(all, STR("user000@a.example user001@a.example ")));
	end();
}
END_TEST

static int64_t figure(const char *var)
{
	int64_t n = -1;

	ck_assert_int_eq(call("status", NULL, NULL, NULL), 0);
	for (const struct xml_node *f = NULL; (f = xml_next_child(form, f)) != NULL;)
		if (str_is(xml_attr(f, "var"), var))
			ck_assert_int_eq(str_to_i64(xml_child_text(w->arena, f, "value"), &n),
			                 0);
	return n;
}

START_TEST(the_status_counts_what_all_shards_do)
{
	struct client *one, *two;

	begin(2);
	ck_assert_int_eq(figure("shards"), 2);
	ck_assert_int_eq(figure("sessions"), 0);
	ck_assert_int_eq(figure("logins"), 0);
	one = client_login(w, court_account(w, "one", 0));
	two = client_login(w, court_account(w, "two", 1));
	ck_assert_int_eq(figure("sessions"), 2);
	ck_assert_int_eq(figure("streams"), 2);
	ck_assert_int_eq(figure("logins"), 2);
	ck_assert_int_ge(figure("entities"), 2);
	ck_assert_int_ge(figure("batches"), 2);
	ck_assert_int_gt(figure("store-bytes"), 0);
	client_printf(one, "<message to='%s'/>", two->jid);
	client_expect(two, "<message/>");
	ck_assert_int_eq(figure("stanzas-in"), 1);
	ck_assert_int_eq(figure("stanzas-out"), 1);
	client_drop(&one);
	client_drop(&two);
	end();
}
END_TEST

START_TEST(every_command_has_a_name_a_line_of_help_and_fields)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		ck_assert_ptr_eq(command_find(str_of(c->name)), c);
		ck_assert_uint_gt(strlen(c->help), 0);
		ck_assert_ptr_nonnull(c->fields);
		ck_assert_ptr_nonnull(c->run);
	}
	ck_assert_ptr_null(command_find(STR("account")));
	ck_assert_ptr_null(command_find(STR("")));
}
END_TEST

/* ---- the socket ---- */

static int connect_raw(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
	         world_file(w, "data/control"));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* All that comes until the end. */
static struct str hear(int fd)
{
	char *text = arena_zalloc(w->arena, 65536);
	size_t n = 0;
	ssize_t got;

	while (n < 65535 && (got = read(fd, text + n, 65535 - n)) > 0)
		n += (size_t)got;
	close(fd);
	return str_make(text, n);
}

#define HEADER \
	"<stream:stream xmlns='jabber:client' " \
	"xmlns:stream='http://etherx.jabber.org/streams'>"

START_TEST(the_socket_is_the_owners_alone)
{
	struct admin *other;
	struct stat st;

	begin(1);
	ck_assert_int_eq(stat(world_file(w, "data/control"), &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(admin_connect(world_file(w, "data/control"), &other), 0);
	admin_close(&other);
	ck_assert_int_eq(admin_connect(world_file(w, "data/nothing"), &other), -ENOENT);
	end();
}
END_TEST

START_TEST(many_operators_may_be_there_at_once)
{
	struct admin *first;

	begin(1);
	first = admin;
	ck_assert_int_eq(admin_connect(world_file(w, "data/control"), &admin), 0);
	ck_assert_int_eq(account("add", "x@a.example", "x"), 0);
	admin_close(&admin);
	admin = first;
	ck_assert_int_eq(account("delete", "x@a.example", NULL), 0);
	end();
}
END_TEST

START_TEST(what_is_no_command_is_answered_or_ends_the_stream)
{
	int fd;

	begin(1);
	fd = connect_raw();
	say(fd, HEADER
	    "<iq type='set' id='1'><q xmlns='urn:q'/></iq><iq type='set' id='2'><command "
	    "xmlns='http://jabber.org/protocol/commands' node='account list'><x "
	    "xmlns='jabber:x:data' "
	    "type='form'/></command></iq><iq type='get' id='3'><q xmlns='urn:q'/></iq>");
	{
		struct str all = hear(fd);

		ck_assert_says(all, "<iq type='error' id='1'>");
		ck_assert_says(all, "<service-unavailable");
		ck_assert_says(all, "the form is not well made");
		ck_assert_says(all, "<unsupported-stanza-type");
	}
	fd = connect_raw();
	say(fd, "GET / HTTP/1.0\r\n\r\n");
	ck_assert_says(hear(fd), "<stream:error>");
	ck_assert_int_eq(account("add", "x@a.example", "x"), 0);
	end();
}
END_TEST

START_TEST(an_operator_may_go_away_before_the_answer)
{
	begin(1);
	for (int i = 0; i < 50; i++) {
		int fd = connect_raw();
		char text[512];

		snprintf(text, sizeof(text),
		         HEADER "<iq type='set' id='1'><command "
		                "xmlns='http://jabber.org/protocol/commands' "
		                "node='account add'><x xmlns='jabber:x:data' "
		                "type='submit'><field var='accountjid'>"
		                "<value>u%d@a.example</value></field><field "
		                "var='password'><value>x</value></field>"
		                "</x></command></iq>",
		         i);
		say(fd, text);
		close(fd);
	}
	while (call("account list", "host", NULL, NULL) == 0 &&
	       listed().n < 50 * strlen("u1@a.example "))
		;
	end();
}
END_TEST

START_TEST(the_server_may_stop_while_an_operator_listens)
{
	int fd;

	begin(1);
	fd = connect_raw();
	say(fd, HEADER);
	admin_close(&admin);
	world_stop(w);
	hear(fd);
	ck_assert_int_lt(access(world_file(w, "data/control"), F_OK), 0);
	world_free(&w);
}
END_TEST

CHECK_MAIN("control", accounts_are_made_listed_changed_and_deleted,
           a_name_that_rests_is_given_out_by_force_alone, what_is_wrong_with_a_command_is_said,
           a_long_list_comes_whole, the_status_counts_what_all_shards_do,
           every_command_has_a_name_a_line_of_help_and_fields, the_socket_is_the_owners_alone,
           many_operators_may_be_there_at_once,
           what_is_no_command_is_answered_or_ends_the_stream,
           an_operator_may_go_away_before_the_answer,
           the_server_may_stop_while_an_operator_listens)
