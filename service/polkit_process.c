/* SPDX-License-Identifier: BSD-2-Clause */
/* What polkit learns of a process, and is asked: the part that needs no polkit. */
#include "service/polkit.h"

const char *polkit_action(enum policy_right right)
{
    return right == POLICY_CONTROL ? "org.winscard.control" : "org.winscard.use";
}
