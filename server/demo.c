/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/demo.h"

#include "modules/registry.h"
#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/rand.h"
#include "server/ctl/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWORD_BYTES 12

static struct str path_of(struct arena *arena, const struct demo_options *o, const char *file)
{
	return arena_printf(arena, "%s/%s", o->folder, file);
}

static int fail(const char *path, const char *what)
{
	int err = -errno;

	log_error(NULL, "%s: %s: %s", path, what, strerror(errno));
	return err;
}

/* Whole or not at all: a start that is cut short leaves nothing half made behind. */
static int write_file(struct arena *arena, struct str path, struct str text, mode_t mode)
{
	const char *temporary = arena_concat(arena, path, STR(".new")).p;
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int err = 0;

	if (fd < 0)
		return fail(temporary, "cannot be written");
	if (write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd) < 0)
		err = fail(temporary, "cannot be written");
	close(fd);
	if (err == 0 && rename(temporary, path.p) < 0)
		err = fail(path.p, "cannot be made");
	return err;
}

static struct str quote_list(struct arena *arena, struct str list)
{
	struct str all = STR("");

	while (!str_is_absent(list)) {
		struct str item = str_cut(&list, ',');

		all = arena_printf(arena, STR_FMT "%s\"" STR_FMT "\"", STR_ARG(all),
		                   str_is_empty(all) ? "" : ", ", STR_ARG(item));
	}
	return all;
}

/* Those that are off unless named. */
static struct str all_modules(struct arena *arena)
{
	struct str all = STR("");

	for (const struct mod_def *const *def = modules_builtin; *def != NULL; def++)
		if ((*def)->off)
			all = arena_printf(arena, STR_FMT "%s\"%s\"", STR_ARG(all),
			                   all.n == 0 ? "" : ", ", (*def)->name);
	return all;
}

static struct str configuration(struct arena *arena, const struct demo_options *o)
{
	struct str without =
		o->without == NULL
			? STR("")
			: arena_printf(arena, "\twithout = { " STR_FMT " }\n",
	                               STR_ARG(quote_list(arena, str_of(o->without))));

	return arena_printf(
		arena,
		"# A server for a first look: loopback only, and anyone may make an account.\n"
		"data = \"data\"\n"
		"listen = { \"127.0.0.1\", \"::1\" }\n"
		"port = %d\n"
		"tls-port = %d\n"
		"s2s-port = %d\n"
		"s2s-tls-port = %d\n"
		"s2s-proof = \"dialback\"\n"
		"dns-anchor = \"none\"\n"
		"host \"%s\" {\n"
		"\tcertificate = \"cert.pem\"\n"
		"\tkey = \"key.pem\"\n"
		"\tadmins = { \"admin@%s\" }\n"
		"\tname-reuse = 0\n"
		"\twith = { " STR_FMT " }\n" STR_FMT "\tregister {\n"
		"\t\tallow = true\n"
		"\t\tburst = 1000000000\n"
		"\t\treserved = {}\n"
		"\t}\n"
		"}\n",
		5222 + o->port_base, 5223 + o->port_base, 5269 + o->port_base,
		5270 + o->port_base, o->domain, o->domain, STR_ARG(all_modules(arena)),
		STR_ARG(without));
}

static bool is_there(struct str path)
{
	return access(path.p, F_OK) == 0;
}

static int make_files(struct arena *arena, struct demo_options *o, struct str conf)
{
	struct str certificate = path_of(arena, o, "cert.pem"),
		   key = path_of(arena, o, "key.pem");
	struct str name = str_of(o->domain);
	int err = 0;

	if (mkdir(o->folder, 0700) < 0 && errno != EEXIST)
		return fail(o->folder, "cannot be made");
	if (!is_there(certificate) || !is_there(key)) {
		o->made_certificate = true;
		err = tls_make_self_signed(&name, 1, certificate.p, key.p);
	}
	if (err < 0)
		log_error(NULL, "%s: a certificate cannot be made: %s", certificate.p,
		          err_str(err));
	if (err == 0 && !is_there(conf)) {
		o->made_conf = true;
		err = write_file(arena, conf, configuration(arena, o), 0600);
	}
	return err;
}

int demo_prepare(struct arena *arena, struct demo_options *o, const char **conf_file_out)
{
	struct str conf = path_of(arena, o, "jackdaw.conf");
	int err = make_files(arena, o, conf);

	if (err == 0)
		*conf_file_out = conf.p;
	return err;
}

void demo_take_back(const struct demo_options *o)
{
	struct arena *arena = arena_new(256);

	if (o->made_conf)
		unlink(path_of(arena, o, "jackdaw.conf").p);
	if (o->made_certificate) {
		unlink(path_of(arena, o, "cert.pem").p);
		unlink(path_of(arena, o, "key.pem").p);
	}
	arena_free(&arena);
}

/* What an earlier start wrote down and did not come to use. */
static struct str read_line(struct arena *arena, struct str path)
{
	char line[PASSWORD_BYTES * 2];
	FILE *file = fopen(path.p, "re");
	struct str text = STR_NONE;

	if (file == NULL)
		return STR_NONE;
	if (fgets(line, sizeof(line), file) != NULL)
		text = arena_copy(arena, str_trim(str_of(line)));
	fclose(file);
	return text;
}

/*
 * The password is on disk before the account has it, and under its own name when the account
 * does: a start that is cut short in between is made good by the next.
 */
static int make_admin(struct arena *arena, const struct demo_options *o, struct server *server)
{
	struct str path = path_of(arena, o, "admin-password"),
		   draft = path_of(arena, o, "admin-password.draft");
	struct str password;
	bool is_new;
	int err = 0;

	if (is_there(path))
		return 0;
	password = read_line(arena, draft);
	is_new = str_is_empty(password);
	if (is_new) {
		password = rand_token(arena, PASSWORD_BYTES);
		err = write_file(arena, draft, arena_concat(arena, password, STR("\n")), 0600);
	}
	if (err == 0)
		err = admin_add_account(server, arena_printf(arena, "admin@%s", o->domain),
		                        password);
	if (err == ERR_EXISTS && is_new) { /* whoever removed the file may know the password */
		unlink(draft.p);
		return 0;
	}
	if (err < 0 && err != ERR_EXISTS)
		return err;
	return rename(draft.p, path.p) < 0 ? fail(path.p, "cannot be made") : 0;
}

void demo_greet(const struct demo_options *o, struct server *server)
{
	const struct conf *conf = server->first->conf;
	struct arena *arena = arena_new(1024);
	int err = make_admin(arena, o, server);

	if (err < 0)
		log_error(NULL, "the account admin@%s cannot be made: %s", o->domain,
		          err_str(err));
	printf("Jackdaw serves %s on this machine alone.\n"
	       "\n"
	       "  Make an account with any client: user name of your choice, domain %s,\n"
	       "  server localhost, port %lld (STARTTLS) or %lld (direct TLS), \"create an "
	       "account\".\n"
	       "  The certificate is self-signed: the client asks you once.\n"
	       "\n"
	       "  Gajim      Add account, Sign up, advanced: host localhost, port %lld\n"
	       "  Pidgin     Accounts, Add: XMPP; Advanced: connect server localhost, port "
	       "%lld; Create this account\n"
	       "  profanity  /register NAME %s port %lld tls trust\n"
	       "\n"
	       "  Other servers on this machine: port %lld (STARTTLS) or %lld (direct TLS), by "
	       "dialback.\n"
	       "\n"
	       "  The administrator is admin@%s, its password in %s/admin-password.\n"
	       "  Configuration: %s/jackdaw.conf.  End with Ctrl-C.\n"
	       "\n",
	       o->domain, o->domain, (long long)conf->o.port_c2s,
	       (long long)conf->o.port_c2s_tls, (long long)conf->o.port_c2s,
	       (long long)conf->o.port_c2s, o->domain, (long long)conf->o.port_c2s,
	       (long long)conf->o.port_s2s, (long long)conf->o.port_s2s_tls, o->domain,
	       o->folder, o->folder);
	arena_free(&arena);
}
