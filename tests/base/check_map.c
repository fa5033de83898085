/*
 * check_map.c - keyed hashing, and tables that use it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/map.h"
#include "tests/lib/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(the_hash_is_siphash_2_4)
{
	/* The vector of the paper's appendix: key 00..0f, message 00..0e. */
	struct hash_key key;
	char message[15];

	for (size_t i = 0; i < sizeof(key.bytes); i++)
		key.bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (char)i;
	ck_assert(hash_str(&key, str_make(message, sizeof(message))) == 0xa129ca6149be45e5);
	ck_assert(hash_str(&key, STR_NONE) == 0x726fdb47dd0e0e31);
}
END_TEST

START_TEST(the_process_key_stays_as_it_was_drawn)
{
	uint64_t before = hash_mem("abc", 3);

	hash_init();
	ck_assert(hash_mem("abc", 3) == before);
	ck_assert(hash_mem("abd", 3) != before);
}
END_TEST

struct thing {
	char *name;
	int value;
	UT_hash_handle hh;
};

static struct thing *find(struct thing *things, const char *name)
{
	struct thing *found;

	HASH_FIND(hh, things, name, strlen(name), found);
	return found;
}

START_TEST(what_is_put_into_a_table_is_found_again)
{
	struct thing *things = NULL;
	struct thing *t;
	struct thing *next;
	char name[32];

	for (int i = 0; i < 5000; i++) {
		t = calloc(1, sizeof(*t));
		snprintf(name, sizeof(name), "thing %d", i);
		t->name = strdup(name);
		t->value = i;
		HASH_ADD_KEYPTR(hh, things, t->name, strlen(t->name), t);
	}
	for (int i = 0; i < 5000; i += 17) {
		snprintf(name, sizeof(name), "thing %d", i);
		ck_assert_int_eq(find(things, name)->value, i);
	}
	ck_assert_ptr_null(find(things, "thing 5000"));
	ck_assert_uint_eq(HASH_COUNT(things), 5000);
	HASH_ITER(hh, things, t, next) {
		HASH_DEL(things, t);
		free(t->name);
		free(t);
	}
	ck_assert_ptr_null(things);
}
END_TEST

CHECK_MAIN("map", the_hash_is_siphash_2_4, the_process_key_stays_as_it_was_drawn,
	   what_is_put_into_a_table_is_found_again)
