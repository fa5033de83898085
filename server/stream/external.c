/*
 * external.c - EXTERNAL (RFC 4422 appendix A): the client is who its certificate says (XEP-0178
 * §2).
 *
 * The certificate was verified by TLS; here its addresses meet what the client asks for.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/auth_plugins.h"

#include "xml/jid.h"

/*
 * An address of the certificate that can be an account of this host, prepared; JID_NONE
 * otherwise.
 */
static struct jid address_at(const struct auth *auth, size_t i)
{
	struct jid jid;

	if (jid_parse(auth->arena, auth->facts->certificate_jids[i], &jid) < 0 ||
	    !jid_is_bare(jid) || str_is_absent(jid_local(jid)) ||
	    !str_eq(jid_domain(jid), auth->facts->domain))
		return JID_NONE;
	return jid;
}

/* The certificate's only address here, or JID_NONE; IS_ANY tells whether it has any. */
static struct jid only_address(const struct auth *auth, bool *is_any)
{
	struct jid only = JID_NONE;

	*is_any = false;
	for (size_t i = 0; i < auth->facts->n_certificate_jids; i++) {
		struct jid jid = address_at(auth, i);

		if (jid_is_none(jid))
			continue;
		if (*is_any && !jid_eq(jid, only))
			return JID_NONE;
		*is_any = true;
		only = jid;
	}
	return only;
}

static struct jid address_named(const struct auth *auth, struct str authzid)
{
	struct jid wanted;

	if (jid_parse(auth->arena, authzid, &wanted) < 0)
		return JID_NONE;
	for (size_t i = 0; i < auth->facts->n_certificate_jids; i++) {
		struct jid jid = address_at(auth, i);

		if (!jid_is_none(jid) && jid_eq(jid, wanted))
			return jid;
	}
	return JID_NONE;
}

static int on_message(struct auth *auth, struct str authzid)
{
	struct jid jid;
	bool is_any;

	if (!auth_is_text(authzid))
		return auth_refuse(auth, AUTH_MALFORMED_REQUEST);
	jid = only_address(auth, &is_any);
	/* XEP-0178 §2 step 11: no address, so nothing to map to an account. */
	if (!is_any)
		return auth_refuse(auth, AUTH_NOT_AUTHORIZED);
	if (!str_is_empty(authzid))
		jid = address_named(auth, authzid);
	/* Several and none chosen, or one chosen that the certificate does not have. */
	if (jid_is_none(jid))
		return auth_refuse(auth, AUTH_INVALID_AUTHZID);
	auth->user = arena_copy(auth->arena, jid_local(jid));
	return auth_ask(auth, ASK_ACCOUNT);
}

int external_step(struct auth *auth, struct str in, struct str *out)
{
	return auth->has_account ? auth_admit(auth, true) : on_message(auth, in);
}
