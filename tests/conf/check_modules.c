/*
 * check_modules.c - which modules a host runs, and with which options.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/conf/folder.h"

static struct folder f;

static const struct gate_conf *gate_of(size_t host, size_t module)
{
	return f.conf->hosts[host].values[module];
}

START_TEST(modules_are_on_by_their_default_by_name_and_without)
{
	folder_open(&f);
	expect_good(&f,
	            A_HOST "host \"b.example\" {\n" HOST_FILES "modules = { \"cellar\" }\n}\n"
	                   "host \"c.example\" {\n" HOST_FILES "without = { \"gate\" }\n}\n");
	ck_assert(f.conf->hosts[0].on[0] && !f.conf->hosts[0].on[1] && f.conf->hosts[0].on[2]);
	ck_assert(!f.conf->hosts[1].on[0] && f.conf->hosts[1].on[1] && !f.conf->hosts[1].on[2]);
	ck_assert(!f.conf->hosts[2].on[0] && !f.conf->hosts[2].on[1] && f.conf->hosts[2].on[2]);
	ck_assert_ptr_null(f.conf->hosts[0].values[2]);
	folder_close(&f);
}
END_TEST

START_TEST(modules_are_added_and_what_they_need_must_be_there)
{
	folder_open(&f);
	expect_good(&f, "host \"a.example\" {\n" HOST_FILES
	                "with = { \"cellar\", \"bridge\" }\nwithout = { \"gate\" }\n}\n");
	ck_assert(!f.conf->hosts[0].on[0] && f.conf->hosts[0].on[1] && f.conf->hosts[0].on[2] &&
	          f.conf->hosts[0].on[3]);
	expect_mistakes(
		&f,
		"host \"a.example\" {\n" HOST_FILES
		"with = { \"bridge\" }\nwithout = { \"moat\" }\n}\n",
		"jackdaw.conf:1: host \"a.example\": the module \"bridge\" needs \"moat\": "
		"add that, or put \"bridge\" into without\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_modules_options_come_from_its_defaults_the_file_and_the_host)
{
	folder_open(&f);
	expect_good(
		&f,
		"gate { width = 5\n wait = \"1 h\"\n label = \"all\"\n guests = { \"zoe\" } }\n"
		"host \"a.example\" {\n" HOST_FILES
		"gate { width = 9\n side = left\n open = off } }\n"
		"host \"b.example\" {\n" HOST_FILES "gate { guests = {} } }\n");
	ck_assert_int_eq(gate_of(0, 0)->width, 9);
	ck_assert_int_eq(gate_of(1, 0)->width, 5);
	ck_assert_int_eq(gate_of(0, 0)->wait, HOURS(1));
	ck_assert_int_eq(gate_of(0, 0)->weight, KIB(2));
	ck_assert_int_eq(gate_of(0, 0)->side, 0);
	ck_assert_int_eq(gate_of(1, 0)->side, 1);
	ck_assert(!gate_of(0, 0)->open && gate_of(1, 0)->open);
	ck_assert_str_is(gate_of(1, 0)->label, "all");
	ck_assert_uint_eq(gate_of(0, 0)->guests.n, 1);
	ck_assert_str_is(gate_of(0, 0)->guests.items[0], "zoe");
	ck_assert_uint_eq(gate_of(1, 0)->guests.n, 0); /* an empty list was given */
	ck_assert_int_eq(gate_of(0, 1)->width, 3);     /* another module's are its own */
	folder_close(&f);
}
END_TEST

CHECK_MAIN("modules", modules_are_on_by_their_default_by_name_and_without,
           modules_are_added_and_what_they_need_must_be_there,
           a_modules_options_come_from_its_defaults_the_file_and_the_host)
