/*
 * check_verifier.c - verifiers: made, checked, faked.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/verifier.h"
#include "tests/lib/check_main.h"

#include <string.h>

START_TEST(a_password_matches_what_was_made_of_it_and_no_other_does)
{
	struct verifiers v;

	verifiers_make(STR("pencil"), 16, &v);
	ck_assert(verifiers_check(&v, STR("pencil")));
	ck_assert(!verifiers_check(&v, STR("pencils")));
	ck_assert(!verifiers_check(&v, STR("Pencil")));
	ck_assert(!verifiers_check(&v, STR("")));
}
END_TEST

START_TEST(there_is_one_for_each_hash_with_a_salt_of_its_own)
{
	struct verifiers v, again;

	verifiers_make(STR("pencil"), 16, &v);
	verifiers_make(STR("pencil"), 16, &again);
	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		const struct verifier *next = &v.of[(kind + 1) % VERIFIERS];

		ck_assert(v.has[kind]);
		ck_assert_uint_eq(v.of[kind].kind, kind);
		ck_assert_uint_eq(v.of[kind].iterations, 16);
		ck_assert_uint_eq(v.of[kind].salt_n, 16);
		ck_assert_mem_ne(v.of[kind].salt, next->salt, 16);
		ck_assert_mem_ne(v.of[kind].salt, again.of[kind].salt, 16);
		ck_assert_mem_ne(v.of[kind].stored_key, again.of[kind].stored_key, 20);
	}
}
END_TEST

START_TEST(any_one_of_the_hashes_is_enough_to_check)
{
	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		struct verifiers v;

		verifiers_make(STR("pencil"), 16, &v);
		for (unsigned other = 0; other < VERIFIERS; other++)
			v.has[other] = other == kind;
		ck_assert(verifiers_check(&v, STR("pencil")));
		ck_assert(!verifiers_check(&v, STR("pencil2")));
	}
}
END_TEST

START_TEST(the_cheapest_hash_is_the_one_that_is_checked)
{
	struct verifiers v;

	/* Only the cheap one is right: the dear ones are of another password. */
	verifiers_make(STR("other"), 64, &v);
	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		struct verifier kept = v.of[kind];
		struct verifiers right;

		verifiers_make(STR("pencil"), 1, &right);
		v.of[kind] = right.of[kind];
		ck_assert(verifiers_check(&v, STR("pencil")));
		v.of[kind] = kept;
	}
}
END_TEST

START_TEST(nothing_matches_without_a_verifier)
{
	struct verifiers v = { 0 };

	ck_assert(!verifiers_check(&v, STR("pencil")));
	ck_assert(!verifiers_check(&v, STR("")));
}
END_TEST

START_TEST(a_damaged_verifier_is_passed_over)
{
	struct verifiers v;

	verifiers_make(STR("pencil"), 16, &v);
	v.of[DIGEST_SHA1].iterations = 0;
	v.of[DIGEST_SHA256].salt_n = 0;
	ck_assert(verifiers_check(&v, STR("pencil")));
	v.of[DIGEST_SHA512].salt_n = VERIFIER_SALT_MAX + 1;
	ck_assert(!verifiers_check(&v, STR("pencil")));
}
END_TEST

START_TEST(fake_verifiers_are_stable_for_a_name_and_differ_between_names_and_secrets)
{
	struct verifiers a, again, other_name, other_secret;

	verifiers_fake(STR("secret"), STR("nobody@a.example"), 4096, &a);
	verifiers_fake(STR("secret"), STR("nobody@a.example"), 4096, &again);
	verifiers_fake(STR("secret"), STR("noone@a.example"), 4096, &other_name);
	verifiers_fake(STR("Secret"), STR("nobody@a.example"), 4096, &other_secret);
	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		ck_assert_mem_eq(a.of[kind].salt, again.of[kind].salt, 16);
		ck_assert_mem_eq(a.of[kind].stored_key, again.of[kind].stored_key, 20);
		ck_assert_mem_ne(a.of[kind].salt, other_name.of[kind].salt, 16);
		ck_assert_mem_ne(a.of[kind].salt, other_secret.of[kind].salt, 16);
		ck_assert_mem_ne(a.of[kind].salt, a.of[(kind + 1) % VERIFIERS].salt, 16);
	}
}
END_TEST

START_TEST(fake_verifiers_look_like_real_ones)
{
	struct verifiers real, fake;

	verifiers_make(STR("pencil"), 16, &real);
	verifiers_fake(STR("secret"), STR("nobody@a.example"), 16, &fake);
	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		ck_assert(fake.has[kind]);
		ck_assert_uint_eq(fake.of[kind].kind, real.of[kind].kind);
		ck_assert_uint_eq(fake.of[kind].salt_n, real.of[kind].salt_n);
		ck_assert_uint_eq(fake.of[kind].iterations, real.of[kind].iterations);
	}
	ck_assert(!verifiers_check(&fake, STR("pencil")));
}
END_TEST

START_TEST(a_stand_in_is_stable_and_has_the_iterations_of_the_others)
{
	struct verifiers v, again;

	verifiers_make(STR("pencil"), 77, &v);
	v.has[DIGEST_SHA512] = false;
	again = v;
	verifiers_stand_in(&v, DIGEST_SHA512);
	verifiers_stand_in(&again, DIGEST_SHA512);
	ck_assert_uint_eq(v.of[DIGEST_SHA512].iterations, 77);
	ck_assert_uint_eq(v.of[DIGEST_SHA512].salt_n, 16);
	ck_assert_mem_eq(v.of[DIGEST_SHA512].salt, again.of[DIGEST_SHA512].salt, 16);
	ck_assert(!v.has[DIGEST_SHA512]);
}
END_TEST

START_TEST(a_stand_in_is_there_even_when_nothing_else_is)
{
	struct verifiers v = { 0 };

	verifiers_stand_in(&v, DIGEST_SHA256);
	ck_assert(verifier_is_usable(&v.of[DIGEST_SHA256]));
	ck_assert_uint_eq(v.of[DIGEST_SHA256].kind, DIGEST_SHA256);
}
END_TEST

CHECK_MAIN("verifier", a_password_matches_what_was_made_of_it_and_no_other_does,
           there_is_one_for_each_hash_with_a_salt_of_its_own,
           any_one_of_the_hashes_is_enough_to_check,
           the_cheapest_hash_is_the_one_that_is_checked, nothing_matches_without_a_verifier,
           a_damaged_verifier_is_passed_over,
           fake_verifiers_are_stable_for_a_name_and_differ_between_names_and_secrets,
           fake_verifiers_look_like_real_ones,
           a_stand_in_is_stable_and_has_the_iterations_of_the_others,
           a_stand_in_is_there_even_when_nothing_else_is)
