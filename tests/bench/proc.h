/*
 * proc.h - what a process has used, read from outside: processor time and memory.
 *
 * Processor time is the kernel's exact count of user and system time (nanoseconds, all threads,
 * those that ended too), of the process and of its descendants: some servers keep helpers.
 * Memory is PSS of the process alone, which leaves out a fair share of what others map as well.
 * Needs the same user or root.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#define PROC_THREADS_MAX 256

struct proc_thread {
	pid_t tid;
	double seconds;
};

struct proc_cpu {
	double seconds; /* user and system */
	size_t nthreads;
	struct proc_thread threads[PROC_THREADS_MAX]; /* of the process alone */
};

struct proc_memory {
	double pss;  /* bytes */
	double anon; /* bytes of it that no file backs: without the pages of a mapped store */
};

/* Returns 0; -1 when there is no such process or it may not be read. */
int proc_read_cpu(pid_t pid, struct proc_cpu *out);
int proc_read_memory(pid_t pid, struct proc_memory *out);

/* Its seconds alone; 0 for the process 0.  One that cannot be read ends the program. */
double proc_cpu_of(pid_t pid);

/* The most that a single thread used between two readings, in seconds. */
double proc_busiest(const struct proc_cpu *before, const struct proc_cpu *after);

/* Processor time of this process, in seconds. */
double proc_own_cpu(void);
