/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/protocols.h"

#define WHOLE PROTOCOL_COMPLETE
#define PART PROTOCOL_PARTIAL

const struct protocol_rfc protocol_rfcs[] = {
	{ 3921, "XMPP: Instant Messaging and Presence (2004)", PART,
	  "only the session request of §3, answered for older clients" },
	{ 4013, "SASLprep: Stringprep Profile for User Names and Passwords", WHOLE, NULL },
	{ 4422, "Simple Authentication and Security Layer (SASL)", PART,
	  "EXTERNAL (appendix A) and the framework; no security layers, TLS does that" },
	{ 4505, "Anonymous SASL Mechanism", WHOLE,
	  "where a host allows it; traces are not kept" },
	{ 4616, "The PLAIN SASL Mechanism", WHOLE, "under TLS only" },
	{ 5802, "SCRAM SASL and GSS-API Mechanisms", PART,
	  "SCRAM-SHA-1 and SCRAM-SHA-1-PLUS as SASL mechanisms; no GSS-API" },
	{ 5929, "Channel Bindings for TLS", PART,
	  "tls-server-end-point; tls-unique under TLS 1.2 with extended master secret; no "
	  "tls-unique-for-telnet" },
	{ 6120, "XMPP: Core", PART,
	  "streams of clients; none between servers (§4 to §7 for jabber:server, §10.4)" },
	{ 6121, "XMPP: Instant Messaging and Presence", PART,
	  "all of it among accounts of this server; no other servers yet" },
	{ 6122, "XMPP: Address Format", WHOLE, "the profiles by which addresses are prepared" },
	{ 7301, "TLS Application-Layer Protocol Negotiation", WHOLE, "xmpp-client" },
	{ 7590, "Use of TLS in XMPP", PART,
	  "streams of clients: TLS is required, 1.2 or later" },
	{ 7622, "XMPP: Address Format", PART,
	  "the grammar and lengths; parts are prepared by the older profiles of RFC 6122, as "
	  "most servers do" },
	{ 7677, "SCRAM-SHA-256 and SCRAM-SHA-256-PLUS", WHOLE,
	  "and SCRAM-SHA-512 in the same manner" },
	{ 9266, "Channel Bindings for TLS 1.3", WHOLE,
	  "tls-exporter, under TLS 1.2 with extended master secret too" },
	{ 0 },
};

const struct protocol_xep protocol_xeps[] = {
	{ 4, "Data Forms", "2.13.2", PART, "0.1.0",
	  "forms, submissions and tables, in registration and in the operator's commands" },
	{ 12, "Last Activity", NULL, WHOLE, "0.1.0",
	  "a session that is connected and not available counts for the own user alone" },
	{ 30, "Service Discovery", NULL, WHOLE, "0.1.0",
	  "of the server, and of accounts to those who may see their presence" },
	{ 68, "Field Standardization for Data Forms", "1.3.0", WHOLE, "0.1.0", NULL },
	{ 77, "In-Band Registration", NULL, WHOLE, "0.1.0",
	  "off unless a host allows it; throttled by address; no redirection" },
	{ 82, "XMPP Date and Time Profiles", "1.1.1", PART, "0.1.0",
	  "DateTime and time zones alone are in use" },
	{ 86, "Error Condition Mappings", "1.0", WHOLE, "0.1.0",
	  "codes are sent beside conditions, and not read" },
	{ 92, "Software Version", NULL, WHOLE, "0.1.0",
	  "the operating system only if asked for (show-os)" },
	{ 115, "Entity Capabilities", NULL, WHOLE, "0.1.0",
	  "the server's own, and what clients of this server announce, verified; not the "
	  "legacy "
	  "format" },
	{ 128, "Service Discovery Extensions", "1.0.1", WHOLE, "0.1.0",
	  "forms that modules give" },
	{ 170, "Recommended Order of Stream Feature Negotiation", "1.0", WHOLE, "0.1.0",
	  "TLS, SASL, binding" },
	{ 175, "Best Practices for Use of SASL ANONYMOUS", "1.2", WHOLE, "0.1.0",
	  "temporary accounts, which keep nothing" },
	{ 178, "Best Practices for Use of SASL EXTERNAL with Certificates", "1.2", PART,
	  "0.1.0", "clients (§2), with revocation not looked at; not between servers" },
	{ 199, "XMPP Ping", NULL, WHOLE, "0.1.0", NULL },
	{ 202, "Entity Time", NULL, WHOLE, "0.1.0", NULL },
	{ 237, "Roster Versioning", "1.3", WHOLE, "0.1.0", "as RFC 6121 §2.6 has it" },
	{ 368, "SRV records for XMPP over TLS", "1.1.0", PART, "0.1.0",
	  "direct TLS with ALPN for clients; not between servers" },
	{ 440, "SASL Channel-Binding Type Capability", "1.0.0", WHOLE, "0.1.0", NULL },
	{ 453, "DOAP usage in XMPP", "0.1.2", WHOLE, "0.1.0", "doc/jackdaw.doap" },
	{ 0 },
};
