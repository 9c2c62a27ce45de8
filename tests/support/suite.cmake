# seatrial_suite(NAME [LOCK lock] [LIBRARIES target...] [PROPERTIES ctest properties...])
# makes the program NAME_tests of every .cpp below tests/NAME and tells ctest of its cases.
#
# Of a suite with a lock one case runs at a time, beside those of others. A case's tag can say more:
#   [light]   starts no brokers and leaves nothing that another could find: it needs no lock
#   [alone]   measures, or removes what others may still look for: nothing runs beside it
#   [matrix]  repeats what another case shows a sample of: only `seatrial test matrix` runs it
#
# A name that ctest could not hand over unharmed counts as failed: Catch2 2 reports success when
# nothing matched. A case that cannot run here says so with SEATRIAL_SKIP (support/skip.hpp) and
# counts as skipped.
function(seatrial_suite name)
  cmake_parse_arguments(suite "" "LOCK" "LIBRARIES;PROPERTIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE ${suite_LIBRARIES} seatrial_test_support)
  target_precompile_headers(${name}_tests REUSE_FROM seatrial_test_support)
  seatrial_unity(${name}_tests)
  if(name STREQUAL "e2e" AND TARGET seatrial)
    add_dependencies(e2e_tests seatrial)
  endif()
  if(NOT suite_LOCK)
    seatrial_cases(${name} "" LABELS ${name} ${suite_PROPERTIES})
    return()
  endif()
  seatrial_cases(${name} "~[light]~[alone]~[matrix]"
    LABELS ${name} RESOURCE_LOCK ${suite_LOCK} ${suite_PROPERTIES})
  seatrial_cases(${name} "[light]" LABELS ${name} ${suite_PROPERTIES})
  seatrial_cases(${name} "[alone]" LABELS ${name} RUN_SERIAL TRUE ${suite_PROPERTIES})
  seatrial_cases(${name} "[matrix]" LABELS matrix RUN_SERIAL TRUE ${suite_PROPERTIES})
endfunction()

# Those of a suite that Catch2 finds by `spec`, with these properties.
function(seatrial_cases name spec)
  catch_discover_tests(${name}_tests
    TEST_SPEC "${spec}"
    TEST_PREFIX "${name}/"
    PROPERTIES
      SKIP_REGULAR_EXPRESSION "seatrial: skipped:"
      FAIL_REGULAR_EXPRESSION "No test cases matched"
      ${ARGN})
endfunction()
