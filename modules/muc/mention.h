/*
 * mention.h - who has registered a nick with a room, and is not in it, is told that he was mentioned.
 *
 * What he gets is a pointer to what was said (XEP-0372 §3.3), and not what was said: he reads that in
 * the archive, or not.
 *
 *     <message from='room' to='his account'>
 *       <reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:his account'
 *                  anchor='xmpp:room?;id=what the archive calls it'/>
 *       <store xmlns='urn:xmpp:hints'/>
 *     </message>
 *
 * He is mentioned by a reference to his JID, or to his address in the room, or by his nick: at the
 * beginning, before ":" or ",", or as a word, with "@" or without.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* S was said, and is archived, if there is an archive.  As a handler. */
int mention_tell(struct muc_event *me, const struct stanza *s);
