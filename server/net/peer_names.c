/*
 * peer_names.c - whose another server's certificate is: its subject alternative names against a domain.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/peer_impl.h"
#include "server/net/tls_impl.h"

#include <gnutls/x509-ext.h>

#define SUBJECT_ALT_NAME "2.5.29.17"
#define SRV_NAME "1.3.6.1.5.5.7.8.7"  /* RFC 4985 §2 */
#define XMPP_ADDR "1.3.6.1.5.5.7.8.5" /* RFC 6120 §13.7.1.4 */
#define SERVICE "_xmpp-server."
#define NAMES_MAX 1000    /* looked at; a message of the handshake has little room for more */
#define U_LABELS_MAX 1023 /* bytes of a domain in a JID, RFC 7622 §3.2 */
#define TOLD_MAX 3        /* in a problem's sentence */
#define TOLD_BYTES 80     /* of each */

enum { DER_UTF8_STRING = 0x0c, DER_IA5_STRING = 0x16 };

enum name_kind { NAME_DNS, NAME_SRV, NAME_XMPP };

/* All names of one certificate, one by one. */
struct names {
	gnutls_subject_alt_names_t list;
	unsigned next;
};

static void names_begin(struct names *names, gnutls_x509_crt_t crt)
{
	gnutls_datum_t der = { 0 };

	*names = (struct names){ 0 };
	if (gnutls_x509_crt_get_extension_by_oid2(crt, SUBJECT_ALT_NAME, 0, &der, NULL) < 0)
		return;
	if (gnutls_subject_alt_names_init(&names->list) >= 0 &&
	    gnutls_x509_ext_import_subject_alt_names(&der, names->list, 0) < 0) {
		gnutls_subject_alt_names_deinit(names->list);
		names->list = NULL;
	}
	gnutls_free(der.data);
}

static void names_end(struct names *names)
{
	if (names->list != NULL)
		gnutls_subject_alt_names_deinit(names->list);
}

/* The contents of a string of type TAG, whose length is below 64 KiB; absent if DER is not one. */
static struct str der_string(gnutls_datum_t der, unsigned char tag)
{
	const unsigned char *p = der.data;
	size_t head = 2;
	size_t n;

	if (der.size < 2 || p[0] != tag)
		return STR_NONE;
	n = p[1];
	if (n == 0x81 && der.size >= 3) {
		n = p[2];
		head = 3;
	} else if (n == 0x82 && der.size >= 4) {
		n = (size_t)p[2] << 8 | p[3];
		head = 4;
	}
	if (der.size - head != n)
		return STR_NONE;
	return str_make((const char *)p + head, n);
}

/* The next name of a kind that can be a server's; false at the end. */
static bool names_next(struct names *names, enum name_kind *kind_out, struct str *name_out)
{
	while (names->list != NULL && names->next < NAMES_MAX) {
		gnutls_datum_t san = { 0 };
		gnutls_datum_t oid = { 0 };
		unsigned type = 0;

		if (gnutls_subject_alt_names_get(names->list, names->next++, &type, &san,
		                                 &oid) < 0)
			return false;
		*name_out = STR_NONE;
		if (type == GNUTLS_SAN_DNSNAME) {
			*kind_out = NAME_DNS;
			*name_out = str_make((const char *)san.data, san.size);
		} else if (type == GNUTLS_SAN_OTHERNAME && oid.data != NULL) {
			struct str id = str_of((const char *)oid.data);

			*kind_out = str_is(id, SRV_NAME) ? NAME_SRV : NAME_XMPP;
			if (*kind_out == NAME_SRV)
				*name_out = der_string(san, DER_IA5_STRING);
			else if (str_is(id, XMPP_ADDR))
				*name_out = der_string(san, DER_UTF8_STRING);
		}
		if (!str_is_absent(*name_out))
			return true;
	}
	return false;
}

/*
 * RFC 9525 §6.3: "*" stands for the whole first label of DOMAIN and nothing else.  Not for one of the labels below the
 * root, whoever signs that.
 */
static bool is_dns_id_of(struct str name, struct str domain)
{
	struct str above = domain;

	if (!str_starts_with(name, STR("*.")))
		return str_eq_nocase(name, domain);
	str_cut(&above, '.');
	return above.n < domain.n - 1 && str_find(above, '.', 0) < above.n &&
	       str_eq_nocase(str_slice(name, 2, name.n), above);
}

static bool is_srv_id_of(struct str name, struct str domain)
{
	const size_t n = sizeof(SERVICE) - 1;

	return str_eq_nocase(str_slice(name, 0, n), STR(SERVICE)) &&
	       str_eq_nocase(str_slice(name, n, name.n), domain);
}

static bool is_xmpp_addr_of(struct str name, struct str domain)
{
	gnutls_datum_t mapped = { 0 };
	bool is_ascii = true;
	bool is;

	for (size_t i = 0; i < name.n; i++)
		is_ascii &= (unsigned char)name.p[i] < 0x80;
	if (is_ascii || name.n > U_LABELS_MAX)
		return str_eq_nocase(name, domain);
	is = gnutls_idna_map(name.p, (unsigned)name.n, &mapped, 0) >= 0 &&
	     str_eq_nocase(str_make((const char *)mapped.data, mapped.size), domain);
	gnutls_free(mapped.data);
	return is;
}

static bool is_named_by(enum name_kind kind, struct str name, struct str domain,
                        struct str secure_name)
{
	switch (kind) {
	case NAME_DNS:
		return is_dns_id_of(name, domain) ||
		       (!str_is_empty(secure_name) && is_dns_id_of(name, secure_name));
	case NAME_SRV:
		return is_srv_id_of(name, domain);
	case NAME_XMPP:
		return is_xmpp_addr_of(name, domain);
	}
	return false;
}

bool peer_is_named(gnutls_x509_crt_t crt, struct str domain, struct str secure_name)
{
	enum name_kind kind;
	struct names names;
	struct str name;
	bool is = false;

	if (str_is_empty(domain) || tls_is_address(domain))
		return false;
	names_begin(&names, crt);
	while (!is && names_next(&names, &kind, &name))
		is = is_named_by(kind, name, domain, secure_name);
	names_end(&names);
	return is;
}

/* As much of NAME as may stand in a log. */
static struct str harmless(struct str name, struct arena *arena)
{
	const bool whole = name.n <= TOLD_BYTES;
	struct str told =
		arena_printf(arena, STR_FMT "%s", STR_ARG(str_slice(name, 0, TOLD_BYTES)),
	                     whole ? "" : "...");
	char *p = (char *)(uintptr_t)told.p;

	for (size_t i = 0; i < told.n; i++) {
		if (p[i] <= ' ' || p[i] > '~' || p[i] == ',')
			p[i] = '?';
	}
	return told;
}

struct str peer_names_problem(gnutls_x509_crt_t crt, struct arena *arena)
{
	struct str told = STR("is for other names: ");
	enum name_kind kind;
	struct names names;
	struct str name;
	unsigned n = 0;

	names_begin(&names, crt);
	for (; names_next(&names, &kind, &name); n++) {
		if (n > 0 && n < TOLD_MAX)
			told = arena_concat(arena, told, STR(", "));
		if (n < TOLD_MAX)
			told = arena_concat(arena, told, harmless(name, arena));
	}
	names_end(&names);
	if (n == 0)
		return STR("names no domain");
	if (n > TOLD_MAX)
		told = arena_printf(arena, STR_FMT " and %u more", STR_ARG(told), n - TOLD_MAX);
	return told;
}
