/*
 * check_read.c - configuration files: what is read, and what is said of every mistake.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/conf/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder f;

static const struct gate_conf *gate_of(size_t host, size_t module)
{
	return f.conf->hosts[host].values[module];
}

/* ---- what is read ---- */

START_TEST(a_file_with_one_host_gets_every_default)
{
	folder_open(&f);
	expect_good(&f, A_HOST);
	ck_assert_str_is(f.conf->o.data, JACKDAW_STATEDIR);
	ck_assert_str_is(f.conf->o.control, JACKDAW_STATEDIR "/control");
	ck_assert_int_eq(f.conf->o.log_level, 2);
	ck_assert_int_eq(f.conf->o.shards, 0);
	ck_assert_int_eq(f.conf->o.stanza_bytes, KIB(256));
	ck_assert_int_eq(f.conf->o.stanza_bytes_before, 10000);
	ck_assert_int_eq(f.conf->o.login_timeout, SECONDS(60));
	ck_assert_uint_eq(f.conf->n_listen, 4);
	ck_assert_str_is(f.conf->listen[0].address, "*");
	ck_assert_int_eq(f.conf->listen[0].port, 5222);
	ck_assert_int_eq(f.conf->listen[0].kind, LISTEN_C2S);
	ck_assert_int_eq(f.conf->listen[1].port, 5223);
	ck_assert_int_eq(f.conf->listen[1].kind, LISTEN_C2S_TLS);
	ck_assert_str_is(f.conf->listen[2].address, "*");
	ck_assert_int_eq(f.conf->listen[2].port, 5269);
	ck_assert_int_eq(f.conf->listen[2].kind, LISTEN_S2S);
	ck_assert_int_eq(f.conf->listen[3].port, 5270);
	ck_assert_int_eq(f.conf->listen[3].kind, LISTEN_S2S_TLS);
	ck_assert_uint_eq(f.conf->n_hosts, 1);
	ck_assert_str_is(f.conf->hosts[0].name, "a.example");
	ck_assert_int_eq(f.conf->hosts[0].line, 1);
	ck_assert(f.conf->hosts[0].o.plain && !f.conf->hosts[0].o.anonymous);
	ck_assert_int_eq(f.conf->hosts[0].o.scram_iterations, 10000);
	ck_assert_uint_eq(f.conf->hosts[0].o.admins.n, 0);
	folder_close(&f);
}
END_TEST

START_TEST(every_kind_of_option_can_be_set)
{
	folder_open(&f);
	expect_good(
		&f,
		"data = \"store\"\nlog-level = debug\nshards = 3\nlisten = { \"127.0.0.1\", "
		"\"::1\" }\n"
		"port = 15222\ntls-port = 0\ns2s-port = 0\ns2s-tls-port = 15270\n"
		"stanza-size = \"1 MiB\"\nidle-ping = \"2 min\"\n"
		"sessions-per-account = 7\n# a comment\n"
		"host \"A.Example\" {\n" HOST_FILES
		"admins = { \"romeo@a.example\", \"juliet@a.example\" }\nplain = no\nanonymous "
		"= true\n"
		"conflict = rename\n}\n");
	ck_assert_str_eq(f.conf->o.data.p, folder_file(&f, "store"));
	ck_assert_str_eq(f.conf->o.control.p, folder_file(&f, "store/control"));
	ck_assert_int_eq(f.conf->o.log_level, 3);
	ck_assert_int_eq(f.conf->o.shards, 3);
	ck_assert_int_eq(f.conf->o.stanza_bytes, MIB(1));
	ck_assert_int_eq(f.conf->o.idle_timeout, MINUTES(2));
	ck_assert_int_eq(f.conf->o.sessions_per_account, 7);
	ck_assert_uint_eq(f.conf->n_listen, 4);
	ck_assert_str_is(f.conf->listen[0].address, "127.0.0.1");
	ck_assert_int_eq(f.conf->listen[1].kind, LISTEN_S2S_TLS);
	ck_assert_int_eq(f.conf->listen[1].port, 15270);
	ck_assert_str_is(f.conf->listen[2].address, "::1");
	ck_assert_int_eq(f.conf->listen[2].port, 15222);
	ck_assert_str_is(f.conf->hosts[0].name, "a.example");
	ck_assert_uint_eq(f.conf->hosts[0].o.admins.n, 2);
	ck_assert_str_is(f.conf->hosts[0].o.admins.items[1], "juliet@a.example");
	ck_assert(!f.conf->hosts[0].o.plain && f.conf->hosts[0].o.anonymous);
	ck_assert_int_eq(f.conf->hosts[0].o.conflict, 2);
	folder_close(&f);
}
END_TEST

START_TEST(files_lie_beside_the_configuration_or_where_their_path_says)
{
	folder_open(&f);
	expect_good(&f, A_HOST);
	ck_assert_str_eq(f.conf->hosts[0].o.certificate.p, folder_file(&f, "a.crt"));
	expect_good(&f, arena_printf(f.arena,
	                             "control = \"/run/c\"\nhost \"a.example\" { certificate = "
	                             "\"%s\"\nkey = \"%s\" }\n",
	                             folder_file(&f, "a.crt"), folder_file(&f, "a.key"))
	                        .p);
	ck_assert_str_is(f.conf->o.control, "/run/c");
	ck_assert_str_eq(f.conf->hosts[0].o.key.p, folder_file(&f, "a.key"));
	folder_close(&f);
}
END_TEST

START_TEST(several_hosts_are_found_by_name)
{
	folder_open(&f);
	expect_good(&f, A_HOST "host \"b.example\" {\n" HOST_FILES
	                       "}\nhost \"c.example\" {\n" HOST_FILES "}\n");
	ck_assert_uint_eq(f.conf->n_hosts, 3);
	ck_assert_ptr_eq(conf_host(f.conf, STR("b.example")), &f.conf->hosts[1]);
	ck_assert_int_eq(f.conf->hosts[1].line, 5);
	ck_assert_ptr_null(conf_host(f.conf, STR("d.example")));
	folder_close(&f);
}
END_TEST

START_TEST(an_empty_list_takes_the_default_away)
{
	folder_open(&f);
	expect_good(&f, "gate { guests = {} }\nlisten = {}\n" A_HOST);
	ck_assert_uint_eq(gate_of(0, 0)->guests.n, 0);
	ck_assert_uint_eq(f.conf->n_listen, 0);
	folder_close(&f);
}
END_TEST

START_TEST(a_list_can_be_added_to)
{
	folder_open(&f);
	expect_good(&f, "gate { guests += { \"zoe\" } }\nlisten += { \"::1\" }\n"
	                "listen += { \"::2\" }\n"
	                "host \"a.example\" {\n" HOST_FILES
	                "gate { guests += { \"max\", \"ida\" } }\n}\n"
	                "host \"b.example\" {\n" HOST_FILES
	                "gate { guests = { \"max\" } guests += { \"ida\" } }\n}\n");
	ck_assert_uint_eq(f.conf->o.listen_c2s.n, 3);
	ck_assert_str_is(f.conf->o.listen_c2s.items[0], "*");
	ck_assert_str_is(f.conf->o.listen_c2s.items[2], "::2");
	ck_assert_uint_eq(gate_of(0, 0)->guests.n, 5);
	ck_assert_str_is(gate_of(0, 0)->guests.items[0], "anne");
	ck_assert_str_is(gate_of(0, 0)->guests.items[2], "zoe");
	ck_assert_str_is(gate_of(0, 0)->guests.items[4], "ida");
	ck_assert_uint_eq(gate_of(1, 0)->guests.n, 2);
	expect_mistakes(&f, "host \"a.example\" {\n" HOST_FILES "admins += { \"x\" }\n}\n",
	                "jackdaw.conf:4: admins: \"x\": expected user@host\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_block_that_stands_there_twice_is_one)
{
	folder_open(&f);
	expect_good(
		&f,
		"gate { guests = { \"zoe\" } width = 5 }\ngate { wait = \"1 h\" }\n" A_HOST);
	ck_assert_uint_eq(gate_of(0, 0)->guests.n, 1);
	ck_assert_int_eq(gate_of(0, 0)->width, 5);
	ck_assert_int_eq(gate_of(0, 0)->wait, HOURS(1));
	folder_close(&f);
}
END_TEST

START_TEST(included_files_are_read_in_place_relative_to_the_including_one)
{
	folder_open(&f);
	folder_write(&f, "more/one.conf", "shards = 4\ninclude(\"two.conf\")\n");
	folder_write(&f, "more/two.conf", A_HOST);
	expect_good(&f, "include(\"more/one.conf\")\nlog-level = error\n");
	ck_assert_int_eq(f.conf->o.shards, 4);
	ck_assert_int_eq(f.conf->o.log_level, 0);
	ck_assert_uint_eq(f.conf->n_hosts, 1);
	folder_close(&f);
}
END_TEST

START_TEST(the_first_pass_reads_what_modules_to_load_and_ignores_the_rest)
{
	const struct conf_context none = { .report = folder_report, .report_arg = &f };
	struct conf *conf;
	int err;

	folder_open(&f);
	folder_write(&f, "jackdaw.conf",
	             "module-folder = \"lib\"\nmodule-files = { \"one.so\", \"two.so\" "
	             "}\nunknown { thing = 1 }\n"
	             "host \"a.example\" { one { speed = 3 } }\ndata = \"d\"\n");
	err = conf_read_modules(folder_file(&f, "jackdaw.conf"), &none, &conf);
	ck_assert_str_is(buf_str(&f.lines), "");
	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(conf->o.module_files.n, 2);
	ck_assert_str_is(conf->o.module_files.items[1], "two.so");
	ck_assert_str_eq(conf->o.module_folder.p, folder_file(&f, "lib"));
	ck_assert_str_eq(conf->o.control.p, folder_file(&f, "d/control"));
	ck_assert_uint_eq(conf->n_hosts, 0);
	conf_free(&conf);
	ck_assert_ptr_null(conf);
	folder_close(&f);
}
END_TEST

/* What the first pass finds in data, before it and behind it blocks that it does not know. */
static void first_pass_sees(const char *text)
{
	const struct conf_context none = { .report = folder_report, .report_arg = &f };
	struct conf *conf;
	int err;

	buf_clear(&f.lines);
	folder_write(&f, "jackdaw.conf", text);
	err = conf_read_modules(folder_file(&f, "jackdaw.conf"), &none, &conf);
	ck_assert_msg(err == 0, "%s gives " STR_FMT, text, STR_ARG(buf_str(&f.lines)));
	ck_assert_msg(str_is(conf->o.data, "/right"), "%s gives data = " STR_FMT, text,
	              STR_ARG(conf->o.data));
	conf_free(&conf);
}

START_TEST(the_first_pass_is_not_misled_by_what_stands_in_blocks)
{
	static const char *const texts[] = {
		"tower { height = 3 }\ndata = \"/right\"\n",
		"data = \"/right\"\ntower {}\ntower { data = \"/wrong\" }\n",
		"tower \"a { title\" { in { deep { data = \"/wrong\" } } }\ndata = "
		"\"/right\"\n",
		"data = \"/right\" tower { text = \"}\"\n data = \"/wrong\" }\n",
		"tower { text = '}' data = \"/wrong\" }\ndata = \"/right\"",
		"# tower {\ndata = \"/right\"\n# }\ntower { # }\n data = \"/wrong\"\n}\n",
		"tower { /* } */ data = \"/wrong\" // }\n}\ndata = /right\n",
		"height = { \"a\", \"{\" }\ntower { list = { \"x\" }\n data = \"/wrong\" "
		"}\ndata = \"/right\"\n",
		"tower { text = \"a \\\" }\"\n data = \"/wrong\" }\ndata = \"/right\"\n",
		"include(\"one.conf\")\ntower { data = \"/wrong\" }\n",
		"data=\"/right\"\nshards=4 tower{data=\"/wrong\"}",
		"data = \"/right\"\nshards = none\n",
	};

	folder_open(&f);
	folder_write(&f, "one.conf",
	             "host \"x\" { data = \"/wrong\" }\ndata = \"/right\"\ntower { }\n");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		first_pass_sees(texts[i]);
	folder_close(&f);
}
END_TEST

START_TEST(an_include_with_wildcards_takes_all_that_match_in_order)
{
	folder_open(&f);
	for (int i = 0; i < 20; i++)
		folder_write(&f, arena_printf(f.arena, "d/%02d.conf", i).p,
		             arena_printf(f.arena, "shards = %d\n", i).p);
	expect_good(&f, A_HOST "include(\"d/*.conf\")\ninclude(\"e/*.conf\")\n");
	ck_assert_int_eq(f.conf->o.shards, 19);
	folder_close(&f);
}
END_TEST

START_TEST(a_block_may_take_its_options_from_a_file)
{
	folder_open(&f);
	folder_write(&f, "files.conf", HOST_FILES "gate { width = 8 }\n");
	expect_good(
		&f,
		"host \"a.example\" {\ninclude(\"files.conf\")\nplain = no\n}\nshards = 2\n");
	ck_assert_int_eq(gate_of(0, 0)->width, 8);
	ck_assert(!f.conf->hosts[0].o.plain);
	folder_close(&f);
}
END_TEST

START_TEST(a_block_ends_in_the_file_in_which_it_begins)
{
	folder_open(&f);
	folder_write(&f, "open.conf", "\nhost \"a.example\" {\n" HOST_FILES);
	expect_mistakes(&f, "include(\"open.conf\")\n}\n",
	                "open.conf:2: host: this block does not end: expected }\n");
	folder_close(&f);
}
END_TEST

/* ---- what is said ---- */

START_TEST(all_wrong_values_are_told_each_with_its_line)
{
	folder_open(&f);
	expect_mistakes(
		&f,
		"shards = many\nlog-level = loud\nport = 65536\nstanza-size = \"1 byte\"\n"
		"login-timeout = \"2 h\"\ngate { width = 101\n open = maybe }\n"
		"host \"a.example\" {\n" HOST_FILES "plain = perhaps\n gate { side = up }\n}\n",
		"jackdaw.conf:1: shards = \"many\": expected a number from 0 to 1024\n"
		"jackdaw.conf:2: log-level = \"loud\": expected one of error, warning, info, "
		"debug\n"
		"jackdaw.conf:3: port = \"65536\": expected a number from 0 to 65535\n"
		"jackdaw.conf:4: stanza-size = \"1 byte\": expected a size from 10 kB to 16 "
		"MiB\n"
		"jackdaw.conf:5: login-timeout = \"2 h\": expected a time from 1 s to 1 h\n"
		"jackdaw.conf:6: width = \"101\": expected a number from -5 to 100\n"
		"jackdaw.conf:7: open = \"maybe\": expected true or false\n"
		"jackdaw.conf:11: plain = \"perhaps\": expected true or false\n"
		"jackdaw.conf:12: side = \"up\": expected one of left, right\n");
	folder_close(&f);
}
END_TEST

START_TEST(an_unknown_option_is_told_with_its_line)
{
	folder_open(&f);
	expect_mistakes(&f, "shards = 1\nshard = 2\n" A_HOST,
	                "jackdaw.conf:2: no such option 'shard'\n");
	expect_mistakes(&f, "host \"a.example\" {\n" HOST_FILES "data = \"x\"\n}\n",
	                "jackdaw.conf:4: no such option 'data'\n");
	expect_mistakes(&f, "gate {\nheight = 3\n}\n" A_HOST,
	                "jackdaw.conf:2: no such option 'height'\n");
	expect_mistakes(&f, "\n\ntower { width = 3 }\n" A_HOST,
	                "jackdaw.conf:3: no such option 'tower'\n");
	folder_close(&f);
}
END_TEST

START_TEST(broken_syntax_is_told_with_its_line)
{
	static const char *const broken[] = {
		"shards = 1\nshards 2\n" A_HOST,
		"shards = 1\nshards = }\n" A_HOST,
		"shards = 1\n= 2\n" A_HOST,
		"shards = 1\nlisten = { \"a\" \"b\" }\n" A_HOST,
		"shards = 1\nhost { }\n",
	};

	folder_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		ck_assert_int_eq(folder_read(&f, broken[i]), ERR_CONFIG);
		ck_assert_msg(str_starts_with(buf_str(&f.lines), STR("jackdaw.conf:2: ")),
		              "%s gives " STR_FMT, broken[i], STR_ARG(buf_str(&f.lines)));
	}
	folder_close(&f);
}
END_TEST

START_TEST(a_block_or_text_that_never_ends_is_a_mistake)
{
	folder_open(&f);
	expect_mistakes(&f, "shards = 1\nhost \"a.example\" {\n" HOST_FILES,
	                "jackdaw.conf:2: host: this block does not end: expected }\n");
	expect_mistakes(&f, A_HOST "gate {\nwidth = 3\n# and a comment",
	                "jackdaw.conf:5: gate: this block does not end: expected }\n");
	expect_mistakes(&f, A_HOST "peer \"b.example\" {\ndeny = true\n", /* has no list */
	                "jackdaw.conf:5: peer: this block does not end: expected }\n");
	expect_mistakes(&f, A_HOST "/* never\nshards = 1\n",
	                "jackdaw.conf:7: a comment that does not end: expected */\n");
	ck_assert_int_eq(folder_read(&f, A_HOST "data = \"never\n"), ERR_CONFIG);
	ck_assert_msg(f.lines.n > 0, "nothing was said");
	ck_assert_int_eq(folder_read(&f, "data = \"never\n" A_HOST), ERR_CONFIG);
	ck_assert_msg(f.lines.n > 0, "nothing was said");
	ck_assert_int_eq(folder_read(&f, A_HOST "}\n"), ERR_CONFIG);
	ck_assert_msg(f.lines.n > 0, "nothing was said");
	folder_close(&f);
}
END_TEST

START_TEST(a_missing_file_is_told_by_name)
{
	folder_open(&f);
	ck_assert_int_eq(folder_read_again(&f), -ENOENT);
	ck_assert_str_is(buf_str(&f.lines),
	                 "jackdaw.conf: cannot be read: No such file or directory\n");
	ck_assert_ptr_null(f.conf);
	folder_close(&f);
}
END_TEST

START_TEST(passwords_known_elsewhere_need_plain_and_a_socket_that_can_be)
{
	char longest[200];

	folder_open(&f);
	expect_good(&f, "host \"a.example\" {\n" HOST_FILES
	                "passwords = saslauthd\nsaslauthd-socket = \"mux\"\n}\n"
	                "host \"b.example\" {\n" HOST_FILES "passwords = saslauthd\n}\n"
	                "host \"c.example\" {\n" HOST_FILES "plain = false\n}\n");
	ck_assert_int_eq(f.conf->hosts[0].o.passwords, PASSWORDS_SASLAUTHD);
	ck_assert_int_eq(f.conf->hosts[0].o.saslauthd_timeout, SECONDS(10));
	ck_assert(str_starts_with(f.conf->hosts[0].o.saslauthd_socket, STR("/")));
	ck_assert(str_ends_with(f.conf->hosts[0].o.saslauthd_socket, STR("/mux")));
	ck_assert_str_is(f.conf->hosts[1].o.saslauthd_socket, "/run/saslauthd/mux");
	ck_assert_int_eq(f.conf->hosts[2].o.passwords, PASSWORDS_INTERNAL);
	expect_mistakes(
		&f,
		"host \"a.example\" {\n" HOST_FILES "passwords = saslauthd\nplain = false\n}\n",
		"jackdaw.conf:5: plain = false: with passwords = saslauthd nobody could "
		"log in: take one of the two away\n");
	memset(longest, 'x', sizeof(longest));
	longest[108] = '\0';
	longest[0] = '/';
	expect_mistakes(
		&f,
		arena_printf(f.arena,
	                     "host \"a.example\" {\n" HOST_FILES
	                     "passwords = saslauthd\nsaslauthd-socket = \"%s\"\n}\n",
	                     longest)
			.p,
		"jackdaw.conf:5: saslauthd-socket: expected a path of at most 107 bytes\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_folder_in_place_of_a_file_is_a_mistake)
{
	folder_open(&f);
	ck_assert_int_eq(mkdir(folder_file(&f, "jackdaw.conf"), 0700), 0);
	ck_assert_int_eq(folder_read_again(&f), -EISDIR);
	ck_assert_str_is(buf_str(&f.lines), "jackdaw.conf: cannot be read: Is a directory\n");
	ck_assert_int_eq(rmdir(folder_file(&f, "jackdaw.conf")), 0);
	expect_mistakes(&f, "include(\"..\")\n" A_HOST,
	                "jackdaw.conf:1: include(\"..\"): cannot be read: Is a directory\n");
	expect_mistakes(
		&f, "host \"a.example\" {\ncertificate = \".\"\nkey = \"a.key\"\n}\n",
		"jackdaw.conf:2: certificate = \".\": cannot be read: Is a directory\n");
	folder_close(&f);
}
END_TEST

START_TEST(an_included_file_that_is_missing_is_told_where_it_is_included)
{
	folder_open(&f);
	ck_assert_int_eq(folder_read(&f, A_HOST "include(\"nowhere.conf\")\n"), ERR_CONFIG);
	ck_assert_str_is(buf_str(&f.lines),
	                 "jackdaw.conf:5: include(\"nowhere.conf\"): cannot be read: "
	                 "No such file or directory\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_mistake_in_an_included_file_names_that_file)
{
	folder_open(&f);
	folder_write(&f, "more/one.conf", "\n\nshards = many\n");
	expect_mistakes(&f, A_HOST "include(\"more/one.conf\")\nport = high\n",
	                "more/one.conf:3: shards = \"many\": expected a number from 0 to 1024\n"
	                "jackdaw.conf:6: port = \"high\": expected a number from 0 to 65535\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_file_that_includes_itself_is_refused)
{
	folder_open(&f);
	expect_mistakes(&f, "\ninclude(\"jackdaw.conf\")\n" A_HOST,
	                "jackdaw.conf:2: include(\"jackdaw.conf\"): more than 10 files one in "
	                "another\n");
	folder_write(&f, "x.conf", "include(\"y.conf\")\n");
	folder_write(&f, "y.conf", "\n\ninclude(\"x.conf\")\n");
	expect_mistakes(&f, "include(\"x.conf\")\n" A_HOST,
	                "y.conf:3: include(\"x.conf\"): more than 10 files one in another\n");
	folder_close(&f);
}
END_TEST

START_TEST(what_a_file_leaves_open_does_not_reach_into_the_next_reading)
{
	static const char *const open[] = {
		A_HOST "/* no end",
		A_HOST "data = \"no end",
		A_HOST "data = 'no end",
		A_HOST "data = \"\\777\"",
		"include(\"open.conf\")\n" A_HOST,
		"include(\"ended.conf\")\n" A_HOST,
	};

	folder_open(&f);
	folder_write(&f, "open.conf", "/* no end");
	folder_write(&f, "ended.conf", "end-of-file()\n/* no end");
	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		ck_assert_int_eq(folder_read(&f, open[i]), ERR_CONFIG);
		expect_good(&f, "data = \"/right\"\n" A_HOST);
		ck_assert_str_is(f.conf->o.data, "/right");
		ck_assert_uint_eq(f.conf->n_hosts, 1);
	}
	folder_close(&f);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_told_with_their_line)
{
	FILE *file;

	folder_open(&f);
	file = fopen(folder_file(&f, "jackdaw.conf"), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite("shards = 1\n\0", 1, 12, file), 12);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(folder_read_again(&f), ERR_CONFIG);
	ck_assert_str_is(buf_str(&f.lines),
	                 "jackdaw.conf:2: expected text, found a NUL byte\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_file_without_end_is_refused)
{
	folder_open(&f);
	expect_mistakes(&f, "include(\"/dev/zero\")\n" A_HOST,
	                "jackdaw.conf:1: include(\"/dev/zero\"): cannot be read: File too "
	                "large\n");
	folder_close(&f);
}
END_TEST

START_TEST(files_that_include_ever_more_files_are_refused)
{
	static const char name[] = "abcdefgh";

	folder_open(&f);
	for (size_t i = 0; i + 1 < strlen(name); i++) {
		struct str call = arena_printf(f.arena, "include(\"%c\")\n", name[i + 1]);
		struct str text = STR("");

		for (int n = 0; n < 10; n++)
			text = arena_concat(f.arena, text, call);
		folder_write(&f, arena_printf(f.arena, "%c", name[i]).p, text.p);
	}
	folder_write(&f, "h", "");
	ck_assert_int_eq(folder_read(&f, A_HOST "include(\"a\")\n"), ERR_CONFIG);
	ck_assert_msg(str_ends_with(buf_str(&f.lines), STR(": more than 10000 files\n")),
	              STR_FMT, STR_ARG(buf_str(&f.lines)));
	folder_close(&f);
}
END_TEST

START_TEST(no_host_at_all_is_a_mistake)
{
	folder_open(&f);
	expect_mistakes(&f, "shards = 1\n",
	                "jackdaw.conf: no host is served: add  host \"example.org\" { … }\n");
	expect_mistakes(&f, "",
	                "jackdaw.conf: no host is served: add  host \"example.org\" { … }\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_host_that_stands_there_twice_is_a_mistake)
{
	folder_open(&f);
	expect_mistakes(&f, A_HOST A_HOST,
	                "jackdaw.conf:5: found duplicate title 'a.example'\n");
	expect_mistakes(
		&f, A_HOST "host \"A.EXAMPLE\" {\n" HOST_FILES "}\n",
		"jackdaw.conf:5: host \"a.example\": this host stands in the file already\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_host_without_certificate_and_key_is_told_what_to_do)
{
	folder_open(&f);
	expect_mistakes(
		&f, "\nhost \"a.example\" {\n}\n",
		"jackdaw.conf:2: host \"a.example\" has no certificate: name a PEM file\n"
		"jackdaw.conf:2: host \"a.example\" has no key: name a PEM file\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_certificate_or_key_that_cannot_be_read_is_told_by_name)
{
	folder_open(&f);
	expect_mistakes(
		&f,
		"host \"a.example\" {\ncertificate = \"a.crt\"\nkey = \"b.key\"\nclient-ca = "
		"\"ca.crt\"\n}\n",
		"jackdaw.conf:3: key = \"b.key\": cannot be read: No such file or directory\n"
		"jackdaw.conf:4: client-ca = \"ca.crt\": cannot be read: No such file or "
		"directory\n");
	if (geteuid() != 0) { /* root reads everything */
		ck_assert_int_eq(chmod(folder_file(&f, "a.key"), 0), 0);
		expect_mistakes(
			&f, A_HOST,
			"jackdaw.conf:3: key = \"a.key\": cannot be read: Permission denied\n");
	}
	folder_close(&f);
}
END_TEST

START_TEST(a_host_that_is_no_domain_is_a_mistake)
{
	folder_open(&f);
	expect_mistakes(&f, "host \"a example\" {\n" HOST_FILES "}\n",
	                "jackdaw.conf:1: host \"a example\": expected a domain name\n");
	folder_close(&f);
}
END_TEST

START_TEST(names_of_modules_and_administrators_are_checked)
{
	folder_open(&f);
	expect_mistakes(&f,
	                "host \"a.example\" {\n" HOST_FILES
	                "modules = { \"gate\", \"gait\" }\nwithout = { \"sellar\" }\nadmins = "
	                "{ \"a.example\" }\n}\n",
	                "jackdaw.conf:6: admins: \"a.example\": expected user@host\n"
	                "jackdaw.conf:4: modules: there is no module \"gait\"\n"
	                "jackdaw.conf:5: without: there is no module \"sellar\"\n");
	folder_close(&f);
}
END_TEST

START_TEST(mistakes_of_all_hosts_are_told)
{
	folder_open(&f);
	expect_mistakes(
		&f,
		"host \"a.example\" {\n}\n"
		"host \"b.example\" {\n" HOST_FILES "modules = { \"none\" }\n}\n",
		"jackdaw.conf:1: host \"a.example\" has no certificate: name a PEM file\n"
		"jackdaw.conf:1: host \"a.example\" has no key: name a PEM file\n"
		"jackdaw.conf:6: modules: there is no module \"none\"\n");
	folder_close(&f);
}
END_TEST

START_TEST(an_option_that_is_set_twice_counts_the_last_time)
{
	folder_open(&f);
	expect_good(&f,
	            "shards = 1\nshards = 2\ngate { width = 1 }\ngate { width = 2 }\n" A_HOST);
	ck_assert_int_eq(f.conf->o.shards, 2);
	ck_assert_int_eq(gate_of(0, 0)->width, 2);
	folder_close(&f);
}
END_TEST

CHECK_MAIN("read", a_file_with_one_host_gets_every_default, every_kind_of_option_can_be_set,
           files_lie_beside_the_configuration_or_where_their_path_says,
           several_hosts_are_found_by_name, an_empty_list_takes_the_default_away,
           a_list_can_be_added_to, a_block_that_stands_there_twice_is_one,
           included_files_are_read_in_place_relative_to_the_including_one,
           the_first_pass_reads_what_modules_to_load_and_ignores_the_rest,
           the_first_pass_is_not_misled_by_what_stands_in_blocks,
           an_include_with_wildcards_takes_all_that_match_in_order,
           a_block_may_take_its_options_from_a_file,
           a_block_ends_in_the_file_in_which_it_begins,
           all_wrong_values_are_told_each_with_its_line,
           an_unknown_option_is_told_with_its_line, broken_syntax_is_told_with_its_line,
           a_block_or_text_that_never_ends_is_a_mistake, a_missing_file_is_told_by_name,
           passwords_known_elsewhere_need_plain_and_a_socket_that_can_be,
           a_folder_in_place_of_a_file_is_a_mistake,
           an_included_file_that_is_missing_is_told_where_it_is_included,
           a_mistake_in_an_included_file_names_that_file,
           a_file_that_includes_itself_is_refused,
           files_that_include_ever_more_files_are_refused, a_file_without_end_is_refused,
           what_a_file_leaves_open_does_not_reach_into_the_next_reading,
           bytes_that_are_no_text_are_told_with_their_line, no_host_at_all_is_a_mistake,
           a_host_that_stands_there_twice_is_a_mistake,
           a_host_without_certificate_and_key_is_told_what_to_do,
           a_certificate_or_key_that_cannot_be_read_is_told_by_name,
           a_host_that_is_no_domain_is_a_mistake,
           names_of_modules_and_administrators_are_checked, mistakes_of_all_hosts_are_told,
           an_option_that_is_set_twice_counts_the_last_time)
