/*
 * iqs.c - which function answers which iq to a room.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/admin.h"
#include "modules/muc/disco.h"
#include "modules/muc/hat_command.h"
#include "modules/muc/log.h"
#include "modules/muc/owner.h"
#include "modules/muc/register.h"
#include "modules/muc/retract.h"
#include "modules/muc/vcard.h"

static int on_ping(struct muc_event *me)
{
	return event_result(me->ev, NULL);
}

const struct muc_iq room_iqs[] = {
	{ NS_COMMANDS, "command", IQ_SET, hat_command },
	{ NS_DISCO_INFO, "query", IQ_GET, disco_room_info },
	{ NS_DISCO_ITEMS, "query", IQ_GET, disco_room_items },
	{ NS_MAM, "metadata", IQ_GET, log_answer },
	{ NS_MAM, "query", IQ_GET | IQ_SET, log_answer },
	{ NS_MODERATE, "moderate", IQ_SET, retract_moderated },
	{ NS_MUC_ADMIN, "query", IQ_GET, admin_get },
	{ NS_MUC_ADMIN, "query", IQ_SET, admin_set },
	{ NS_MUC_OWNER, "query", IQ_GET, owner_get },
	{ NS_MUC_OWNER, "query", IQ_SET, owner_set },
	{ NS_PING, "ping", IQ_GET, on_ping },
	{ NS_REGISTER, "query", IQ_GET, register_get },
	{ NS_REGISTER, "query", IQ_SET, register_set },
	{ NS_VCARD, "vCard", IQ_GET, room_vcard_get },
	{ NS_VCARD, "vCard", IQ_SET, room_vcard_set },
	{ 0 },
};
