/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/conf/folder.h"
#include "tests/lib/check_main.h"

static struct folder f;

#define A_COMPONENT "component \"irc.a.example\" { secret = \"12345678\" }\n"

static size_t count_listeners(void)
{
	size_t n = 0;

	for (size_t i = 0; i < f.conf->n_listen; i++)
		n += f.conf->listen[i].kind == LISTEN_COMPONENT;
	return n;
}

START_TEST(without_components_nothing_listens_for_them)
{
	folder_open(&f);
	expect_good(&f, "component-port = 1234\n" A_HOST);
	ck_assert_uint_eq(f.conf->n_components, 0);
	ck_assert_uint_eq(count_listeners(), 0);
	ck_assert_ptr_null(conf_component(f.conf, STR("irc.a.example")));
	folder_close(&f);
}
END_TEST

START_TEST(a_component_is_found_by_its_domain)
{
	const struct conf_component *c;

	folder_open(&f);
	expect_good(
		&f, A_HOST A_COMPONENT
		"component \"b.example\" { secret = \"another one\"\nbytes-per-second = 1MiB "
		"}\n");
	ck_assert_uint_eq(f.conf->n_components, 2);
	c = conf_component(f.conf, STR("irc.a.example"));
	ck_assert_str_eq(c->o.secret.p, "12345678");
	ck_assert_int_eq(c->o.bytes_per_second, MIB(4));
	ck_assert_str_eq(c->file.p, f.conf->file.p);
	c = conf_component(f.conf, STR("b.example"));
	ck_assert_int_eq(c->o.bytes_per_second, MIB(1));
	ck_assert_ptr_null(conf_component(f.conf, STR("a.example")));
	folder_close(&f);
}
END_TEST

START_TEST(components_connect_on_loopback_unless_the_file_says_where)
{
	folder_open(&f);
	expect_good(&f, A_HOST A_COMPONENT);
	ck_assert_uint_eq(count_listeners(), 1);
	expect_good(&f, "s2s = false\ncomponent-listen = { \"::1\", \"192.0.2.1\" }\n"
	                "component-port = 1234\n" A_HOST A_COMPONENT);
	ck_assert_uint_eq(count_listeners(), 2);
	ck_assert_int_eq(f.conf->listen[f.conf->n_listen - 1].port, 1234);
	expect_good(&f, "component-port = 0\n" A_HOST A_COMPONENT);
	ck_assert_uint_eq(count_listeners(), 0);
	folder_close(&f);
}
END_TEST

START_TEST(what_a_component_needs_is_told_with_its_line)
{
	folder_open(&f);
	expect_mistakes(&f, A_HOST "component \"b.example\" { }\n",
	                "jackdaw.conf:5: component \"b.example\" has no secret: add  secret = "
	                "\"…\"  with the one that the component has\n");
	expect_mistakes(&f, A_HOST "component \"b.example\" {\nsecret = \"1234567\"\n}\n",
	                "jackdaw.conf:6: component \"b.example\": its secret is shorter than 8 "
	                "characters: make a longer one\n");
	expect_mistakes(&f, A_HOST "component \"a.example\" { secret = \"12345678\" }\n",
	                "jackdaw.conf:5: component \"a.example\": this domain is a host here "
	                "already: the component needs one of its own\n");
	expect_mistakes(&f, A_HOST "component \"x@y\" { secret = \"12345678\" }\n",
	                "jackdaw.conf:5: component \"x@y\": expected a domain name\n");
	folder_close(&f);
}
END_TEST

CHECK_MAIN("components", without_components_nothing_listens_for_them,
           a_component_is_found_by_its_domain,
           components_connect_on_loopback_unless_the_file_says_where,
           what_a_component_needs_is_told_with_its_line)
