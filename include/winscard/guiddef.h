/* SPDX-License-Identifier: BSD-2-Clause */
/* GUIDs: how they are defined and compared. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <guiddef.h>
#endif

#ifndef WINSCARD_GUIDDEF_H
#define WINSCARD_GUIDDEF_H

#ifndef WINSCARD_ON_WINDOWS

#include "windef.h"

#ifdef WINSCARD_OWN_WINDOWS

#include <string.h>

typedef GUID IID;
typedef GUID CLSID;
typedef GUID FMTID;
#ifdef __cplusplus
#define REFGUID  const GUID &
#define REFIID   const IID &
#define REFCLSID const IID &
#else
#define REFGUID  const GUID *
#define REFIID   const IID *
#define REFCLSID const IID *
#endif

#define IID_NULL   GUID_NULL
#define CLSID_NULL GUID_NULL

/* With INITGUID defined before windows.h, DEFINE_GUID defines, else it declares. */
#ifdef __cplusplus
#define WINSCARD_EXTERN_C extern "C"
#else
#define WINSCARD_EXTERN_C extern
#endif
#ifndef EXTERN_C
#define EXTERN_C WINSCARD_EXTERN_C
#endif
#ifdef INITGUID
#ifdef __cplusplus
#define WINSCARD_GUID_OBJECT extern "C" const GUID __attribute__((__weak__))
#else
#define WINSCARD_GUID_OBJECT const GUID __attribute__((__weak__))
#endif
#define DEFINE_GUID(name, data1, data2, data3, b1, b2, b3, b4, b5, b6, b7, b8)           \
    WINSCARD_EXTERN_C const GUID name __attribute__((__weak__));                         \
    WINSCARD_GUID_OBJECT name = {data1, data2, data3, {b1, b2, b3, b4, b5, b6, b7, b8}}
#else
#define DEFINE_GUID(name, data1, data2, data3, b1, b2, b3, b4, b5, b6, b7, b8)           \
    WINSCARD_EXTERN_C const GUID name
#endif

#ifdef __cplusplus
inline int IsEqualGUID(REFGUID left, REFGUID right)
{
    return memcmp(&left, &right, sizeof(GUID)) == 0;
}
inline int InlineIsEqualGUID(REFGUID left, REFGUID right)
{
    return memcmp(&left, &right, sizeof(GUID)) == 0;
}
inline bool operator==(const GUID &left, const GUID &right)
{
    return IsEqualGUID(left, right) != 0;
}
inline bool operator!=(const GUID &left, const GUID &right)
{
    return IsEqualGUID(left, right) == 0;
}
#else
#define IsEqualGUID(left, right)       (memcmp((left), (right), sizeof(GUID)) == 0)
#define InlineIsEqualGUID(left, right) IsEqualGUID(left, right)
#endif
#define IsEqualIID(left, right)   IsEqualGUID(left, right)
#define IsEqualCLSID(left, right) IsEqualGUID(left, right)

#endif
#endif
#endif
