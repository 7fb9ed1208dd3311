# SPDX-License-Identifier: BSD-2-Clause
# Names of headers as Windows programs write them, where a file system does not care about
# case. They are made when a build is configured, as a source tree with names that differ in
# case alone cannot be checked out on such a file system: each includes the one in lower case.
set(winscard_spellings ${PROJECT_BINARY_DIR}/include)

# The parts of a name that are written with capitals, as Microsoft's pages and headers have
# them; besides, each header is found with its first letter, and all of it, in capitals.
set(spellings BaseTsd.h ConIO.h Conio.h ErrHandlingApi.h FileApi.h GuidDef.h HandleApi.h
    HeapApi.h LibLoaderApi.h MinWinBase.h ProcessThreadsApi.h ProfileApi.h SCardErr.h
    SpecStrings.h StrSafe.h SynchApi.h SysInfoApi.h TChar.h WinBase.h WinCon.h WinDef.h
    WinError.h WinIoCtl.h WinIoctl.h WinNls.h WinNLS.h WinNT.h WinNt.h WinSCard.h WinScard.h
    winSCard.h WinSmCrd.h WinSock.h WinSock2.h WS2tcpip.h Ws2tcpip.h WinUser.h winUser.h
    Winsmcrd.h winError.h winBase.h)

file(GLOB headers RELATIVE ${PROJECT_SOURCE_DIR}/include/winscard CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/include/winscard/*.h)
foreach(header IN LISTS headers)
    string(REGEX REPLACE "\\.h$" "" name ${header})
    string(TOUPPER ${name} upper)
    string(SUBSTRING ${upper} 0 1 first)
    string(SUBSTRING ${name} 1 -1 rest)
    list(APPEND spellings ${first}${rest}.h ${upper}.h ${upper}.H)
endforeach()
list(REMOVE_DUPLICATES spellings)
foreach(spelling IN LISTS spellings)
    string(TOLOWER ${spelling} header)
    if(header IN_LIST headers AND NOT spelling STREQUAL header)
        file(CONFIGURE OUTPUT ${winscard_spellings}/${spelling} CONTENT
            "/* SPDX-License-Identifier: BSD-2-Clause */\n#include <${header}>\n" @ONLY)
    endif()
endforeach()
