/*
 * c2s_move.c - from the shard that accepted a client to the one that owns its account.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/c2s_private.h"

#include "xml/ns.h"

#include <stdlib.h>

struct transport_parcel *c2s_pack(struct c2s *c)
{
	c2s_forget_address(c);
	c2s_leave(c);
	return stream_pack(c->stream);
}

void c2s_parcel_drop(struct c2s *c, struct transport_parcel **parcel)
{
	transport_parcel_free(parcel);
	stream_abandon(&c->stream);
	free(c->lang);
	free(c->address);
	free(c->text);
	free(c);
}

static void say_success(struct c2s *c)
{
	struct buf *out = stream_out(c->stream);

	buf_append(out, STR("<success xmlns='" NS_SASL "'"));
	if (str_is_empty(c->success)) {
		buf_append(out, STR("/>"));
	} else {
		buf_append_byte(out, '>');
		buf_append(out, c->success);
		buf_append(out, STR("</success>"));
	}
	free(c->text);
	c->text = NULL;
	c->success = STR_NONE;
}

bool c2s_unpack(struct c2s *c, struct c2s_env *env, struct transport_parcel **parcel,
                struct jid account)
{
	if (stream_unpack(c->stream, env->streams, parcel, c) < 0) {
		c2s_parcel_drop(c, parcel);
		return false;
	}
	c2s_join(c, env);
	c->jid = account;
	c->log.name = jid_bare_str(account);
	c->state = C2S_AUTHENTICATED;
	say_success(c);
	stream_restart(c->stream);
	stream_set_limits(c->stream, &env->limits->after);
	c2s_stage(c);
	stream_go(c->stream);
	return true;
}
