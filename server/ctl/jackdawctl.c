/*
 * jackdawctl.c - the operator's tool: commands by name, answers as text or JSON.
 *
 * Speaks to the running server's control socket; when no server runs, the command is run by
 * this process on the database itself, which the store's lock keeps from being opened twice.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/registry.h"
#include "server/base/digest.h"
#include "server/base/err.h"
#include "server/base/hash.h"
#include "server/base/log.h"
#include "server/core/command.h"
#include "server/ctl/admin.h"
#include "server/ctl/print.h"

#include <bsd/readpassphrase.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PASSWORD_MAX 1024

static void print_usage(FILE *to)
{
	fputs("usage: jackdawctl [-c FILE] [--json] COMMAND [ARGUMENT …]\n\n", to);
	for (const struct command *c = commands; c->name != NULL; c++) {
		struct arena *arena = arena_new(256);
		struct str line = str_of(c->name);

		for (const struct command_field *f = c->fields; f->var != NULL; f++)
			if (f->type == FIELD_BOOLEAN)
				line = arena_printf(arena, STR_FMT " [--%s]", STR_ARG(line),
				                    f->var);
			else if (f->type != FIELD_TEXT_PRIVATE)
				line = arena_printf(
					arena, f->required ? STR_FMT " %s" : STR_FMT " [%s]",
					STR_ARG(line), f->var);
		fprintf(to, "  %-32s %s\n", arena_cstr(arena, line), c->help);
		arena_free(&arena);
	}
	fputs("\nPasswords are read from standard input, or asked for on a terminal.\n", to);
}

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* ---- arguments to a form ---- */

/* The command whose words ARGV begins with; *used_out is how many. */
static const struct command *find_command(struct arena *arena, char **argv, int argc,
                                          int *used_out)
{
	struct str name = STR("");

	for (int i = 0; i < argc && i < 3; i++) {
		const struct command *c;

		name = arena_printf(arena, STR_FMT "%s%s", STR_ARG(name), i == 0 ? "" : " ",
		                    argv[i]);
		c = command_find(name);
		if (c != NULL) {
			*used_out = i + 1;
			return c;
		}
	}
	return NULL;
}

static struct str read_line(struct arena *arena)
{
	char line[PASSWORD_MAX + 2];
	size_t n;

	if (fgets(line, sizeof(line), stdin) == NULL)
		return STR_NONE;
	n = strcspn(line, "\r\n");
	return arena_copy(arena, str_make(line, n));
}

/* Restores the terminal whatever signal ends it. */
static struct str ask(struct arena *arena, const char *prompt)
{
	char line[PASSWORD_MAX + 2];
	struct str password = STR_NONE;

	if (readpassphrase(prompt, line, sizeof(line), RPP_ECHO_OFF) != NULL)
		password = arena_copy(arena, str_of(line));
	digest_wipe(line, sizeof(line));
	return password;
}

static struct str read_password(struct arena *arena)
{
	struct str first;

	if (!isatty(STDIN_FILENO))
		return read_line(arena);
	first = ask(arena, "Password: ");
	if (!str_eq(first, ask(arena, "Again: "))) {
		fputs("jackdawctl: the two passwords differ\n", stderr);
		exit(EX_USAGE);
	}
	return first;
}

/* Take "--NAME" out of the arguments, if it is there. */
static bool take_flag(char **argv, int *argc, const char *name)
{
	for (int i = 0; i < *argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0 || strcmp(argv[i] + 2, name) != 0)
			continue;
		memmove(&argv[i], &argv[i + 1], (size_t)(--*argc - i) * sizeof(*argv));
		return true;
	}
	return false;
}

/* Flags may stand anywhere, and are taken first. */
static void fill_flags(struct arena *arena, struct xml_node *form,
                       const struct command *command, char **argv, int *argc)
{
	for (const struct command_field *f = command->fields; f->var != NULL; f++)
		if (f->type == FIELD_BOOLEAN && take_flag(argv, argc, f->var))
			form_field(arena, form, f->type, f->var, NULL, STR("true"));
}

static struct xml_node *fill_form(struct arena *arena, const struct command *command,
                                  char **argv, int argc)
{
	struct xml_node *form = form_new(arena, "submit", NULL);
	int used = 0;

	fill_flags(arena, form, command, argv, &argc);
	for (const struct command_field *f = command->fields; f->var != NULL; f++) {
		struct str value = STR_NONE;

		if (f->type == FIELD_BOOLEAN)
			continue;
		if (f->type == FIELD_TEXT_PRIVATE)
			value = read_password(arena);
		else if (used < argc)
			value = str_of(argv[used++]);
		if (str_is_empty(value) && f->required) {
			fprintf(stderr, "jackdawctl: %s: %s is missing\n", command->name,
			        f->var);
			exit(EX_USAGE);
		}
		if (!str_is_empty(value))
			form_field(arena, form, f->type, f->var, NULL, value);
	}
	if (used < argc) {
		fprintf(stderr, "jackdawctl: %s: \"%s\" is one argument too many\n",
		        command->name, argv[used]);
		exit(EX_USAGE);
	}
	return form;
}

/* ---- the server, or its database ---- */

/*
 * Where the control socket is: the configuration says, as far as it can be read without
 * modules.
 */
static int find_socket(struct arena *arena, const char *conf_file, struct str *path_out)
{
	struct conf_context context = modules_conf_context(NULL);
	struct conf *conf;
	int err = conf_read_modules(conf_file, &context, &conf);

	if (err < 0)
		return err;
	*path_out = arena_copy(arena, conf->o.control);
	conf_free(&conf);
	return 0;
}

static int reach(struct arena *arena, const char *conf_file, struct server **server_out,
                 struct admin **admin_out)
{
	struct str path;
	int err = find_socket(arena, conf_file, &path);

	if (err < 0)
		return err;
	err = admin_connect(path.p, admin_out);
	if (err != -ENOENT && err != -ECONNREFUSED) {
		if (err < 0)
			fprintf(stderr, "jackdawctl: %s: %s\n", path.p, err_str(err));
		return err;
	}
	log_set_level(LOG_WARNING);
	err = server_start(conf_file, modules_builtin, SERVER_LOCAL, server_out);
	if (err == 0)
		err = admin_attach(*server_out, admin_out);
	return err;
}

static int run(struct arena *arena, const char *conf_file, const struct command *command,
               struct xml_node *form, bool json)
{
	const struct xml_node *result;
	struct server *server = NULL;
	struct admin *admin = NULL;
	struct str problem = STR_NONE;
	int err = reach(arena, conf_file, &server, &admin);

	if (err == 0) {
		err = admin_call(admin, arena, str_of(command->name), form, &result, &problem);
		if (err < 0 && str_is_absent(problem))
			problem = str_of(err_str(err));
	}
	if (err == 0)
		print_result(arena, result, json);
	else if (!str_is_absent(problem))
		fprintf(stderr, "jackdawctl: %s: " STR_FMT "\n", command->name,
		        STR_ARG(problem));
	admin_close(&admin);
	if (server != NULL)
		server_stop(&server);
	return err;
}

int main(int argc, char **argv)
{
	const char *conf_file = JACKDAW_SYSCONFDIR "/jackdaw.conf";
	struct arena *arena;
	const struct command *command;
	struct xml_node *form;
	bool json = false;
	int c, used = 0, err;

	while ((c = getopt_long(argc, argv, "+c:jVh", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			conf_file = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'V':
			puts("jackdawctl " JACKDAW_VERSION);
			return EX_OK;
		case 'h':
			print_usage(stdout);
			return EX_OK;
		default:
			print_usage(stderr);
			return EX_USAGE;
		}
	}
	hash_init();
	arena = arena_new(4096);
	command = find_command(arena, argv + optind, argc - optind, &used);
	if (command == NULL) {
		print_usage(stderr);
		arena_free(&arena);
		return EX_USAGE;
	}
	argv += optind + used;
	argc -= optind + used;
	if (take_flag(argv, &argc, "json"))
		json = true;
	form = fill_form(arena, command, argv, argc);
	err = run(arena, conf_file, command, form, json);
	arena_free(&arena);
	return err == 0             ? EX_OK
	       : err == ERR_CONFIG  ? EX_CONFIG
	       : err == ERR_INVALID ? EX_USAGE
	                            : EXIT_FAILURE;
}
