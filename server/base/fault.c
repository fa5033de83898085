/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "JACKDAW_FAULT"

/* The whole process has one end, so its count is one for all threads. */
static atomic_long passes;

void fault_pass(const char *name)
{
	const char *wanted = getenv(VARIABLE);
	size_t n = strlen(name);

	if (wanted == NULL || strncmp(wanted, name, n) != 0 || wanted[n] != ':')
		return;
	if (atomic_fetch_add(&passes, 1) + 1 == strtol(wanted + n + 1, NULL, 10))
		kill(getpid(), SIGKILL);
}
