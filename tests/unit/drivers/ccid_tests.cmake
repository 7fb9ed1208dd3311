# SPDX-License-Identifier: BSD-2-Clause
# The CCID driver's logic over simulated readers, without a bus (tests/rig/sim).
add_library(ccid_rig OBJECT ccid_rig.c ccid_rig_jobs.c)
function(ccid_rig_test name labels)
    winscard_test(${name} "${labels}" ${ARGN} $<TARGET_OBJECTS:ccid_rig>
        $<TARGET_OBJECTS:rig_sim>)
endfunction()
ccid_rig_test(test_ccid_session rig test_ccid_session.c)
ccid_rig_test(fault_ccid fault ${PROJECT_SOURCE_DIR}/tests/fault/ccid_faults.c)
