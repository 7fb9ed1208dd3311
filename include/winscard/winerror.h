/* SPDX-License-Identifier: BSD-2-Clause */
/* Codes of the system, of COM and of cryptography (MS-Docs "System Error Codes", "COM Error
 * Codes", [MS-ERREF]); those of smart cards stand in scarderr.h. On Windows the system's own
 * header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winerror.h>
#endif

#ifndef WINSCARD_WINERROR_H
#define WINSCARD_WINERROR_H

#include "scarderr.h"
#include "winscard/network_codes.h"
#include "winscard/system_codes.h"

#ifndef WINSCARD_ON_WINDOWS
#ifdef WINSCARD_OWN_WINDOWS

/* --- COM ---------------------------------------------------------------------------- */

#define SEVERITY_SUCCESS          0
#define SEVERITY_ERROR            1
#define FACILITY_WINDOWSUPDATE    36
#define FACILITY_WINDOWS_CE       24
#define FACILITY_WINDOWS          8
#define FACILITY_URT              19
#define FACILITY_UMI              22
#define FACILITY_SXS              23
#define FACILITY_STORAGE          3
#define FACILITY_STATE_MANAGEMENT 34
#define FACILITY_SSPI             9
#define FACILITY_SCARD            16
#define FACILITY_SETUPAPI         15
#define FACILITY_SECURITY         9
#define FACILITY_RPC              1
#define FACILITY_WIN32            7
#define FACILITY_CONTROL          10
#define FACILITY_NULL             0
#define FACILITY_METADIRECTORY    35
#define FACILITY_MSMQ             14
#define FACILITY_MEDIASERVER      13
#define FACILITY_INTERNET         12
#define FACILITY_ITF              4
#define FACILITY_HTTP             25
#define FACILITY_DPLAY            21
#define FACILITY_DISPATCH         2
#define FACILITY_DIRECTORYSERVICE 37
#define FACILITY_CONFIGURATION    33
#define FACILITY_COMPLUS          17
#define FACILITY_CERT             11
#define FACILITY_BACKGROUNDCOPY   32
#define FACILITY_ACS              20
#define FACILITY_AAF              18
#define FACILITY_AUDCLNT          2185

#define SUCCEEDED(code)        (((HRESULT)(code)) >= 0)
#define FAILED(code)           (((HRESULT)(code)) < 0)
#define IS_ERROR(code)         (((ULONG)(code)) >> 31 == SEVERITY_ERROR)
#define HRESULT_CODE(code)     ((code)&0xFFFF)
#define HRESULT_FACILITY(code) (((code) >> 16) & 0x1fff)
#define HRESULT_SEVERITY(code) (((code) >> 31) & 0x1)
#define SCODE_CODE(code)       HRESULT_CODE(code)
#define SCODE_FACILITY(code)   HRESULT_FACILITY(code)
#define SCODE_SEVERITY(code)   HRESULT_SEVERITY(code)
#define MAKE_HRESULT(severity, facility, code)                                           \
    ((HRESULT)(((ULONG)(severity) << 31) | ((ULONG)(facility) << 16) | ((ULONG)(code))))
#define MAKE_SCODE(severity, facility, code) MAKE_HRESULT(severity, facility, code)
#define HRESULT_FROM_WIN32(code)                                                         \
    ((HRESULT)(code) <= 0 ? (HRESULT)(code)                                              \
                          : (HRESULT)(((ULONG)(code)&0x0000FFFF)                         \
                                      | ((ULONG)FACILITY_WIN32 << 16) | 0x80000000))

#define NOERROR        0
#define S_OK           ((HRESULT)0)
#define S_FALSE        ((HRESULT)1)
#define E_UNEXPECTED   ((HRESULT)0x8000FFFF)
#define E_NOTIMPL      ((HRESULT)0x80004001)
#define E_OUTOFMEMORY  ((HRESULT)0x8007000E)
#define E_INVALIDARG   ((HRESULT)0x80070057)
#define E_NOINTERFACE  ((HRESULT)0x80004002)
#define E_POINTER      ((HRESULT)0x80004003)
#define E_HANDLE       ((HRESULT)0x80070006)
#define E_ABORT        ((HRESULT)0x80004004)
#define E_FAIL         ((HRESULT)0x80004005)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define E_PENDING      ((HRESULT)0x8000000A)
#define E_BOUNDS       ((HRESULT)0x8000000B)

/* --- Cryptography: providers and certificates --------------------------------------- */

#define NTE_BAD_UID                        ((HRESULT)0x80090001)
#define NTE_BAD_HASH                       ((HRESULT)0x80090002)
#define NTE_BAD_KEY                        ((HRESULT)0x80090003)
#define NTE_BAD_LEN                        ((HRESULT)0x80090004)
#define NTE_BAD_DATA                       ((HRESULT)0x80090005)
#define NTE_BAD_SIGNATURE                  ((HRESULT)0x80090006)
#define NTE_BAD_VER                        ((HRESULT)0x80090007)
#define NTE_BAD_ALGID                      ((HRESULT)0x80090008)
#define NTE_BAD_FLAGS                      ((HRESULT)0x80090009)
#define NTE_BAD_TYPE                       ((HRESULT)0x8009000A)
#define NTE_BAD_KEY_STATE                  ((HRESULT)0x8009000B)
#define NTE_BAD_HASH_STATE                 ((HRESULT)0x8009000C)
#define NTE_NO_KEY                         ((HRESULT)0x8009000D)
#define NTE_NO_MEMORY                      ((HRESULT)0x8009000E)
#define NTE_EXISTS                         ((HRESULT)0x8009000F)
#define NTE_PERM                           ((HRESULT)0x80090010)
#define NTE_NOT_FOUND                      ((HRESULT)0x80090011)
#define NTE_DOUBLE_ENCRYPT                 ((HRESULT)0x80090012)
#define NTE_BAD_PROVIDER                   ((HRESULT)0x80090013)
#define NTE_BAD_PROV_TYPE                  ((HRESULT)0x80090014)
#define NTE_BAD_PUBLIC_KEY                 ((HRESULT)0x80090015)
#define NTE_BAD_KEYSET                     ((HRESULT)0x80090016)
#define NTE_PROV_TYPE_NOT_DEF              ((HRESULT)0x80090017)
#define NTE_PROV_TYPE_ENTRY_BAD            ((HRESULT)0x80090018)
#define NTE_KEYSET_NOT_DEF                 ((HRESULT)0x80090019)
#define NTE_KEYSET_ENTRY_BAD               ((HRESULT)0x8009001A)
#define NTE_PROV_TYPE_NO_MATCH             ((HRESULT)0x8009001B)
#define NTE_SIGNATURE_FILE_BAD             ((HRESULT)0x8009001C)
#define NTE_PROVIDER_DLL_FAIL              ((HRESULT)0x8009001D)
#define NTE_PROV_DLL_NOT_FOUND             ((HRESULT)0x8009001E)
#define NTE_BAD_KEYSET_PARAM               ((HRESULT)0x8009001F)
#define NTE_FAIL                           ((HRESULT)0x80090020)
#define NTE_SYS_ERR                        ((HRESULT)0x80090021)
#define NTE_SILENT_CONTEXT                 ((HRESULT)0x80090022)
#define NTE_TOKEN_KEYSET_STORAGE_FULL      ((HRESULT)0x80090023)
#define NTE_TEMPORARY_PROFILE              ((HRESULT)0x80090024)
#define NTE_FIXEDPARAMETER                 ((HRESULT)0x80090025)
#define NTE_INVALID_HANDLE                 ((HRESULT)0x80090026)
#define NTE_INVALID_PARAMETER              ((HRESULT)0x80090027)
#define NTE_BUFFER_TOO_SMALL               ((HRESULT)0x80090028)
#define NTE_NOT_SUPPORTED                  ((HRESULT)0x80090029)
#define NTE_NO_MORE_ITEMS                  ((HRESULT)0x8009002A)
#define NTE_BUFFERS_OVERLAP                ((HRESULT)0x8009002B)
#define NTE_DECRYPTION_FAILURE             ((HRESULT)0x8009002C)
#define NTE_INTERNAL_ERROR                 ((HRESULT)0x8009002D)
#define NTE_UI_REQUIRED                    ((HRESULT)0x8009002E)
#define NTE_HMAC_NOT_SUPPORTED             ((HRESULT)0x8009002F)
#define NTE_DEVICE_NOT_READY               ((HRESULT)0x80090030)
#define NTE_AUTHENTICATION_IGNORED         ((HRESULT)0x80090031)
#define NTE_VALIDATION_FAILED              ((HRESULT)0x80090032)
#define NTE_INCORRECT_PASSWORD             ((HRESULT)0x80090033)
#define NTE_ENCRYPTION_FAILURE             ((HRESULT)0x80090034)
#define NTE_DEVICE_NOT_FOUND               ((HRESULT)0x80090035)
#define NTE_USER_CANCELLED                 ((HRESULT)0x80090036)
#define NTE_PASSWORD_CHANGE_REQUIRED       ((HRESULT)0x80090037)
#define NTE_NOT_ACTIVE_CONSOLE             ((HRESULT)0x80090038)
#define CRYPT_E_MSG_ERROR                  ((HRESULT)0x80091001)
#define CRYPT_E_UNKNOWN_ALGO               ((HRESULT)0x80091002)
#define CRYPT_E_OID_FORMAT                 ((HRESULT)0x80091003)
#define CRYPT_E_INVALID_MSG_TYPE           ((HRESULT)0x80091004)
#define CRYPT_E_UNEXPECTED_ENCODING        ((HRESULT)0x80091005)
#define CRYPT_E_AUTH_ATTR_MISSING          ((HRESULT)0x80091006)
#define CRYPT_E_HASH_VALUE                 ((HRESULT)0x80091007)
#define CRYPT_E_INVALID_INDEX              ((HRESULT)0x80091008)
#define CRYPT_E_ALREADY_DECRYPTED          ((HRESULT)0x80091009)
#define CRYPT_E_NOT_DECRYPTED              ((HRESULT)0x8009100A)
#define CRYPT_E_RECIPIENT_NOT_FOUND        ((HRESULT)0x8009100B)
#define CRYPT_E_CONTROL_TYPE               ((HRESULT)0x8009100C)
#define CRYPT_E_ISSUER_SERIALNUMBER        ((HRESULT)0x8009100D)
#define CRYPT_E_SIGNER_NOT_FOUND           ((HRESULT)0x8009100E)
#define CRYPT_E_ATTRIBUTES_MISSING         ((HRESULT)0x8009100F)
#define CRYPT_E_STREAM_MSG_NOT_READY       ((HRESULT)0x80091010)
#define CRYPT_E_STREAM_INSUFFICIENT_DATA   ((HRESULT)0x80091011)
#define CRYPT_E_BAD_LEN                    ((HRESULT)0x80092001)
#define CRYPT_E_BAD_ENCODE                 ((HRESULT)0x80092002)
#define CRYPT_E_FILE_ERROR                 ((HRESULT)0x80092003)
#define CRYPT_E_NOT_FOUND                  ((HRESULT)0x80092004)
#define CRYPT_E_EXISTS                     ((HRESULT)0x80092005)
#define CRYPT_E_NO_PROVIDER                ((HRESULT)0x80092006)
#define CRYPT_E_SELF_SIGNED                ((HRESULT)0x80092007)
#define CRYPT_E_DELETED_PREV               ((HRESULT)0x80092008)
#define CRYPT_E_NO_MATCH                   ((HRESULT)0x80092009)
#define CRYPT_E_UNEXPECTED_MSG_TYPE        ((HRESULT)0x8009200A)
#define CRYPT_E_NO_KEY_PROPERTY            ((HRESULT)0x8009200B)
#define CRYPT_E_NO_DECRYPT_CERT            ((HRESULT)0x8009200C)
#define CRYPT_E_BAD_MSG                    ((HRESULT)0x8009200D)
#define CRYPT_E_NO_SIGNER                  ((HRESULT)0x8009200E)
#define CRYPT_E_PENDING_CLOSE              ((HRESULT)0x8009200F)
#define CRYPT_E_REVOKED                    ((HRESULT)0x80092010)
#define CRYPT_E_NO_REVOCATION_DLL          ((HRESULT)0x80092011)
#define CRYPT_E_NO_REVOCATION_CHECK        ((HRESULT)0x80092012)
#define CRYPT_E_REVOCATION_OFFLINE         ((HRESULT)0x80092013)
#define CRYPT_E_NOT_IN_REVOCATION_DATABASE ((HRESULT)0x80092014)
#define CRYPT_E_INVALID_NUMERIC_STRING     ((HRESULT)0x80092020)
#define CRYPT_E_INVALID_PRINTABLE_STRING   ((HRESULT)0x80092021)
#define CRYPT_E_INVALID_IA5_STRING         ((HRESULT)0x80092022)
#define CRYPT_E_INVALID_X500_STRING        ((HRESULT)0x80092023)
#define CRYPT_E_NOT_CHAR_STRING            ((HRESULT)0x80092024)
#define CRYPT_E_FILERESIZED                ((HRESULT)0x80092025)
#define CRYPT_E_SECURITY_SETTINGS          ((HRESULT)0x80092026)
#define CRYPT_E_NO_VERIFY_USAGE_DLL        ((HRESULT)0x80092027)
#define CRYPT_E_NO_VERIFY_USAGE_CHECK      ((HRESULT)0x80092028)
#define CRYPT_E_VERIFY_USAGE_OFFLINE       ((HRESULT)0x80092029)
#define CRYPT_E_NOT_IN_CTL                 ((HRESULT)0x8009202A)
#define CRYPT_E_NO_TRUSTED_SIGNER          ((HRESULT)0x8009202B)
#define CRYPT_E_MISSING_PUBKEY_PARA        ((HRESULT)0x8009202C)
#define CRYPT_E_OSS_ERROR                  ((HRESULT)0x80093000)
#define CRYPT_E_ASN1_ERROR                 ((HRESULT)0x80093100)
#define CRYPT_E_ASN1_INTERNAL              ((HRESULT)0x80093101)
#define CRYPT_E_ASN1_EOD                   ((HRESULT)0x80093102)
#define CRYPT_E_ASN1_CORRUPT               ((HRESULT)0x80093103)
#define CRYPT_E_ASN1_LARGE                 ((HRESULT)0x80093104)
#define CRYPT_E_ASN1_CONSTRAINT            ((HRESULT)0x80093105)
#define CRYPT_E_ASN1_MEMORY                ((HRESULT)0x80093106)
#define CRYPT_E_ASN1_OVERFLOW              ((HRESULT)0x80093107)
#define CRYPT_E_ASN1_BADPDU                ((HRESULT)0x80093108)
#define CRYPT_E_ASN1_BADARGS               ((HRESULT)0x80093109)
#define CRYPT_E_ASN1_BADREAL               ((HRESULT)0x8009310A)
#define CRYPT_E_ASN1_BADTAG                ((HRESULT)0x8009310B)
#define CRYPT_E_ASN1_CHOICE                ((HRESULT)0x8009310C)
#define CRYPT_E_ASN1_RULE                  ((HRESULT)0x8009310D)
#define CRYPT_E_ASN1_UTF8                  ((HRESULT)0x8009310E)
#define CRYPT_E_ASN1_PDU_TYPE              ((HRESULT)0x80093133)
#define CRYPT_E_ASN1_NYI                   ((HRESULT)0x80093134)
#define CRYPT_E_ASN1_EXTENDED              ((HRESULT)0x80093201)
#define CRYPT_E_ASN1_NOEOD                 ((HRESULT)0x80093202)

#endif
#endif
#endif
