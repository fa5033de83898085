/*
 * check_peers.c - what a configuration says of other servers: ports, lists of domains, blocks, files.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/conf/folder.h"

#include <sys/stat.h>
#include <unistd.h>

static struct folder f;

/* ---- switches and ports ---- */

START_TEST(without_a_word_other_servers_are_spoken_to_and_prove_it_by_certificate)
{
	folder_open(&f);
	expect_good(&f, A_HOST);
	ck_assert(f.conf->o.s2s && f.conf->hosts[0].o.s2s);
	ck_assert_int_eq(f.conf->o.s2s_proof, PROOF_CERTIFICATE);
	ck_assert(str_is_absent(f.conf->o.s2s_trust) && str_is_absent(f.conf->o.dns_anchor));
	ck_assert_int_eq(f.conf->o.s2s_wait, HOURS(1));
	ck_assert_int_eq(f.conf->o.s2s_gone, MINUTES(3));
	ck_assert_int_eq(f.conf->o.s2s_idle, MINUTES(30));
	ck_assert_int_eq(f.conf->o.s2s_queue_stanzas, 10000);
	ck_assert_int_eq(f.conf->o.s2s_queue_bytes, MIB(16));
	ck_assert_int_eq(f.conf->o.s2s_queue_total, MIB(256));
	ck_assert_uint_eq(f.conf->o.s2s_allow.n, 0);
	ck_assert_uint_eq(f.conf->o.s2s_deny.n, 0);
	ck_assert_uint_eq(f.conf->o.dns_servers.n, 0);
	ck_assert_uint_eq(f.conf->n_peers, 0);
	ck_assert_ptr_null(conf_peer(f.conf, STR("b.example")));
	folder_close(&f);
}
END_TEST

START_TEST(s2s_false_opens_no_ports_for_other_servers)
{
	folder_open(&f);
	expect_good(&f, "s2s = false\ns2s-port = 15269\n" A_HOST);
	ck_assert(!f.conf->o.s2s);
	ck_assert_uint_eq(f.conf->n_listen, 2);
	ck_assert_int_eq(f.conf->listen[0].kind, LISTEN_C2S);
	ck_assert_int_eq(f.conf->listen[1].kind, LISTEN_C2S_TLS);
	folder_close(&f);
}
END_TEST

START_TEST(one_host_may_be_closed_and_another_open)
{
	folder_open(&f);
	expect_good(&f, "host \"a.example\" {\n" HOST_FILES "s2s = false\n}\n"
	                "host \"b.example\" {\n" HOST_FILES "}\n");
	ck_assert(f.conf->o.s2s);
	ck_assert(!f.conf->hosts[0].o.s2s && f.conf->hosts[1].o.s2s);
	ck_assert_uint_eq(f.conf->n_listen, 4);
	folder_close(&f);
}
END_TEST

/* ---- blocks ---- */

START_TEST(a_peer_has_its_own_values_and_those_of_all_for_the_rest)
{
	const struct conf_peer *b, *c;

	folder_open(&f);
	expect_good(&f, "peer \"B.Example\" { proof = dialback }\n"
	                "s2s-bytes-per-second = \"1 MiB\"\n"
	                "peer \"c.example\" {\ndeny = true\nbytes-per-second = \"2 KiB\"\n}\n"
	                "s2s-proof = certificate\n" A_HOST);
	ck_assert_uint_eq(f.conf->n_peers, 2);
	b = conf_peer(f.conf, STR("b.example"));
	c = conf_peer(f.conf, STR("c.example"));
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(b->o.proof, PROOF_DIALBACK);
	ck_assert(!b->o.deny);
	ck_assert_int_eq(b->o.bytes_per_second, MIB(1));
	ck_assert_int_eq(c->o.proof, PROOF_CERTIFICATE);
	ck_assert(c->o.deny);
	ck_assert_int_eq(c->o.bytes_per_second, KIB(2));
	ck_assert_ptr_null(conf_peer(f.conf, STR("d.b.example")));
	folder_close(&f);
}
END_TEST

START_TEST(where_all_prove_it_by_dialback_so_does_a_peer)
{
	folder_open(&f);
	expect_good(&f, "peer \"b.example\" { }\npeer \"c.example\" { proof = certificate }\n"
	                "s2s-proof = dialback\n" A_HOST);
	ck_assert_int_eq(conf_peer(f.conf, STR("b.example"))->o.proof, PROOF_DIALBACK);
	ck_assert_int_eq(conf_peer(f.conf, STR("c.example"))->o.proof, PROOF_CERTIFICATE);
	folder_close(&f);
}
END_TEST

START_TEST(mistakes_in_peers_are_told_with_their_lines)
{
	folder_open(&f);
	expect_mistakes(&f,
	                "peer \"b example\" {\n}\n"
	                "peer \"c.example\" {\nproof = faith\ndeny = perhaps\n}\n" A_HOST,
	                "jackdaw.conf:4: proof = \"faith\": expected one of certificate, "
	                "dialback\n"
	                "jackdaw.conf:5: deny = \"perhaps\": expected true or false\n"
	                "jackdaw.conf:1: peer \"b example\": expected a domain name\n");
	expect_mistakes(&f, "peer \"b.example\" {\n\nport = 5269\n}\n" A_HOST,
	                "jackdaw.conf:3: no such option 'port'\n");
	expect_mistakes(&f, "peer \"b.example\" { }\npeer \"b.example\" { }\n" A_HOST,
	                "jackdaw.conf:2: found duplicate title 'b.example'\n");
	folder_close(&f);
}
END_TEST

/* ---- lists ---- */

START_TEST(domains_come_from_a_list_and_from_a_file)
{
	const struct conf_list *allow, *deny;

	folder_open(&f);
	folder_write(&f, "more/deny",
	             "# who is let in nowhere\n"
	             "\n"
	             "Evil.Example\n"
	             "  \t*.evil.example   # and all below\r\n"
	             "#commented.example\n"
	             "worse.example");
	expect_good(&f,
	            "s2s-deny = { \"bad.example\", \"*.Bad.Example\" }\n"
	            "s2s-deny-file = \"more/deny\"\ns2s-allow = { \"good.example\" }\n" A_HOST);
	deny = &f.conf->o.s2s_deny;
	ck_assert_uint_eq(deny->n, 5);
	ck_assert_str_is(deny->items[0], "bad.example");
	ck_assert_str_is(deny->items[1], "*.bad.example");
	ck_assert_str_is(deny->items[2], "evil.example");
	ck_assert_str_is(deny->items[3], "*.evil.example");
	ck_assert_str_is(deny->items[4], "worse.example");
	allow = &f.conf->o.s2s_allow;
	ck_assert_uint_eq(allow->n, 1);
	ck_assert_str_is(allow->items[0], "good.example");
	folder_close(&f);
}
END_TEST

START_TEST(an_empty_file_names_nobody)
{
	folder_open(&f);
	folder_write(&f, "allow", "");
	folder_write(&f, "deny", "\n# nobody yet\n\n");
	expect_good(&f, "s2s-allow-file = \"allow\"\ns2s-deny-file = \"deny\"\n" A_HOST);
	ck_assert_uint_eq(f.conf->o.s2s_allow.n, 0);
	ck_assert_uint_eq(f.conf->o.s2s_deny.n, 0);
	folder_close(&f);
}
END_TEST

START_TEST(what_is_no_domain_is_told_with_its_file_and_line)
{
	folder_open(&f);
	folder_write(&f, "deny",
	             "evil.example\n# a comment\n*.*.example\n\nno domain # here\n");
	expect_mistakes(&f,
	                "s2s-allow = { \"good.example\", \"*\" }\n"
	                "s2s-deny-file = \"deny\"\n" A_HOST,
	                "jackdaw.conf:1: s2s-allow: \"*\": expected a domain name, or *. and "
	                "one\n"
	                "jackdaw.conf:2: deny:3: \"*.*.example\": expected a domain name, or "
	                "*. and one\n"
	                "jackdaw.conf:2: deny:5: \"no domain\": expected a domain name, or *. "
	                "and one\n");
	folder_close(&f);
}
END_TEST

START_TEST(a_file_of_domains_that_cannot_be_read_is_told_by_name)
{
	folder_open(&f);
	expect_mistakes(&f, "s2s-allow-file = \"nowhere\"\ns2s-deny-file = \".\"\n" A_HOST,
	                "jackdaw.conf:1: s2s-allow-file = \"nowhere\": cannot be read: No such "
	                "file or directory\n"
	                "jackdaw.conf:2: s2s-deny-file = \".\": cannot be read: Is a "
	                "directory\n");
	folder_close(&f);
}
END_TEST

/* ---- files ---- */

START_TEST(files_of_authorities_and_anchors_lie_beside_the_configuration)
{
	folder_open(&f);
	folder_write(&f, "ca.pem", "authorities");
	expect_good(&f, "s2s-trust = \"ca.pem\"\ndns-anchor = \"dns/root.key\"\n"
	                "dns-servers = { \"192.0.2.1\", \"::1@5353\" }\n" A_HOST);
	ck_assert_str_eq(f.conf->o.s2s_trust.p, folder_file(&f, "ca.pem"));
	ck_assert_str_eq(f.conf->o.dns_anchor.p, folder_file(&f, "dns/root.key"));
	ck_assert_uint_eq(f.conf->o.dns_servers.n, 2);
	ck_assert_str_is(f.conf->o.dns_servers.items[1], "::1@5353");
	expect_good(&f, "dns-anchor = \"/etc/root.key\"\n" A_HOST);
	ck_assert_str_is(f.conf->o.dns_anchor, "/etc/root.key");
	folder_close(&f);
}
END_TEST

START_TEST(the_anchor_none_is_no_file)
{
	folder_open(&f);
	expect_good(&f, "dns-anchor = none\n" A_HOST);
	ck_assert_str_is(f.conf->o.dns_anchor, "none");
	folder_close(&f);
}
END_TEST

START_TEST(a_file_of_authorities_that_cannot_be_read_is_told_by_name)
{
	folder_open(&f);
	expect_mistakes(&f, "\ns2s-trust = \"ca.pem\"\n" A_HOST,
	                "jackdaw.conf:2: s2s-trust = \"ca.pem\": cannot be read: No such file "
	                "or directory\n");
	if (geteuid() != 0) { /* root reads everything */
		folder_write(&f, "ca.pem", "authorities");
		ck_assert_int_eq(chmod(folder_file(&f, "ca.pem"), 0), 0);
		expect_mistakes(&f, "s2s-trust = \"ca.pem\"\n" A_HOST,
		                "jackdaw.conf:1: s2s-trust = \"ca.pem\": cannot be read: "
		                "Permission denied\n");
	}
	folder_close(&f);
}
END_TEST

CHECK_MAIN("peers", without_a_word_other_servers_are_spoken_to_and_prove_it_by_certificate,
           s2s_false_opens_no_ports_for_other_servers, one_host_may_be_closed_and_another_open,
           a_peer_has_its_own_values_and_those_of_all_for_the_rest,
           where_all_prove_it_by_dialback_so_does_a_peer,
           mistakes_in_peers_are_told_with_their_lines,
           domains_come_from_a_list_and_from_a_file, an_empty_file_names_nobody,
           what_is_no_domain_is_told_with_its_file_and_line,
           a_file_of_domains_that_cannot_be_read_is_told_by_name,
           files_of_authorities_and_anchors_lie_beside_the_configuration,
           the_anchor_none_is_no_file,
           a_file_of_authorities_that_cannot_be_read_is_told_by_name)
