/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/stream_error.h"

#include "server/base/defs.h"

const char *stream_error_name(enum stream_error condition)
{
	static const char *const names[] = {
		[STREAM_BAD_FORMAT] = "bad-format",
		[STREAM_BAD_NAMESPACE_PREFIX] = "bad-namespace-prefix",
		[STREAM_CONFLICT] = "conflict",
		[STREAM_CONNECTION_TIMEOUT] = "connection-timeout",
		[STREAM_HOST_GONE] = "host-gone",
		[STREAM_HOST_UNKNOWN] = "host-unknown",
		[STREAM_IMPROPER_ADDRESSING] = "improper-addressing",
		[STREAM_INTERNAL_SERVER_ERROR] = "internal-server-error",
		[STREAM_INVALID_FROM] = "invalid-from",
		[STREAM_INVALID_NAMESPACE] = "invalid-namespace",
		[STREAM_INVALID_XML] = "invalid-xml",
		[STREAM_NOT_AUTHORIZED] = "not-authorized",
		[STREAM_NOT_WELL_FORMED] = "not-well-formed",
		[STREAM_POLICY_VIOLATION] = "policy-violation",
		[STREAM_REMOTE_CONNECTION_FAILED] = "remote-connection-failed",
		[STREAM_RESET] = "reset",
		[STREAM_RESOURCE_CONSTRAINT] = "resource-constraint",
		[STREAM_RESTRICTED_XML] = "restricted-xml",
		[STREAM_SYSTEM_SHUTDOWN] = "system-shutdown",
		[STREAM_UNDEFINED_CONDITION] = "undefined-condition",
		[STREAM_UNSUPPORTED_ENCODING] = "unsupported-encoding",
		[STREAM_UNSUPPORTED_FEATURE] = "unsupported-feature",
		[STREAM_UNSUPPORTED_STANZA_TYPE] = "unsupported-stanza-type",
		[STREAM_UNSUPPORTED_VERSION] = "unsupported-version",
	};

	ASSERT((size_t)condition < ARRAY_LEN(names));
	return names[condition];
}
