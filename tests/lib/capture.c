/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/capture.h"

#include "tests/lib/check_main.h"

#include <sys/mman.h>
#include <unistd.h>

void capture_begin(struct capture *c)
{
	c->fd = memfd_create("capture", MFD_CLOEXEC);
	c->before = dup(STDERR_FILENO);
	ck_assert_int_ge(c->fd, 0);
	ck_assert_int_ge(c->before, 0);
	ck_assert_int_ge(dup2(c->fd, STDERR_FILENO), 0);
}

struct str capture_end(struct capture *c, struct arena *arena)
{
	off_t n = lseek(c->fd, 0, SEEK_END);
	char *text = arena_zalloc(arena, (size_t)n + 1);

	ck_assert_int_ge(dup2(c->before, STDERR_FILENO), 0);
	ck_assert_int_eq(pread(c->fd, text, (size_t)n, 0), n);
	close(c->fd);
	close(c->before);
	return str_make(text, (size_t)n);
}
