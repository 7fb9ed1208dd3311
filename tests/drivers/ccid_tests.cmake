# SPDX-License-Identifier: BSD-2-Clause
# The CCID driver's logic over simulated readers, without a bus (tests/rig/sim).
add_library(ccid_rig OBJECT ccid_rig.c ccid_rig_jobs.c)
target_link_libraries(ccid_rig PUBLIC winscard_includes)
function(ccid_rig_test name labels)
    winscard_test(${name} "${labels}" ${ARGN} ccid_rig rig_sim)
endfunction()
ccid_rig_test(test_ccid_session "rig;quick" test_ccid_session.c)
ccid_rig_test(test_ccid_abort fault test_ccid_abort.c)
ccid_rig_test(test_ccid_negotiate "rig;quick" test_ccid_negotiate.c)
ccid_rig_test(test_ccid_keypad "rig;quick" test_ccid_keypad.c)
ccid_rig_test(test_ccid_traffic unit test_ccid_traffic.c)
ccid_rig_test(test_ccid_control rig test_ccid_control.c)
ccid_rig_test(test_ccid_presence unit test_ccid_presence.c)
ccid_rig_test(test_ccid_slots rig test_ccid_slots.c)
ccid_rig_test(test_ccid_device rig test_ccid_device.c)
ccid_rig_test(fault_ccid fault fault_ccid.c)
ccid_rig_test(fault_ccid_steps fault fault_ccid_steps.c)
# Half a minute each, more on a busy machine with a sanitizer.
set_tests_properties(fault_ccid fault_ccid_steps PROPERTIES TIMEOUT 240)

# Records the seeds of a fuzz harness; by hand.
add_executable(record_ccid EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/fuzz/record_ccid.c
    ${PROJECT_SOURCE_DIR}/tests/fuzz/ccid_play.c)
target_link_libraries(record_ccid PRIVATE rig_sim winscard_core winscard_readers)
