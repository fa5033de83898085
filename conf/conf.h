/*
 * conf.h - the configuration file, read and checked: one immutable generation.
 *
 *     data = "/var/lib/jackdaw"
 *     host "example.org" {
 *             certificate = "/etc/jackdaw/example.org.crt"
 *             key = "/etc/jackdaw/example.org.key"
 *             admins = { "juliet@example.org" }
 *             register { allow = true }          # a module's options; outside of host: for all hosts
 *     }
 *
 *     peer "example.com" { proof = "dialback" }  # another server
 *     component "irc.example.org" { secret = "…" }  # a program that serves that domain
 *
 * Parsed by libconfuse.  Every mistake is one line "FILE:LINE: what was found, what was
 * expected".  Wrong values are all reported; an unknown option or broken syntax ends the
 * reading where it stands.  Nothing is used of a file that has a mistake.
 * include("other.conf") reads another file there, relative to the including one, ten deep at
 * most; its name may have wildcards.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/option.h"

/* A module as the configuration knows it: its name is the section's. */
struct conf_module {
	const char *name;
	const struct conf_option *options; /* may be NULL */
	size_t size;                       /* of the struct that the options fill */
	bool enabled;                      /* is it on where "modules" does not say */
	const char *needs; /* another one that must be on where it is; or NULL */
};

struct conf_listen {
	struct str address; /* numeric, or "*" */
	uint16_t port;
	enum conf_listen_kind {
		LISTEN_C2S,     /* STARTTLS */
		LISTEN_C2S_TLS, /* direct TLS */
		LISTEN_S2S,     /* other servers, STARTTLS */
		LISTEN_S2S_TLS,
		LISTEN_COMPONENT, /* XEP-0114, in the clear */
	} kind;
};

/* Who knows the passwords: indices into internal, saslauthd. */
enum conf_passwords {
	PASSWORDS_INTERNAL,
	PASSWORDS_SASLAUTHD,
};

/* How another server proves who it is: indices into certificate, dialback. */
enum conf_proof {
	PROOF_CERTIFICATE,
	PROOF_DIALBACK,
};

/* What holds for one other domain: a block  peer "example.com" { … }. */
struct conf_peer {
	struct str name; /* prepared domain */
	struct conf_peer_options {
		int64_t proof; /* enum conf_proof */
		bool deny;
		int64_t bytes_per_second;
	} o;
};

/* Does anybody wait for the disk?  Indices into commit, relaxed. */
enum conf_durability {
	DURABILITY_COMMIT,
	DURABILITY_RELAXED,
};

/* A domain that a program beside the server has: a block  component "irc.example.org" { … }. */
struct conf_component {
	struct str name; /* prepared domain */
	struct str file; /* in which its secret stands */
	struct conf_component_options {
		struct str secret;
		int64_t bytes_per_second;
	} o;
};

struct conf_host {
	struct str name; /* prepared domain */
	struct conf_host_options {
		/* files; relative to the configuration's folder */
		struct str certificate, key;
		struct str client_ca;     /* absent: SASL EXTERNAL is not offered */
		struct conf_list admins;  /* bare JIDs, prepared */
		struct conf_list modules; /* names; none: those that are on by default */
		struct conf_list with;    /* names added to them */
		struct conf_list without; /* names taken away from them */
		bool anonymous;           /* SASL ANONYMOUS: temporary accounts only */
		int64_t passwords;        /* enum conf_passwords */
		struct str saslauthd_socket;
		int64_t saslauthd_timeout;
		bool plain;                 /* offer PLAIN under TLS, default true */
		int64_t scram_iterations;   /* default 10000, 4096 to 1000000 */
		int64_t conflict;           /* index into replace, refuse, rename */
		int64_t durability;         /* enum conf_durability */
		struct str resume_location; /* absent: none is named */
		int64_t name_reuse;         /* how long names of removed accounts rest */
		bool s2s;                   /* other servers may be spoken to, default true */
	} o;
	/* For each conf_module of the context: is it on here, and its values (NULL: none). */
	bool *on;
	void **values;
	int line;
};

struct conf {
	struct arena *arena; /* holds everything here */
	struct str file;
	struct conf_options {
		struct str data; /* folder of the store; default "/var/lib/jackdaw" */
		/* path of the control socket; default data + "/control" */
		struct str control;
		/* to run as when started as root; absent: stay */
		int64_t log_level;              /* index into error, warning, info, debug */
		int64_t shards;                 /* 0: one for each core */
		struct conf_list listen_c2s;    /* addresses; default "*" */
		int64_t port_c2s, port_c2s_tls; /* 5222, 5223; 0: off */
		struct conf_list module_files;  /* shared objects to load */
		struct str module_folder;
		struct str tls_priorities;   /* GnuTLS priority string; absent: ours */
		int64_t stanza_bytes;        /* largest stanza after authentication */
		int64_t stanza_bytes_before; /* and before it (RFC 6120 §13.12) */
		/* what may wait for a peer that does not read */
		int64_t out_bytes;
		int64_t connections_per_address; /* on each shard, not authenticated */
		int64_t login_timeout;           /* from accept to bound session */
		int64_t idle_timeout;      /* silence before a white-space ping; 0: none */
		int64_t handshake_timeout; /* for TLS and each stage */
		int64_t bytes_per_second;  /* a client's allowance; burst twice of it */
		int64_t sessions_per_account;
		int64_t resume_time, ack_timeout;
		int64_t resume_stanzas, resume_bytes; /* of a hibernating session's queue */
		int64_t resume_total;                 /* bytes of all of them */
		int64_t store_gather;                 /* how long a commit waits for company */
		int64_t store_bytes;                  /* how large the database may become */
		/* other servers */
		bool s2s;
		int64_t port_s2s, port_s2s_tls;       /* 5269, 5270; 0: off */
		int64_t s2s_proof;                    /* enum conf_proof */
		struct str s2s_trust;                 /* absent: the system's authorities */
		struct conf_list s2s_allow, s2s_deny; /* domains, prepared; "*.example" too */
		struct str s2s_allow_file, s2s_deny_file;
		int64_t s2s_wait; /* of stanzas for a server that is not reached */
		int64_t s2s_gone; /* so long, and its users are shown as unavailable */
		int64_t s2s_queue_stanzas, s2s_queue_bytes, s2s_queue_total;
		int64_t s2s_stanza_bytes;
		int64_t s2s_bytes_per_second;
		/* a connection that carries nothing is closed after that; 0: never */
		int64_t s2s_idle;
		/* components; without any, nothing listens there */
		struct conf_list listen_component;
		int64_t port_component;
		struct conf_list dns_servers;
		struct str dns_anchor;
	} o;
	struct conf_listen *listen;
	size_t n_listen;
	struct conf_peer *peers;
	size_t n_peers;
	struct conf_component *components;
	size_t n_components;
	struct conf_host *hosts;
	size_t n_hosts;
};

/* The table behind conf_options and conf_host_options, for the manual and its test. */
extern const struct conf_option conf_global_table[];
extern const struct conf_option conf_host_table[];
extern const struct conf_option conf_peer_table[];
extern const struct conf_option conf_component_table[];

/* Takes one mistake at a time: the complete line. */
typedef void conf_report_fn(void *arg, const char *line);

/* What the reader needs of the layers above it; borrowed for the call. */
struct conf_context {
	const struct conf_module *modules;
	size_t n_modules;
	conf_report_fn *report;
	void *report_arg;
	/* A domain, or user@host, as it is compared; the result in ARENA.  0 or ERR_INVALID. */
	int (*prepare_domain)(struct arena *arena, struct str text, struct str *out);
	int (*prepare_account)(struct arena *arena, struct str text, struct str *out);
};

/*
 * First pass, before modules are known (CONTEXT has none): only module-files and module-folder
 * are of interest, unknown things are ignored, hosts are not read.  0, -errno or ERR_CONFIG
 * (reported).
 */
MUST_CHECK int conf_read_modules(const char *file, const struct conf_context *context,
                                 struct conf **conf_out);
/* Read and check everything. */
MUST_CHECK int conf_read(const char *file, const struct conf_context *context,
                         struct conf **conf_out);
void conf_free(struct conf **conf);
const struct conf_host *conf_host(const struct conf *conf, struct str name);
/* NULL: the file says nothing of that domain. */
const struct conf_peer *conf_peer(const struct conf *conf, struct str name);
/* NULL: the domain is no component's. */
const struct conf_component *conf_component(const struct conf *conf, struct str name);
