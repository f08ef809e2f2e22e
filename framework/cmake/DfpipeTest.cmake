# dfpipe_add_test(NAME SOURCES file_test.cpp … [LIBRARIES lib …] [PLUGINS plugin …|ALL] [LABELS label …] [TIMEOUT seconds])
#
# One GoogleTest program; each of its tests is one ctest entry, run in the project's root folder. Tests may use
# NodeRunner, which loads the built plugins. A test beside a plugin is tied to that plugin: it is built with it and
# loads it first. PLUGINS names others. Labels: `slow` for what takes more than a few seconds, `browser` for what needs
# one, `sanitize` for a program that is also built and run under the asan and tsan presets (tests/sanitizers).
find_package(GTest REQUIRED)
include(GoogleTest)
add_custom_target(sanitized)

function(dfpipe_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES;PLUGINS;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE dfpipe_testing GTest::gmock GTest::gtest_main dfpipe_warnings ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if("sanitize" IN_LIST arg_LABELS)
    add_dependencies(sanitized ${name})
  endif()

  get_property(plugins GLOBAL PROPERTY DFPIPE_PLUGINS)
  get_property(tied DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  list(APPEND tied ${arg_PLUGINS})
  if(NOT "ALL" IN_LIST tied)
    set(kept "")
    foreach(plugin ${plugins})
      if(plugin IN_LIST tied)
        list(APPEND kept ${plugin})
      endif()
    endforeach()
    set(plugins ${kept})
  endif()
  if(plugins)
    add_dependencies(${name} ${plugins})
  endif()
  list(JOIN plugins ":" first)

  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  gtest_discover_tests(${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    TEST_LIST ${name}_TESTS PROPERTIES TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "DFPIPE_TEST_PLUGINS=${first}")
  # gtest_discover_tests flattens lists in PROPERTIES, so several labels need a file that ctest reads after it.
  set(labels ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
  file(WRITE ${labels} "if(${name}_TESTS)\n  set_tests_properties(\${${name}_TESTS} PROPERTIES LABELS \"${arg_LABELS}\")\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels})
endfunction()
