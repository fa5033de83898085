/*
 * auth_plugins.c - our mechanisms as plugins of libsasl2, and libsasl2 without anything else.
 *
 * libsasl2 finds mechanisms by name, keeps the state of a negotiation and authorizes its
 * result.  Left alone it would read a configuration file and load every plugin of the system;
 * here it gets no name to look for, an empty list and our plugins.
 *
 * A plugin is told nothing of the application.  So each negotiation registers a callback of our
 * own, AUTH_CB_SELF, whose context is its struct auth: the plugin asks for it when it is made.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/auth_plugins.h"

#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <pthread.h>
#include <sasl/saslplug.h>
#include <stdlib.h>

/* No number of libsasl2's: they end at 0x8007 and leave out the 0x4Axx. */
#define AUTH_CB_SELF 0x4A44UL

#define SCRAM(hash, hash_bit, hash_kind) \
	{ \
		.name = "SCRAM-" hash, .plus_name = "SCRAM-" hash "-PLUS", .bit = (hash_bit), \
		.kind = (hash_kind), .step = scram_step, \
	}

const struct auth_plugin auth_plugins[AUTH_PLUGINS] = {
	{
		.name = "EXTERNAL",
		.bit = AUTH_EXTERNAL,
		.needs_tls = true,
		.step = external_step,
	},
	SCRAM("SHA-512", AUTH_SCRAM_SHA_512, DIGEST_SHA512),
	SCRAM("SHA-256", AUTH_SCRAM_SHA_256, DIGEST_SHA256),
	SCRAM("SHA-1", AUTH_SCRAM_SHA_1, DIGEST_SHA1),
	{
		.name = "PLAIN",
		.bit = AUTH_PLAIN,
		.needs_tls = true,
		.step = plain_step,
		.work = plain_work,
	},
	{
		.name = "ANONYMOUS",
		.bit = AUTH_ANONYMOUS,
		.step = anonymous_step,
	},
};

/* --- the plugin -------------------------------------------------------------------------- */

static int on_new(void *global, sasl_server_params_t *params, const char *challenge,
                  unsigned challenge_n, void **context_out)
{
	sasl_callback_ft unused;

	return params->utils->getcallback(params->utils->conn, AUTH_CB_SELF, &unused,
	                                  context_out);
}

static int on_step(void *context, sasl_server_params_t *params, const char *in, unsigned in_n,
                   const char **out, unsigned *out_n, sasl_out_params_t *result)
{
	struct auth *auth = context;
	struct str answer = STR_NONE, who;
	int code = auth->mechanism->step(auth, str_make(in, in_n), &answer);

	*out = answer.p;
	*out_n = (unsigned)answer.n;
	if (code != SASL_OK)
		return code;
	/*
	 * Who it is was prepared by the rules of XMPP already.  The canonicalisation of
	 * libsasl2 would strip spaces, cut long names and ask for properties in a database, so
	 * it is left out.
	 */
	who = str_is_absent(auth->user) ? STR("anonymous") : auth->user;
	result->user = who.p;
	result->ulen = (unsigned)who.n;
	result->authid = result->user;
	result->alen = result->ulen;
	result->doneflag = 1;
	return SASL_OK;
}

static void on_dispose(void *context, const sasl_utils_t *utils)
{
	/* the context is the struct auth, which owns the connection */
}

#define PLUG(mechanism_name, flags, more_features) \
	{ \
		.mech_name = (mechanism_name), .security_flags = (flags), \
		.features = (more_features), .mech_new = on_new, .mech_step = on_step, \
		.mech_dispose = on_dispose, \
	}
#define SCRAM_FEATURES (SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_CHANNEL_BINDING)
#define SCRAM_FLAGS \
	(SASL_SEC_NOPLAINTEXT | SASL_SEC_NOANONYMOUS | SASL_SEC_NOACTIVE | SASL_SEC_MUTUAL_AUTH)
/*
 * libsasl2 brings an EXTERNAL of its own and takes the first of a name, strongest first: the
 * flags put ours before it, and they are true of a client certificate under TLS.
 */
#define EXTERNAL_FLAGS (SCRAM_FLAGS | SASL_SEC_NODICTIONARY)

static const sasl_server_plug_t plugs[] = {
	PLUG("EXTERNAL", EXTERNAL_FLAGS, SASL_FEAT_WANT_CLIENT_FIRST),
	PLUG("SCRAM-SHA-512", SCRAM_FLAGS, SCRAM_FEATURES),
	PLUG("SCRAM-SHA-256", SCRAM_FLAGS, SCRAM_FEATURES),
	PLUG("SCRAM-SHA-1", SCRAM_FLAGS, SCRAM_FEATURES),
	PLUG("PLAIN", SASL_SEC_NOANONYMOUS, SASL_FEAT_WANT_CLIENT_FIRST),
	/*
	 * XEP-0175 §2: an <auth/> without data is all of it, so the client need not go first.
	 */
	PLUG("ANONYMOUS", SASL_SEC_NOPLAINTEXT, 0),
};

static int on_register(const sasl_utils_t *utils, int max_version, int *version_out,
                       sasl_server_plug_t **list_out, int *count_out)
{
	/* libsasl2 only reads the list, but its type is not const. */
	union {
		const sasl_server_plug_t *read;
		sasl_server_plug_t *list;
	} p = { .read = plugs };

	if (max_version < SASL_SERVER_PLUG_VERSION)
		return SASL_BADVERS;
	*version_out = SASL_SERVER_PLUG_VERSION;
	*list_out = p.list;
	*count_out = ARRAY_LEN(plugs);
	return SASL_OK;
}

/* --- the library ------------------------------------------------------------------------- */

static int on_getopt(void *context, const char *plugin, const char *option, const char **result,
                     unsigned *n)
{
	if (!str_is(str_of(option), "plugin_list"))
		return SASL_FAIL; /* the default */
	/* An empty list instead of the system's folder of plugins. */
	*result = "/dev/null";
	if (n != NULL)
		*n = sizeof("/dev/null") - 1;
	return SASL_OK;
}

static int on_getpath(void *context, const char **path_out)
{
	*path_out = ""; /* not asked for once there is a list */
	return SASL_OK;
}

static int on_getconfpath(void *context, char **path_out)
{
	*path_out = NULL;
	return SASL_FAIL; /* not asked for an application without a name */
}

static int on_log(void *context, int level, const char *message)
{
	if (level == SASL_LOG_ERR)
		log_peer_warning(NULL, "sasl: %s", message);
	else if (level < SASL_LOG_TRACE) /* beyond are secrets */
		log_peer_debug(NULL, "sasl: %s", message);
	return SASL_OK;
}

static int on_self(void)
{
	return SASL_FAIL; /* never called: the context is what counts */
}

#define CALLBACK(function) ((sasl_callback_ft)(void (*)(void))(function))

static const sasl_callback_t callbacks[] = {
	{ SASL_CB_GETOPT, CALLBACK(on_getopt), NULL },
	{ SASL_CB_LOG, CALLBACK(on_log), NULL },
	{ SASL_CB_GETPATH, CALLBACK(on_getpath), NULL },
	{ SASL_CB_GETCONFPATH, CALLBACK(on_getconfpath), NULL },
	{ SASL_CB_LIST_END, NULL, NULL },
};

/*
 * Connections of several shards are made and disposed of at once; libsasl2 guards what they
 * share with mutexes that the application has to give.  The one place of this layer that knows
 * threads.
 */
static void *mutex_new(void)
{
	pthread_mutex_t *mutex = mem_alloc(sizeof(*mutex));

	ASSERT(pthread_mutex_init(mutex, NULL) == 0);
	return mutex;
}

static int mutex_lock(void *mutex)
{
	return pthread_mutex_lock(mutex) == 0 ? SASL_OK : SASL_FAIL;
}

static int mutex_unlock(void *mutex)
{
	return pthread_mutex_unlock(mutex) == 0 ? SASL_OK : SASL_FAIL;
}

static void mutex_free(void *mutex)
{
	if (mutex == NULL)
		return;
	pthread_mutex_destroy(mutex);
	free(mutex);
}

int auth_init(void)
{
	int code;

	/* Up still, as somebody was in it when it should have ended (the query is libsasl2's). */
	if (sasl_checkpass(NULL, NULL, 0, NULL, 0) == SASL_OK)
		return 0;
	sasl_set_mutex(mutex_new, mutex_lock, mutex_unlock, mutex_free);
	code = sasl_server_init(callbacks, NULL);
	if (code == SASL_OK)
		code = sasl_server_add_plugin("jackdaw", on_register);
	if (code == SASL_OK)
		return 0;
	log_error(NULL, "cannot start the SASL library: %s", sasl_errstring(code, NULL, NULL));
	return ERR_INVALID;
}

void auth_deinit(void)
{
	sasl_server_done();
}

int auth_connect(struct auth *auth)
{
	auth->callbacks[0] = (sasl_callback_t){ AUTH_CB_SELF, on_self, auth };
	auth->callbacks[1] = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
	/*
	 * A name of the server must be given: without it the library asks the resolver, and
	 * waits.
	 */
	return sasl_server_new("xmpp", arena_cstr(auth->arena, auth->facts->domain), NULL, NULL,
	                       NULL, auth->callbacks, SASL_SUCCESS_DATA, &auth->conn);
}
