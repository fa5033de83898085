/*
 * err.c - the words for errors.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"

#include <string.h>

const char *err_str(int err)
{
	switch ((enum err)err) {
	case ERR_NOENT:
		return "not found";
	case ERR_EXISTS:
		return "exists already";
	case ERR_INVALID:
		return "invalid";
	case ERR_TOO_BIG:
		return "too big";
	case ERR_CORRUPT:
		return "stored data is corrupt";
	case ERR_FULL:
		return "no space left in the store";
	case ERR_STORE:
		return "the store failed";
	case ERR_VERSION:
		return "written by a newer version";
	case ERR_BUSY:
		return "busy";
	case ERR_CLOSED:
		return "closed";
	case ERR_TLS:
		return "TLS failed";
	case ERR_CONFIG:
		return "the configuration is wrong";
	case ERR_DENIED:
		return "not allowed";
	case ERR_TIMEOUT:
		return "timed out";
	case ERR_RESTING:
		return "the name rests";
	}
	if (err >= 0)
		return "no error";
	if (err <= ERR_NOENT)
		return "unknown error";
	return strerror(-err);
}
