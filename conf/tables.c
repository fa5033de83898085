/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
/*
 * tables.c - the server's own options.
 */
#include "conf/conf.h"

static const char *const levels[] = { "error", "warning", "info", "debug", NULL };
static const char *const passwords[] = { "internal", "saslauthd", NULL };
static const char *const durabilities[] = { "commit", "relaxed", NULL };
static const char *const conflicts[] = { "replace", "refuse", "rename", NULL };

static const char *const proofs[] = { "certificate", "dialback", NULL };

#define GLOBAL struct conf_options
#define HOST struct conf_host_options
#define PEER struct conf_peer_options
#define COMPONENT struct conf_component_options

const struct conf_option conf_global_table[] = {
	CONF_OPT_TEXT("data", GLOBAL, data, JACKDAW_STATEDIR, "the folder of the database"),
	CONF_OPT_TEXT("control", GLOBAL, control, NULL,
	              "the socket for jackdawctl; without it, \"control\" in the data folder"),
	CONF_OPT_CHOICE("log-level", GLOBAL, log_level, 2, levels,
	                "how much to tell on standard error"),
	CONF_OPT_INT("shards", GLOBAL, shards, 0, 0, 1024, "threads; 0 is one for each core"),
	CONF_OPT_LIST("listen", GLOBAL, listen_c2s, "*",
	              "addresses to accept clients on; * is all of IPv4 and IPv6"),
	CONF_OPT_INT("port", GLOBAL, port_c2s, 5222, 0, 65535,
	             "port of clients with STARTTLS; 0 is off"),
	CONF_OPT_INT("tls-port", GLOBAL, port_c2s_tls, 5223, 0, 65535,
	             "port of clients with direct TLS; 0 is off"),
	CONF_OPT_LIST("module-files", GLOBAL, module_files, NULL,
	              "shared objects to load as modules"),
	CONF_OPT_TEXT("module-folder", GLOBAL, module_folder, JACKDAW_MODULEDIR,
	              "where module-files are that have no full path"),
	CONF_OPT_TEXT("tls-priorities", GLOBAL, tls_priorities, NULL,
	              "a GnuTLS priority string, in place of the server's own choice"),
	CONF_OPT_BYTES("stanza-size", GLOBAL, stanza_bytes, KIB(256), 10000, MIB(16),
	               "the largest stanza of a client that has logged in"),
	CONF_OPT_BYTES("early-stanza-size", GLOBAL, stanza_bytes_before, 10000, 10000, MIB(1),
	               "the largest element before that"),
	CONF_OPT_BYTES(
		"out-size", GLOBAL, out_bytes, MIB(8), KIB(64), MIB(1024),
		"what may wait for a client that does not read; more, and it is dropped"),
	CONF_OPT_INT("connections-per-address", GLOBAL, connections_per_address, 100, 1,
	             1000000,
	             "connections of one address that have not logged in, on each shard"),
	CONF_OPT_TIME("login-timeout", GLOBAL, login_timeout, SECONDS(60), SECONDS(1), HOURS(1),
	              "from the connection to the bound session"),
	CONF_OPT_TIME("stage-timeout", GLOBAL, handshake_timeout, SECONDS(20), SECONDS(1),
	              HOURS(1),
	              "for TLS, and for each stage of the login in which no user is asked"),
	CONF_OPT_TIME("idle-ping", GLOBAL, idle_timeout, MINUTES(5), 0, HOURS(24),
	              "silence after which a client is sent a space, so that the system finds "
	              "out about a connection that is dead; 0 is never"),
	CONF_OPT_BYTES("bytes-per-second", GLOBAL, bytes_per_second, MIB(1), 1000, MIB(1024),
	               "what a client may send; beyond twice of it, reading pauses"),
	CONF_OPT_INT("sessions-per-account", GLOBAL, sessions_per_account, 20, 1, 10000,
	             "devices of one account at a time"),
	CONF_OPT_TIME("resume-time", GLOBAL, resume_time, HOURS(1), 0, HOURS(24),
	              "how long a session waits for its client to come back when the "
	              "connection broke or the server was restarted; 0: it does not"),
	CONF_OPT_INT("resume-stanzas", GLOBAL, resume_stanzas, 2000, 10, 100000,
	             "stanzas that may wait for it meanwhile; more, and the session ends"),
	CONF_OPT_BYTES("resume-size", GLOBAL, resume_bytes, MIB(2), KIB(16), MIB(64),
	               "and bytes"),
	CONF_OPT_BYTES("resume-total", GLOBAL, resume_total, MIB(512), MIB(1), MIB(1024) * 1024,
	               "memory for what waits for all sessions together; beyond, those end for "
	               "which no less than the average waits"),
	CONF_OPT_TIME("ack-timeout", GLOBAL, ack_timeout, SECONDS(60), SECONDS(1), HOURS(1),
	              "how long a client may take to acknowledge what it is asked about; then "
	              "its connection is taken for dead"),
	CONF_OPT_TIME("commit-gather", GLOBAL, store_gather, 2, 0, 100,
	              "how long a commit to the database waits for more to share it"),
	CONF_OPT_BOOL("s2s", GLOBAL, s2s, true,
	              "speak with other servers; false is for a closed installation"),
	CONF_OPT_INT("s2s-port", GLOBAL, port_s2s, 5269, 0, 65535,
	             "port of other servers with STARTTLS; 0 is off"),
	CONF_OPT_INT("s2s-tls-port", GLOBAL, port_s2s_tls, 5270, 0, 65535,
	             "port of other servers with direct TLS; 0 is off"),
	CONF_OPT_CHOICE("s2s-proof", GLOBAL, s2s_proof, PROOF_CERTIFICATE, proofs,
	                "how another server proves who it is: certificate is by one that an "
	                "authority has signed, dialback is by that or else by asking the "
	                "server that DNS names"),
	CONF_OPT_TEXT("s2s-trust", GLOBAL, s2s_trust, NULL,
	              "PEM file: authorities of other servers' certificates, in place of the "
	              "system's"),
	CONF_OPT_LIST("s2s-allow", GLOBAL, s2s_allow, NULL,
	              "domains of other servers, *.example.com being all below that one; when "
	              "any are named, all others are refused"),
	CONF_OPT_TEXT("s2s-allow-file", GLOBAL, s2s_allow_file, NULL,
	              "a file with more of them, one on a line"),
	CONF_OPT_LIST("s2s-deny", GLOBAL, s2s_deny, NULL, "domains that are refused"),
	CONF_OPT_TEXT("s2s-deny-file", GLOBAL, s2s_deny_file, NULL,
	              "a file with more of them, one on a line"),
	CONF_OPT_TIME(
		"s2s-wait", GLOBAL, s2s_wait, HOURS(1), 0, HOURS(14 * 24),
		"how long messages wait for a server that cannot be reached, before their "
		"senders get them back"),
	CONF_OPT_INT("s2s-queue-stanzas", GLOBAL, s2s_queue_stanzas, 10000, 100, 1000000,
	             "stanzas that may wait for one other domain; more, and their senders get "
	             "an error"),
	CONF_OPT_BYTES("s2s-queue-size", GLOBAL, s2s_queue_bytes, MIB(16), KIB(512), MIB(1024),
	               "and bytes"),
	CONF_OPT_BYTES("s2s-queue-total", GLOBAL, s2s_queue_total, MIB(256), MIB(1),
	               MIB(1024) * 1024, "bytes that may wait for all of them, on each shard"),
	CONF_OPT_TIME("s2s-gone", GLOBAL, s2s_gone, MINUTES(3), SECONDS(1), HOURS(24),
	              "how long a server may be out of reach before its users, and occupants "
	              "of its rooms, are shown as unavailable"),
	CONF_OPT_BYTES("s2s-stanza-size", GLOBAL, s2s_stanza_bytes, KIB(512), 10000, MIB(16),
	               "the largest stanza of another server"),
	CONF_OPT_BYTES("s2s-bytes-per-second", GLOBAL, s2s_bytes_per_second, MIB(4), 1000,
	               MIB(1024),
	               "what another server may send; beyond twice of it, reading pauses"),
	CONF_OPT_TIME("s2s-idle", GLOBAL, s2s_idle, MINUTES(30), 0, HOURS(24),
	              "a connection to another server on which nothing passed for so long is "
	              "closed; 0 is never"),
	CONF_OPT_LIST("component-listen", GLOBAL, listen_component, "127.0.0.1",
	              "addresses to accept components on, which speak without TLS"),
	CONF_OPT_INT("component-port", GLOBAL, port_component, 5347, 0, 65535,
	             "their port, open if the file has any component; 0 is off"),
	CONF_OPT_LIST(
		"dns-servers", GLOBAL, dns_servers, NULL,
		"addresses to ask about other domains, with @PORT if it is not 53; none: as "
		"/etc/resolv.conf says"),
	CONF_OPT_TEXT("dns-anchor", GLOBAL, dns_anchor, NULL,
	              "file of DNSSEC's trust anchors, in place of the system's for the root; "
	              "none is for networks whose DNS servers pass no DNSSEC on"),
	CONF_OPT_BYTES("data-size", GLOBAL, store_bytes, 0, 0, MIB(1024) * 65536,
	               "how large the database may become; 0 is 1024 GiB"),
	{ 0 },
};

const struct conf_option conf_host_table[] = {
	CONF_OPT_TEXT(
		"certificate", HOST, certificate, NULL,
		"PEM file: the host's certificate, then those that lead to its authority"),
	CONF_OPT_TEXT("key", HOST, key, NULL, "PEM file: its private key"),
	CONF_OPT_TEXT("client-ca", HOST, client_ca, NULL,
	              "PEM file: authorities whose client certificates log in (SASL EXTERNAL)"),
	CONF_OPT_LIST("admins", HOST, admins, NULL,
	              "JIDs of the accounts that administer the host"),
	CONF_OPT_LIST("modules", HOST, modules, NULL,
	              "modules of the host, in place of the default ones"),
	CONF_OPT_LIST("with", HOST, with, NULL, "modules to add to them"),
	CONF_OPT_LIST("without", HOST, without, NULL, "modules to take away from them"),
	CONF_OPT_BOOL("anonymous", HOST, anonymous, false,
	              "let anyone in under a name that is made up (SASL ANONYMOUS)"),
	CONF_OPT_CHOICE("passwords", HOST, passwords, PASSWORDS_INTERNAL, passwords,
	                "who knows the passwords: internal is this server, saslauthd is a "
	                "daemon that asks PAM, LDAP and more"),
	CONF_OPT_TEXT("saslauthd-socket", HOST, saslauthd_socket, "/run/saslauthd/mux",
	              "the socket of that daemon"),
	CONF_OPT_TIME("saslauthd-timeout", HOST, saslauthd_timeout, SECONDS(10), SECONDS(1),
	              SECONDS(60), "how long a login waits for its answer"),
	CONF_OPT_BOOL("plain", HOST, plain, true, "offer the mechanism PLAIN under TLS"),
	CONF_OPT_INT("scram-iterations", HOST, scram_iterations, 10000, 4096, 1000000,
	             "rounds of new password verifiers: the cost of a guess at a stolen one"),
	CONF_OPT_CHOICE(
		"conflict", HOST, conflict, 0, conflicts,
		"what happens when a client asks for a resource that is in use: replace "
		"ends the old session, refuse denies the new one, and rename gives the "
		"new one another name"),
	CONF_OPT_CHOICE(
		"durability", HOST, durability, DURABILITY_COMMIT, durabilities,
		"what is said to be done is on disk (commit), or on its way there (relaxed): "
		"quicker by the time of some commits, and a crash takes away what was "
		"acknowledged in its last moment; clients are then told of a lower count than "
		"before, which some do not expect"),
	CONF_OPT_TEXT("resume-location", HOST, resume_location, NULL,
	              "address and port where clients are asked to come back to"),
	CONF_OPT_TIME(
		"name-reuse", HOST, name_reuse, HOURS(30 * 24), 0, HOURS(10000 * 24),
		"how long nobody gets the name of an account that was removed; 0: anybody "
		"does at once"),
	CONF_OPT_BOOL("s2s", HOST, s2s, true,
	              "let the host's accounts speak with other servers"),
	{ 0 },
};

/* What is not given is as for all: see read_peer. */
const struct conf_option conf_peer_table[] = {
	CONF_OPT_CHOICE("proof", PEER, proof, PROOF_CERTIFICATE, proofs,
	                "as s2s-proof, for this domain"),
	CONF_OPT_BOOL("deny", PEER, deny, false, "refuse it"),
	CONF_OPT_BYTES("bytes-per-second", PEER, bytes_per_second, MIB(4), 1000, MIB(1024),
	               "as s2s-bytes-per-second, for this domain"),
	{ 0 },
};

const struct conf_option conf_component_table[] = {
	CONF_OPT_TEXT("secret", COMPONENT, secret, NULL,
	              "what the component knows too; 8 characters or more"),
	CONF_OPT_BYTES("bytes-per-second", COMPONENT, bytes_per_second, MIB(4), 1000, MIB(1024),
	               "what it may send; beyond twice of it, reading pauses"),
	{ 0 },
};
