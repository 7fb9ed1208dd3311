# SPDX-License-Identifier: BSD-2-Clause
# What is installed on Windows: programs look for a DLL beside themselves, so all that is
# needed to run stands in one folder.
install(TARGETS winscard scarddlg RUNTIME DESTINATION . ARCHIVE DESTINATION lib)
install(TARGETS scard RUNTIME DESTINATION .)
if(TARGET winscardd)
    install(TARGETS winscardd RUNTIME DESTINATION .)
endif()
install(DIRECTORY include/winscard DESTINATION include)
install(DIRECTORY packaging/cards.d DESTINATION . FILES_MATCHING PATTERN "*.reg")
