/* SPDX-License-Identifier: BSD-2-Clause */
/* With -fshort-wchar the C++ library's classes for wchar_t do not work: its binary has them
 * with 32 bits. Their names are errors that say so. A program that needs them is compiled
 * without -fshort-wchar; WCHAR is char16_t then, and std::u16string its string. */
#ifndef WINSCARD_CRT_POISON_H
#define WINSCARD_CRT_POISON_H

#include "crt_base.h"

#if defined(WINPORT_SHORT_WCHAR) && defined(__cplusplus)

/* These headers name the classes themselves, so they come before. */
#include <fstream>
#include <iomanip>
#include <iosfwd>
#include <iostream>
#include <locale>
#include <sstream>
#include <string>
#if __cplusplus >= 201103L
#include <regex>
#endif
#if __cplusplus >= 201703L
#include <filesystem>
#include <string_view>
#endif

/* clang-format off */
#define wstring std_wstring_has_32_bit_characters__compile_without_fshort_wchar
#define wstring_view std_wstring_view_has_32_bit_characters__compile_without_fshort_wchar
#define wcout std_wcout_has_32_bit_characters__compile_without_fshort_wchar
#define wcerr std_wcerr_has_32_bit_characters__compile_without_fshort_wchar
#define wclog std_wclog_has_32_bit_characters__compile_without_fshort_wchar
#define wcin std_wcin_has_32_bit_characters__compile_without_fshort_wchar
#define wostream std_wostream_has_32_bit_characters__compile_without_fshort_wchar
#define wistream std_wistream_has_32_bit_characters__compile_without_fshort_wchar
#define wiostream std_wiostream_has_32_bit_characters__compile_without_fshort_wchar
#define wostringstream std_wostringstream_has_32_bit_characters__compile_without_fshort_wchar
#define wistringstream std_wistringstream_has_32_bit_characters__compile_without_fshort_wchar
#define wstringstream std_wstringstream_has_32_bit_characters__compile_without_fshort_wchar
#define wifstream std_wifstream_has_32_bit_characters__compile_without_fshort_wchar
#define wofstream std_wofstream_has_32_bit_characters__compile_without_fshort_wchar
#define wfstream std_wfstream_has_32_bit_characters__compile_without_fshort_wchar
#define wstringbuf std_wstringbuf_has_32_bit_characters__compile_without_fshort_wchar
#define wfilebuf std_wfilebuf_has_32_bit_characters__compile_without_fshort_wchar
#define wstreambuf std_wstreambuf_has_32_bit_characters__compile_without_fshort_wchar
#define to_wstring std_to_wstring_has_32_bit_characters__compile_without_fshort_wchar
#define wregex std_wregex_has_32_bit_characters__compile_without_fshort_wchar
/* clang-format on */

#endif
#ifdef WINPORT_SHORT_WCHAR

#if !defined(WINPORT_PACKS) && !defined(__STDC_VERSION__)
#pragma GCC system_header
#endif

/* Calls of the C library for its own wchar_t that crt_wide.h has not for WCHAR. */
/* clang-format off */
#undef wmemchr
#define wmemchr(...) wmemchr_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcsxfrm
#define wcsxfrm(...) wcsxfrm_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcsdup
#define wcsdup(...) wcsdup_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcscasecmp
#define wcscasecmp(...) wcscasecmp_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcsncasecmp
#define wcsncasecmp(...) \
    wcsncasecmp_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcstold
#define wcstold(...) wcstold_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcstoimax
#define wcstoimax(...) wcstoimax_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcstoumax
#define wcstoumax(...) wcstoumax_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef mbrtowc
#define mbrtowc(...) mbrtowc_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcrtomb
#define wcrtomb(...) wcrtomb_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef mbsrtowcs
#define mbsrtowcs(...) mbsrtowcs_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
#undef wcsrtombs
#define wcsrtombs(...) wcsrtombs_has_32_bit_characters__compile_without_fshort_wchar(__VA_ARGS__)
/* clang-format on */

#endif
#endif
