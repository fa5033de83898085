/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/sm_element.h"

#include "server/base/err.h"
#include "xml/ns.h"
#include "xml/writer.h"

static void write_with_h(struct buf *out, const char *name, struct str previd, uint64_t handled)
{
	buf_printf(out, "<%s xmlns='" NS_SM "'", name);
	xml_write_attr(out, "previd", previd);
	buf_printf(out, " h='%u'/>", (unsigned)(uint32_t)handled);
}

void sm_write_a(struct buf *out, uint64_t handled)
{
	write_with_h(out, "a", STR_NONE, handled);
}

void sm_write_resume(struct buf *out, struct str previd, uint64_t handled)
{
	write_with_h(out, "resume", previd, handled);
}

void sm_write_resumed(struct buf *out, struct str previd, uint64_t handled)
{
	write_with_h(out, "resumed", previd, handled);
}

void sm_write_failed(struct buf *out, const char *condition, const uint64_t *handled)
{
	buf_append(out, STR("<failed xmlns='" NS_SM "'"));
	if (handled != NULL)
		buf_printf(out, " h='%u'", (unsigned)(uint32_t)*handled);
	buf_printf(out, "><%s xmlns='" NS_STANZA_ERROR "'/></failed>", condition);
}

void sm_write_too_high(struct buf *out, uint32_t h, uint64_t sent)
{
	buf_printf(out, "<handled-count-too-high xmlns='" NS_SM "' h='%u' send-count='%u'/>",
	           (unsigned)h, (unsigned)(uint32_t)sent);
}

int sm_read_h(const struct xml_node *element, uint32_t *h_out)
{
	uint64_t h;

	if (str_to_u64(xml_attr(element, "h"), &h) < 0 || h > UINT32_MAX)
		return ERR_INVALID;
	*h_out = (uint32_t)h;
	return 0;
}

bool sm_is_resumable(const struct xml_node *element)
{
	struct str resume = xml_attr(element, "resume");

	return str_is(resume, "true") || str_is(resume, "1");
}
