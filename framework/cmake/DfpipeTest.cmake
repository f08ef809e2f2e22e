# dfpipe_add_test(NAME SOURCES file_test.cpp … [LIBRARIES lib …] [LABELS fast|slow …] [TIMEOUT seconds])
#
# One GoogleTest program; each of its tests is one ctest entry. Tests may use NodeRunner, which loads the built plugins.
find_package(GTest REQUIRED)
include(GoogleTest)

function(dfpipe_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE dfpipe_testing GTest::gmock GTest::gtest_main dfpipe_warnings ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  gtest_discover_tests(${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
