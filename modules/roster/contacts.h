/*
 * contacts.h - what contacts see of the account's presence, and how it comes to see theirs
 * (RFC 6121 §4.2 to §4.5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/item.h"

/* Send the contact presence of TYPE from the account, by its bare JID. */
void contact_tell(struct event *ev, enum stanza_type type, struct jid contact);
/*
 * Handlers of HOOK_AVAILABLE, of HOOK_UPDATED and HOOK_UNAVAILABLE, of HOOK_RESUMED, and of
 * HOOK_RECEIVED.
 */
int contacts_available(struct mod *m, struct event *ev);
int contacts_changed(struct mod *m, struct event *ev);
int contacts_resumed(struct mod *m, struct event *ev);
int contacts_probed(struct mod *m, struct event *ev);
