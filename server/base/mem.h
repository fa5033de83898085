/*
 * mem.h - the heap, for memory that no arena fits: allocation that never returns NULL.
 *
 * Out of memory ends the process, which loses nothing that was acknowledged; so sizes that a
 * peer controls are checked against a limit before.  Freed with free(3).  Thread: any.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

void *mem_alloc(size_t n); /* not cleared */
void *mem_zalloc(size_t n);
void *mem_resize(void *p, size_t n);
#define MEM_NEW(type) ((type *)mem_zalloc(sizeof(type)))
/* Replace *TEXT (freed) by a copy of S, which ends in a NUL; by NULL when S is absent. */
void mem_keep(char **text, struct str s);
