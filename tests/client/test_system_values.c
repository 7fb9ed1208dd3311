/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows' status codes and text, on their way through the library. */
#include "face/abi.h"

#include "client/system.h"
#include "tests/support/check.h"

static void test_errors(void)
{
    /* Known here or not: what came from Windows reaches the program as it was. */
    static const uint32_t same[] = {
        0,          1, /* ERROR_INVALID_FUNCTION */
        2,             /* ERROR_FILE_NOT_FOUND */
        5,             /* ERROR_ACCESS_DENIED */
        6,             /* ERROR_INVALID_HANDLE */
        50,            /* ERROR_NOT_SUPPORTED */
        122,           /* ERROR_INSUFFICIENT_BUFFER */
        1168,          /* ERROR_NOT_FOUND */
        1722,          /* RPC_S_SERVER_UNAVAILABLE */
        0x7FFFFFFF,    /* the largest positive one */
        0x80000000, 0x80004005, 0x80090016, 0x800706BA, 0x80100001,
        0x80100002, 0x80100008, 0x8010000A, 0x8010001D, 0x8010001E,
        0x80100022, 0x8010002E, 0x80100034, 0x80100035, /* no name here */
        0x80100068, 0x80100069, 0x80100072, 0x80100FFF, 0x80101000,
        0x80101001, 0x8010117A, 0x8010FFFF, 0xC0000010, 0xFFFFEEFF};
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        CHECK_EQ((uint32_t)face_status(system_error((LONG)same[i])), same[i]);
    CHECK_EQ(system_error((LONG)0x8010000A), SC_E_TIMEOUT);
    CHECK_EQ(system_error(ERROR_INVALID_HANDLE), SC_E_INVALID_HANDLE);
    CHECK_EQ(system_error(ERROR_NOT_SUPPORTED), SC_X_NOT_SUPPORTED);
    CHECK_EQ(system_error(122), SC_X_INSUFFICIENT_BUFFER);
    CHECK_STR(sc_error_name(system_error((LONG)0x80090016)), "unknown");
    /* The exceptions. */
    CHECK_EQ(face_status(system_error((LONG)0x80100003)), ERROR_INVALID_HANDLE);
    CHECK_EQ(system_error((LONG)0x80100000), (enum sc_error)0x80101100);
    CHECK_EQ(system_error((LONG)0xFFFFEF00), SC_F_UNKNOWN_ERROR);
    CHECK_EQ(system_error(-1), SC_F_UNKNOWN_ERROR);
}

static void test_states(void)
{
    CHECK_EQ(system_card_state(SCARD_UNKNOWN), CARD_UNKNOWN);
    CHECK_EQ(system_card_state(SCARD_ABSENT), CARD_ABSENT);
    CHECK_EQ(system_card_state(SCARD_PRESENT), CARD_UNKNOWN);
    CHECK_EQ(system_card_state(SCARD_SWALLOWED), CARD_OFF);
    CHECK_EQ(system_card_state(SCARD_POWERED), CARD_NEGOTIABLE);
    CHECK_EQ(system_card_state(SCARD_NEGOTIABLE), CARD_NEGOTIABLE);
    CHECK_EQ(system_card_state(SCARD_SPECIFIC), CARD_SPECIFIC);
    CHECK_EQ(system_card_state(77), CARD_UNKNOWN);
}

static void test_text(void)
{
    WCHAR wide[SYSTEM_NAME_MAX] = {0};
    char text[8] = "", longest[SYSTEM_NAME_MAX + 1];
    CHECK(system_wide_name("Ger\xC3\xA4t", wide));
    CHECK_MEM(wide, L"Gerät", sizeof(L"Gerät"));
    memset(longest, 'x', sizeof(longest));
    longest[SYSTEM_NAME_MAX] = '\0';
    CHECK(!system_wide_name(longest, wide));
    CHECK(system_wide_name(longest + 1, wide));
    CHECK(!system_wide_name("\x80", wide));
    CHECK(system_text(L"Gerät", 6, text, 7) && strcmp(text, "Ger\xC3\xA4t") == 0);
    CHECK(!system_text(L"Gerät", 6, text, 6)); /* no room */
    CHECK(!system_text(L"Gerät", 5, text, 8)); /* no end */
    CHECK(!system_text(L"", 0, text, 8));
    CHECK(system_text(L"", 1, text, 8) && text[0] == '\0');
    wide[0] = 0xDC00;
    wide[1] = 0;
    CHECK(!system_text(wide, 2, text, 8));
}

int main(void)
{
    test_errors();
    test_states();
    test_text();
    return check_result();
}
