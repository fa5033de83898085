/*
 * certificate.c - a self-signed certificate for trying things out, and the names in a client's
 * certificate.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include "server/base/clock.h"
#include "server/base/rand.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_S ((time_t)86400)
#define SERIAL_SIZE 16
#define SAN_MAX 100       /* names looked at in one certificate */
#define SAN_SIZE_MAX 3072 /* a JID's: longer names are no JIDs */

/* Write all of DATA as FILE with MODE. */
static int write_file(const char *file, mode_t mode, const gnutls_datum_t *data)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	size_t done = 0;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fchmod(fd, mode) < 0) /* it may have been there, more open */
		err = -errno;
	while (err == 0 && done < data->size) {
		ssize_t n = write(fd, data->data + done, data->size - done);

		if (n < 0)
			err = -errno;
		else
			done += (size_t)n;
	}
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

static int name_hosts(gnutls_x509_crt_t crt, const struct str *names, size_t n_names)
{
	int ret = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, names[0].p,
	                                        (unsigned)names[0].n);

	for (size_t i = 0; i < n_names && ret >= 0; i++)
		ret = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, names[i].p,
		                                           (unsigned)names[i].n,
		                                           GNUTLS_FSAN_APPEND);
	return ret;
}

/* No key usage: Pidgin's NSS would then refuse to ask its user about a certificate that signs itself. */
static int fill_in(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const struct str *names,
                   size_t n_names)
{
	unsigned char serial[SERIAL_SIZE];
	unsigned char id[64];
	size_t id_size = sizeof(id);
	time_t now = (time_t)(clock_wall_ms() / 1000);
	int ret;

	rand_bytes(serial, sizeof(serial));
	serial[0] =
		(unsigned char)((serial[0] & 0x7f) | 0x40); /* positive, and of full length */
	if ((ret = gnutls_x509_crt_set_version(crt, 3)) < 0 ||
	    (ret = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial))) < 0 ||
	    (ret = gnutls_x509_crt_set_activation_time(crt, now - DAY_S)) < 0 ||
	    (ret = gnutls_x509_crt_set_expiration_time(crt, now + 3652 * DAY_S)) < 0 ||
	    (ret = name_hosts(crt, names, n_names)) < 0 ||
	    (ret = gnutls_x509_crt_set_key(crt, key)) < 0 ||
	    (ret = gnutls_x509_crt_set_basic_constraints(crt, 0, -1)) < 0 ||
	    (ret = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0 ||
	    (ret = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0)) < 0 ||
	    (ret = gnutls_x509_crt_get_key_id(crt, 0, id, &id_size)) < 0 ||
	    (ret = gnutls_x509_crt_set_subject_key_id(crt, id, id_size)) < 0)
		return ret;
	return gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

static int export_pair(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key,
                       const char *certificate_file, const char *key_file)
{
	gnutls_datum_t pem = { 0 };
	int err = ERR_TLS;

	if (gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
	                                      &pem) >= 0)
		err = write_file(key_file, 0600, &pem);
	if (pem.data != NULL)
		gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	pem = (gnutls_datum_t){ 0 };
	if (err == 0)
		err = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) >= 0
		              ? write_file(certificate_file, 0644, &pem)
		              : ERR_TLS;
	gnutls_free(pem.data);
	return err;
}

int tls_make_self_signed(const struct str *names, size_t n_names, const char *certificate_file,
                         const char *key_file)
{
	gnutls_x509_crt_t crt = NULL;
	gnutls_x509_privkey_t key = NULL;
	int err = ERR_TLS;

	ASSERT(n_names > 0);
	if (gnutls_x509_crt_init(&crt) >= 0 && gnutls_x509_privkey_init(&key) >= 0 &&
	    gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	                                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
	                                 0) >= 0 &&
	    fill_in(crt, key, names, n_names) >= 0)
		err = export_pair(crt, key, certificate_file, key_file);
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	return err;
}

/* Does the peer's chain lead to our authorities, is it in time, and for use by clients? */
static bool is_trusted(gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
	};
	unsigned status = 0;

	return gnutls_certificate_verify_peers(session, &purpose, 1, &status) >= 0 &&
	       status == 0;
}

static size_t collect_jids(gnutls_x509_crt_t crt, struct arena *arena, struct str *jids_out,
                           size_t max)
{
	char name[SAN_SIZE_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < SAN_MAX && n < max; i++) {
		size_t size = sizeof(name);
		unsigned kind = 0;
		int ret =
			gnutls_x509_crt_get_subject_alt_name2(crt, i, name, &size, &kind, NULL);

		if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		/* The library decodes the UTF8String of names that it knows, and this is one. */
		if (ret >= 0 && kind == GNUTLS_SAN_OTHERNAME_XMPP && size > 0 &&
		    memchr(name, '\0', size) == NULL)
			jids_out[n++] = arena_copy(arena, str_make(name, size));
	}
	return n;
}

int transport_client_jids(struct transport *t, struct arena *arena, struct str *jids_out,
                          size_t max)
{
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t crt;
	unsigned n_chain = 0;
	size_t n = 0;

	if (t->state != SECURE || !t->tls->sites[t->site].asks_client)
		return ERR_NOENT;
	chain = gnutls_certificate_get_peers(t->session, &n_chain);
	if (chain == NULL || n_chain == 0)
		return ERR_NOENT;
	if (!is_trusted(t->session) || gnutls_x509_crt_init(&crt) < 0)
		return ERR_DENIED;
	if (gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) >= 0)
		n = collect_jids(crt, arena, jids_out, max);
	gnutls_x509_crt_deinit(crt);
	return (int)n;
}
