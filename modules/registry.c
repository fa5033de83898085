/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/registry.h"

extern const struct mod_def mod_blocking, mod_caps, mod_carbons, mod_contact, mod_csi,
	mod_disco, mod_last, mod_mam, mod_muc, mod_offline, mod_ping, mod_presence, mod_private,
	mod_register, mod_roster, mod_search, mod_session, mod_time, mod_vcard, mod_version;

/* In the order of their hooks: presence first, and last the archive, which keeps what others made. */
const struct mod_def *const modules_builtin[] = {
	&mod_presence, &mod_blocking, &mod_caps,    &mod_carbons, &mod_contact,
	&mod_csi,      &mod_disco,    &mod_last,    &mod_offline, &mod_ping,
	&mod_private,  &mod_register, &mod_roster,  &mod_search,  &mod_session,
	&mod_time,     &mod_vcard,    &mod_version, &mod_muc,     &mod_mam,     NULL,
};
