/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may do what with which reader, and how much of the service one client may hold: the
 * rules of /etc/winscard/policy.conf (winscard-policy.conf(5) is its manual) and the
 * questions that the service asks of them. Pure but for the lookup of names, which is
 * given (accounts.h). A policy never changes once it is made, so any number of threads
 * may ask.
 *
 * The first rule that fits decides. What no rule decides is allowed to root and to the
 * user that the service runs as, and refused to all others. A rule that can never decide,
 * since an earlier one decides for everyone and any reader, is an error, lest a "deny"
 * that comes too late go unnoticed. */
#ifndef SERVICE_POLICY_H
#define SERVICE_POLICY_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    POLICY_TEXT_MAX = 65536, /* bytes of a policy file */
    POLICY_RULES_MAX = 1024, /* rules and limits of one file */
    POLICY_WORD_MAX = 255,   /* bytes of a name or a pattern */
    POLICY_FAULT_MAX = 160   /* bytes of what is wrong with a file, its NUL counted */
};

/* What is asked for; bits, since a rule may speak of both. */
enum policy_right {
    /* Cards: connect shared or exclusive, transmit, transactions, attributes, status, and
     * the control codes of PC/SC part 10 (features, PIN entry on the reader's keypad). */
    POLICY_USE = 1,
    /* The reader itself: SCardSetAttrib, SCardControl with any other code. It is not part
     * of POLICY_USE, nor the other way round. A connection by SCARD_SHARE_DIRECT is
     * POLICY_USE, as programs make one to ask for features where no card is in. */
    POLICY_CONTROL = 2
};

enum policy_answer {
    POLICY_DENY, /* SC_W_SECURITY_VIOLATION */
    POLICY_ALLOW,
    POLICY_ASK /* polkit decides (polkit.h) */
};

/* The user that asks: what the kernel says about a socket's other end. `gids` are all of
 * its groups, the primary one too, in any order; NULL when there are none. */
struct policy_peer {
    uint32_t uid;
    const uint32_t *gids;
    size_t gid_count;
};

/* What all programs of one user may hold at once (account.h), and one of them. */
struct policy_limits {
    uint32_t contexts; /* SCardEstablishContext */
    uint32_t handles;  /* SCardConnect */
    uint32_t requests; /* of one program: calls sent and not yet answered */
    uint32_t bytes;    /* of requests that wait or are not whole, of unread responses */
    uint32_t sessions; /* programs; of pcscd's clients: their contexts */
    uint32_t
        connections; /* a program has one for each call that waits at the same time */
};

/* Where no rule says otherwise (but root and the service's own user have the most
 * of all but requests), and what
 * a rule may say. */
#define POLICY_LIMITS_DEFAULT                                                            \
    {                                                                                    \
        1024, 4096, 256, 16777216, 1024, 2048                                            \
    }
#define POLICY_LIMITS_LEAST                                                              \
    {                                                                                    \
        1, 1, 1, 262144, 1, 1                                                            \
    } /* bytes: a longest message each way */
#define POLICY_LIMITS_MOST                                                               \
    {                                                                                    \
        16384, 32768, 32768, 1073741824, 65536, 65536                                    \
    }

/* Finds the number of a name. Errors: SC_E_FILE_NOT_FOUND (no such name), or another (it
 * cannot be known now); accounts.h has the system's. */
struct policy_accounts {
    enum sc_error (*find_user)(void *context, const char *name, uint32_t *uid);
    enum sc_error (*find_group)(void *context, const char *name, uint32_t *gid);
    void *context;
};

struct policy_options {
    const struct policy_accounts *accounts; /* used during policy_parse() alone */
    uint32_t owner; /* the user that the service runs as; fares like root */
    bool can_ask;   /* built with polkit; else a rule that says "ask" is an error */
    bool is_named;  /* somebody named the file: one that is missing may be a mistake */
};

/* What is wrong with a file, in words for a log. */
struct policy_fault {
    uint32_t line; /* from 1; 0: the file as a whole */
    char text[POLICY_FAULT_MAX];
};

struct policy; /* counted: the last policy_release() frees it */

/* Makes a policy of a file's text, which is copied. A name that is not known is an error
 * in a rule that denies or asks, since the rule would be skipped unnoticed; in others
 * it is logged, and fits nobody. Errors: SC_E_INVALID_VALUE (*fault says what is wrong),
 * SC_E_NO_MEMORY (*fault says so too). */
enum sc_error policy_parse(const char *text, size_t size,
                           const struct policy_options *options, struct policy **policy,
                           struct policy_fault *fault) MUST_CHECK;
/* Gets a fault, which it has to copy. */
typedef void policy_fault_sink(void *context, const struct policy_fault *fault);
/* Tells everything that is wrong with a file's text, line by line, as far as one fault
 * does not hide another. Gives the number of faults; 0: policy_parse() would take it, if
 * there is memory. */
uint32_t policy_check(const char *text, size_t size, const struct policy_options *options,
                      policy_fault_sink *tell, void *context) MUST_CHECK;
/* As it is without a file: everyone may use any reader. NULL: no memory. */
struct policy *policy_create_default(const struct policy_options *options) MUST_CHECK;
/* Instead of a file that is broken: nothing but for root and the service's own user.
 * NULL: no memory. */
struct policy *policy_create_closed(const struct policy_options *options) MUST_CHECK;
struct policy *policy_retain(struct policy *policy);
void policy_release(struct policy *policy);

/* May this peer do this (one bit) with a reader? `names` are all names that it has, in
 * Windows' and in pcsc-lite's style; a pattern that fits one of them fits the reader.
 * Without a policy (NULL) all is refused. */
enum policy_answer policy_may(const struct policy *policy, const struct policy_peer *peer,
                              const char *const *names, size_t name_count,
                              enum policy_right right) MUST_CHECK;
/* Is a reader listed for this peer? It is, if the peer may use or control it or polkit
 * would be asked. A reader that is not is hidden, as many programs take the first of the
 * list: SCardListReaders and SCardGetStatusChange know nothing of it, and SCardConnect by
 * its name gives SC_W_SECURITY_VIOLATION, so that a person can see what is the matter. */
bool policy_list_visible(const struct policy *policy, const struct policy_peer *peer,
                         const char *const *names, size_t name_count) MUST_CHECK;
/* Of each limit the first rule that fits and names it counts; then the default. */
struct policy_limits policy_limits(const struct policy *policy,
                                   const struct policy_peer *peer);
/* The line of the rule that decides, for logs; 0: none of the file's. */
uint32_t policy_line(const struct policy *policy, const struct policy_peer *peer,
                     const char *const *names, size_t name_count,
                     enum policy_right right);

/* Which right a control code asks for: POLICY_USE for CM_IOCTL_GET_FEATURE_REQUEST and
 * for the features of PC/SC part 10 that tell properties or enter a PIN, by the codes
 * that our drivers and libccid's IFD handlers give them; POLICY_CONTROL for all others.
 * `code` may be as Windows numbers it (0x00310000 | n << 2) or as pcsc-lite does
 * (0x42000000 + n). */
enum policy_right policy_control_right(uint32_t code) MUST_CHECK;

/* Does a name fit a pattern? '*' is any text, none too, '?' one character (UTF-8),
 * anything else is itself; "[" as well, since names of readers have brackets in them. */
bool policy_pattern_fits(const char *pattern, const char *name);

#endif
