/*
 * thread.c - starting a thread of the store.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_setname_np */
#endif

#include "server/store/store_private.h"

#include <signal.h>

int thread_start(pthread_t *thread_out, const char *name, void *(*run)(void *), void *arg)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t blocked, before;
	int rc;

	/* Signals are main's affair, but for those that tell a thread of its own fault. */
	sigfillset(&blocked);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		sigdelset(&blocked, own[i]);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	rc = pthread_create(thread_out, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		pthread_setname_np(*thread_out, name);
	return -rc;
}
