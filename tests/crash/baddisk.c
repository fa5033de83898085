/*
 * baddisk.c - a disk that refuses, for a program that is started with this library preloaded.
 *
 * BADDISK_FOLDER names a folder, BADDISK_CONTROL a file.  As long as that file says ENOSPC or EIO,
 * what writes to files below the folder, makes them larger or syncs them fails with that error;
 * as long as it says KILL, the first of these calls sends SIGKILL to the process, which so ends
 * between two writes of one commit.  A second word makes that so for syncs alone ("EIO sync"), or
 * for writes of less than a page, by which LMDB says which commit is the last ("EIO meta").
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define TEXT_MAX 32
#define PAGE_SIZE 4096

enum act {
	ACT_WRITE,
	ACT_META, /* a short write */
	ACT_SYNC,
};

static bool has_word(const char *text, const char *word)
{
	return strstr(text, word) != NULL;
}

/* What the control file says; empty when there is none. */
static void read_control(char *text, size_t size)
{
	const char *control = getenv("BADDISK_CONTROL");
	int fd = control == NULL ? -1 : open(control, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* The error of now, or 0. */
static int fault_of_now(enum act act)
{
	char text[TEXT_MAX];

	read_control(text, sizeof(text));
	if ((has_word(text, "sync") && act != ACT_SYNC) ||
	    (has_word(text, "meta") && act != ACT_META))
		return 0;
	if (has_word(text, "KILL"))
		kill(getpid(), SIGKILL);
	if (has_word(text, "ENOSPC"))
		return ENOSPC;
	return has_word(text, "EIO") ? EIO : 0;
}

static bool is_on_disk(int fd)
{
	const char *folder = getenv("BADDISK_FOLDER");
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (folder == NULL)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	return n > 0 && (size_t)n > strlen(folder) &&
	       strncmp(path, folder, strlen(folder)) == 0;
}

/* Whether the call is refused; errno says why. */
static bool refuses(int fd, enum act act)
{
	int saved = errno;
	int fault = is_on_disk(fd) ? fault_of_now(act) : 0;

	errno = fault != 0 ? fault : saved;
	return fault != 0;
}

static bool refuses_write(int fd, size_t n)
{
	return refuses(fd, n < PAGE_SIZE ? ACT_META : ACT_WRITE);
}

/* The C library's function of the same name.  A function pointer does not fit a void * in ISO C. */
#define REAL(name) \
	static __typeof__(&name) real; \
\
	if (real == NULL) \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	REAL(pwrite);
	return refuses_write(fd, n) ? -1 : real(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	REAL(pwrite64);
	return refuses_write(fd, n) ? -1 : real(fd, bytes, n, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at)
{
	REAL(pwritev);
	return refuses(fd, ACT_WRITE) ? -1 : real(fd, parts, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at)
{
	REAL(pwritev64);
	return refuses(fd, ACT_WRITE) ? -1 : real(fd, parts, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	REAL(write);
	return refuses_write(fd, n) ? -1 : real(fd, bytes, n);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
	REAL(writev);
	return refuses(fd, ACT_WRITE) ? -1 : real(fd, parts, n);
}

int fdatasync(int fd)
{
	REAL(fdatasync);
	return refuses(fd, ACT_SYNC) ? -1 : real(fd);
}

int fsync(int fd)
{
	REAL(fsync);
	return refuses(fd, ACT_SYNC) ? -1 : real(fd);
}

int ftruncate(int fd, off_t size)
{
	REAL(ftruncate);
	return refuses(fd, ACT_WRITE) ? -1 : real(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	REAL(ftruncate64);
	return refuses(fd, ACT_WRITE) ? -1 : real(fd, size);
}

int fallocate(int fd, int mode, off_t at, off_t size)
{
	REAL(fallocate);
	return refuses(fd, ACT_WRITE) ? -1 : real(fd, mode, at, size);
}

int fallocate64(int fd, int mode, off64_t at, off64_t size)
{
	REAL(fallocate64);
	return refuses(fd, ACT_WRITE) ? -1 : real(fd, mode, at, size);
}
