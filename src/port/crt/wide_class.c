/* SPDX-License-Identifier: BSD-2-Clause */
/* wctype.h for WCHAR and for whole characters, as Unicode classifies them. */
#include "port/port.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>

static locale_t unicode;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_unicode(void)
{
    static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
    for (size_t i = 0; unicode == (locale_t)0 && i < sizeof names / sizeof *names; i++)
        unicode = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
}

/* Without such a locale the process's own classifies. */
static locale_t locale_of_unicode(void)
{
    pthread_once(&once, make_unicode);
    return unicode;
}

/* The C library's call has its name in parentheses, for it is a macro too. */
#define CLASS(name)                                                                      \
    int winport_##name(wint_t unit)                                                      \
    {                                                                                    \
        const locale_t locale = locale_of_unicode();                                     \
        return locale == (locale_t)0 ? (name)(unit) : (name##_l)(unit, locale);          \
    }

CLASS(iswalnum)
CLASS(iswalpha)
CLASS(iswblank)
CLASS(iswcntrl)
CLASS(iswdigit)
CLASS(iswgraph)
CLASS(iswlower)
CLASS(iswprint)
CLASS(iswpunct)
CLASS(iswspace)
CLASS(iswupper)
CLASS(iswxdigit)

wint_t winport_towlower(wint_t unit)
{
    const locale_t locale = locale_of_unicode();
    return locale == (locale_t)0 ? (towlower)(unit) : (towlower_l)(unit, locale);
}

wint_t winport_towupper(wint_t unit)
{
    const locale_t locale = locale_of_unicode();
    return locale == (locale_t)0 ? (towupper)(unit) : (towupper_l)(unit, locale);
}
