/*
 * link.c - one TCP connection, in clear or under TLS, over libuv and GnuTLS.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define READ_SIZE ((size_t)64 * 1024)
#define RECORD_MAX ((size_t)16 * 1024) /* plaintext of one TLS record, RFC 8446 §5.1 */
#define FLUSH_KEEP ((size_t)64 * 1024) /* a larger queue is freed after its flush */

/* What the socket did not take at once. */
struct write {
	uv_write_t req;
	char bytes[];
};

static void lose(struct link *l, const char *why)
{
	if (l->state == LINK_CLOSED)
		return;
	l->out.n = 0;
	link_close(l);
	l->events->on_lost(l, why);
}

static void on_written(uv_write_t *req, int status)
{
	struct link *l = req->handle->data;

	free(req->data);
	if (status < 0 && status != UV_ECANCELED)
		lose(l, uv_strerror(status));
}

static void write_later(struct link *l, const char *p, size_t n)
{
	struct write *w = buf_zalloc(sizeof(*w) + n);
	uv_buf_t b = uv_buf_init(w->bytes, (unsigned)n);

	memcpy(w->bytes, p, n);
	w->req.data = w;
	if (uv_write(&w->req, (uv_stream_t *)&l->tcp, &b, 1, on_written) < 0)
		free(w);
}

static void write_now(struct link *l, const char *p, size_t n)
{
	uv_buf_t b = uv_buf_init((char *)(uintptr_t)p, (unsigned)n);
	int done;

	if (n == 0)
		return;
	done = uv_try_write((uv_stream_t *)&l->tcp, &b, 1);
	if (done == UV_EAGAIN)
		done = 0;
	if (done < 0)
		lose(l, uv_strerror(done));
	else if ((size_t)done < n)
		write_later(l, p + done, n - (size_t)done);
}

static void write_wire(struct link *l)
{
	struct buf *wire = &l->net->wire;
	size_t n = wire->n;

	wire->n = 0;
	if (l->state != LINK_CLOSED)
		write_now(l, wire->p, n);
}

static ssize_t push(gnutls_transport_ptr_t ctx, const void *p, size_t n)
{
	struct link *l = ctx;

	buf_add(&l->net->wire, p, n);
	return (ssize_t)n;
}

static ssize_t pull(gnutls_transport_ptr_t ctx, void *p, size_t n)
{
	struct link *l = ctx;

	if (l->in_size == 0) {
		gnutls_transport_set_errno(l->tls, EAGAIN);
		return -1;
	}
	if (n > l->in_size)
		n = l->in_size;
	memcpy(p, l->in, n);
	l->in += n;
	l->in_size -= n;
	return (ssize_t)n;
}

/* GnuTLS asks before it pulls; there is never anything to wait for. */
static int pull_timeout(gnutls_transport_ptr_t ctx, unsigned ms)
{
	const struct link *l = ctx;

	(void)ms;
	return l->in_size > 0;
}

void link_send(struct link *l, const void *p, size_t n)
{
	const char *at = p;

	if (l->state == LINK_PLAIN)
		write_now(l, p, n);
	if (l->state != LINK_SECURE)
		return;
	while (n > 0) {
		size_t part = n < l->record_size ? n : l->record_size;
		ssize_t r = gnutls_record_send(l->tls, at, part);

		if (r < 0) {
			lose(l, gnutls_strerror((int)r));
			break;
		}
		at += r;
		n -= (size_t)r;
	}
	write_wire(l);
}

static void flush(struct link *l)
{
	size_t n = l->out.n;

	if (n == 0)
		return;
	l->out.n = 0;
	link_send(l, l->out.p, n);
	if (l->out.cap > FLUSH_KEEP)
		buf_deinit(&l->out);
}

void net_flush(struct net *net)
{
	while (net->dirty != NULL) {
		struct link *l = net->dirty;

		net->dirty = l->next_dirty;
		l->is_dirty = false;
		flush(l);
	}
}

void link_queue(struct link *l, const void *p, size_t n)
{
	if (l->state == LINK_CLOSED)
		return;
	buf_add(&l->out, p, n);
	if (l->is_dirty)
		return;
	l->is_dirty = true;
	l->next_dirty = l->net->dirty;
	l->net->dirty = l;
}

static void handshake(struct link *l)
{
	int ret = gnutls_handshake(l->tls);

	write_wire(l);
	if (l->state == LINK_CLOSED)
		return;
	if (ret == 0) {
		l->state = LINK_SECURE;
		l->events->on_secure(l);
	} else if (gnutls_error_is_fatal(ret)) {
		lose(l, gnutls_strerror(ret));
	}
}

/*
 * Decrypt until PLAIN is full or the read is used up; returns how much that made.  GnuTLS answers
 * GNUTLS_E_AGAIN after a record that bears no data, such as a session ticket, even with more
 * behind it, so only an empty buffer ends the loop.
 */
static size_t fill(struct link *l, char *plain, ssize_t *last_out)
{
	size_t n = 0;
	ssize_t r = GNUTLS_E_AGAIN;

	while (n < READ_SIZE) {
		r = gnutls_record_recv(l->tls, plain + n, READ_SIZE - n);
		if (r > 0)
			n += (size_t)r;
		else if (r == 0 || gnutls_error_is_fatal((int)r) || l->in_size == 0)
			break;
	}
	*last_out = r;
	return n;
}

/* With the end of a record whose beginning came before, a read may make more than PLAIN holds. */
static void decrypt(struct link *l)
{
	char *plain = l->net->plain;
	ssize_t r;
	size_t n;

	do {
		n = fill(l, plain, &r);
		if (n > 0)
			l->events->on_data(l, plain, n);
	} while (n == READ_SIZE && l->state == LINK_SECURE);
	if (r == 0)
		lose(l, NULL);
	else if (r < 0 && gnutls_error_is_fatal((int)r))
		lose(l, gnutls_strerror((int)r));
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *b)
{
	const struct link *l = handle->data;

	(void)hint;
	*b = uv_buf_init(l->net->in, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct link *l = stream->data;
	struct net *net = l->net;

	if (n == 0)
		return;
	if (n < 0) {
		lose(l, n == UV_EOF ? NULL : uv_strerror((int)n));
		return;
	}
	l->in = b->base;
	l->in_size = (size_t)n;
	if (l->state == LINK_PLAIN) {
		l->in_size = 0;
		l->events->on_data(l, b->base, (size_t)n);
	}
	if (l->state == LINK_HANDSHAKE && l->in_size > 0)
		handshake(l);
	if (l->state == LINK_SECURE && l->in_size > 0)
		decrypt(l);
	l->in_size = 0;
	net_flush(net);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;

	if (l->tls != NULL)
		gnutls_deinit(l->tls);
	l->tls = NULL;
	buf_deinit(&l->out);
	if (l->events->on_closed != NULL)
		l->events->on_closed(l);
}

static void forget_dirty(struct link *l)
{
	struct link **at = &l->net->dirty;

	while (l->is_dirty && *at != l)
		at = &(*at)->next_dirty;
	if (l->is_dirty)
		*at = l->next_dirty;
	l->is_dirty = false;
}

void link_close(struct link *l)
{
	if (l->state == LINK_CLOSED)
		return;
	flush(l);
	if (l->state == LINK_SECURE) {
		gnutls_bye(l->tls, GNUTLS_SHUT_WR);
		write_wire(l);
	}
	if (l->state == LINK_CLOSED) /* the farewell failed, and that closed it */
		return;
	forget_dirty(l);
	l->state = LINK_CLOSED;
	uv_close((uv_handle_t *)&l->tcp, on_handle_closed);
}

static int start_reading(struct link *l)
{
	int ret;

	uv_tcp_nodelay(&l->tcp, 1);
	ret = uv_read_start((uv_stream_t *)&l->tcp, on_alloc, on_read);
	if (ret == 0)
		l->state = LINK_PLAIN;
	return ret;
}

static void on_connected(uv_connect_t *req, int status)
{
	struct link *l = req->handle->data;

	free(req);
	if (status == 0)
		status = start_reading(l);
	if (status == UV_ECANCELED)
		return;
	if (status < 0)
		lose(l, uv_strerror(status));
	else
		l->events->on_open(l);
}

static int link_init(struct link *l, struct net *net, const struct link_events *events)
{
	int ret = uv_tcp_init(net->loop, &l->tcp);

	l->tcp.data = l;
	l->net = net;
	l->events = events;
	l->record_size = RECORD_MAX;
	return ret;
}

int link_connect(struct link *l, struct net *net, const struct link_events *events,
                 const struct sockaddr *to, const struct sockaddr *from)
{
	uv_connect_t *req;
	int ret = link_init(l, net, events);

	if (ret == 0 && from != NULL)
		ret = uv_tcp_bind(&l->tcp, from, 0);
	if (ret < 0)
		return ret;
	req = buf_zalloc(sizeof(*req));
	ret = uv_tcp_connect(req, &l->tcp, to, on_connected);
	if (ret < 0)
		free(req);
	return ret;
}

int link_accept(struct link *l, struct net *net, const struct link_events *events,
                uv_stream_t *server)
{
	int ret = link_init(l, net, events);

	if (ret == 0)
		ret = uv_accept(server, (uv_stream_t *)&l->tcp);
	if (ret == 0)
		ret = start_reading(l);
	if (ret < 0)
		link_close(l);
	return ret;
}

void link_start_tls(struct link *l)
{
	struct net *net = l->net;
	unsigned flags = (net->server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK;

	flush(l);
	if (l->state != LINK_PLAIN)
		return;
	/* Each session is a stranger: without tickets a login pays for a whole handshake. */
	if (gnutls_init(&l->tls, flags | GNUTLS_NO_TICKETS) < 0)
		abort();
	gnutls_priority_set(l->tls, net->priority);
	gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE, net->credentials);
	if (net->alpn != NULL) {
		gnutls_datum_t name = { (unsigned char *)(uintptr_t)net->alpn,
			                (unsigned)strlen(net->alpn) };

		gnutls_alpn_set_protocols(l->tls, &name, 1, 0);
	}
	if (net->verify != NULL) {
		gnutls_server_name_set(l->tls, GNUTLS_NAME_DNS, net->verify,
		                       strlen(net->verify));
		gnutls_session_set_verify_cert(l->tls, net->verify, 0);
	}
	gnutls_transport_set_ptr(l->tls, l);
	gnutls_transport_set_push_function(l->tls, push);
	gnutls_transport_set_pull_function(l->tls, pull);
	gnutls_transport_set_pull_timeout_function(l->tls, pull_timeout);
	l->state = LINK_HANDSHAKE;
	handshake(l);
}

static void on_prepare(uv_prepare_t *handle)
{
	net_flush(handle->data);
}

int net_init(struct net *net, uv_loop_t *loop, const char *certificate, const char *key)
{
	int ret;

	*net = (struct net){ .loop = loop, .server = certificate != NULL };
	net->in = buf_zalloc(READ_SIZE);
	net->plain = buf_zalloc(READ_SIZE);
	uv_prepare_init(loop, &net->flusher);
	net->flusher.data = net;
	uv_prepare_start(&net->flusher, on_prepare);
	uv_unref((uv_handle_t *)&net->flusher);
	ret = gnutls_certificate_allocate_credentials(&net->credentials);
	if (ret == 0)
		ret = gnutls_priority_init(&net->priority, NULL, NULL);
	if (ret == 0 && certificate != NULL)
		ret = gnutls_certificate_set_x509_key_file(net->credentials, certificate, key,
		                                           GNUTLS_X509_FMT_PEM);
	return ret;
}

int net_trust(struct net *net, const char *ca, const char *verify)
{
	int ret;

	if (ca != NULL)
		ret = gnutls_certificate_set_x509_trust_file(net->credentials, ca,
		                                             GNUTLS_X509_FMT_PEM);
	else
		ret = gnutls_certificate_set_x509_system_trust(net->credentials);
	net->verify = verify;
	return ret < 0 ? ret : 0;
}

void net_deinit(struct net *net)
{
	uv_close((uv_handle_t *)&net->flusher, NULL);
	gnutls_certificate_free_credentials(net->credentials);
	gnutls_priority_deinit(net->priority);
	buf_deinit(&net->wire);
	free(net->in);
	free(net->plain);
}
