/*
 * proc.c - what a process has used, read from outside: processor time and memory.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEPTH_MAX 8 /* generations of descendants */

static double clock_seconds(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) != 0)
		return -1;
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double proc_own_cpu(void)
{
	return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

/* A process's clock counts nanoseconds; /proc/PID/stat would count ticks of 10 ms. */
static double process_seconds(pid_t pid)
{
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0)
		return -1;
	return clock_seconds(clock);
}

static pid_t parent_of(pid_t pid)
{
	char path[64], line[512];
	const char *behind_name;
	int parent = -1;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return -1;
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = '\0';
	behind_name = strrchr(line, ')'); /* the name may hold anything */
	if (behind_name == NULL || sscanf(behind_name + 1, " %*c %d", &parent) != 1)
		return -1;
	return parent;
}

static double descendants_seconds(pid_t pid, int depth)
{
	DIR *d = depth < DEPTH_MAX ? opendir("/proc") : NULL;
	double sum = 0;
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		pid_t child = (pid_t)strtol(e->d_name, NULL, 10);

		if (!isdigit((unsigned char)e->d_name[0]) || parent_of(child) != pid)
			continue;
		sum += process_seconds(child) + descendants_seconds(child, depth + 1);
	}
	if (d != NULL)
		closedir(d);
	return sum;
}

/* The first number of schedstat is the time on a processor in nanoseconds. */
static double thread_seconds(pid_t pid, pid_t tid)
{
	unsigned long long ns = 0;
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return (double)ns / 1e9;
}

static void read_threads(pid_t pid, struct proc_cpu *out)
{
	char path[64];
	struct dirent *e;
	DIR *d;

	out->nthreads = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL && out->nthreads < PROC_THREADS_MAX) {
		struct proc_thread *t = &out->threads[out->nthreads];

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		t->tid = (pid_t)strtol(e->d_name, NULL, 10);
		t->seconds = thread_seconds(pid, t->tid);
		out->nthreads++;
	}
	if (d != NULL)
		closedir(d);
}

int proc_read_cpu(pid_t pid, struct proc_cpu *out)
{
	out->seconds = process_seconds(pid);
	if (out->seconds < 0)
		return -1;
	out->seconds += descendants_seconds(pid, 0);
	read_threads(pid, out);
	return 0;
}

double proc_cpu_of(pid_t pid)
{
	struct proc_cpu cpu = { 0 };

	if (pid != 0 && proc_read_cpu(pid, &cpu) < 0) {
		fprintf(stderr, "load: process %d cannot be watched\n", (int)pid);
		exit(1);
	}
	return cpu.seconds;
}

double proc_busiest(const struct proc_cpu *before, const struct proc_cpu *after)
{
	double most = 0;

	for (size_t i = 0; i < after->nthreads; i++) {
		double used = after->threads[i].seconds;

		for (size_t k = 0; k < before->nthreads; k++) {
			if (before->threads[k].tid == after->threads[i].tid)
				used -= before->threads[k].seconds;
		}
		if (used > most)
			most = used;
	}
	return most;
}

int proc_read_memory(pid_t pid, struct proc_memory *out)
{
	char path[64], line[256];
	unsigned long long kib;
	FILE *f;

	*out = (struct proc_memory){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "Pss: %llu kB", &kib) == 1)
			out->pss = (double)kib * 1024;
		else if (sscanf(line, "Pss_Anon: %llu kB", &kib) == 1)
			out->anon = (double)kib * 1024;
	}
	fclose(f);
	return out->pss > 0 ? 0 : -1;
}
