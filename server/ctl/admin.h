/*
 * admin.h - calling administrative commands over the control socket, from outside of the
 * shards.
 *
 * Blocking; for jackdawctl, and for main before it serves.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/server.h"
#include "xml/node.h"

struct admin;

/* Over the connected socket FD, which it takes. */
struct admin *admin_open(int fd);
/*
 * To the server whose control socket is PATH: 0, or -errno (-ENOENT, -ECONNREFUSED: it does not
 * run).
 */
MUST_CHECK int admin_connect(const char *path, struct admin **admin_out);
/* To a server in this process. */
MUST_CHECK int admin_attach(struct server *server, struct admin **admin_out);
void admin_close(struct admin **admin);

/*
 * Run the command NAME with FORM (a submitted form, or NULL).  0 with *result_out the
 * <command/> element, in ARENA; or an error whose text, if any, is in *problem_out: ERR_EXISTS,
 * ERR_NOENT, ERR_INVALID, ERR_DENIED, ERR_BUSY, ERR_STORE; ERR_CLOSED.
 */
MUST_CHECK int admin_call(struct admin *admin, struct arena *arena, struct str name,
                          struct xml_node *form, const struct xml_node **result_out,
                          struct str *problem_out);

/* A whole "account add" on a server in this process. */
MUST_CHECK int admin_add_account(struct server *server, struct str account,
                                 struct str password);
