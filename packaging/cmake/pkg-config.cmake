# SPDX-License-Identifier: BSD-2-Clause
# Other projects' libraries, by pkg-config.

# winscard_pkg_config(PREFIX MODULE PACKAGE WITHOUT): the target PkgConfig::PREFIX. Where it
# is missing, the error names Debian's package, and what to do without it.
function(winscard_pkg_config prefix module package without)
    find_package(PkgConfig)
    if(PkgConfig_FOUND)
        pkg_check_modules(${prefix} IMPORTED_TARGET GLOBAL ${module})
    endif()
    if(NOT ${prefix}_FOUND)
        message(FATAL_ERROR "${module} was not found by pkg-config.\n"
            "Debian's packages are pkg-config and ${package}.\n${without}")
    endif()
    set(${prefix}_INCLUDE_DIRS ${${prefix}_INCLUDE_DIRS} PARENT_SCOPE)
endfunction()
