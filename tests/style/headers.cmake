# Each header compiles by itself: one generated source per header, compiled without precompiled
# headers and without optimisation when the test "style/headers compile alone" asks for it.
# A second target holds a header that cannot, to show that the test can fail.
function(seatrial_header_check target)
  set(probes)
  foreach(header ${ARGN})
    string(MAKE_C_IDENTIFIER ${header} name)
    set(probe ${CMAKE_CURRENT_BINARY_DIR}/${target}/${name}.cpp)
    file(CONFIGURE OUTPUT ${probe} CONTENT "#include \"${header}\"\n")
    list(APPEND probes ${probe})
  endforeach()
  add_library(${target} OBJECT EXCLUDE_FROM_ALL ${probes})
  target_link_libraries(${target} PRIVATE seatrial_flags Catch2::Catch2 benchmark::benchmark)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE SEATRIAL_ROOT="" SEATRIAL_BINARY="")
  target_compile_options(${target} PRIVATE -O0 -g0)
endfunction()

file(GLOB_RECURSE headers CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/harness/*.hpp ${PROJECT_SOURCE_DIR}/workloads/*.hpp
  ${PROJECT_SOURCE_DIR}/reports/*.hpp ${PROJECT_SOURCE_DIR}/tests/*.hpp)
seatrial_header_check(header_check ${headers})

set(bad_header ${CMAKE_CURRENT_BINARY_DIR}/bad_header.hpp)
file(CONFIGURE OUTPUT ${bad_header} CONTENT "#pragma once\nstd::string forgot_its_include();\n")
seatrial_header_check(header_check_bad ${bad_header})

function(seatrial_header_test name target)
  add_test(NAME "style/${name}"
    COMMAND nice -n 19 ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target ${target})
  # One build at a time in one build folder; from what tests beside it leave of the cores.
  set_tests_properties("style/${name}" PROPERTIES
    LABELS style TIMEOUT 1800 RESOURCE_LOCK build_folder ${ARGN})
endfunction()
seatrial_header_test("headers compile alone" header_check)
seatrial_header_test("a header that needs another fails" header_check_bad
  PASS_REGULAR_EXPRESSION "bad_header.hpp:2:6: error: ")
