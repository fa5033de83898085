/*
 * check_caps_ver.c - the verification string (XEP-0115 §5), on its own.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/caps/ver.h"
#include "tests/modules/ask.h"

#define QUERY(body) "<query xmlns='" NS_DISCO_INFO "'>" body "</query>"
#define PC "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
#define FEATURE(var) "<feature var='" var "'/>"
#define FORM(body) "<x xmlns='jabber:x:data' type='result'>" body "</x>"
#define FORM_TYPE(value) "<field var='FORM_TYPE' type='hidden'><value>" value "</value></field>"
#define SOFTWARE FORM_TYPE("urn:xmpp:dataforms:softwareinfo")

static struct arena *arena;

static void begin(void)
{
	arena = arena_new(4096);
}

static void end(void)
{
	arena_free(&arena);
}

static int read(const char *xml, struct caps_info *info)
{
	const struct xml_node *node;

	ck_assert_int_eq(xml_read(arena, str_of(xml), &node), 0);
	return caps_read(arena, node, info);
}

static void check_text_is(const char *xml, struct str text)
{
	struct caps_info info;

	ck_assert_int_eq(read(xml, &info), 0);
	ck_assert_msg(str_eq(info.text, text), STR_FMT, STR_ARG(info.text));
}

#define check_text(xml, text) check_text_is(xml, STR(text))

static void check_ill_formed(const char *xml)
{
	struct caps_info info;

	ck_assert_msg(read(xml, &info) == ERR_INVALID, "well-formed: %s", xml);
}

static void check_ver(const char *xml, struct str ver)
{
	struct caps_info info;

	ck_assert_int_eq(read(xml, &info), 0);
	ck_assert_msg(str_eq(caps_ver(arena, DIGEST_SHA1, &info), ver), STR_FMT,
	              STR_ARG(info.text));
}

/* §5.2. */
START_TEST(the_simple_example_has_its_string)
{
	static const char xml[] = QUERY(PC FEATURE("http://jabber.org/protocol/muc") FEATURE(
		NS_DISCO_ITEMS) FEATURE(NS_DISCO_INFO) FEATURE(NS_CAPS));

	begin();
	check_text(xml, "client/pc//Exodus 0.9.1<http://jabber.org/protocol/caps<"
	                "http://jabber.org/protocol/disco#info<"
	                "http://jabber.org/protocol/disco#items<"
	                "http://jabber.org/protocol/muc<");
	check_ver(xml, STR("QgayPKawpkPSDYmwT/WM94uAlu0="));
	end();
}
END_TEST

/* §5.3. */
START_TEST(the_complex_example_has_its_string)
{
	begin();
	check_ver(QUERY("<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
	                "<identity xml:lang='el' category='client' name='\xce\xa8 0.11' "
	                "type='pc'/>" FEATURE(NS_CAPS) FEATURE(NS_DISCO_INFO) FEATURE(
				NS_DISCO_ITEMS) FEATURE("http://jabber.org/protocol/muc")
	                        FORM(SOFTWARE
	                             "<field var='ip_version' type='text-multi'>"
	                             "<value>ipv4</value><value>ipv6</value></field>"
	                             "<field var='os'><value>Mac</value></field>"
	                             "<field var='os_version'><value>10.5.1</value></field>"
	                             "<field var='software'><value>Psi</value></field>"
	                             "<field "
	                             "var='software_version'><value>0.11</value></field>")),
	          STR("q07IKJEyjvHSyhy//CH0CxmKi8w="));
	end();
}
END_TEST

START_TEST(order_is_by_bytes_and_by_part)
{
	begin();
	/* "-" sorts before "/", so whole lines would come in another order than parts */
	check_text(QUERY("<identity category='client' type='pc-x'/>"
	                 "<identity category='client' type='pc' xml:lang='en'/>"
	                 "<identity category='client' type='pc'/>"
	                 "<identity category='a' type='z' name='n'/>" FEATURE("b") FEATURE("B")
	                         FEATURE("a:b") FEATURE("a")),
	           "a/z//n<client/pc//<client/pc/en/<client/pc-x//<B<a<a:b<b<");
	check_text(QUERY(PC FORM(FORM_TYPE("urn:b") "<field var='z'><value>2</value><value>10"
	                                            "</value></field><field var='a'/>")
	                         FORM("<field var='y'><value/></field>" FORM_TYPE("urn:a"))),
	           "client/pc//Exodus 0.9.1<urn:a<y<<urn:b<a<z<10<2<");
	end();
}
END_TEST

START_TEST(what_stands_there_twice_makes_it_ill_formed)
{
	begin();
	check_ill_formed(QUERY(PC PC));
	check_ill_formed(QUERY(PC FEATURE("a") FEATURE("b") FEATURE("a")));
	check_ill_formed(QUERY(PC FORM(SOFTWARE) FORM(SOFTWARE)));
	check_ill_formed(QUERY(PC FORM(SOFTWARE) FORM("<field var='FORM_TYPE'><value>"
	                                              "urn:xmpp:dataforms:softwareinfo"
	                                              "</value></field>")));
	check_ill_formed(
		QUERY(PC FORM("<field var='FORM_TYPE' "
	                      "type='hidden'><value>a</value><value>b</value></field>")));
	check_ill_formed(QUERY(PC FORM(SOFTWARE SOFTWARE)));
	check_ill_formed(QUERY(PC FORM(SOFTWARE "<field var='os'/><field var='os'/>")));
	/* the same name in two languages, and two names, are two identities */
	check_text(QUERY("<identity category='client' type='pc' name='a'/>"
	                 "<identity category='client' type='pc' name='b'/>"
	                 "<identity category='client' type='pc' name='a' xml:lang='de'/>"),
	           "client/pc//a<client/pc//b<client/pc/de/a<");
	/* the same value twice is none that differs */
	check_text(QUERY("<identity category='a' type='b'/>" FORM(
			   "<field var='FORM_TYPE' type='hidden'><value>t</value>"
			   "<value>t</value></field>")),
	           "a/b//<t<");
	end();
}
END_TEST

START_TEST(what_is_no_disco_info_is_ill_formed)
{
	begin();
	check_ill_formed("<query xmlns='" NS_DISCO_ITEMS "'>" PC "</query>");
	check_ill_formed(QUERY(""));
	check_ill_formed(QUERY(FEATURE("a")));
	check_ill_formed(QUERY("<identity category='client'/>"));
	check_ill_formed(QUERY("<identity type='pc' category=''/>"));
	check_ill_formed(QUERY(PC "<feature/>"));
	check_ill_formed(QUERY(PC FORM(SOFTWARE "<field><value>a</value></field>")));
	end();
}
END_TEST

START_TEST(forms_without_a_hidden_form_type_are_left_out)
{
	begin();
	check_text(QUERY(PC FEATURE("a") FORM(
			   "<field var='os'><value>x</value></field><field/><field/>")
	                         FORM("<field var='FORM_TYPE'><value>t</value></field>"
	                              "<field var='os'><value>x</value></field>")
	                                 FORM("<field var='FORM_TYPE' type='hidden'/>")),
	           "client/pc//Exodus 0.9.1<a<");
	check_text(QUERY(PC "<other xmlns='urn:x'/><x xmlns='urn:x'/>" FEATURE("a") "text"),
	           "client/pc//Exodus 0.9.1<a<");
	end();
}
END_TEST

/* §5.1, the note. */
START_TEST(a_name_cannot_forge_features)
{
	begin();
	check_text(QUERY("<identity category='client' type='pc' "
	                 "name='x&lt;http://jabber.org/protocol/muc'/>" FEATURE("a")),
	           "client/pc//x&lt;http://jabber.org/protocol/muc<a<");
	check_text(QUERY("<identity category='client' type='pc' name='&lt;&lt;'/>"),
	           "client/pc//&lt;&lt;<");
	end();
}
END_TEST

START_TEST(features_that_a_form_could_hide_are_told)
{
	struct caps_info honest, forged;

	begin();
	ck_assert_int_eq(
		read(QUERY(PC FEATURE("urn:a") FEATURE("urn:b") FEATURE("urn:c")), &honest), 0);
	ck_assert_int_eq(
		read(QUERY(PC FEATURE("urn:a") FORM(FORM_TYPE("urn:b") "<field var='urn:c'/>")),
	             &forged),
		0);
	ck_assert(str_eq(honest.text, forged.text));
	ck_assert(!honest.ambiguous && forged.ambiguous);
	ck_assert_int_eq(read(QUERY(PC FORM(SOFTWARE "<field var='urn:c'/>")), &forged), 0);
	ck_assert(forged.ambiguous);
	ck_assert_int_eq(read(QUERY(PC FORM(SOFTWARE "<field var='os'/>")), &honest), 0);
	ck_assert(!honest.ambiguous);
	end();
}
END_TEST

START_TEST(what_is_kept_has_the_same_string)
{
	struct caps_info info, again;
	struct xml_node *query;

	begin();
	ck_assert_int_eq(
		read(QUERY("<identity category='client' type='pc' xml:lang='el' "
	                   "name='&lt;'/>" PC FEATURE("b") FEATURE("a")
	                           FORM(SOFTWARE "<field var='os' type='text-multi' label='l'>"
	                                         "<value>b</value><value>a</value></field>")
	                                   FORM("<field var='x'/>")),
	             &info),
		0);
	query = xml_copy(arena, info.rest);
	for (size_t i = 0; i < info.n_features; i++)
		xml_set(arena, xml_add(arena, query, NULL, "feature"), "var", info.features[i]);
	ck_assert_int_eq(read(xml_print(arena, query).p, &again), 0);
	ck_assert(str_eq(info.text, again.text));
	end();
}
END_TEST

START_TEST(two_hashes_are_known_by_their_registered_names)
{
	enum digest_kind hash;

	begin();
	ck_assert(caps_hash(STR("sha-1"), &hash) == 0 && hash == DIGEST_SHA1);
	ck_assert(caps_hash(STR("sha-256"), &hash) == 0 && hash == DIGEST_SHA256);
	ck_assert_int_eq(caps_hash(STR("sha1"), &hash), ERR_NOENT);
	ck_assert_int_eq(caps_hash(STR("md5"), &hash), ERR_NOENT);
	ck_assert_int_eq(caps_hash(STR_NONE, &hash), ERR_NOENT);
	end();
}
END_TEST

CHECK_MAIN("caps-ver", the_simple_example_has_its_string, the_complex_example_has_its_string,
           order_is_by_bytes_and_by_part, what_stands_there_twice_makes_it_ill_formed,
           what_is_no_disco_info_is_ill_formed, forms_without_a_hidden_form_type_are_left_out,
           a_name_cannot_forge_features, features_that_a_form_could_hide_are_told,
           what_is_kept_has_the_same_string, two_hashes_are_known_by_their_registered_names)
