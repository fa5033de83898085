/*
 * fault.h - named points at which a test has the process killed.
 *
 * FAULT_POINT("name") stands where an end in the midst of things would be of interest: before a
 * commit, behind it, before its result is known.  With JACKDAW_FAULT=NAME:N in the environment,
 * the Nth pass of the point NAME, counted from the start and over all threads, sends SIGKILL to the
 * process.  Without --enable-faults there is no code at all.  tests/crash/audit uses it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#ifdef JACKDAW_FAULTS
#define FAULT_POINT(name) fault_pass(name)

/* Any thread. */
void fault_pass(const char *name);
#else
#define FAULT_POINT(name) ((void)0)
#endif
