/* SPDX-License-Identifier: BSD-2-Clause */
/* What the variable arguments of a call point to. A format says what type an argument has on
 * Windows, but `long` and wchar_t may be wider here: where the compiler knows the type of an
 * argument, the call is told the bytes of what it points to, in four bits for each of the
 * first 16 arguments. 0 stands for what is no pointer or points to something else. */
#ifndef WINSCARD_CRT_KINDS_H
#define WINSCARD_CRT_KINDS_H

#include "crt_base.h"

#ifdef WINSCARD_WITH_PORT

#if !defined(WINPORT_PACKS) && !defined(__STDC_VERSION__)
#pragma GCC system_header
#endif

typedef uint64_t winport_kinds;

#ifdef WINPORT_PACKS

template <class T> struct winport_kind {
    static constexpr winport_kinds text = 0, number = 0;
};
#define WINPORT_KIND(type, text_kind)                                                    \
    template <> struct winport_kind<type *> {                                            \
        static constexpr winport_kinds text = text_kind,                                 \
                                       number = sizeof(type) < 15 ? sizeof(type) : 15;   \
    };
WINPORT_KIND(char, 0)
WINPORT_KIND(signed char, 0)
WINPORT_KIND(unsigned char, 0)
WINPORT_KIND(bool, 0)
WINPORT_KIND(short, 0)
WINPORT_KIND(unsigned short, 0)
WINPORT_KIND(char16_t, sizeof(char16_t))
WINPORT_KIND(const char16_t, sizeof(char16_t))
WINPORT_KIND(wchar_t, sizeof(wchar_t))
WINPORT_KIND(const wchar_t, sizeof(wchar_t))
WINPORT_KIND(int, 0)
WINPORT_KIND(unsigned, 0)
WINPORT_KIND(long, 0)
WINPORT_KIND(unsigned long, 0)
WINPORT_KIND(long long, 0)
WINPORT_KIND(unsigned long long, 0)
WINPORT_KIND(float, 0)
WINPORT_KIND(double, 0)
WINPORT_KIND(long double, 0)
#undef WINPORT_KIND

/* The kinds of all arguments of a pack. */
template <class... A> struct winport_kinds_of {
    static constexpr winport_kinds text = 0, number = 0;
};
template <class T, class... A> struct winport_kinds_of<T, A...> {
    static constexpr winport_kinds text =
        winport_kind<T>::text | winport_kinds_of<A...>::text << 4;
    static constexpr winport_kinds number =
        winport_kind<T>::number | winport_kinds_of<A...>::number << 4;
};

#else

#ifdef __cplusplus

/* The size of what an overload returns is one more than the kind. */
template <class T> char (&winport_number(T *))[sizeof(T) < 15 ? sizeof(T) + 1 : 16];
char (&winport_number(void *))[1];
char (&winport_number(const volatile void *))[1];
char (&winport_number(int))[1]; /* 0 would be a pointer, too */
char (&winport_number(unsigned))[1];
char (&winport_number(long))[1];
char (&winport_number(unsigned long))[1];
char (&winport_number(...))[1];
#define WINPORT_NUMBER(a) ((winport_kinds)(sizeof(__typeof__(winport_number(a))) - 1))

#else

/* The compiler asks for the type of the argument and does not evaluate it; the comma makes a
 * value of what is an array or a bit field. */
#define WINPORT_TYPE(a) __typeof__(((void)0, (a)))
/* clang-format off */
#define WINPORT_NUMBER(a)                                                                \
    ((winport_kinds)__extension__ _Generic(*(WINPORT_TYPE(a) *)0,                        \
        char *: 1, signed char *: 1, unsigned char *: 1, _Bool *: 1,                     \
        short *: 2, unsigned short *: 2, int *: 4, unsigned *: 4,                        \
        long *: sizeof(long), unsigned long *: sizeof(long),                             \
        long long *: 8, unsigned long long *: 8, float *: 4, double *: 8,                \
        long double *: sizeof(long double) < 15 ? sizeof(long double) : 15,              \
        default: 0))
#define WINPORT_TEXT(a)                                                                  \
    ((winport_kinds)__extension__ _Generic(*(WINPORT_TYPE(a) *)0,                        \
        WCHAR *: 2, const WCHAR *: 2, wchar_t *: 4, const wchar_t *: 4, default: 0))
/* clang-format on */

#endif

/* The kinds of the arguments after the first one, two or three, by one of the macros above.
 * The 0 at the end is for calls that have none. */
#define WINPORT_KINDS1(kind, ...)              WINPORT_KINDS1_(kind, __VA_ARGS__, 0)
#define WINPORT_KINDS2(kind, ...)              WINPORT_KINDS2_(kind, __VA_ARGS__, 0)
#define WINPORT_KINDS3(kind, ...)              WINPORT_KINDS3_(kind, __VA_ARGS__, 0)
#define WINPORT_KINDS4(kind, ...)              WINPORT_KINDS4_(kind, __VA_ARGS__, 0)
#define WINPORT_KINDS1_(kind, a, ...)          WINPORT_KINDS(kind, __VA_ARGS__)
#define WINPORT_KINDS2_(kind, a, b, ...)       WINPORT_KINDS(kind, __VA_ARGS__)
#define WINPORT_KINDS3_(kind, a, b, c, ...)    WINPORT_KINDS(kind, __VA_ARGS__)
#define WINPORT_KINDS4_(kind, a, b, c, d, ...) WINPORT_KINDS(kind, __VA_ARGS__)

/* Chooses by the number of arguments, of which there may be 60; the first 16 count. */
/* clang-format off */
#define WINPORT_KINDS(kind, ...)                                                         \
    WINPORT_CHOOSE(__VA_ARGS__,                                                          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_16,          \
        WINPORT_KINDS_16, WINPORT_KINDS_16, WINPORT_KINDS_15, WINPORT_KINDS_14,          \
        WINPORT_KINDS_13, WINPORT_KINDS_12, WINPORT_KINDS_11, WINPORT_KINDS_10,          \
        WINPORT_KINDS_9, WINPORT_KINDS_8, WINPORT_KINDS_7, WINPORT_KINDS_6,              \
        WINPORT_KINDS_5, WINPORT_KINDS_4, WINPORT_KINDS_3, WINPORT_KINDS_2,              \
        WINPORT_KINDS_1, 0)(kind, __VA_ARGS__, 0)
#define WINPORT_CHOOSE(                                                                  \
        a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,      \
        a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32,       \
        a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, a47,       \
        a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61             \
        , name, ...) name
#define WINPORT_KINDS_1(kind, a, ...)  kind(a)
#define WINPORT_KINDS_2(kind, a, ...) (kind(a) | WINPORT_KINDS_1(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_3(kind, a, ...) (kind(a) | WINPORT_KINDS_2(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_4(kind, a, ...) (kind(a) | WINPORT_KINDS_3(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_5(kind, a, ...) (kind(a) | WINPORT_KINDS_4(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_6(kind, a, ...) (kind(a) | WINPORT_KINDS_5(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_7(kind, a, ...) (kind(a) | WINPORT_KINDS_6(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_8(kind, a, ...) (kind(a) | WINPORT_KINDS_7(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_9(kind, a, ...) (kind(a) | WINPORT_KINDS_8(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_10(kind, a, ...) (kind(a) | WINPORT_KINDS_9(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_11(kind, a, ...) (kind(a) | WINPORT_KINDS_10(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_12(kind, a, ...) (kind(a) | WINPORT_KINDS_11(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_13(kind, a, ...) (kind(a) | WINPORT_KINDS_12(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_14(kind, a, ...) (kind(a) | WINPORT_KINDS_13(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_15(kind, a, ...) (kind(a) | WINPORT_KINDS_14(kind, __VA_ARGS__) << 4)
#define WINPORT_KINDS_16(kind, a, ...) (kind(a) | WINPORT_KINDS_15(kind, __VA_ARGS__) << 4)
/* clang-format on */

#endif
#endif
#endif
