/*
 * owed.h - what a contact must hear of a subscription, said until it is heard.
 *
 * An account has stored that it ended a subscription, or granted one, before the contact hears
 * of it; if the server is killed in between, the two would disagree for ever: a contact would go
 * on showing its presence to somebody who does not want it, or believe that it is shown none.
 * So what is owed is stored in the same batch, and is sent once more at the first login after
 * another start of the server.  Where it was heard it changes nothing.  A server that is still
 * there some seconds after it has sent it has been heard: then it is owed no more.
 *
 * The other two need no record: a request is repeated at each login until it is answered (RFC
 * 6121 §3.1.2), and a probe by someone who may not see is answered with unsubscribed (§4.3.2).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/item.h"

enum owed {
	OWED_UNSUBSCRIBE = 1 << 0,
	OWED_SUBSCRIBED = 1 << 1,
};

/* WHAT is owed to the contact from now on, and AVOIDED no longer. */
MUST_CHECK int owed_change(struct event *ev, struct jid contact, unsigned what,
                           unsigned avoided);
/* What this process sent a while ago is done with: at the end of a session. */
MUST_CHECK int owed_settle(struct event *ev);
/* At a login, the same; and what an earlier process owed is sent. */
MUST_CHECK int owed_send(struct event *ev);
