/* SPDX-License-Identifier: BSD-2-Clause */
/* The arguments of the overloads for C++ (cplusplus.h): a multi-string ends with two NULs,
 * whatever it is made of. */
#include <winscard.h>

#include "tests/support/check.h"

/* Characters before the two NULs; a sanitizer sees a step beyond. */
static int units_of(winscard_w_texts texts)
{
    LPCWSTR units = texts;
    int count = 0;
    while (units[count] != 0 || units[count + 1] != 0)
        count++;
    return count;
}

int main(void)
{
#ifdef WINSCARD_WIDE_OVERLOADS
    CHECK_EQ(units_of(std::wstring(L"ab")), 2);
    CHECK_EQ(units_of(std::wstring(L"ab\0c\0", 5)), 4);
    CHECK_EQ(units_of(std::u16string(u"a long one, which is not in the string")), 38);
    CHECK_EQ(units_of(L"ab\0c\0"), 4);
    CHECK_EQ(units_of(L"ab\0"), 2);
#endif
    CHECK_EQ(units_of(u"ab\0c\0"), 4);
    return check_result();
}
