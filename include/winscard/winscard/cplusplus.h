/* SPDX-License-Identifier: BSD-2-Clause */
/* For C++ programs whose types are Windows' and whose compiler is of Unix. There a long has
 * 64 bits and a wchar_t 32, so `unsigned long` is not DWORD, and L"..." is not text of
 * WCHAR: overloads of the calls take both, and convert. What is left is a compile error: a
 * wchar_t text as a member of a structure (winscard::utf16 makes one that can be). Names of
 * winscard_* are the overloads' own. */
#ifndef WINSCARD_CPLUSPLUS_H
#define WINSCARD_CPLUSPLUS_H

#include "card_calls.h"
#include "context_calls.h"
#include "database_calls.h"
#include "reader_calls.h"

#if defined(__cplusplus) && defined(WINSCARD_ABI_WINDOWS) && !defined(WINSCARD_ON_WINDOWS)

#if __cplusplus >= 201103L && WCHAR_MAX > 0xffff && !defined(WINSCARD_WITH_WINPR)
#define WINSCARD_WIDE_OVERLOADS 1
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <string>
#endif

/* Has a type if T is U. */
template <class T, class U> struct winscard_only {
};
template <class T> struct winscard_only<T, T> {
    typedef int type;
};

/* --- Text --------------------------------------------------------------------------- */

#ifdef WINSCARD_WIDE_OVERLOADS

namespace winscard
{

/* Text of wchar_t as text of WCHAR: utf16(L"...").c_str() is a LPCWSTR as long as the
 * string lives. `size` counts characters; NUL characters are kept. What is no Unicode
 * character becomes U+FFFD. */
inline std::u16string utf16(const wchar_t *text, size_t size)
{
    std::u16string result;
    for (size_t i = 0; i < size; i++) {
        unsigned long point = static_cast<unsigned long>(text[i]);
        if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
            point = 0xFFFD;
        if (point > 0xFFFF) {
            result += static_cast<char16_t>(0xD7C0 + (point >> 10));
            point = 0xDC00 + (point & 0x3FF);
        }
        result += static_cast<char16_t>(point);
    }
    return result;
}

inline std::u16string utf16(const std::wstring &text)
{
    return utf16(text.data(), text.size());
}

/* The other way; a lone surrogate becomes U+FFFD. */
inline std::wstring wide(const char16_t *text, size_t size)
{
    std::wstring result;
    for (size_t i = 0; i < size; i++) {
        unsigned long point = text[i];
        if (point >= 0xD800 && point <= 0xDBFF && i + 1 < size && text[i + 1] >= 0xDC00
            && text[i + 1] <= 0xDFFF)
            point = 0x10000 + ((point - 0xD800) << 10) + (text[++i] - 0xDC00u);
        else if (point >= 0xD800 && point <= 0xDFFF)
            point = 0xFFFD;
        result += static_cast<wchar_t>(point);
    }
    return result;
}

inline std::wstring wide(const std::u16string &text)
{
    return wide(text.data(), text.size());
}

/* NULL is empty. */
inline std::wstring wide(const char16_t *text)
{
    return text == nullptr ? std::wstring()
                           : wide(text, std::char_traits<char16_t>::length(text));
}

} // namespace winscard

/* Without these a stream would print addresses and numbers, or C++20 refuse them. No
 * templates, so that they go before those that refuse. */
namespace std
{

inline wostream &operator<<(wostream &stream, const char16_t *text)
{
    return stream << winscard::wide(text);
}

inline wostream &operator<<(wostream &stream, const u16string &text)
{
    return stream << winscard::wide(text);
}

inline wostream &operator<<(wostream &stream, char16_t unit)
{
    return stream << winscard::wide(&unit, 1);
}

} // namespace std

/* A text argument, of either type, or none. */
class winscard_text
{
  public:
    winscard_text(const char16_t *text) : text_(text)
    {
    }
    /* A template, so that NULL is of the type above. */
    template <class C>
    winscard_text(const C *text, typename winscard_only<C, wchar_t>::type = 0)
        : text_(nullptr)
    {
        if (text != nullptr)
            keep(text, std::char_traits<wchar_t>::length(text));
    }
    winscard_text(const std::wstring &text) : text_(nullptr)
    {
        keep(text.data(), text.size());
    }
    winscard_text(const std::u16string &text) : text_(text.c_str())
    {
    }
    winscard_text(const winscard_text &) = delete;
    winscard_text &operator=(const winscard_text &) = delete;
    operator LPCWSTR() const
    {
        return text_;
    }

  protected:
    void keep(const wchar_t *text, size_t size)
    {
        kept_ = winscard::utf16(text, size);
        text_ = kept_.c_str();
    }
    void keep(const std::u16string &text)
    {
        kept_ = text;
        text_ = kept_.c_str();
    }

  private:
    std::u16string kept_;
    const char16_t *text_;
};

/* The same for a multi-string. */
class winscard_texts : public winscard_text
{
  public:
    winscard_texts(const char16_t *text) : winscard_text(text)
    {
    }
    template <class C>
    winscard_texts(const C *text, typename winscard_only<C, wchar_t>::type = 0)
        : winscard_text(static_cast<const char16_t *>(nullptr))
    {
        size_t size = 0;
        if (text == nullptr)
            return;
        while (text[size] != 0 || (size > 0 && text[size - 1] != 0))
            size++;
        keep(text, size);
    }
    /* A string has one NUL behind it, a multi-string ends with two. */
    winscard_texts(const std::wstring &text)
        : winscard_text(static_cast<const char16_t *>(nullptr))
    {
        keep(text.c_str(), text.size() + 1);
    }
    winscard_texts(const std::u16string &text)
        : winscard_text(static_cast<const char16_t *>(nullptr))
    {
        keep(std::u16string(text.c_str(), text.size() + 1));
    }
};

/* Where a call puts text: into WCHAR as it is; into wchar_t converted, which takes no more
 * characters. With SCARD_AUTOALLOCATE that is memory of malloc(), which SCardFreeMemory()
 * below frees, and not the release of the context. */
class winscard_out
{
  public:
    winscard_out(char16_t *text) : plain_(text), wide_(nullptr), given_(nullptr)
    {
    }
    template <class C>
    winscard_out(C *text, typename winscard_only<C, wchar_t>::type = 0)
        : plain_(nullptr), wide_(text), given_(nullptr)
    {
    }
    winscard_out(const winscard_out &) = delete;
    winscard_out &operator=(const winscard_out &) = delete;

    /* What the call is given. */
    LPWSTR begin(LPDWORD size) const
    {
        if (wide_ == nullptr || size == nullptr)
            return plain_;
        if (*size == SCARD_AUTOALLOCATE)
            return reinterpret_cast<LPWSTR>(&given_);
        room_.resize(static_cast<size_t>(*size) + 1);
        return &room_[0];
    }

    /* What came of it. */
    LONG end(LONG code, SCARDCONTEXT context, LPDWORD size) const
    {
        if (wide_ == nullptr || size == nullptr || code != SCARD_S_SUCCESS)
            return code;
        const char16_t *text = given_ != nullptr ? given_ : room_.data();
        const std::wstring converted = winscard::wide(text, *size);
        wchar_t *to = wide_;
        if (given_ != nullptr) {
            to = static_cast<wchar_t *>(malloc((converted.size() + 1) * sizeof(wchar_t)));
            memcpy(wide_, &to, sizeof(to));
            SCardFreeMemory(context, static_cast<LPCVOID>(given_));
        }
        if (to == nullptr)
            return SCARD_E_NO_MEMORY;
        memcpy(to, converted.data(), converted.size() * sizeof(wchar_t));
        *size = static_cast<DWORD>(converted.size());
        return code;
    }

  private:
    char16_t *plain_;
    wchar_t *wide_;
    mutable char16_t *given_;
    mutable std::u16string room_;
};

inline LONG SCardFreeMemory(SCARDCONTEXT, wchar_t *memory)
{
    free(memory);
    return SCARD_S_SUCCESS;
}

typedef const winscard_text &winscard_w_text;
typedef const winscard_texts &winscard_w_texts;
typedef const winscard_out &winscard_w_out;

#else

typedef LPCWSTR winscard_w_text;
typedef LPCWSTR winscard_w_texts;
typedef LPWSTR winscard_w_out;

#endif

/* --- Lengths and other numbers that a call fills ------------------------------------ */

class winscard_number
{
  public:
    winscard_number(DWORD *number) : plain_(number), wide_(0), value_(0)
    {
    }
    template <class T>
    winscard_number(T *number, typename winscard_only<T, unsigned long>::type = 0)
        : plain_(0), wide_(number), value_(0)
    {
        if (wide_ != 0) {
            value_ = static_cast<DWORD>(*wide_);
            plain_ = &value_;
        }
    }
    operator LPDWORD() const
    {
        return plain_;
    }
    void give() const
    {
        if (wide_ != 0)
            *wide_ = value_;
    }

  private:
    winscard_number(const winscard_number &);
    winscard_number &operator=(const winscard_number &);
    DWORD *plain_;
    unsigned long *wide_;
    mutable DWORD value_;
};

typedef const winscard_number &winscard_n;

inline LONG winscard_give(LONG code, winscard_n a)
{
    a.give();
    return code;
}

#define WINSCARD_GIVE(call, number) winscard_give((call), (number))

inline LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols,
                           DWORD disposition, winscard_n active)
{
    return WINSCARD_GIVE(
        SCardReconnect(card, share, protocols, disposition, static_cast<LPDWORD>(active)),
        active);
}

inline LONG SCardTransmit(SCARDHANDLE card, LPCSCARD_IO_REQUEST send_pci, LPCBYTE send,
                          DWORD send_size, LPSCARD_IO_REQUEST receive_pci, LPBYTE receive,
                          winscard_n receive_size)
{
    return WINSCARD_GIVE(SCardTransmit(card, send_pci, send, send_size, receive_pci,
                                       receive, static_cast<LPDWORD>(receive_size)),
                         receive_size);
}

inline LONG SCardControl(SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_size,
                         LPVOID out, DWORD out_size, winscard_n returned)
{
    return WINSCARD_GIVE(SCardControl(card, code, in, in_size, out, out_size,
                                      static_cast<LPDWORD>(returned)),
                         returned);
}

inline LONG SCardGetAttrib(SCARDHANDLE card, DWORD attribute, LPBYTE value,
                           winscard_n size)
{
    return WINSCARD_GIVE(
        SCardGetAttrib(card, attribute, value, static_cast<LPDWORD>(size)), size);
}

inline LONG SCardGetTransmitCount(SCARDHANDLE card, winscard_n count)
{
    return WINSCARD_GIVE(SCardGetTransmitCount(card, static_cast<LPDWORD>(count)), count);
}

inline LONG SCardState(SCARDHANDLE card, winscard_n state, winscard_n protocol,
                       LPBYTE atr, winscard_n atr_size)
{
    LONG code =
        SCardState(card, static_cast<LPDWORD>(state), static_cast<LPDWORD>(protocol), atr,
                   static_cast<LPDWORD>(atr_size));
    protocol.give();
    atr_size.give();
    return winscard_give(code, state);
}

inline LPSTR winscard_begin(LPSTR text, LPDWORD)
{
    return text;
}

inline LONG winscard_end(LPSTR, LONG code, SCARDCONTEXT, LPDWORD)
{
    return code;
}

#ifdef WINSCARD_WIDE_OVERLOADS
inline LPWSTR winscard_begin(winscard_w_out out, LPDWORD size)
{
    return out.begin(size);
}

inline LONG winscard_end(winscard_w_out out, LONG code, SCARDCONTEXT context,
                         LPDWORD size)
{
    return out.end(code, context, size);
}
#else
inline LPWSTR winscard_begin(LPWSTR text, LPDWORD)
{
    return text;
}

inline LONG winscard_end(LPWSTR, LONG code, SCARDCONTEXT, LPDWORD)
{
    return code;
}
#endif

/* The calls of both encodings: TEXT and TEXTS are what takes a text and a multi-string. */
#define WINSCARD_OVERLOADS(X, OUTPUT, TEXT, TEXTS, PLAIN)                                \
    inline LONG SCardListReaderGroups##X(SCARDCONTEXT context, OUTPUT groups,            \
                                         winscard_n size)                                \
    {                                                                                    \
        LPDWORD n = size;                                                                \
        LONG code = SCardListReaderGroups##X(context, winscard_begin(groups, n), n);     \
        return winscard_give(winscard_end(groups, code, context, n), size);              \
    }                                                                                    \
    inline LONG SCardListReaders##X(SCARDCONTEXT context, TEXTS groups, OUTPUT readers,  \
                                    winscard_n size)                                     \
    {                                                                                    \
        LPDWORD n = size;                                                                \
        LONG code = SCardListReaders##X(context, static_cast<PLAIN>(groups),             \
                                        winscard_begin(readers, n), n);                  \
        return winscard_give(winscard_end(readers, code, context, n), size);             \
    }                                                                                    \
    inline LONG SCardListReadersWithDeviceInstanceId##X(                                 \
        SCARDCONTEXT context, TEXT instance, OUTPUT readers, winscard_n size)            \
    {                                                                                    \
        LPDWORD n = size;                                                                \
        LONG code = SCardListReadersWithDeviceInstanceId##X(                             \
            context, static_cast<PLAIN>(instance), winscard_begin(readers, n), n);       \
        return winscard_give(winscard_end(readers, code, context, n), size);             \
    }                                                                                    \
    inline LONG SCardListCards##X(SCARDCONTEXT context, LPCBYTE atr, LPCGUID interfaces, \
                                  DWORD count, OUTPUT cards, winscard_n size)            \
    {                                                                                    \
        LPDWORD n = size;                                                                \
        LONG code = SCardListCards##X(context, atr, interfaces, count,                   \
                                      winscard_begin(cards, n), n);                      \
        return winscard_give(winscard_end(cards, code, context, n), size);               \
    }                                                                                    \
    inline LONG SCardListInterfaces##X(SCARDCONTEXT context, TEXT card,                  \
                                       LPGUID interfaces, winscard_n count)              \
    {                                                                                    \
        return winscard_give(SCardListInterfaces##X(context, static_cast<PLAIN>(card),   \
                                                    interfaces,                          \
                                                    static_cast<LPDWORD>(count)),        \
                             count);                                                     \
    }                                                                                    \
    inline LONG SCardGetCardTypeProviderName##X(                                         \
        SCARDCONTEXT context, TEXT card, DWORD kind, OUTPUT provider, winscard_n size)   \
    {                                                                                    \
        LPDWORD n = size;                                                                \
        LONG code = SCardGetCardTypeProviderName##X(                                     \
            context, static_cast<PLAIN>(card), kind, winscard_begin(provider, n), n);    \
        return winscard_give(winscard_end(provider, code, context, n), size);            \
    }                                                                                    \
    inline LONG SCardGetDeviceTypeId##X(SCARDCONTEXT context, TEXT reader,               \
                                        winscard_n type)                                 \
    {                                                                                    \
        return winscard_give(SCardGetDeviceTypeId##X(context,                            \
                                                     static_cast<PLAIN>(reader),         \
                                                     static_cast<LPDWORD>(type)),        \
                             type);                                                      \
    }                                                                                    \
    inline LONG SCardGetReaderDeviceInstanceId##X(SCARDCONTEXT context, TEXT reader,     \
                                                  OUTPUT instance, winscard_n size)      \
    {                                                                                    \
        LPDWORD n = size;                                                                \
        LONG code = SCardGetReaderDeviceInstanceId##X(                                   \
            context, static_cast<PLAIN>(reader), winscard_begin(instance, n), n);        \
        return winscard_give(winscard_end(instance, code, context, n), size);            \
    }                                                                                    \
    inline LONG SCardConnect##X(SCARDCONTEXT context, TEXT reader, DWORD share,          \
                                DWORD protocols, LPSCARDHANDLE card, winscard_n active)  \
    {                                                                                    \
        return winscard_give(SCardConnect##X(context, static_cast<PLAIN>(reader), share, \
                                             protocols, card,                            \
                                             static_cast<LPDWORD>(active)),              \
                             active);                                                    \
    }                                                                                    \
    inline LONG SCardStatus##X(SCARDHANDLE card, OUTPUT reader, winscard_n reader_size,  \
                               winscard_n state, winscard_n protocol, LPBYTE atr,        \
                               winscard_n atr_size)                                      \
    {                                                                                    \
        LPDWORD n = reader_size;                                                         \
        LONG code = SCardStatus##X(                                                      \
            card, winscard_begin(reader, n), n, static_cast<LPDWORD>(state),             \
            static_cast<LPDWORD>(protocol), atr, static_cast<LPDWORD>(atr_size));        \
        code = winscard_end(reader, code, 0, n);                                         \
        reader_size.give();                                                              \
        state.give();                                                                    \
        protocol.give();                                                                 \
        return winscard_give(code, atr_size);                                            \
    }

WINSCARD_OVERLOADS(A, LPSTR, LPCSTR, LPCSTR, LPCSTR)
WINSCARD_OVERLOADS(W, winscard_w_out, winscard_w_text, winscard_w_texts, LPCWSTR)
#undef WINSCARD_OVERLOADS
#undef WINSCARD_GIVE

/* --- Calls that have text and fill no number ---------------------------------------- */

#ifdef WINSCARD_WIDE_OVERLOADS

inline LONG SCardLocateCardsW(SCARDCONTEXT context, winscard_w_texts cards,
                              LPSCARD_READERSTATEW states, DWORD count)
{
    return SCardLocateCardsW(context, static_cast<LPCWSTR>(cards), states, count);
}

inline LONG SCardIntroduceReaderGroupW(SCARDCONTEXT context, winscard_w_text group)
{
    return SCardIntroduceReaderGroupW(context, static_cast<LPCWSTR>(group));
}

inline LONG SCardForgetReaderGroupW(SCARDCONTEXT context, winscard_w_text group)
{
    return SCardForgetReaderGroupW(context, static_cast<LPCWSTR>(group));
}

inline LONG SCardIntroduceReaderW(SCARDCONTEXT context, winscard_w_text reader,
                                  winscard_w_text device)
{
    return SCardIntroduceReaderW(context, static_cast<LPCWSTR>(reader),
                                 static_cast<LPCWSTR>(device));
}

inline LONG SCardForgetReaderW(SCARDCONTEXT context, winscard_w_text reader)
{
    return SCardForgetReaderW(context, static_cast<LPCWSTR>(reader));
}

inline LONG SCardAddReaderToGroupW(SCARDCONTEXT context, winscard_w_text reader,
                                   winscard_w_text group)
{
    return SCardAddReaderToGroupW(context, static_cast<LPCWSTR>(reader),
                                  static_cast<LPCWSTR>(group));
}

inline LONG SCardRemoveReaderFromGroupW(SCARDCONTEXT context, winscard_w_text reader,
                                        winscard_w_text group)
{
    return SCardRemoveReaderFromGroupW(context, static_cast<LPCWSTR>(reader),
                                       static_cast<LPCWSTR>(group));
}

inline LONG SCardIntroduceCardTypeW(SCARDCONTEXT context, winscard_w_text card,
                                    LPCGUID primary, LPCGUID interfaces, DWORD count,
                                    LPCBYTE atr, LPCBYTE mask, DWORD atr_size)
{
    return SCardIntroduceCardTypeW(context, static_cast<LPCWSTR>(card), primary,
                                   interfaces, count, atr, mask, atr_size);
}

inline LONG SCardSetCardTypeProviderNameW(SCARDCONTEXT context, winscard_w_text card,
                                          DWORD kind, winscard_w_text provider)
{
    return SCardSetCardTypeProviderNameW(context, static_cast<LPCWSTR>(card), kind,
                                         static_cast<LPCWSTR>(provider));
}

inline LONG SCardForgetCardTypeW(SCARDCONTEXT context, winscard_w_text card)
{
    return SCardForgetCardTypeW(context, static_cast<LPCWSTR>(card));
}

inline LONG SCardGetProviderIdW(SCARDCONTEXT context, winscard_w_text card,
                                LPGUID provider)
{
    return SCardGetProviderIdW(context, static_cast<LPCWSTR>(card), provider);
}

#endif
#endif
#endif
