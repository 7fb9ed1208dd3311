/* SPDX-License-Identifier: BSD-2-Clause */
/* What Microsoft's compiler has as words of the language. */
#ifndef WINSCARD_COMPILER_H
#define WINSCARD_COMPILER_H

/* Calling conventions: a compiler for another system has but one. */
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __thiscall
#define __thiscall
#endif
#ifndef __vectorcall
#define __vectorcall
#endif
#ifndef _cdecl
#define _cdecl
#endif
#ifndef _stdcall
#define _stdcall
#endif
#ifndef _fastcall
#define _fastcall
#endif

/* Integers by their bits; macros, so that `unsigned __int64` is right. */
#ifndef __int8
#define __int8 char
#endif
#ifndef __int16
#define __int16 short
#endif
#ifndef __int32
#define __int32 int
#endif
#ifndef __int64
#define __int64 long long
#endif

#ifndef __forceinline
#define __forceinline __inline__ __attribute__((__always_inline__))
#endif
#ifndef _inline
#define _inline __inline__
#endif
#ifndef __w64
#define __w64
#endif
#ifndef __unaligned
#define __unaligned
#endif
#ifndef __ptr32
#define __ptr32
#endif
#ifndef __ptr64
#define __ptr64
#endif
#ifndef __assume
#define __assume(condition) ((void)0)
#endif

/* Words within __declspec(...); one that is not here is a compile error. */
#if !defined(__declspec) && !(defined(__clang__) && defined(_MSC_EXTENSIONS))
#define __declspec(word) WINSCARD_DECLSPEC_##word
#endif
#ifndef _declspec
#define _declspec(word) WINSCARD_DECLSPEC_##word
#endif
#define WINSCARD_DECLSPEC_dllexport __attribute__((__visibility__("default")))
#define WINSCARD_DECLSPEC_dllimport
#define WINSCARD_DECLSPEC_noreturn   __attribute__((__noreturn__))
#define WINSCARD_DECLSPEC_noinline   __attribute__((__noinline__))
#define WINSCARD_DECLSPEC_nothrow    __attribute__((__nothrow__))
#define WINSCARD_DECLSPEC_deprecated __attribute__((__deprecated__))
#define WINSCARD_DECLSPEC_restrict   __attribute__((__malloc__))
#define WINSCARD_DECLSPEC_selectany  __attribute__((__weak__))
#define WINSCARD_DECLSPEC_thread     __thread
#define WINSCARD_DECLSPEC_novtable
#define WINSCARD_DECLSPEC_align(bytes)   __attribute__((__aligned__(bytes)))
#define WINSCARD_DECLSPEC_allocate(name) __attribute__((__section__(name)))

#ifndef DECLSPEC_IMPORT
#define DECLSPEC_IMPORT
#endif
#ifndef DECLSPEC_NORETURN
#define DECLSPEC_NORETURN __attribute__((__noreturn__))
#endif
#ifndef DECLSPEC_ALIGN
#define DECLSPEC_ALIGN(bytes) __attribute__((__aligned__(bytes)))
#endif
#ifndef DECLSPEC_NOINLINE
#define DECLSPEC_NOINLINE __attribute__((__noinline__))
#endif
#ifndef FORCEINLINE
#define FORCEINLINE __forceinline
#endif

#endif
