/*
 * trust.c - the authorities that vouch for other servers, and the files that certificates come from.
 *
 * They are one list for each generation, not a part of every site's credentials: the system's hundred and more cost
 * megabytes, and a certificate request that names none is answered by every server, whoever signed it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/tls_impl.h"

#include "server/base/err.h"
#include "server/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES MIB(4) /* a bundle of all public authorities is a tenth of it */

static int read_all(int fd, char *p, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

int tls_read_file(struct arena *arena, const char *file, gnutls_datum_t *data_out)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int err = 0;
	char *p;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (st.st_size > FILE_MAX_BYTES)
		err = -EFBIG;
	if (err == 0) {
		p = arena_alloc(arena, (size_t)st.st_size + 1);
		err = read_all(fd, p, (size_t)st.st_size);
		*data_out = (gnutls_datum_t){ (unsigned char *)p, (unsigned)st.st_size };
	}
	close(fd);
	return err;
}

static int load_file(struct tls_server *tls, const char *file, struct arena *arena,
                     struct str *problem_out)
{
	gnutls_datum_t data;
	int err = tls_read_file(arena, file, &data);

	if (err < 0) {
		*problem_out = arena_printf(
			arena, "the file of other servers' authorities, %s, cannot be read: %s",
			file, err_str(err));
		return err;
	}
	if (gnutls_x509_trust_list_add_trust_mem(tls->trust, &data, NULL, GNUTLS_X509_FMT_PEM,
	                                         0, 0) > 0)
		return 0;
	*problem_out = arena_printf(arena,
	                            "the file of other servers' authorities, %s, holds no "
	                            "certificate in PEM format",
	                            file);
	return ERR_TLS;
}

int tls_trust_load(struct tls_server *tls, const char *file, struct arena *arena,
                   struct str *problem_out)
{
	if (gnutls_x509_trust_list_init(&tls->trust, 0) < 0) {
		*problem_out = STR("there is no memory for the authorities of other servers");
		return ERR_TLS;
	}
	if (file != NULL)
		return load_file(tls, file, arena, problem_out);
	/* Dialback and DANE do without. */
	if (gnutls_x509_trust_list_add_system_trust(tls->trust, 0, 0) <= 0)
		log_warning(NULL, "this system has no authorities, so no other server's "
		                  "certificate can be trusted: install the package "
		                  "ca-certificates");
	return 0;
}
