/*
 * check_digest.c - hashes, HMAC and PBKDF2, against the vectors of their documents.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/digest.h"
#include "tests/lib/check_main.h"

#include <stdio.h>
#include <string.h>

static const char *hex(enum digest_kind kind, const uint8_t *bytes)
{
	static char text[2 * DIGEST_MAX + 1];

	for (size_t i = 0; i < digest_size(kind); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

START_TEST(hashes_are_those_of_fips_180)
{
	uint8_t out[DIGEST_MAX];

	digest_hash(DIGEST_SHA1, STR("abc"), out);
	ck_assert_str_eq(hex(DIGEST_SHA1, out), "a9993e364706816aba3e25717850c26c9cd0d89d");
	digest_hash(DIGEST_SHA1, STR_NONE, out);
	ck_assert_str_eq(hex(DIGEST_SHA1, out), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	digest_hash(DIGEST_SHA256, STR("abc"), out);
	ck_assert_str_eq(hex(DIGEST_SHA256, out),
	                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_hash(DIGEST_SHA512, STR("abc"), out);
	ck_assert_str_eq(hex(DIGEST_SHA512, out),
	                 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	                 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}
END_TEST

START_TEST(hmac_is_that_of_rfc_2202_and_4231)
{
	uint8_t out[DIGEST_MAX];

	digest_hmac(DIGEST_SHA1, STR("Jefe"), STR("what do ya want for nothing?"), out);
	ck_assert_str_eq(hex(DIGEST_SHA1, out), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	digest_hmac(DIGEST_SHA256, STR("Jefe"), STR("what do ya want for nothing?"), out);
	ck_assert_str_eq(hex(DIGEST_SHA256, out),
	                 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	digest_hmac(DIGEST_SHA1, STR_NONE, STR_NONE, out);
	ck_assert_str_eq(hex(DIGEST_SHA1, out), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}
END_TEST

START_TEST(pbkdf2_is_that_of_rfc_6070_and_7677)
{
	uint8_t out[DIGEST_MAX];

	digest_pbkdf2(DIGEST_SHA1, STR("password"), STR("salt"), 4096, out);
	ck_assert_str_eq(hex(DIGEST_SHA1, out), "4b007901b765489abead49d926f721d065a429c1");
	digest_pbkdf2(DIGEST_SHA256, STR("password"), STR("salt"), 4096, out);
	ck_assert_str_eq(hex(DIGEST_SHA256, out),
	                 "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
	digest_pbkdf2(DIGEST_SHA512, STR_NONE, STR("salt"), 1, out);
}
END_TEST

START_TEST(equality_and_wiping_work)
{
	char a[] = "secret";

	ck_assert(digest_equal(a, "secret", 6));
	ck_assert(!digest_equal(a, "secreu", 6));
	ck_assert(digest_equal(a, "x", 0));
	digest_wipe(a, sizeof(a));
	ck_assert(digest_equal(a, "\0\0\0\0\0\0", 7));
	digest_wipe(NULL, 0);
}
END_TEST

CHECK_MAIN("digest", hashes_are_those_of_fips_180, hmac_is_that_of_rfc_2202_and_4231,
           pbkdf2_is_that_of_rfc_6070_and_7677, equality_and_wiping_work)
