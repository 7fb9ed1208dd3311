# SPDX-License-Identifier: BSD-2-Clause
# The service, and what tells systemd, udev and polkit about it. These look in places of
# their own, whatever the prefix; below the prefix by default, so that an installation into
# a directory of one's own needs no rights: packages set them. Empty: not installed.

set(SYSTEMD_SYSTEM_DIR lib/systemd/system CACHE STRING "systemd's units of the machine")
set(SYSTEMD_USER_DIR lib/systemd/user CACHE STRING "systemd's units of users")
set(SYSUSERS_DIR lib/sysusers.d CACHE STRING "sysusers.d")
set(UDEV_RULES_DIR lib/udev/rules.d CACHE STRING "udev's rules")
set(POLKIT_ACTIONS_DIR ${CMAKE_INSTALL_DATADIR}/polkit-1/actions CACHE STRING
    "polkit's actions")

install(TARGETS winscardd RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(FILES packaging/man/winscard-policy.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES packaging/man/winscardd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
# An example: without the file the service does what it says.
install(FILES packaging/policy.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# polkit is asked about processes of other users, whose entries in /proc have to be seen.
set(WINSCARD_PROTECT_PROC invisible)
if(WITH_POLKIT)
    set(WINSCARD_PROTECT_PROC default)
endif()
foreach(unit winscardd winscardd-user winscardd-forward)
    configure_file(packaging/systemd/${unit}.service.in ${unit}.service @ONLY)
endforeach()
if(SYSTEMD_SYSTEM_DIR)
    install(FILES packaging/systemd/winscardd.socket
            packaging/systemd/winscardd-pcscd.socket ${PROJECT_BINARY_DIR}/winscardd.service
        DESTINATION ${SYSTEMD_SYSTEM_DIR})
    install(PROGRAMS packaging/systemd/winscardd-pcscd DESTINATION ${CMAKE_INSTALL_SBINDIR})
    install(FILES packaging/man/winscardd-pcscd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
endif()
if(SYSTEMD_USER_DIR)
    install(FILES packaging/systemd/winscardd-user.socket DESTINATION ${SYSTEMD_USER_DIR}
        RENAME winscardd.socket)
    install(FILES ${PROJECT_BINARY_DIR}/winscardd-user.service
        DESTINATION ${SYSTEMD_USER_DIR} RENAME winscardd.service)
    install(FILES ${PROJECT_BINARY_DIR}/winscardd-forward.service
        DESTINATION ${SYSTEMD_USER_DIR})
endif()
if(SYSUSERS_DIR)
    install(FILES packaging/sysusers/winscard.conf DESTINATION ${SYSUSERS_DIR})
endif()
if(UDEV_RULES_DIR AND WITH_USB)
    install(FILES packaging/udev/60-winscard.rules DESTINATION ${UDEV_RULES_DIR})
endif()
if(POLKIT_ACTIONS_DIR AND WITH_POLKIT)
    install(FILES packaging/org.winscard.policy DESTINATION ${POLKIT_ACTIONS_DIR})
endif()
