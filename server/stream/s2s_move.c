/*
 * s2s_move.c - from the shard that accepted a server to the one that owns its domain.
 *
 * It moves in the middle of a claim, before anything is proven, so its address counts there as well.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/s2s_private.h"

#include <stdlib.h>

struct transport_parcel *s2s_pack(struct s2s *s)
{
	s2s_forget_address(s);
	s2s_leave(s);
	return stream_pack(s->stream);
}

void s2s_parcel_drop(struct s2s *s, struct transport_parcel **parcel)
{
	transport_parcel_free(parcel);
	stream_abandon(&s->stream);
	s2s_free_parts(s);
	free(s);
}

bool s2s_unpack(struct s2s *s, struct s2s_env *env, struct transport_parcel **parcel)
{
	if (stream_unpack(s->stream, env->streams, parcel, s) < 0) {
		s2s_parcel_drop(s, parcel);
		return false;
	}
	s2s_join(s, env);
	stream_set_limits(s->stream, &env->limits->before);
	s2s_stage(s);
	stream_go(s->stream);
	s2s_admit(s);
	s2s_pursue(s);
	return true;
}
