# dfpipe_add_plugin(NAME SOURCES file.cpp … [LIBRARIES lib …])
#
# One loadable plugin. Inside the dfpipe tree it lands in lib/dfpipe/plugins of the build folder; outside, in the
# build folder itself, to be named with `dfpipe --plugins DIR` or DFPIPE_PLUGIN_PATH. For the payload types that stand on
# another library link dfpipe::image (OpenCV) or dfpipe::tensor (LibTorch).
function(dfpipe_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "dfpipe_add_plugin(${name}): '${arg_UNPARSED_ARGUMENTS}' follows no keyword (SOURCES, LIBRARIES)")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "dfpipe_add_plugin(${name}): SOURCES is empty")
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE dfpipe::dfpipe ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  if(DFPIPE_PLUGIN_OUTPUT)  # set inside the dfpipe tree only
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${DFPIPE_PLUGIN_OUTPUT})
    target_link_libraries(${name} PRIVATE dfpipe_warnings)
    set_property(GLOBAL APPEND PROPERTY DFPIPE_PLUGINS ${name})
    install(TARGETS ${name} LIBRARY DESTINATION ${DFPIPE_PLUGIN_INSTALL_DIR})
  endif()
endfunction()
