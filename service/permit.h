/* SPDX-License-Identifier: BSD-2-Clause */
/* What the policy in force says to a session's calls. */
#ifndef SERVICE_PERMIT_H
#define SERVICE_PERMIT_H

#include "service/call.h"
#include "service/policy.h"
#include "service/session.h"

enum permit {
    PERMIT_YES,
    PERMIT_NO,
    PERMIT_NO_READER, /* there is none of this name, so nothing says who may use it */
    PERMIT_LATER      /* polkit is asked: the call is parked, and begins again then */
};

/* May the call's session use the reader of this name, or, if `right` is POLICY_CONTROL,
 * control it? */
enum permit permit_reader(struct call *call, uint32_t context, const char *reader,
                          enum policy_right right) MUST_CHECK;
/* The same for the reader that a card handle is connected to. */
enum permit permit_card(struct call *call, uint32_t card,
                        enum policy_right right) MUST_CHECK;
/* Is a reader listed for the session? None is that is not there. */
bool permit_visible(const struct session *session, uint32_t context,
                    const char *reader) MUST_CHECK;
/* The same for a reader of which both names are known. */
bool permit_visible_names(const struct session *session,
                          const char *const names[2]) MUST_CHECK;
/* The client is gone while polkit is asked for it. */
void permit_forget(struct call *call);

#endif
