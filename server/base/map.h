/*
 * map.h - uthash with our keyed hash: the hash table of the project.
 *
 * Include this, never uthash.h.  uthash is intrusive: a struct that is kept in a table has a
 * member UT_hash_handle hh; the table is a pointer to the first element, NULL when empty.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/hash.h"

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = (unsigned)hash_mem((keyptr), (keylen)))
#define uthash_fatal(message) assert_failed((message), __FILE__, __LINE__)
#include <uthash.h>
