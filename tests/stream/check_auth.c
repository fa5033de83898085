/*
 * check_auth.c - the negotiation itself, and PLAIN, EXTERNAL, ANONYMOUS.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/mem.h"
#include "tests/lib/check_main.h"
#include "tests/stream/talk.h"

/* --- the offer --------------------------------------------------------------------------- */

static struct str offer(struct talk *t)
{
	const char *names[AUTH_NAMES_MAX];
	size_t n = auth_offer(&t->facts, names);
	struct str all = STR("");

	for (size_t i = 0; i < n; i++)
		all = arena_printf(t->arena, STR_FMT "%s%s", STR_ARG(all), i > 0 ? " " : "",
		                   names[i]);
	return all;
}

START_TEST(mechanisms_are_offered_in_order_of_preference)
{
	struct str jid = STR("juliet@capulet.example");
	struct talk *t = talk_new();

	ck_assert_str_is(offer(t), "SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1 PLAIN ANONYMOUS");
	talk_bind(t);
	t->facts.certificate_jids = &jid;
	t->facts.n_certificate_jids = 1;
	ck_assert_str_is(offer(t),
	                 "EXTERNAL SCRAM-SHA-512-PLUS SCRAM-SHA-512 SCRAM-SHA-256-PLUS "
	                 "SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN ANONYMOUS");
	t->facts.secure = false;
	t->facts.binding = NULL;
	ck_assert_str_is(offer(t), "SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1 ANONYMOUS");
	t->facts.mechanisms = AUTH_SCRAM_SHA_256;
	ck_assert_str_is(offer(t), "SCRAM-SHA-256");
	talk_free(&t);
}
END_TEST

START_TEST(a_connection_whose_bindings_have_no_names_offers_no_plus)
{
	static const char *const none[] = { NULL };
	struct talk *t = talk_new();

	talk_bind(t);
	t->facts.binding_types = none;
	t->facts.mechanisms = AUTH_SCRAM_SHA_1;
	ck_assert_str_is(offer(t), "SCRAM-SHA-1");
	talk_scram(t, "SCRAM-SHA-1-PLUS", "p=tls-exporter,,", "juliet", TALK_PASSWORD);
	ck_assert_failure(t, AUTH_INVALID_MECHANISM);
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-1", "y,,", "juliet", TALK_PASSWORD);
	ck_assert_success(t, "juliet");
	talk_free(&t);
}
END_TEST

START_TEST(what_is_not_offered_is_an_invalid_mechanism)
{
	static const char *const names[] = {
		"",
		"SCRAM",
		"SCRAM-SHA-224",
		"scram-sha-1",
		"SCRAM-SHA-1-PLUS",
		"PLAIN ",
		"PLAIN-PLUS",
		"DIGEST-MD5",
		"GSSAPI",
		"SCRAM-SHA-1-PLUS-PLUS",
		"EXTERNAL-PLUS",
		"LOGIN",
		"SCRAM-SHA-2566",
	};
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		talk_again(t);
		talk_begin(t, names[i], STR("n,,n=juliet,r=x"));
		ck_assert_failure(t, AUTH_INVALID_MECHANISM);
		ck_assert_str_eq(auth_mechanism_name(t->auth), "none");
	}
	t->facts.mechanisms = AUTH_SCRAM_SHA_256;
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	ck_assert_failure(t, AUTH_INVALID_MECHANISM);
	talk_again(t);
	talk_begin(t, "SCRAM-SHA-1", STR("n,,n=juliet,r=x"));
	ck_assert_failure(t, AUTH_INVALID_MECHANISM);
	talk_free(&t);
}
END_TEST

/* --- the framing ------------------------------------------------------------------------- */

START_TEST(what_is_not_base64_to_the_letter_is_an_incorrect_encoding)
{
	static const char *const texts[] = {
		"!",
		"A",
		"AA",
		"AAA",
		"AAAA=",
		"AA==AA==",
		" AAAA",
		"AAAA ",
		"AA\nAA",
		"AAB=",
		"AB==",
		"====",
		"==",
		"A===",
		"AAAA\xc3\xa9",
		"AA-_",
		"AA\xc3\xa9",
		"\x80"
		"AAA",
		"AAA\xff",
	};
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		talk_again(t);
		talk_begin_raw(t, "SCRAM-SHA-1", str_of(texts[i]));
		ck_assert_failure(t, AUTH_INCORRECT_ENCODING);
		talk_again(t);
		talk_begin(t, "SCRAM-SHA-1", STR_NONE);
		talk_respond_raw(t, str_of(texts[i]));
		ck_assert_failure(t, AUTH_INCORRECT_ENCODING);
	}
	talk_free(&t);
}
END_TEST

START_TEST(a_message_too_long_is_malformed)
{
	struct talk *t = talk_new();
	size_t n = AUTH_TEXT_MAX + 4;
	char *text = arena_alloc(t->arena, n);

	memset(text, 'A', n);
	talk_begin_raw(t, "PLAIN", str_make(text, n));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_again(t);
	talk_begin(t, "PLAIN", STR_NONE);
	talk_respond_raw(t, str_make(text, n));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_again(t);
	talk_begin_raw(t, "PLAIN", str_make(text, AUTH_TEXT_MAX));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST); /* as PLAIN's message: all of it is NUL */
	talk_free(&t);
}
END_TEST

START_TEST(a_second_begin_is_malformed)
{
	struct talk *t = talk_new();

	talk_begin(t, "SCRAM-SHA-1", STR("n,,n=juliet,r=x"));
	talk_begin(t, "SCRAM-SHA-1", STR("n,,n=juliet,r=x"));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_respond(t, STR("c=biws,r=x,p=AAAA"));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_free(&t);
}
END_TEST

START_TEST(a_response_that_nobody_waits_for_is_malformed)
{
	struct talk *t = talk_new();

	talk_respond(t, STR("x"));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_again(t);
	talk_scram(t, "SCRAM-SHA-1", "n,,", "juliet", TALK_PASSWORD);
	ck_assert_success(t, "juliet");
	talk_respond(t, STR("")); /* after the last step */
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_again(t);
	t->by_hand = true;
	talk_begin(t, "SCRAM-SHA-1", STR("n,,n=juliet,r=x"));
	ck_assert_int_eq(t->next, AUTH_LOOKUP);
	talk_respond(t, STR("x")); /* before the account is there */
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_free(&t);
}
END_TEST

START_TEST(a_negotiation_may_be_dropped_at_any_point)
{
	struct talk *t = talk_new();

	t->by_hand = true;
	talk_again(t);
	talk_begin(t, "PLAIN", STR_NONE);
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	ck_assert_int_eq(t->next, AUTH_LOOKUP);
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	ck_assert_int_eq(auth_supply(t->auth, &t->account), AUTH_SLOW);
	auth_work(t->auth); /* and the stream went meanwhile */
	talk_again(t);
	talk_begin(t, "SCRAM-SHA-1", STR("n,,n=juliet,r=x"));
	ck_assert_int_eq(auth_supply(t->auth, &t->account), AUTH_CHALLENGE);
	talk_free(&t);
}
END_TEST

START_TEST(conditions_have_the_names_of_rfc_6120)
{
	ck_assert_str_eq(auth_condition_name(AUTH_ABORTED), "aborted");
	ck_assert_str_eq(auth_condition_name(AUTH_CREDENTIALS_EXPIRED), "credentials-expired");
	ck_assert_str_eq(auth_condition_name(AUTH_MECHANISM_TOO_WEAK), "mechanism-too-weak");
	ck_assert_str_eq(auth_condition_name(AUTH_TEMPORARY_FAILURE), "temporary-auth-failure");
}
END_TEST

/* --- PLAIN ------------------------------------------------------------------------------- */

START_TEST(plain_lets_the_right_password_in_after_work_on_the_pool)
{
	struct talk *t = talk_new();

	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	ck_assert_success(t, "juliet");
	ck_assert(t->looked_up && t->worked && auth_was_guess(t->auth));
	ck_assert(str_is_absent(auth_data(t->auth)));
	talk_again(t);
	talk_begin(t, "PLAIN", STR_NONE);
	ck_assert_int_eq(t->next, AUTH_CHALLENGE);
	ck_assert(str_is_empty(auth_data(t->auth)) && !str_is_absent(auth_data(t->auth)));
	talk_respond(t, STR("juliet@capulet.example\0Juliet\0" TALK_PASSWORD));
	ck_assert_success(t, "juliet");
	talk_free(&t);
}
END_TEST

START_TEST(plain_refuses_wrong_passwords_and_unknown_users_alike)
{
	struct talk *t = talk_new();

	talk_begin(t, "PLAIN", STR("\0juliet\0wrong"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(t->looked_up && t->worked && auth_was_guess(t->auth));
	t->looked_up = t->worked = false;
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0nobody\0" TALK_PASSWORD));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(t->looked_up && t->worked && auth_was_guess(t->auth));
	talk_free(&t);
}
END_TEST

START_TEST(plain_refuses_an_account_without_verifiers)
{
	struct talk *t = talk_new();

	memset(&t->account.verifiers, 0, sizeof(t->account.verifiers));
	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(t->worked);
	talk_free(&t);
}
END_TEST

START_TEST(plain_tells_a_disabled_account_only_its_owner)
{
	struct talk *t = talk_new();

	t->account.disabled = true;
	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	ck_assert_failure(t, AUTH_ACCOUNT_DISABLED);
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0wrong"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(plain_needs_tls)
{
	struct talk *t = talk_new();

	t->facts.secure = false;
	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	ck_assert_failure(t, AUTH_ENCRYPTION_REQUIRED);
	ck_assert(!t->looked_up);
	talk_free(&t);
}
END_TEST

START_TEST(plain_holds_to_its_grammar)
{
	static const struct str messages[] = {
		STR_INIT(""),
		STR_INIT("juliet"),
		STR_INIT("juliet\0s3cret"),     /* one NUL */
		STR_INIT("\0juliet\0s3\0cret"), /* three */
		STR_INIT("\0juliet\0s3cret\0"),
		STR_INIT("\0\0s3cret"),
		STR_INIT("\0juliet\0"),
		STR_INIT("\0\0"),
		STR_INIT("\0ju\xff"
		         "liet\0s3cret"),
		STR_INIT("\0juliet\0s3\xc0\x80"),
		STR_INIT("\xff\0juliet\0s3cret"),
	};
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		talk_again(t);
		talk_begin(t, "PLAIN", messages[i]);
		ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
		ck_assert(!t->looked_up);
	}
	talk_free(&t);
}
END_TEST

START_TEST(plain_prepares_the_name_and_the_password)
{
	struct talk *t = talk_new();

	/* soft hyphens map to nothing, and a no-break space to a space (RFC 4013 §2.1) */
	verifiers_make(STR("pass word"), 16, &t->account.verifiers);
	talk_begin(t, "PLAIN", STR("\0JU\xc2\xadLIET\0pass\xc2\xa0wo\xc2\xadrd"));
	ck_assert_success(t, "juliet");
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0\xc2\xad")); /* nothing is left */
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0\x07")); /* RFC 4013 §2.3 */
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet@capulet.example\0pass word"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(plain_acts_for_its_own_account_only)
{
	static const struct str messages[] = {
		STR_INIT("romeo@capulet.example\0juliet\0" TALK_PASSWORD),
		STR_INIT("juliet@montague.example\0juliet\0" TALK_PASSWORD),
		STR_INIT("juliet\0juliet\0" TALK_PASSWORD),
		STR_INIT("juliet@capulet.example/balcony\0juliet\0" TALK_PASSWORD),
		STR_INIT("@\0juliet\0" TALK_PASSWORD),
	};
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		talk_again(t);
		talk_begin(t, "PLAIN", messages[i]);
		ck_assert_failure(t, AUTH_INVALID_AUTHZID);
	}
	talk_free(&t);
}
END_TEST

/* --- EXTERNAL ---------------------------------------------------------------------------- */

static void with_certificate(struct talk *t, const struct str *jids, size_t n)
{
	t->facts.certificate_jids = jids;
	t->facts.n_certificate_jids = n;
	talk_again(t);
}

START_TEST(external_takes_the_certificates_only_address)
{
	struct str jid = STR("Juliet@capulet.example");
	struct talk *t = talk_new();

	with_certificate(t, &jid, 1);
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_success(t, "juliet");
	ck_assert(str_is_absent(auth_data(t->auth)));
	ck_assert(t->looked_up && !auth_was_guess(t->auth));
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("juliet@CAPULET.example"));
	ck_assert_success(t, "juliet");
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR_NONE);
	ck_assert_int_eq(t->next, AUTH_CHALLENGE);
	talk_respond_raw(t, STR("")); /* <response/> */
	ck_assert_success(t, "juliet");
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR_NONE);
	talk_respond_raw(t, STR("="));
	ck_assert_success(t, "juliet");
	talk_free(&t);
}
END_TEST

START_TEST(external_refuses_what_the_certificate_does_not_say)
{
	struct str jid = STR("juliet@capulet.example");
	struct talk *t = talk_new();

	with_certificate(t, &jid, 1);
	talk_begin(t, "EXTERNAL", STR("romeo@capulet.example"));
	ck_assert_failure(t, AUTH_INVALID_AUTHZID);
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("juliet@capulet.example/balcony"));
	ck_assert_failure(t, AUTH_INVALID_AUTHZID);
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("juliet"));
	ck_assert_failure(t, AUTH_INVALID_AUTHZID);
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("juliet@capulet.example\0"));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("\xff"));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_free(&t);
}
END_TEST

START_TEST(external_must_be_told_which_of_several_addresses)
{
	static const struct str jids[] = {
		STR_INIT("romeo@capulet.example"),
		STR_INIT("juliet@montague.example"),
		STR_INIT("juliet@capulet.example"),
		STR_INIT("not a jid@"),
	};
	static const struct str same[] = {
		STR_INIT("juliet@capulet.example"),
		STR_INIT("JULIET@capulet.example"),
		STR_INIT("juliet@montague.example"),
	};
	struct talk *t = talk_new();

	with_certificate(t, jids, ARRAY_LEN(jids));
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_failure(t, AUTH_INVALID_AUTHZID);
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("juliet@capulet.example"));
	ck_assert_success(t, "juliet");
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("juliet@montague.example"));
	ck_assert_failure(t, AUTH_INVALID_AUTHZID);
	/* Those of other domains do not count, nor do two spellings of one. */
	with_certificate(t, same, ARRAY_LEN(same));
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_success(t, "juliet");
	talk_free(&t);
}
END_TEST

START_TEST(external_without_an_address_here_is_not_authorized)
{
	static const struct str jids[] = {
		STR_INIT("juliet@montague.example"),
		STR_INIT("capulet.example"),
		STR_INIT("juliet@capulet.example/balcony"),
		STR_INIT("@@"),
	};
	struct talk *t = talk_new();

	with_certificate(t, jids, ARRAY_LEN(jids));
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR("juliet@capulet.example"));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	with_certificate(t, NULL, 0);
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(external_needs_an_account_that_may_log_in)
{
	struct str nobody = STR("nobody@capulet.example"),
		   juliet = STR("juliet@capulet.example");
	struct talk *t = talk_new();

	with_certificate(t, &nobody, 1);
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	t->account.disabled = true;
	with_certificate(t, &juliet, 1);
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_failure(t, AUTH_ACCOUNT_DISABLED);
	t->facts.secure = false;
	talk_again(t);
	talk_begin(t, "EXTERNAL", STR(""));
	ck_assert_failure(t, AUTH_ENCRYPTION_REQUIRED);
	talk_free(&t);
}
END_TEST

/* --- ANONYMOUS --------------------------------------------------------------------------- */

START_TEST(anonymous_leaves_the_name_to_the_owner)
{
	static const struct str traces[] = {
		{ .p = NULL }, /* XEP-0175 §2 */
		STR_INIT(""),
		STR_INIT("sirhc"),
		STR_INIT("chris@example.net"),
	};
	struct talk *t = talk_new();

	for (size_t i = 0; i < ARRAY_LEN(traces); i++) {
		talk_again(t);
		talk_begin(t, "ANONYMOUS", traces[i]);
		ck_assert_int_eq(t->next, AUTH_SUCCESS);
		ck_assert(str_is_absent(auth_user(t->auth)) &&
		          str_is_absent(auth_data(t->auth)));
		ck_assert(!t->looked_up && !auth_was_guess(t->auth));
	}
	talk_free(&t);
}
END_TEST

START_TEST(anonymous_takes_255_characters_of_trace)
{
	struct talk *t = talk_new();
	char trace[512];

	for (size_t i = 0; i < sizeof(trace); i += 2)
		memcpy(trace + i, "\xc3\xa9", 2);
	talk_begin(t, "ANONYMOUS", str_make(trace, 510));
	ck_assert_int_eq(t->next, AUTH_SUCCESS);
	talk_again(t);
	talk_begin(t, "ANONYMOUS", str_make(trace, 512));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_again(t);
	talk_begin(t, "ANONYMOUS", str_make(trace, 511)); /* half a character */
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_again(t);
	talk_begin(t, "ANONYMOUS", STR("a\0b"));
	ck_assert_failure(t, AUTH_MALFORMED_REQUEST);
	talk_free(&t);
}
END_TEST

/* --- passwords that are known elsewhere -------------------------------------------------- */

static struct talk *talk_elsewhere(void)
{
	struct talk *t = talk_new();

	t->facts.saslauthd = STR("/nowhere");
	t->facts.mechanisms = AUTH_PLAIN;
	t->account.verifiers = (struct verifiers){ 0 };
	return t;
}

START_TEST(who_knows_the_passwords_is_asked_instead_of_verifiers)
{
	struct talk *t = talk_elsewhere();
	struct checkpass *q;

	ck_assert_str_is(offer(t), "PLAIN");
	talk_begin(t, "PLAIN", STR("\0juliet\0any"));
	ck_assert_int_eq(t->next, AUTH_ELSEWHERE);
	ck_assert(!t->worked);
	q = auth_question(t->auth);
	checkpass_free(&q);
	t->next = auth_answered(t->auth, CHECKPASS_YES);
	ck_assert_success(t, "juliet");
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
	t->next = auth_answered(t->auth, CHECKPASS_NO);
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	ck_assert(auth_was_guess(t->auth));
	talk_free(&t);
}
END_TEST

START_TEST(when_nobody_answers_it_was_no_guess)
{
	struct talk *t = talk_elsewhere();

	talk_begin(t, "PLAIN", STR("\0juliet\0any"));
	t->next = auth_answered(t->auth, CHECKPASS_UNAVAILABLE);
	ck_assert_failure(t, AUTH_TEMPORARY_FAILURE);
	ck_assert(!auth_was_guess(t->auth));
	talk_free(&t);
}
END_TEST

START_TEST(who_has_no_account_is_vouched_for_before_one_is_made)
{
	struct talk *t = talk_elsewhere();

	talk_begin(t, "PLAIN", STR("\0nurse\0any"));
	ck_assert_int_eq(t->next, AUTH_ELSEWHERE);
	t->next = auth_answered(t->auth, CHECKPASS_NO);
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0nurse\0any"));
	t->next = auth_answered(t->auth, CHECKPASS_YES);
	ck_assert_int_eq(t->next, AUTH_NEWCOMER);
	ck_assert_str_is(auth_lookup_user(t->auth), "nurse");
	t->next = auth_supply(t->auth, &t->account);
	ck_assert_success(t, "nurse");
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0nurse\0any"));
	t->next = auth_answered(t->auth, CHECKPASS_YES);
	t->next = auth_supply(t->auth, &(struct auth_account){ 0 }); /* none could be made */
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

START_TEST(a_disabled_account_stays_out_whoever_vouches)
{
	struct talk *t = talk_elsewhere();

	t->account.disabled = true;
	talk_begin(t, "PLAIN", STR("\0juliet\0any"));
	t->next = auth_answered(t->auth, CHECKPASS_YES);
	ck_assert_failure(t, AUTH_ACCOUNT_DISABLED);
	talk_again(t);
	talk_begin(t, "PLAIN", STR("\0juliet\0any"));
	t->next = auth_answered(t->auth, CHECKPASS_NO);
	ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
	talk_free(&t);
}
END_TEST

CHECK_MAIN("auth", mechanisms_are_offered_in_order_of_preference,
           a_connection_whose_bindings_have_no_names_offers_no_plus,
           what_is_not_offered_is_an_invalid_mechanism,
           what_is_not_base64_to_the_letter_is_an_incorrect_encoding,
           a_message_too_long_is_malformed, a_second_begin_is_malformed,
           a_response_that_nobody_waits_for_is_malformed,
           a_negotiation_may_be_dropped_at_any_point, conditions_have_the_names_of_rfc_6120,
           plain_lets_the_right_password_in_after_work_on_the_pool,
           plain_refuses_wrong_passwords_and_unknown_users_alike,
           plain_refuses_an_account_without_verifiers,
           plain_tells_a_disabled_account_only_its_owner, plain_needs_tls,
           plain_holds_to_its_grammar, plain_prepares_the_name_and_the_password,
           plain_acts_for_its_own_account_only, external_takes_the_certificates_only_address,
           external_refuses_what_the_certificate_does_not_say,
           external_must_be_told_which_of_several_addresses,
           external_without_an_address_here_is_not_authorized,
           external_needs_an_account_that_may_log_in, anonymous_leaves_the_name_to_the_owner,
           anonymous_takes_255_characters_of_trace,
           who_knows_the_passwords_is_asked_instead_of_verifiers,
           when_nobody_answers_it_was_no_guess,
           who_has_no_account_is_vouched_for_before_one_is_made,
           a_disabled_account_stays_out_whoever_vouches)
