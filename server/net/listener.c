/*
 * listener.c - accepting connections, on each shard from sockets of its own.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/listener_impl.h"

#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/net/tcp_options.h"
#include "server/shard/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#define ACCEPT_MAX 16       /* connections taken from one socket before others are served */
#define PAUSE_MS SECONDS(1) /* when there are no descriptors */

/* One socket on its shard's loop. */
struct door {
	uv_poll_t poll;
	struct timer pause;
	struct listener *listener;
	struct shard *here;
	int fd; /* -1: this family is missing */
	bool open;
};

struct listener {
	struct listener_config config;
	struct listen_sockets sockets;
	char *path;
	unsigned n_doors;
	struct door doors[]; /* as the sockets are ordered */
};

int listener_open(struct shard_group *group, const struct listener_config *config,
                  struct arena *arena, struct listener **listener_out, struct str *problem_out)
{
	struct listen_sockets sockets = { .n_shards = shard_group_count(group) };
	int err = listen_bind(&sockets, config, arena, problem_out);
	struct listener *l;
	unsigned n;

	if (err < 0)
		return err;
	n = sockets.n_shards * sockets.n_families;
	l = mem_zalloc(sizeof(*l) + n * sizeof(l->doors[0]));
	l->config = *config;
	l->config.address = STR_NONE; /* the caller's memory */
	l->sockets = sockets;
	for (unsigned i = 0; i < n; i++)
		if (sockets.fds[i] >= 0)
			tcp_options_set(sockets.fds[i]); /* accepted ones inherit it */
	if (sockets.path != NULL) {
		l->path = strdup(sockets.path);
		ASSERT(l->path != NULL);
		l->sockets.path = l->path;
	}
	l->n_doors = n;
	for (unsigned i = 0; i < n; i++) {
		l->doors[i].listener = l;
		l->doors[i].fd = sockets.fds[i];
	}
	*listener_out = l;
	return 0;
}

static bool is_exhausted(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM;
}

static void pause_door(struct door *door, int err)
{
	log_warning(NULL, "no connections are accepted for a second: %s", strerror(err));
	uv_poll_stop(&door->poll);
	timer_start(door->here, &door->pause, PAUSE_MS);
}

static void on_connections(uv_poll_t *poll, int status, int events)
{
	struct door *door = CONTAINER_OF(poll, struct door, poll);
	const struct listener_config *config = &door->listener->config;

	for (int i = 0; i < ACCEPT_MAX && door->open; i++) {
		int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && is_exhausted(errno))
			pause_door(door, errno);
		/* Others tell of a connection that failed meanwhile; if there are more, the loop comes back. */
		if (fd < 0)
			return;
		config->on_accept(door->here, config->arg, fd);
	}
}

static void on_pause_over(struct shard *here, struct timer *timer)
{
	struct door *door = CONTAINER_OF(timer, struct door, pause);

	ASSERT(uv_poll_start(&door->poll, UV_READABLE, on_connections) == 0);
}

static int open_door(struct door *door, struct shard *here)
{
	int err = uv_poll_init(shard_loop(here), &door->poll, door->fd);

	if (err < 0)
		return err;
	timer_init(&door->pause, on_pause_over);
	door->here = here;
	door->open = true;
	return uv_poll_start(&door->poll, UV_READABLE, on_connections);
}

/* The memory is the listener's, which is closed after the loops ended. */
static void close_door(struct door *door, int *fd)
{
	if (!door->open)
		return;
	door->open = false;
	timer_stop(door->here, &door->pause);
	uv_close((uv_handle_t *)&door->poll, NULL);
	/* At once: the kernel would go on giving connections to a socket that nobody looks at. */
	close(door->fd);
	*fd = -1;
}

int listener_start(struct listener *l, struct shard *here)
{
	unsigned first = shard_index(here) * l->sockets.n_families;

	for (unsigned i = first; i < first + l->sockets.n_families && i < l->n_doors; i++) {
		int err = l->doors[i].fd >= 0 ? open_door(&l->doors[i], here) : 0;

		if (err < 0)
			return err;
	}
	return 0;
}

void listener_stop(struct listener *l, struct shard *here)
{
	unsigned first = shard_index(here) * l->sockets.n_families;

	for (unsigned i = first; i < first + l->sockets.n_families && i < l->n_doors; i++)
		close_door(&l->doors[i], &l->sockets.fds[i]);
}

uint16_t listener_port(const struct listener *l)
{
	return l->sockets.port;
}

void listener_close(struct listener **l)
{
	if (*l == NULL)
		return;
	listen_unbind(&(*l)->sockets);
	free((*l)->path);
	free(*l);
	*l = NULL;
}
