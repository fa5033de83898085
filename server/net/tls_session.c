/*
 * tls_session.c - one connection's TLS session: its set-up, and its records in and out.
 *
 * GnuTLS pulls from the bytes at hand (net->raw) and pushes straight to the socket; what the
 * socket does not take, the library keeps, at most one record.  (Handshakes are gathered
 * first.)  It owns about 10 KB for each session, of which we can change little; so a server's sessions
 * are made only when the peer's first byte is there, and all that can be shared (priorities,
 * certificates) is.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include <errno.h>
#include <string.h>

#define RECORD_MAX ((size_t)KIB(16)) /* plain text of one record, RFC 8446 §5.1 */
#define HANDSHAKE_MESSAGE_MAX \
	((size_t)KIB( \
		32)) /* a client's chain of certificates; the library's default is 128 KiB */

static ssize_t pull(gnutls_transport_ptr_t ptr, void *p, size_t n)
{
	struct transport *t = ptr;
	struct str *raw = &t->net->raw;

	if (t->net->reading != t || raw->n == 0) {
		errno = EAGAIN;
		return -1;
	}
	if (n > raw->n)
		n = raw->n;
	memcpy(p, raw->p, n);
	*raw = str_make(raw->p + n, raw->n - n);
	return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int count)
{
	struct transport *t = ptr;
	size_t want = 0;
	ssize_t n;

	for (int i = 0; i < count; i++) {
		want += iov[i].iov_len;
		if (t->state == HANDSHAKE)
			buf_append(&t->net->flight, str_make(iov[i].iov_base, iov[i].iov_len));
	}
	if (t->state == HANDSHAKE)
		return (ssize_t)want;
	n = socket_send(t, iov, (size_t)count);
	if (n == -EAGAIN || (n >= 0 && (size_t)n < want))
		t->blocked = true;
	else if (n < 0)
		t->broken = (int)n;
	if (n >= 0)
		return n;
	errno = (int)-n;
	return -1;
}

/* What the hook needs of a ClientHello. */
struct hello {
	struct str server_name;
	bool has_alpn;
};

static unsigned read_u16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* RFC 6066 §3: a list of (type, name), of which only type 0 was ever defined. */
static struct str first_server_name(const unsigned char *p, size_t n)
{
	size_t size;

	if (n < 5 || p[2] != 0)
		return STR_NONE;
	size = read_u16(p + 3);
	return size <= n - 5 ? str_make((const char *)p + 5, size) : STR_NONE;
}

static int on_extension(void *ctx, unsigned id, const unsigned char *p, unsigned n)
{
	enum { SERVER_NAME = 0, ALPN = 16 };
	struct hello *hello = ctx;

	if (id == SERVER_NAME)
		hello->server_name = first_server_name(p, n);
	else if (id == ALPN)
		hello->has_alpn = true;
	return 0;
}

/*
 * The ClientHello is there and not yet acted upon: choose the site's certificate.  ALPN is set
 * up only for those who speak it, as its state costs memory for the session's life; a client
 * that offers other protocols only gets no_application_protocol (XEP-0368 §3, RFC 7301 §3.2).
 */
static int on_client_hello(gnutls_session_t session, unsigned type, unsigned when,
                           unsigned incoming, const gnutls_datum_t *message)
{
	struct transport *t = gnutls_session_get_ptr(session);
	const struct tls_server *tls = t->tls;
	const struct tls_site *site = NULL;
	struct hello hello = { 0 };
	int ret = gnutls_ext_raw_parse(&hello, on_extension, message,
	                               GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);

	if (ret < 0)
		return ret;
	if (!str_is_absent(hello.server_name))
		site = tls_find_site(tls, hello.server_name);
	if (site == NULL)
		site = &tls->sites[t->site];
	t->site = (uint16_t)(site - tls->sites);
	gnutls_certificate_server_set_request(session, site->asks_client ? GNUTLS_CERT_REQUEST
	                                                                 : GNUTLS_CERT_IGNORE);
	ret = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, site->credentials);
	if (ret == 0 && hello.has_alpn && !str_is_empty(tls->alpn)) {
		const gnutls_datum_t alpn = { (unsigned char *)(uintptr_t)tls->alpn.p,
			                      (unsigned)tls->alpn.n };

		ret = gnutls_alpn_set_protocols(session, &alpn, 1, GNUTLS_ALPN_MANDATORY);
	}
	return ret;
}

void tls_session_bind(struct transport *t)
{
	gnutls_session_set_ptr(t->session, t);
	gnutls_transport_set_ptr(t->session, t);
}

/* What both roles have in common.  A session that could not be set up goes with the transport. */
static int make_session(struct transport *t, unsigned flags)
{
	gnutls_session_t session;

	if (gnutls_init(&session, flags | GNUTLS_NONBLOCK) < 0)
		return ERR_TLS;
	t->session = session;
	tls_session_bind(t);
	gnutls_transport_set_pull_function(session, pull);
	gnutls_transport_set_vec_push_function(session, push);
	gnutls_handshake_set_max_packet_length(session, HANDSHAKE_MESSAGE_MAX);
	if (gnutls_priority_set(session, t->tls->priorities) < 0 ||
	    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
	                           t->tls->sites[t->site].credentials) < 0)
		return ERR_TLS;
	return 0;
}

int tls_session_new(struct transport *t)
{
	if (make_session(t, GNUTLS_SERVER) < 0 ||
	    gnutls_session_ticket_enable_server(t->session, &t->tls->ticket_key) < 0)
		return ERR_TLS;
	gnutls_handshake_set_hook_function(t->session, GNUTLS_HANDSHAKE_CLIENT_HELLO,
	                                   GNUTLS_HOOK_PRE, on_client_hello);
	return 0;
}

static int set_names(struct transport *t, struct str name, bool direct)
{
	const struct str *alpn = &t->tls->alpn;
	const gnutls_datum_t offer = { (unsigned char *)(uintptr_t)alpn->p, (unsigned)alpn->n };
	int ret = 0;

	/* RFC 6066 §3: addresses are not permitted. */
	if (!str_is_empty(name) && !tls_is_address(name))
		ret = gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, name.p, name.n);
	if (ret == 0 && direct && offer.size > 0)
		ret = gnutls_alpn_set_protocols(t->session, &offer, 1, 0);
	return ret;
}

/*
 * Our certificate is sent whichever authorities the server names in its request: it may be one that signs itself, and
 * what it is worth is for the server to say.  No tickets: connections between servers last.
 */
void tls_session_new_client(struct transport *t, struct str name, bool direct)
{
	const unsigned flags = GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT | GNUTLS_NO_TICKETS;

	if (make_session(t, flags) == 0 && set_names(t, name, direct) == 0)
		return;
	if (t->session != NULL)
		gnutls_deinit(t->session);
	t->session = NULL;
}

/* Is there something that GnuTLS could make plain text of? */
static bool has_more(const struct transport *t)
{
	return t->net->raw.n > 0 || gnutls_record_check_pending(t->session) > 0;
}

/*
 * Decrypt into the shard's buffer until it is full or all is consumed: many small records
 * become one piece.  Returns 0 at close_notify, 1 to go on, or what GnuTLS says.
 * GNUTLS_E_AGAIN follows each record that bears no data, so it means nothing while there are
 * bytes.
 */
static ssize_t gather(struct transport *t, size_t *n_out)
{
	char *plain = t->net->plain;
	size_t n = 0;
	ssize_t ret = 1;

	while (n < DELIVER_MAX && has_more(t)) {
		ret = gnutls_record_recv(t->session, plain + n, DELIVER_MAX - n);
		if (ret > 0)
			n += (size_t)ret;
		else if (ret == 0 || ret == GNUTLS_E_REHANDSHAKE ||
		         gnutls_error_is_fatal((int)ret))
			break;
		else
			ret = 1;
	}
	*n_out = n;
	return ret;
}

/* The peer broke TLS, or asked for a renegotiation, which nobody needs and we refuse (RFC 9325 §3.5). */
static void on_broken_record(struct transport *t, int error)
{
	if (error == GNUTLS_E_REHANDSHAKE)
		gnutls_alert_send(t->session, GNUTLS_AL_FATAL, GNUTLS_A_NO_RENEGOTIATION);
	else if (error != GNUTLS_E_FATAL_ALERT_RECEIVED)
		gnutls_alert_send_appropriate(t->session, error);
	transport_fail(t, ERR_TLS);
}

void tls_session_read(struct transport *t)
{
	while (transport_wants(t) && t->state == SECURE && has_more(t)) {
		size_t n = 0;
		ssize_t ret = gather(t, &n);

		if (n > 0)
			t->ops->on_data(t->owner, str_make(t->net->plain, n));
		if (ret > 0)
			continue;
		/* Told even to an owner that has just paused: all data was given to it. */
		if (t->state == SECURE && ret == 0)
			transport_tell_end(t, 0);
		else if (t->state == SECURE)
			on_broken_record(t, (int)ret);
		return;
	}
}

ssize_t tls_session_send(struct transport *t, const char *p, size_t n)
{
	ssize_t ret;

	if (t->half_sent)
		ret = gnutls_record_send(t->session, NULL, 0);
	else
		ret = gnutls_record_send(t->session, p, n < RECORD_MAX ? n : RECORD_MAX);
	t->half_sent = ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED;
	if (ret >= 0)
		return ret;
	if (t->half_sent)
		return -EAGAIN;
	return t->broken != 0 ? t->broken : ERR_TLS;
}
