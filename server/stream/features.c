/*
 * features.c - what a stream offers at each of its stages (RFC 6120 §4.3.2).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/c2s_private.h"

#include "xml/ns.h"

void c2s_send_features(struct c2s *c)
{
	struct buf *out = stream_out(c->stream);

	if (out == NULL)
		return;
	buf_append(out, STR("<stream:features>"));
	switch (c->state) {
	case C2S_CLEAR:
		buf_append(out, STR("<starttls xmlns='" NS_TLS "'><required/></starttls>"));
		break;
	case C2S_SECURE:
		c2s_sasl_offer(c, out);
		buf_append(out, c->env->ops->features(c, true));
		break;
	case C2S_AUTHENTICATED:
		buf_append(out, STR("<bind xmlns='" NS_BIND "'/><sm xmlns='" NS_SM "'/>"));
		buf_append(out, c->env->ops->features(c, false));
		break;
	default:
		break;
	}
	buf_append(out, STR("</stream:features>"));
}
