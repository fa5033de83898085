/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/saslauthd.h"

#include "server/base/mem.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HUNG_MAX 256

struct saslauthd {
	int fd;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	struct saslauthd_question last;
	unsigned n_asked;
	int hung[HUNG_MAX];
	unsigned n_hung;
};

static bool read_all(int fd, void *to, size_t n)
{
	return recv(fd, to, n, MSG_WAITALL) == (ssize_t)n;
}

static bool read_text(int fd, char *to)
{
	uint8_t count[2];
	size_t n;

	if (!read_all(fd, count, 2))
		return false;
	n = (size_t)count[0] << 8 | count[1];
	if (n >= SASLAUTHD_TEXT || (n > 0 && !read_all(fd, to, n)))
		return false;
	to[n] = '\0';
	return true;
}

static void say(int fd, const char *text)
{
	uint8_t count[2] = { 0, (uint8_t)strlen(text) };

	(void)!send(fd, count, 2, MSG_NOSIGNAL | MSG_MORE);
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Returns whether the connection is to be closed. */
static bool answer(int fd, const char *password)
{
	if (strcmp(password, "hang") == 0)
		return false;
	if (strcmp(password, "right") == 0)
		say(fd, "OK");
	else if (strcmp(password, "garbage") == 0)
		say(fd, "\xff\x01");
	else if (strcmp(password, "short") == 0)
		say(fd, "O");
	else if (strcmp(password, "close") != 0)
		say(fd, "NO wrong password");
	return true;
}

static void serve(struct saslauthd *d, int fd)
{
	struct saslauthd_question q = { 0 };

	if (!read_text(fd, q.user) || !read_text(fd, q.password) || !read_text(fd, q.service) ||
	    !read_text(fd, q.realm)) {
		close(fd);
		return;
	}
	pthread_mutex_lock(&d->lock);
	d->last = q;
	d->n_asked++;
	pthread_mutex_unlock(&d->lock);
	if (answer(fd, q.password))
		close(fd);
	else if (d->n_hung < HUNG_MAX)
		d->hung[d->n_hung++] = fd;
}

static void *run(void *arg)
{
	struct saslauthd *d = arg;
	int fd;

	while ((fd = accept(d->fd, NULL, NULL)) >= 0)
		serve(d, fd);
	return NULL;
}

struct saslauthd *saslauthd_new(const char *socket_path)
{
	struct saslauthd *d = MEM_NEW(struct saslauthd);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	ck_assert_uint_lt(strlen(socket_path), sizeof(address.sun_path));
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	d->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(d->fd, 0);
	unlink(socket_path);
	ck_assert_int_eq(bind(d->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(d->fd, HUNG_MAX), 0);
	pthread_mutex_init(&d->lock, NULL);
	ck_assert_int_eq(pthread_create(&d->thread, NULL, run, d), 0);
	return d;
}

void saslauthd_free(struct saslauthd **dp)
{
	struct saslauthd *d = *dp;

	shutdown(d->fd, SHUT_RDWR);
	pthread_join(d->thread, NULL);
	close(d->fd);
	for (unsigned i = 0; i < d->n_hung; i++)
		close(d->hung[i]);
	pthread_mutex_destroy(&d->lock);
	free(d);
	*dp = NULL;
}

struct saslauthd_question saslauthd_last(struct saslauthd *d)
{
	struct saslauthd_question q;

	pthread_mutex_lock(&d->lock);
	q = d->last;
	pthread_mutex_unlock(&d->lock);
	return q;
}

unsigned saslauthd_asked(struct saslauthd *d)
{
	unsigned n;

	pthread_mutex_lock(&d->lock);
	n = d->n_asked;
	pthread_mutex_unlock(&d->lock);
	return n;
}
