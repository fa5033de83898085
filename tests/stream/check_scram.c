/*
 * check_scram.c - the exchange of SCRAM: the vectors of its RFCs, and what must fail.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "tests/lib/check_main.h"
#include "tests/stream/talk.h"

static const struct {
	const char *name, *plus_name;
	enum digest_kind kind;
	enum auth_mechanism bit;
} scrams[] = {
	{ "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", DIGEST_SHA1, AUTH_SCRAM_SHA_1 },
	{ "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", DIGEST_SHA256, AUTH_SCRAM_SHA_256 },
	{ "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS", DIGEST_SHA512, AUTH_SCRAM_SHA_512 },
};

#define FIRST "n,,n=juliet,r=fyko+d2lbbFgONRv9qkxdawL"

/* An exchange whose every byte is known.  User is "user", password "pencil". */
static void check_vector(const char *mechanism, enum digest_kind kind, const char *salt64,
                         const char *nonce, const char *first, const char *server_first,
                         const char *final, const char *server_final)
{
	struct talk *t = talk_new();
	struct auth_account account = { .exists = true };
	struct str salt;

	ck_assert_int_eq(base64_decode(t->arena, str_of(salt64), &salt), 0);
	account.verifiers.of[kind] = talk_verifier(kind, "pencil", salt, 4096);
	account.verifiers.has[kind] = true;
	t->auth->server_nonce = str_of(nonce);
	t->by_hand = true;
	talk_begin(t, mechanism, str_of(first));
	ck_assert_int_eq(t->next, AUTH_LOOKUP);
	ck_assert_str_is(auth_lookup_user(t->auth), "user");
	ck_assert_int_eq(auth_supply(t->auth, &account), AUTH_CHALLENGE);
	ck_assert(str_eq(auth_data(t->auth), base64_encode(t->arena, str_of(server_first))));
	talk_respond(t, str_of(final));
	ck_assert_success(t, "user");
	ck_assert(str_is(t->data, server_final));
	ck_assert_str_eq(auth_mechanism_name(t->auth), mechanism);
	talk_free(&t);
}

START_TEST(the_vector_of_rfc_5802_section_5_passes)
{
	check_vector("SCRAM-SHA-1", DIGEST_SHA1, "QSXCR+Q6sek8bf92", "3rfcNHYJY1ZVvWVs7j",
	             "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
	             "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
	             "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p="
	             "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	             "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}
END_TEST

START_TEST(the_vector_of_rfc_7677_section_3_passes)
{
	check_vector("SCRAM-SHA-256", DIGEST_SHA256,
	             "W22ZaJ0SNY7soEsUEjb6gQ==", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
	             "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
	             "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	             "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	             "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	             "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	             "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}
END_TEST

START_TEST(the_right_password_gets_in_with_every_hash)
{
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		talk_scram(t, scrams[i].name, "n,,", "juliet", TALK_PASSWORD);
		ck_assert_success(t, "juliet");
		ck_assert(str_starts_with(t->data, STR("v=")));
		ck_assert(auth_was_guess(t->auth));
		ck_assert_str_eq(auth_mechanism_name(t->auth), scrams[i].name);
		talk_again(t);
	}
	talk_free(&t);
}
END_TEST

START_TEST(the_right_password_gets_in_with_every_binding)
{
	struct talk *t = talk_new();

	talk_bind(t);
	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		talk_again(t);
		talk_scram(t, scrams[i].plus_name, "p=tls-exporter,,", "juliet", TALK_PASSWORD);
		ck_assert_success(t, "juliet");
		ck_assert_str_eq(auth_mechanism_name(t->auth), scrams[i].plus_name);
		talk_again(t);
		talk_scram(t, scrams[i].plus_name, "p=tls-server-end-point,,", "juliet",
		           TALK_PASSWORD);
		ck_assert_success(t, "juliet");
	}
	talk_free(&t);
}
END_TEST

START_TEST(a_wrong_password_is_not_authorized_and_a_guess)
{
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		talk_scram(t, scrams[i].name, "n,,", "juliet", "s3creT");
		ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
		ck_assert(auth_was_guess(t->auth));
		ck_assert_str_is(auth_lookup_user(t->auth), "juliet");
		talk_again(t);
	}
	talk_free(&t);
}
END_TEST

START_TEST(an_unknown_user_is_as_a_wrong_password)
{
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		talk_scram(t, scrams[i].name, "n,,", "nobody", TALK_PASSWORD);
		ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
		ck_assert(auth_was_guess(t->auth));
		talk_again(t);
	}
	talk_free(&t);
}
END_TEST

/* The challenge without the nonce. */
static struct str salt_and_iterations(struct talk *t, const char *mechanism, const char *user)
{
	struct str rest;

	talk_again(t);
	talk_begin(t, mechanism,
	           arena_printf(t->arena, "n,,n=%s,r=fyko+d2lbbFgONRv9qkxdawL", user));
	ck_assert_int_eq(t->next, AUTH_CHALLENGE);
	rest = t->data;
	(void)str_cut(&rest, ',');
	return rest;
}

START_TEST(an_unknown_users_salt_stays_the_same_and_looks_like_anyones)
{
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		struct str known = salt_and_iterations(t, scrams[i].name, "juliet");
		struct str unknown = salt_and_iterations(t, scrams[i].name, "nobody");

		ck_assert(str_eq(unknown, salt_and_iterations(t, scrams[i].name, "nobody")));
		ck_assert(!str_eq(unknown, salt_and_iterations(t, scrams[i].name, "noone")));
		ck_assert_uint_eq(known.n, unknown.n);
	}
	talk_free(&t);
}
END_TEST

START_TEST(an_account_without_that_hash_is_as_unknown)
{
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		struct auth_account whole = t->account;
		struct str salt;

		t->account.verifiers.has[scrams[i].kind] = false;
		salt = salt_and_iterations(t, scrams[i].name, "juliet");
		ck_assert(str_eq(salt, salt_and_iterations(t, scrams[i].name, "juliet")));
		talk_again(t);
		talk_scram(t, scrams[i].name, "n,,", "juliet", TALK_PASSWORD);
		ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
		t->account = whole;
	}
	memset(&t->account.verifiers, 0, sizeof(t->account.verifiers));
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-1", "n,,", "juliet", TALK_PASSWORD);
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(a_disabled_account_is_told_so_to_its_owner_only)
{
	struct talk *t = talk_new();

	t->account.disabled = true;
	talk_scram(t, "SCRAM-SHA-256", "n,,", "juliet", TALK_PASSWORD);
	ck_assert_failure(t, AUTH_ACCOUNT_DISABLED);
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-256", "n,,", "juliet", "wrong");
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(a_downgrade_from_plus_is_refused)
{
	struct talk *t = talk_new();

	/* RFC 5802 §6: "y" is fine as long as there is nothing to bind to. */
	talk_scram(t, "SCRAM-SHA-256", "y,,", "juliet", TALK_PASSWORD);
	ck_assert_success(t, "juliet");
	talk_bind(t);
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-256", "y,,", "juliet", TALK_PASSWORD);
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(!auth_was_guess(t->auth));
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-256", "n,,", "juliet", TALK_PASSWORD);
	ck_assert_success(t, "juliet");
	talk_free(&t);
}
END_TEST

START_TEST(the_flag_and_the_mechanism_must_agree)
{
	struct talk *t = talk_new();

	talk_bind(t);
	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		talk_again(t);
		talk_scram(t, scrams[i].plus_name, "n,,", "juliet", TALK_PASSWORD);
		ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
		talk_again(t);
		talk_scram(t, scrams[i].plus_name, "y,,", "juliet", TALK_PASSWORD);
		ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
		talk_again(t);
		talk_scram(t, scrams[i].name, "p=tls-exporter,,", "juliet", TALK_PASSWORD);
		ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	}
	talk_free(&t);
}
END_TEST

START_TEST(a_binding_that_the_connection_does_not_have_is_refused)
{
	struct talk *t = talk_new();

	talk_bind(t);
	talk_scram(t, "SCRAM-SHA-256-PLUS", "p=tls-unique,,", "juliet", TALK_PASSWORD);
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(!t->looked_up);
	talk_free(&t);
}
END_TEST

/* Answer the challenge to GS2_HEADER with the proof made for the cbind-input BINDING. */
static void answer_binding(struct talk *t, const char *gs2_header, const char *mechanism,
                           struct str binding)
{
	talk_again(t);
	talk_begin(t, mechanism, arena_printf(t->arena, "%sn=juliet,r=abc", gs2_header));
	ck_assert_int_eq(t->next, AUTH_CHALLENGE);
	talk_respond(t, talk_scram_final(t, DIGEST_SHA256, TALK_PASSWORD, binding,
	                                 STR("n=juliet,r=abc")));
}

START_TEST(another_connections_binding_is_refused)
{
	struct talk *t = talk_new();
	const char *plus = "SCRAM-SHA-256-PLUS", *header = "p=tls-exporter,,";

	talk_bind(t);
	answer_binding(t, header, plus, STR("p=tls-exporter,,data of tls-exporter"));
	ck_assert_success(t, "juliet");
	answer_binding(t, header, plus, STR("p=tls-exporter,,data of another kind"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(!auth_was_guess(t->auth));
	answer_binding(t, header, plus, STR("p=tls-exporter,,data of tls-exporte"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	answer_binding(t, header, plus, STR("p=tls-exporter,,data of tls-exporter!"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	answer_binding(t, header, plus, STR("p=tls-exporter,,"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	answer_binding(t, header, plus,
	               STR("p=tls-server-end-point,,data of tls-server-end-point"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(a_header_that_changed_on_the_way_is_refused)
{
	struct talk *t = talk_new();

	answer_binding(t, "n,,", "SCRAM-SHA-256", STR("n,,"));
	ck_assert_success(t, "juliet");
	answer_binding(t, "n,,", "SCRAM-SHA-256", STR("y,,"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	answer_binding(t, "n,,", "SCRAM-SHA-256", STR("n,a=juliet@capulet.example,"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	/* RFC 5802 §7: no cbind-data without "p" */
	answer_binding(t, "n,,", "SCRAM-SHA-256", STR("n,,data"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(the_identity_must_be_the_accounts_own_bare_jid)
{
	static const char *const strange[] = {
		"n,a=romeo@capulet.example,",
		"n,a=juliet@montague.example,",
		"n,a=juliet,",
		"n,a=capulet.example,",
		"n,a=juliet@capulet.example/balcony,",
		"n,a=@,",
		"n,a=a@b@c,",
	};
	struct talk *t = talk_new();

	talk_scram(t, "SCRAM-SHA-1", "n,a=juliet@capulet.example,", "juliet", TALK_PASSWORD);
	ck_assert_success(t, "juliet");
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-1", "n,a=JULIET@Capulet.Example,", "juliet", TALK_PASSWORD);
	ck_assert_success(t, "juliet");
	for (size_t i = 0; i < ARRAY_LEN(strange); i++) {
		talk_again(t);
		talk_scram(t, "SCRAM-SHA-1", strange[i], "juliet", TALK_PASSWORD);
		ck_assert_failure(t, AUTH_INVALID_AUTHZID);
	}
	talk_free(&t);
}
END_TEST

START_TEST(the_user_is_prepared)
{
	struct talk *t = talk_new();

	talk_scram(t, "SCRAM-SHA-1", "n,,", "JULIET", TALK_PASSWORD);
	ck_assert_success(t, "juliet");
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-1", "n,,", "ju\xc2\xadliet",
	           TALK_PASSWORD); /* a soft hyphen */
	ck_assert_success(t, "juliet");
	talk_again(t);
	t->by_hand = true;
	talk_begin(t, "SCRAM-SHA-1", STR("n,,n=a=2Cb=3Dc,r=x"));
	ck_assert_int_eq(t->next, AUTH_LOOKUP);
	ck_assert_str_is(auth_lookup_user(t->auth), "a,b=c");
	talk_free(&t);
}
END_TEST

START_TEST(a_name_that_cannot_be_an_accounts_is_not_authorized)
{
	static const char *const names[] = {
		"juliet@capulet.example", "ju liet", "ju/liet", "ju<liet", "\x01", "\xc2\xad",
		"\xee\x80\x80",
	};
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		talk_again(t);
		talk_scram(t, "SCRAM-SHA-1", "n,,", names[i], TALK_PASSWORD);
		ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
		ck_assert(!t->looked_up && !auth_was_guess(t->auth));
		ck_assert(str_is_absent(auth_lookup_user(t->auth)));
	}
	talk_free(&t);
}
END_TEST

START_TEST(messages_against_the_grammar_are_malformed)
{
	static const char *const firsts[] = {
		"x",
		"n,,n=juliet",
		"n,,m=1,n=juliet,r=x",
		"n,,n=juliet,r=x,m=1",
		"n,,n=ju\xff,r=x",
	};
	static const char *const finals[] = {
		"x",
		"c=biws,r=x",
		"c=biws,r=x,m=1,p=AAAA",
		"c=b,r=x,p=AAAA",
		"c=biws,r=x,p=A",
		"v=AAAA",
		"e=x",
	};
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
		talk_again(t);
		talk_begin(t, "SCRAM-SHA-512", str_of(firsts[i]));
		ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	}
	for (size_t i = 0; i < ARRAY_LEN(finals); i++) {
		talk_again(t);
		talk_begin(t, "SCRAM-SHA-512", STR(FIRST));
		talk_respond(t, str_of(finals[i]));
		ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
		ck_assert(!auth_was_guess(t->auth));
	}
	talk_again(t);
	talk_begin(t, "SCRAM-SHA-512", STR(FIRST));
	talk_respond_raw(t, STR("="));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_free(&t);
}
END_TEST

START_TEST(another_nonce_is_refused)
{
	struct talk *t = talk_new();

	talk_begin(t, "SCRAM-SHA-1", STR(FIRST));
	talk_respond(t,
	             STR("c=biws,r=fyko+d2lbbFgONRv9qkxdawL,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(!auth_was_guess(t->auth));
	talk_free(&t);
}
END_TEST

START_TEST(a_proof_of_another_length_is_refused)
{
	struct talk *t = talk_new();
	struct str rest, nonce;

	talk_begin(t, "SCRAM-SHA-256", STR(FIRST));
	rest = t->data;
	nonce = str_cut(&rest, ',');
	talk_respond(t,
	             arena_printf(t->arena, "c=biws," STR_FMT ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	                          STR_ARG(nonce)));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(auth_was_guess(t->auth));
	talk_free(&t);
}
END_TEST

START_TEST(every_flipped_bit_of_a_proof_is_refused)
{
	struct talk *t = talk_new();

	for (size_t bit = 0; bit < 160; bit++) {
		struct str final, proof;
		size_t at;
		char *bytes;

		talk_again(t);
		talk_begin(t, "SCRAM-SHA-1", STR(FIRST));
		final = talk_scram_final(t, DIGEST_SHA1, TALK_PASSWORD, STR("n,,"),
		                         str_slice(STR(FIRST), 3, sizeof(FIRST) - 1));
		at = final.n - 28; /* the base64 of 20 bytes */
		ck_assert_int_eq(base64_decode(t->arena, str_slice(final, at, final.n), &proof),
		                 0);
		bytes = arena_alloc(t->arena, proof.n);
		memcpy(bytes, proof.p, proof.n);
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << (bit % 8)));
		talk_respond(t,
		             arena_concat(t->arena, str_slice(final, 0, at),
		                          base64_encode(t->arena, str_make(bytes, proof.n))));
		ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	}
	talk_free(&t);
}
END_TEST

START_TEST(nonces_are_fresh)
{
	struct talk *t = talk_new();
	struct str first;

	talk_begin(t, "SCRAM-SHA-1", STR(FIRST));
	first = t->data;
	ck_assert(str_starts_with(first, STR("r=fyko+d2lbbFgONRv9qkxdawL")));
	ck_assert_uint_gt(str_find(first, ',', 0), sizeof("r=fyko+d2lbbFgONRv9qkxdawL") + 20);
	talk_again(t);
	talk_begin(t, "SCRAM-SHA-1", STR(FIRST));
	ck_assert(!str_eq(first, t->data));
	talk_free(&t);
}
END_TEST

START_TEST(the_first_message_may_come_after_an_empty_challenge)
{
	struct talk *t = talk_new();

	talk_begin(t, "SCRAM-SHA-1", STR_NONE);
	ck_assert_int_eq(t->next, AUTH_CHALLENGE);
	ck_assert(!str_is_absent(auth_data(t->auth)) && str_is_empty(auth_data(t->auth)));
	talk_respond(t, STR(FIRST));
	ck_assert_int_eq(t->next, AUTH_CHALLENGE);
	talk_respond(t, talk_scram_final(t, DIGEST_SHA1, TALK_PASSWORD, STR("n,,"),
	                                 str_slice(STR(FIRST), 3, sizeof(FIRST) - 1)));
	ck_assert_success(t, "juliet");
	talk_free(&t);
}
END_TEST

CHECK_MAIN("scram", the_vector_of_rfc_5802_section_5_passes,
           the_vector_of_rfc_7677_section_3_passes, the_right_password_gets_in_with_every_hash,
           the_right_password_gets_in_with_every_binding,
           a_wrong_password_is_not_authorized_and_a_guess,
           an_unknown_user_is_as_a_wrong_password,
           an_unknown_users_salt_stays_the_same_and_looks_like_anyones,
           an_account_without_that_hash_is_as_unknown,
           a_disabled_account_is_told_so_to_its_owner_only, a_downgrade_from_plus_is_refused,
           the_flag_and_the_mechanism_must_agree,
           a_binding_that_the_connection_does_not_have_is_refused,
           another_connections_binding_is_refused, a_header_that_changed_on_the_way_is_refused,
           the_identity_must_be_the_accounts_own_bare_jid, the_user_is_prepared,
           a_name_that_cannot_be_an_accounts_is_not_authorized,
           messages_against_the_grammar_are_malformed, another_nonce_is_refused,
           a_proof_of_another_length_is_refused, every_flipped_bit_of_a_proof_is_refused,
           nonces_are_fresh, the_first_message_may_come_after_an_empty_challenge)
