/* SPDX-License-Identifier: BSD-2-Clause */
/* What polkit is told of a process. */
#include "service/polkit.h"
#include "tests/support/check.h"

int main(void)
{
    CHECK_STR(polkit_action(POLICY_USE), "org.winscard.use");
    CHECK_STR(polkit_action(POLICY_CONTROL), "org.winscard.control");
    return check_result();
}
