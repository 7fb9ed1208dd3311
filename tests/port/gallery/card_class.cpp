/* SPDX-License-Identifier: BSD-2-Clause */
/* Classes around the smart card calls, as C++ programs have them: a context and a card that end
 * with their scope, errors as exceptions with the system's text, strings of TCHAR and std::wstring. */
#include <windows.h>
#include <winscard.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gallery
{

typedef std::basic_string<TCHAR> tstring;
typedef std::vector<BYTE> bytes;

/* UTF-8 of a WCHAR text. */
std::string narrow(const std::basic_string<WCHAR> &text)
{
    if (text.empty())
        return std::string();
    int length =
        ::WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                              nullptr, 0, nullptr, nullptr);
    std::string result(static_cast<std::size_t>(length), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                          &result[0], length, nullptr, nullptr);
    return result;
}

inline std::string narrow(const std::string &text)
{
    return text;
}

/* std::wstring has wchar_t of any size: code unit by code unit. */
std::wstring widen(const tstring &text)
{
    return std::wstring(text.begin(), text.end());
}

class scard_error : public std::runtime_error
{
  public:
    scard_error(const std::string &call, LONG code)
        : std::runtime_error(call + " failed"), m_code(code), m_text(text_of(code))
    {
    }

    LONG code() const noexcept
    {
        return m_code;
    }
    const tstring &text() const noexcept
    {
        return m_text;
    }

  private:
    static tstring text_of(LONG code)
    {
        LPTSTR buffer = nullptr;
        DWORD length =
            ::FormatMessage(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM
                                | FORMAT_MESSAGE_IGNORE_INSERTS,
                            nullptr, static_cast<DWORD>(code),
                            MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US),
                            reinterpret_cast<LPTSTR>(&buffer), 0, nullptr);
        if (length == 0)
            return TEXT("unknown error");
        std::unique_ptr<TCHAR, HLOCAL(WINAPI *)(HLOCAL)> owner(buffer, &::LocalFree);
        tstring text(buffer, length);
        text.erase(text.find_last_not_of(TEXT("\r\n ")) + 1);
        return text;
    }

    LONG m_code;
    tstring m_text;
};

inline void check(const char *call, LONG code)
{
    if (code != SCARD_S_SUCCESS)
        throw scard_error(call, code);
}

class context
{
  public:
    explicit context(DWORD scope = SCARD_SCOPE_USER) : m_handle(0)
    {
        check("SCardEstablishContext",
              ::SCardEstablishContext(scope, nullptr, nullptr, &m_handle));
    }
    ~context()
    {
        if (m_handle)
            ::SCardReleaseContext(m_handle);
    }
    context(const context &) = delete;
    context &operator=(const context &) = delete;

    operator SCARDCONTEXT() const
    {
        return m_handle;
    }

    std::vector<tstring> readers() const
    {
        LPTSTR list = nullptr;
        DWORD length = SCARD_AUTOALLOCATE;
        LONG code = ::SCardListReaders(m_handle, nullptr, reinterpret_cast<LPTSTR>(&list),
                                       &length);
        std::vector<tstring> names;
        if (code == SCARD_E_NO_READERS_AVAILABLE)
            return names;
        check("SCardListReaders", code);
        for (LPCTSTR name = list; *name; name += names.back().size() + 1)
            names.push_back(name);
        ::SCardFreeMemory(m_handle, list);
        return names;
    }

  private:
    SCARDCONTEXT m_handle;
};

class card
{
  public:
    card(const context &owner, const tstring &reader, DWORD share = SCARD_SHARE_SHARED)
        : m_handle(0), m_protocol(SCARD_PROTOCOL_UNDEFINED)
    {
        check("SCardConnect", ::SCardConnect(owner, reader.c_str(), share,
                                             SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                             &m_handle, &m_protocol));
    }
    card(card &&other) noexcept : m_handle(other.m_handle), m_protocol(other.m_protocol)
    {
        other.m_handle = 0;
    }
    card(const card &) = delete;
    card &operator=(const card &) = delete;
    ~card()
    {
        if (m_handle)
            ::SCardDisconnect(m_handle, SCARD_LEAVE_CARD);
    }

    bytes transmit(const bytes &command) const
    {
        bytes answer(258);
        DWORD length = static_cast<DWORD>(answer.size());
        LPCSCARD_IO_REQUEST pci =
            m_protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
        check("SCardTransmit", ::SCardTransmit(m_handle, pci, command.data(),
                                               static_cast<DWORD>(command.size()),
                                               nullptr, answer.data(), &length));
        answer.resize(length);
        return answer;
    }

    bytes attribute(DWORD id) const
    {
        DWORD length = 0;
        check("SCardGetAttrib", ::SCardGetAttrib(m_handle, id, nullptr, &length));
        bytes value(length);
        check("SCardGetAttrib", ::SCardGetAttrib(m_handle, id, value.data(), &length));
        value.resize(length);
        return value;
    }

  private:
    friend class transaction;
    SCARDHANDLE m_handle;
    DWORD m_protocol;
};

class transaction
{
  public:
    explicit transaction(const card &of) : m_card(of)
    {
        check("SCardBeginTransaction", ::SCardBeginTransaction(m_card.m_handle));
    }
    ~transaction()
    {
        ::SCardEndTransaction(m_card.m_handle, SCARD_LEAVE_CARD);
    }
    transaction(const transaction &) = delete;
    transaction &operator=(const transaction &) = delete;

  private:
    const card &m_card;
};

std::string hex(const bytes &value)
{
    std::ostringstream out;
    out << std::hex << std::uppercase << std::setfill('0');
    std::for_each(value.begin(), value.end(),
                  [&out](BYTE b) { out << std::setw(2) << static_cast<unsigned>(b); });
    return out.str();
}

} // namespace gallery

using namespace gallery;

static card first_card(const context &ctx)
{
    std::vector<tstring> names = ctx.readers();
    if (names.empty())
        throw std::logic_error("there is no reader");
    return card(ctx, names.front());
}

static void session(const context &ctx)
{
    card c = first_card(ctx);
    std::cout << "ATR " << hex(c.attribute(SCARD_ATTR_ATR_STRING)) << std::endl;

    transaction guard(c);
    const std::vector<std::pair<std::string, bytes>> commands = {
        {"select", {0x00, 0xA4, 0x04, 0x0C, 0x05, 0xF0, 'S', 'O', 'F', 'T'}},
        {"read", {0x00, 0xB0, 0x81, 0x00, 0x08}},
        {"secret", {0x00, 0xB0, 0x83, 0x00, 0x08}}};
    for (const auto &command : commands)
        std::cout << command.first << " " << hex(c.transmit(command.second)) << std::endl;
}

static void failures(const context &ctx)
{
    std::map<std::string, tstring> wrong;
    wrong["another number"] = TEXT("WinSCard Software Card 99");
    wrong["no such reader"] = TEXT("Reader of nobody 7");
    for (auto it = wrong.begin(); it != wrong.end(); ++it) {
        try {
            card c(ctx, it->second);
            std::cout << it->first << ": connected" << std::endl;
        } catch (const scard_error &e) {
            std::cout << it->first << ": " << e.what() << ", 0x" << std::hex
                      << std::uppercase << e.code() << std::dec << std::endl;
        }
    }
    const scard_error denied("CreateFile", ERROR_ACCESS_DENIED);
    std::cout << "code " << denied.code() << (denied.text().empty() ? ", no" : ", a")
              << " text" << std::endl;
}

int main()
{
    try {
        context ctx;
        std::vector<tstring> names = ctx.readers();
        for (const tstring &name : names) {
            std::wstring wide = widen(name);
            std::cout << narrow(name) << ", " << wide.size() << " characters, "
                      << (wide.find(L"Software") != std::wstring::npos ? "of software"
                                                                       : "of hardware")
                      << std::endl;
        }
        session(ctx);
        failures(ctx);
        context moved(SCARD_SCOPE_SYSTEM);
        std::cout << "valid " << (::SCardIsValidContext(moved) == SCARD_S_SUCCESS)
                  << std::endl;
        context none(17);
    } catch (const scard_error &e) {
        std::cout << e.what() << ": 0x" << std::hex << std::uppercase << e.code()
                  << std::endl;
        return 0;
    } catch (const std::exception &e) {
        std::cout << "exception: " << e.what() << std::endl;
    }
    return 1;
}
