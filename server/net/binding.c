/*
 * binding.c - what ties an authentication to its TLS connection, and other facts of the
 * session.
 *
 * tls-exporter and tls-unique need the extended master secret under TLS 1.2: without it a man
 * in the middle can give two connections the same keys (RFC 7627 §1, RFC 9266 §4.2).
 * tls-server-end-point is the hash of the certificate, which was computed when the certificate
 * was loaded.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include <string.h>

#define EXPORTER_LABEL "EXPORTER-Channel-Binding" /* RFC 9266 §2 */
#define EXPORTER_SIZE 32

static bool is_tls13(const struct transport *t)
{
	return gnutls_protocol_get_version(t->session) == GNUTLS_TLS1_3;
}

static bool has_unique_keys(const struct transport *t)
{
	return is_tls13(t) || gnutls_session_ext_master_secret_status(t->session) != 0;
}

bool transport_is_secure(const struct transport *t)
{
	return t->state == SECURE;
}

bool transport_has_binding(const struct transport *t, enum channel_binding kind)
{
	if (t->state != SECURE)
		return false;
	switch (kind) {
	case CB_TLS_EXPORTER:
		return has_unique_keys(t);
	case CB_TLS_SERVER_END_POINT:
		return !t->client && t->tls->sites[t->site].n_end_point > 0;
	case CB_TLS_UNIQUE:
		return !is_tls13(t) && has_unique_keys(t);
	}
	return false;
}

static int exporter(struct transport *t, struct arena *arena, struct str *bytes_out)
{
	char *out = arena_alloc(arena, EXPORTER_SIZE);

	/* An empty context, to the letter: only under TLS 1.2 does that differ from none. */
	if (gnutls_prf_rfc5705(t->session, sizeof(EXPORTER_LABEL) - 1, EXPORTER_LABEL, 0, "",
	                       EXPORTER_SIZE, out) < 0)
		return ERR_TLS;
	*bytes_out = str_make(out, EXPORTER_SIZE);
	return 0;
}

static int unique(struct transport *t, struct arena *arena, struct str *bytes_out)
{
	gnutls_datum_t bytes = { 0 };

	if (gnutls_session_channel_binding(t->session, GNUTLS_CB_TLS_UNIQUE, &bytes) < 0)
		return ERR_TLS;
	*bytes_out = arena_copy(arena, str_make((const char *)bytes.data, bytes.size));
	gnutls_free(bytes.data);
	return 0;
}

int transport_binding(struct transport *t, struct arena *arena, enum channel_binding kind,
                      struct str *bytes_out)
{
	const struct tls_site *site;

	if (!transport_has_binding(t, kind))
		return ERR_NOENT;
	switch (kind) {
	case CB_TLS_EXPORTER:
		return exporter(t, arena, bytes_out);
	case CB_TLS_SERVER_END_POINT:
		site = &t->tls->sites[t->site];
		*bytes_out = arena_copy(
			arena, str_make((const char *)site->end_point, site->n_end_point));
		return 0;
	case CB_TLS_UNIQUE:
		return unique(t, arena, bytes_out);
	}
	return ERR_INVALID;
}

struct str transport_tls_text(const struct transport *t, struct arena *arena)
{
	if (t->state != SECURE)
		return STR("no TLS");
	return arena_printf(arena, "%s %s",
	                    gnutls_protocol_get_name(gnutls_protocol_get_version(t->session)),
	                    gnutls_cipher_get_name(gnutls_cipher_get(t->session)));
}
