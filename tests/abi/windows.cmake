# SPDX-License-Identifier: BSD-2-Clause
# What Windows' loader sees of the DLLs and the service, and that it can load the DLLs, unload
# and load them again.

set(files winscard scarddlg)
if(TARGET winscardd)
  list(APPEND files winscardd)
endif()
foreach(dll IN LISTS files)
  add_test(NAME abi-exports-${dll} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/exports_windows.sh
           $<TARGET_FILE:${dll}> ${dll} ${PROJECT_SOURCE_DIR} ${CMAKE_OBJDUMP})
  set_tests_properties(abi-exports-${dll} PROPERTIES LABELS abi TIMEOUT ${hang_s})
endforeach()

add_executable(test_abi_load test_load_windows.c)
target_link_libraries(test_abi_load PRIVATE winscard_includes)
add_test(NAME test_abi_load COMMAND test_abi_load $<TARGET_FILE:winscard>)
set_tests_properties(test_abi_load PROPERTIES LABELS "abi;quick" TIMEOUT ${hang_s}
                     ENVIRONMENT "WINSCARD_CARRIER=local;WINSCARD_READERS=soft:")

# The sample linked with our import library.
foreach(text a w)
  add_executable(windows_sample_${text} ../programs/windows_sample.c)
  target_link_libraries(windows_sample_${text} PRIVATE winscard)
endforeach()
target_compile_definitions(windows_sample_w PRIVATE UNICODE _UNICODE)
