/*
 * scram_message.h - the messages of SCRAM as text (RFC 5802 §7), parsed to the letter of their
 * grammar.
 *
 * Private to this layer.  What a message means is scram.c's affair.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

/*
 * client-first-message; every part borrows from the text, or from the arena where it was
 * unescaped.
 */
struct scram_first {
	char flag;               /* gs2-cbind-flag: 'n', 'y' or 'p' */
	struct str binding_type; /* with 'p' */
	struct str authzid;      /* unescaped; absent when there is none */
	struct str user;         /* unescaped, not prepared */
	struct str nonce;
	struct str gs2_header; /* with both commas */
	struct str bare;       /* client-first-message-bare */
};

/* client-final-message */
struct scram_final {
	struct str binding; /* cbind-input, decoded */
	struct str nonce;
	struct str proof;         /* decoded */
	struct str without_proof; /* client-final-message-without-proof */
};

/* 0 or ERR_INVALID: against the grammar, or with the extension m= that nobody knows (§5.1). */
MUST_CHECK int scram_parse_first(struct arena *arena, struct str text,
                                 struct scram_first *first_out);
MUST_CHECK int scram_parse_final(struct arena *arena, struct str text,
                                 struct scram_final *final_out);

/* server-first-message; NONCE is the whole of it, the client's part first. */
struct str scram_format_first(struct arena *arena, struct str nonce, struct str salt,
                              uint32_t iterations);
/* server-final-message, of success. */
struct str scram_format_final(struct arena *arena, struct str signature);
