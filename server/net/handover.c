/*
 * handover.c - a connection leaves one shard's loop and goes on in another one's.
 *
 * The descriptor itself moves: uv_poll_stop takes it out of the loop's epoll set at once, so no
 * copy of it is needed.  The old block stays behind, empty, until its loop is done with the
 * handle.  Whatever was read, decrypted or half sent is either in the GnuTLS session or in the
 * parcel.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct transport_parcel {
	gnutls_session_t session;
	struct tls_server *tls;
	struct held *held;
	struct buf out;
	uint32_t clear;
	int fd;
	int broken;
	uint16_t site;
	uint8_t state;
	bool client;
	bool half_sent;
	bool ended;
	char address[];
};

struct transport_parcel *transport_pack(struct transport **from)
{
	struct transport *t = *from;
	size_t n = strlen(t->address) + 1;
	struct transport_parcel *parcel = mem_zalloc(sizeof(*parcel) + n);

	ASSERT_HERE(t->net->shard);
	*from = NULL;
	handshake_leave(t);
	flush_forget(t);
	deliver_forget(t);
	deliver_hold_rest(t);
	parcel->session = t->session;
	parcel->tls = t->tls;
	parcel->held = t->held;
	parcel->out = t->out;
	parcel->clear = t->clear;
	parcel->fd = t->fd;
	parcel->broken = t->broken;
	parcel->site = t->site;
	parcel->state = t->state == TLS_QUEUED ? TLS_ASKED : t->state;
	parcel->client = t->client;
	parcel->half_sent = t->half_sent;
	parcel->ended = t->ended || t->end_due;
	memcpy(parcel->address, t->address, n);
	t->session = NULL;
	t->tls = NULL;
	t->held = NULL;
	t->out = (struct buf){ 0 };
	t->state = GONE;
	socket_detach(t, false);
	return parcel;
}

static struct transport *block_of(struct net *net, const struct transport_parcel *parcel)
{
	struct transport *t = transport_new(net, parcel->fd, parcel->address);

	t->session = parcel->session;
	t->tls = parcel->tls;
	t->held = parcel->held;
	t->out = parcel->out;
	t->clear = parcel->clear;
	t->broken = parcel->broken;
	t->site = parcel->site;
	t->state = parcel->state;
	t->client = parcel->client;
	t->half_sent = parcel->half_sent;
	t->end_due = parcel->ended;
	return t;
}

int transport_unpack(struct shard *here, struct transport_parcel **parcel,
                     const struct transport_ops *ops, void *owner, struct transport **t_out)
{
	struct transport *t = block_of(net_of(here), *parcel);
	int err = socket_attach(t);

	ASSERT_HERE(here);
	if (err < 0) {
		free(t);
		transport_parcel_free(parcel);
		return err;
	}
	free(*parcel);
	*parcel = NULL;
	t->ops = ops;
	t->owner = owner;
	if (t->session != NULL)
		tls_session_bind(t);
	if (t->state == HANDSHAKE)
		handshake_join(t);
	if (t->out.n > 0 || (t->client && t->state == TLS_ASKED))
		flush_later(t);
	if (deliver_has_bytes(t))
		deliver_later(t);
	socket_watch(t);
	*t_out = t;
	return 0;
}

void transport_parcel_free(struct transport_parcel **parcel)
{
	struct transport_parcel *p = *parcel;

	if (p == NULL)
		return;
	*parcel = NULL;
	if (p->session != NULL)
		gnutls_deinit(p->session);
	tls_server_unref(&p->tls);
	if (p->held != NULL) {
		buf_deinit(&p->held->plain);
		buf_deinit(&p->held->raw);
		free(p->held);
	}
	buf_deinit(&p->out);
	close(p->fd);
	free(p);
}
