/*
 * owed.h - unsubscribe, said until it is heard.
 *
 * When a user ends a subscription, the account has forgotten the contact before the contact has
 * heard of it; if the server is killed in between, the contact would go on showing its presence
 * to somebody who does not want it.  So the intent is stored in the same batch, and unsubscribe
 * is sent once more at the first login after another start of the server; it changes nothing
 * where it was heard.  The other halves of RFC 6121 §3 mend themselves: a request is repeated at
 * login, and a probe by someone who may not see is answered with unsubscribed.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/item.h"

void owed_add(struct event *ev, struct jid contact);
void owed_forget(struct event *ev, struct jid contact);
/* At a login: what an earlier process owed is sent, what this one sent is done with. */
MUST_CHECK int owed_send(struct event *ev);
