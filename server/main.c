/*
 * main.c - jackdawd: arguments, privileges, signals; the order of start and stop is server.c's.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/registry.h"
#include "server/base/err.h"
#include "server/base/hash.h"
#include "server/base/log.h"
#include "server/core/server.h"
#include "server/demo.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

struct arguments {
	const char *conf_file;
	struct demo_options demo;
	bool test;
};

static const char usage[] =
	"usage: jackdawd [-c FILE] [-t]          run, or test the configuration\n"
	"       jackdawd --demo DIR [options]    a complete server out of one folder, on "
	"loopback\n"
	"\n"
	"  -c, --config FILE    configuration, /etc/jackdaw/jackdaw.conf if not given\n"
	"  -t, --test           check the configuration and exit\n"
	"      --demo DIR       make DIR/jackdaw.conf, a certificate and an administrator if "
	"there are none\n"
	"      --domain NAME    of the demo, localhost if not given\n"
	"      --port-base N    add N to the demo's ports\n"
	"      --without A,B    leave modules out of the demo\n"
	"  -V, --version\n"
	"  -h, --help\n";

enum long_only {
	OPT_DEMO = 256,
	OPT_DOMAIN,
	OPT_PORT_BASE,
	OPT_WITHOUT,
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "test", no_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "demo", required_argument, NULL, OPT_DEMO },
	{ "domain", required_argument, NULL, OPT_DOMAIN },
	{ "port-base", required_argument, NULL, OPT_PORT_BASE },
	{ "without", required_argument, NULL, OPT_WITHOUT },
	{ 0 },
};

static void bad_usage(void)
{
	fputs(usage, stderr);
	exit(EX_USAGE);
}

static int read_port_base(const char *text)
{
	int64_t n;

	if (str_to_i64(str_of(text), &n) < 0 || n < 0 || n > 65535 - 5281) {
		fputs("jackdawd: --port-base takes a number from 0 to 60254\n", stderr);
		exit(EX_USAGE);
	}
	return (int)n;
}

static struct arguments read_arguments(int argc, char **argv)
{
	struct arguments a = { .conf_file = JACKDAW_SYSCONFDIR "/jackdaw.conf",
		               .demo = { .domain = "localhost" } };
	int c;

	while ((c = getopt_long(argc, argv, "c:tVh", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			a.conf_file = optarg;
			break;
		case 't':
			a.test = true;
			break;
		case OPT_DEMO:
			a.demo.folder = optarg;
			break;
		case OPT_DOMAIN:
			a.demo.domain = optarg;
			break;
		case OPT_PORT_BASE:
			a.demo.port_base = read_port_base(optarg);
			break;
		case OPT_WITHOUT:
			a.demo.without = optarg;
			break;
		case 'V':
			puts("jackdawd " JACKDAW_VERSION);
			exit(EX_OK);
		case 'h':
			fputs(usage, stdout);
			exit(EX_OK);
		default:
			bad_usage();
		}
	}
	if (optind < argc)
		bad_usage();
	return a;
}

/* A session is a descriptor: take all that the system allows. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			log_warning(NULL, "the limit of open files stays: %s", strerror(errno));
	}
}

static int exit_status(int err)
{
	switch (err) {
	case 0:
		return EX_OK;
	case ERR_CONFIG:
	case ERR_TLS:
		return EX_CONFIG;
	case ERR_VERSION:
	case ERR_CORRUPT:
		return EX_DATAERR;
	case ERR_BUSY:
	case ERR_FULL:
		return EX_TEMPFAIL;
	case -EADDRINUSE:
	case -EADDRNOTAVAIL:
		return EX_UNAVAILABLE;
	case -EACCES:
	case -EPERM:
		return EX_NOPERM;
	case -ENOENT:
		return EX_NOINPUT;
	default:
		return EX_OSERR;
	}
}

static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL); /* before any thread: all inherit it */
	signal(SIGPIPE, SIG_IGN);
}

static void serve(struct server *server, const sigset_t *set)
{
	int signal_number;

	puts("ready");
	fflush(stdout);
	while (sigwait(set, &signal_number) == 0 && signal_number == SIGHUP)
		server_reload(server);
	log_info(NULL, "stopping");
}

static int run(struct arguments *a, const sigset_t *set)
{
	struct server *server;
	int err = server_start(a->conf_file, modules_builtin, SERVER_SERVES, &server);

	if (err < 0)
		return err;
	if (a->demo.folder != NULL)
		demo_greet(&a->demo, server);
	serve(server, set);
	server_stop(&server);
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments a = read_arguments(argc, argv);
	struct arena *arena = arena_new(256);
	sigset_t set;
	int err = 0;

	hash_init();
	block_signals(&set);
	raise_limits();
	if (a.demo.folder != NULL)
		err = demo_prepare(arena, &a.demo, &a.conf_file);
	if (err == 0)
		err = a.test ? server_check(a.conf_file, modules_builtin) : run(&a, &set);
	if (err < 0 && a.demo.folder != NULL)
		demo_take_back(&a.demo);
	arena_free(&arena);
	return exit_status(err);
}
