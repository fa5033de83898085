/*
 * demo.h - jackdawd --demo DIR: a complete server out of one folder, for a first look and for
 * tests.
 *
 * Loopback only, open registration that is not throttled, a self-signed certificate, an
 * administrator with a random password.  What exists in DIR already is used as it is.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/server.h"

struct demo_options {
	const char *folder; /* NULL: no demo */
	const char *domain;
	const char *without; /* modules, separated by commas; NULL: none */
	int port_base;
	bool made_conf, made_certificate; /* by demo_prepare, in this start */
};

/* Make DIR's files as far as they are missing; *conf_file_out is DIR/jackdaw.conf, in ARENA. */
MUST_CHECK int demo_prepare(struct arena *arena, struct demo_options *o,
                            const char **conf_file_out);
/* The start failed: remove what it made, so that other options get another try. */
void demo_take_back(const struct demo_options *o);
/* Make the administrator if there is none, and print how to connect. */
void demo_greet(const struct demo_options *o, struct server *server);
