/*
 * check_scram_message.c - the grammar of SCRAM's messages (RFC 5802 §7).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/scram_message.h"

#include "server/base/err.h"
#include "tests/lib/check_main.h"

#define FIRST_OK(text, first) ck_assert_int_eq(scram_parse_first(arena, STR(text), (first)), 0)
#define FIRST_BAD(text) \
	ck_assert_int_eq(scram_parse_first(arena, STR(text), &first), ERR_INVALID)
#define FINAL_OK(text, final) ck_assert_int_eq(scram_parse_final(arena, STR(text), (final)), 0)
#define FINAL_BAD(text) \
	ck_assert_int_eq(scram_parse_final(arena, STR(text), &final), ERR_INVALID)

START_TEST(the_first_message_is_taken_apart)
{
	struct arena *arena = arena_new(256);
	struct scram_first first;

	FIRST_OK("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", &first);
	ck_assert_int_eq(first.flag, 'n');
	ck_assert(str_is_absent(first.authzid));
	ck_assert_str_is(first.user, "user");
	ck_assert_str_is(first.nonce, "fyko+d2lbbFgONRv9qkxdawL");
	ck_assert_str_is(first.gs2_header, "n,,");
	ck_assert_str_is(first.bare, "n=user,r=fyko+d2lbbFgONRv9qkxdawL");
	arena_free(&arena);
}
END_TEST

START_TEST(the_header_names_a_binding_and_an_identity)
{
	struct arena *arena = arena_new(256);
	struct scram_first first;

	FIRST_OK("p=tls-server-end-point,a=juliet@a.example,n=juliet,r=x", &first);
	ck_assert_int_eq(first.flag, 'p');
	ck_assert_str_is(first.binding_type, "tls-server-end-point");
	ck_assert_str_is(first.authzid, "juliet@a.example");
	ck_assert_str_is(first.gs2_header, "p=tls-server-end-point,a=juliet@a.example,");
	ck_assert_str_is(first.bare, "n=juliet,r=x");
	FIRST_OK("y,,n=juliet,r=x", &first);
	ck_assert_int_eq(first.flag, 'y');
	arena_free(&arena);
}
END_TEST

START_TEST(names_carry_commas_and_equals_signs_escaped)
{
	struct arena *arena = arena_new(256);
	struct scram_first first;

	FIRST_OK("n,a==2C,n==3Da=2Cb=3D=2C,r=x", &first);
	ck_assert_str_is(first.authzid, ",");
	ck_assert_str_is(first.user, "=a,b=,");
	FIRST_BAD("n,,n=a=b,r=x");
	FIRST_BAD("n,,n=a=2c,r=x"); /* capitals only */
	FIRST_BAD("n,,n=a=3d,r=x");
	FIRST_BAD("n,,n=a=2,r=x");
	FIRST_BAD("n,,n=a=,r=x");
	FIRST_BAD("n,,n=a=00,r=x");
	FIRST_BAD("n,a=a=b,n=a,r=x");
	arena_free(&arena);
}
END_TEST

START_TEST(headers_against_the_grammar_are_refused)
{
	struct arena *arena = arena_new(256);
	struct scram_first first;

	FIRST_BAD("");
	FIRST_BAD("n");
	FIRST_BAD("n,");
	FIRST_BAD("n,,");
	FIRST_BAD(",,n=user,r=x");
	FIRST_BAD("N,,n=user,r=x");
	FIRST_BAD("x,,n=user,r=x");
	FIRST_BAD("nn,,n=user,r=x");
	FIRST_BAD("y=a,,n=user,r=x");
	FIRST_BAD("p,,n=user,r=x");
	FIRST_BAD("p=,,n=user,r=x");
	FIRST_BAD("p=tls unique,,n=user,r=x");
	FIRST_BAD("p=tls_unique,,n=user,r=x");
	FIRST_BAD("F,n,,n=user,r=x"); /* RFC 5801's flag is not SCRAM's */
	FIRST_BAD("n,n=user,r=x");
	FIRST_BAD("n,b=x,n=user,r=x");
	FIRST_BAD("n,a=,n=user,r=x");
	FIRST_BAD("n,juliet,n=user,r=x");
	arena_free(&arena);
}
END_TEST

START_TEST(first_messages_against_the_grammar_are_refused)
{
	struct arena *arena = arena_new(256);
	struct scram_first first;

	FIRST_BAD("n,,n=user");
	FIRST_BAD("n,,n=user,");
	FIRST_BAD("n,,n=user,r=");
	FIRST_BAD("n,,n=,r=x");
	FIRST_BAD("n,,r=x,n=user");
	FIRST_BAD("n,,r=x");
	FIRST_BAD("n,,user,r=x");
	FIRST_BAD("n,,n=user,r=x,");
	FIRST_BAD("n,,n=user,r=x,e");
	FIRST_BAD("n,,n=user,r=x,e=");
	FIRST_BAD("n,,n=user,r=x,1=x");
	FIRST_BAD("n,,n=user,r=a b");
	FIRST_BAD("n,,n=user,r=a\x7f");
	FIRST_BAD("n,,n=user,r=a\xc3\xa9");
	FIRST_BAD(" n,,n=user,r=x");
	FIRST_BAD("n,,n=us\0er,r=x");
	FIRST_BAD("n,,n=us\xff,r=x");
	FIRST_BAD("n,,n=us\xc0\x80,r=x");
	FIRST_BAD("n,,n=us\xed\xa0\x80,r=x");
	arena_free(&arena);
}
END_TEST

START_TEST(unknown_extensions_are_ignored_but_not_the_mandatory_one)
{
	struct arena *arena = arena_new(256);
	struct scram_first first;
	struct scram_final final;

	FIRST_OK("n,,n=user,r=x,e=1,f=2=3", &first);
	ck_assert_str_is(first.bare, "n=user,r=x,e=1,f=2=3");
	FIRST_BAD("n,,m=1,n=user,r=x");
	FIRST_BAD("n,,n=user,r=x,m=1");
	FINAL_OK("c=biws,r=x,e=1,p=AAAA", &final);
	ck_assert_str_is(final.without_proof, "c=biws,r=x,e=1");
	FINAL_BAD("c=biws,r=x,m=1,p=AAAA");
	arena_free(&arena);
}
END_TEST

START_TEST(the_final_message_is_taken_apart)
{
	struct arena *arena = arena_new(256);
	struct scram_final final;

	FINAL_OK("c=biws,r=fyko3rfc,p=cHJvb2Y=", &final);
	ck_assert_str_is(final.binding, "n,,");
	ck_assert_str_is(final.nonce, "fyko3rfc");
	ck_assert_str_is(final.proof, "proof");
	ck_assert_str_is(final.without_proof, "c=biws,r=fyko3rfc");
	arena_free(&arena);
}
END_TEST

START_TEST(final_messages_against_the_grammar_are_refused)
{
	struct arena *arena = arena_new(256);
	struct scram_final final;

	FINAL_BAD("");
	FINAL_BAD("c=biws");
	FINAL_BAD("c=biws,r=x");
	FINAL_BAD("c=biws,r=x,");
	FINAL_BAD("c=biws,r=x,p=");
	FINAL_BAD("c=biws,r=x,p=AAAA,");
	FINAL_BAD("c=biws,r=x,p=AAAA,e=1"); /* the proof is the last */
	FINAL_BAD("c=biws,r=x,p=AAAA,p=AAAA");
	FINAL_BAD("r=x,c=biws,p=AAAA");
	FINAL_BAD("c=biws,p=AAAA,r=x");
	FINAL_BAD("c=,r=x,p=AAAA");
	FINAL_BAD("c=biw,r=x,p=AAAA");
	FINAL_BAD("c=biws=,r=x,p=AAAA");
	FINAL_BAD("c=bi ws,r=x,p=AAAA");
	FINAL_BAD("c=biws,r=x,p=AAA");
	FINAL_BAD("c=biws,r=x,p=AAB="); /* bits left over */
	FINAL_BAD("c=biws,r=x,p=AA\xc3\xa9");
	FINAL_BAD("c=AA\xc3\xa9,r=x,p=AAAA");
	FINAL_BAD("c=biws,r=,p=AAAA");
	FINAL_BAD("c=biws,r=x,e=\0,p=AAAA");
	FINAL_BAD("c=biws,r=x,e=\xff,p=AAAA");
	arena_free(&arena);
}
END_TEST

START_TEST(every_prefix_and_every_changed_byte_is_parsed_without_harm)
{
	static const struct str texts[] = {
		STR_INIT("p=tls-exporter,a=ju=2Cliet,n=ju=3D,r=abc,e=f"),
		STR_INIT("c=biws,r=fyko3rfc,e=f,p=cHJvb2Y="),
	};
	struct arena *arena = arena_new(256);
	struct scram_first first;
	struct scram_final final;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		for (size_t n = 0; n <= texts[i].n; n++)
			for (int byte = 0; byte < 256; byte += n == 0 ? 256 : 1) {
				char *copy = malloc(n + 1);

				memcpy(copy, texts[i].p, n);
				if (n > 0)
					copy[n - 1] = (char)byte;
				(void)!scram_parse_first(arena, str_make(copy, n), &first);
				(void)!scram_parse_final(arena, str_make(copy, n), &final);
				free(copy);
				arena_reset(arena);
			}
	arena_free(&arena);
}
END_TEST

START_TEST(the_servers_messages_are_those_of_rfc_5802)
{
	struct arena *arena = arena_new(256);

	ck_assert_str_is(scram_format_first(arena, STR("fyko3rfc"), STR("salt"), 4096),
	                 "r=fyko3rfc,s=c2FsdA==,i=4096");
	ck_assert_str_is(scram_format_final(arena, STR("sig")), "v=c2ln");
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("scram_message", the_first_message_is_taken_apart,
           the_header_names_a_binding_and_an_identity,
           names_carry_commas_and_equals_signs_escaped, headers_against_the_grammar_are_refused,
           first_messages_against_the_grammar_are_refused,
           unknown_extensions_are_ignored_but_not_the_mandatory_one,
           the_final_message_is_taken_apart, final_messages_against_the_grammar_are_refused,
           every_prefix_and_every_changed_byte_is_parsed_without_harm,
           the_servers_messages_are_those_of_rfc_5802)
