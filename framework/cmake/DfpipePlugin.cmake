# dfpipe_add_plugin(NAME SOURCES file.cpp … [LIBRARIES lib …])
#
# One loadable plugin. Inside the dfpipe tree it lands in lib/dfpipe/plugins of the build folder; outside, in the
# build folder itself, to be named with `dfpipe --plugins DIR` or DFPIPE_PLUGIN_PATH.
function(dfpipe_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "dfpipe_add_plugin(${name}): SOURCES is empty")
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE dfpipe::dfpipe ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(DFPIPE_PLUGIN_OUTPUT)  # set inside the dfpipe tree only
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${DFPIPE_PLUGIN_OUTPUT})
    target_link_libraries(${name} PRIVATE dfpipe_warnings)
    set_property(GLOBAL APPEND PROPERTY DFPIPE_PLUGINS ${name})
    install(TARGETS ${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/dfpipe/plugins)
  endif()
endfunction()
