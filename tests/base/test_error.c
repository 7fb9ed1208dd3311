/* SPDX-License-Identifier: BSD-2-Clause */
/* The error vocabulary: names, and that no code stands twice (the switch would not even
 * compile). The ABI test compares the values with the system's headers. */
#include "base/error.h"

#include "base/compiler.h"
#include "tests/support/check.h"

int main(void)
{
    static const struct {
        enum sc_error error;
        unsigned code;
        const char *name;
    } rows[] = {
#define ERR(name, code, abi) {name, code, abi},
#include "base/error.def"
#undef ERR
    };
    CHECK_STR(sc_error_name(SC_OK), "SCARD_S_SUCCESS");
    CHECK_STR(sc_error_name(SC_E_TIMEOUT), "SCARD_E_TIMEOUT");
    CHECK_EQ(SC_E_TIMEOUT, 0x0A);
    CHECK_EQ(SC_W_REMOVED_CARD, 0x69);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CHECK_EQ(rows[i].error, rows[i].code);
        CHECK_STR(sc_error_name(rows[i].error), rows[i].name);
        /* SC_E_... is SCARD_E_...; what is no status of the API begins with SC_X_ */
        CHECK(strncmp(rows[i].name, "SCARD_", 6) == 0 || rows[i].code >= 0x1000);
        CHECK(strstr(sc_error_words(rows[i].error), "SC") == NULL);
    }
    CHECK_STR(sc_error_name((enum sc_error)0xFFFF), "unknown");
    CHECK_STR(sc_error_words(SC_E_FILE_NOT_FOUND), "no such file or directory");
    CHECK_STR(sc_error_words((enum sc_error)0xFFFF), "an internal error");
    return check_result();
}
