# seatrial_suite(NAME [LIBRARIES target...] [PROPERTIES ctest properties...])
# makes the program NAME_tests of every .cpp below tests/NAME and tells ctest of its cases.
#
# A name that ctest could not hand over unharmed counts as failed: Catch2 2 reports success when
# nothing matched. A case that cannot run here says so with SEATRIAL_SKIP (support/skip.hpp) and
# counts as skipped.
function(seatrial_suite name)
  cmake_parse_arguments(suite "" "" "LIBRARIES;PROPERTIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE ${suite_LIBRARIES} seatrial_test_support)
  target_precompile_headers(${name}_tests REUSE_FROM seatrial_test_support)
  if(name STREQUAL "e2e" AND TARGET seatrial)
    add_dependencies(e2e_tests seatrial)
  endif()
  catch_discover_tests(${name}_tests
    TEST_PREFIX "${name}/"
    PROPERTIES
      LABELS ${name}
      SKIP_REGULAR_EXPRESSION "seatrial: skipped:"
      FAIL_REGULAR_EXPRESSION "No test cases matched"
      ${suite_PROPERTIES})
endfunction()
