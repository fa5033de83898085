/*
 * login.h - the way of an XMPP client from a bare connection to an available session.
 *
 *	features -> starttls -> proceed -> TLS -> features -> SCRAM -> success ->
 *	features -> bind -> presence; or, after TLS, features -> registration -> good-bye
 *
 * With stream management (XEP-0198), bind -> enable and presence -> enabled; or, where there is a
 * stream to resume, features -> resume -> resumed, or failed -> bind as above.
 *
 * With contacts there is more behind bind: roster and carbons -> presence -> it comes back.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/client.h"

/* Send a stream header and take what follows as the answer to it. */
void login_open_stream(struct client *c);

/* Take a stanza that belongs to the login. */
void login_take(struct client *c, struct piece got);
