# dfpipe_use_torch(TARGET)
#
# Links LibTorch and shares one precompiled <ATen/ATen.h> among all loadable plugins and shared libraries that ask: the header
# costs about four seconds in each source file. Programs (tests) get the library alone; their code is compiled as
# position-independent executables and cannot use the plugins' precompiled header.
function(dfpipe_use_torch target)
  dfpipe_find_tensor()
  if(NOT TARGET dfpipe::tensor)
    message(FATAL_ERROR "LibTorch was not found: install libtorch-dev, or set CMAKE_PREFIX_PATH to a LibTorch folder")
  endif()
  target_link_libraries(${target} PRIVATE dfpipe::tensor)
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "MODULE_LIBRARY")
    return()
  endif()
  if(NOT TARGET dfpipe_torch_pch)
    file(WRITE ${PROJECT_BINARY_DIR}/dfpipe_torch_pch.cpp "// carries the precompiled header\n")
    add_library(dfpipe_torch_pch OBJECT ${PROJECT_BINARY_DIR}/dfpipe_torch_pch.cpp)
    target_link_libraries(dfpipe_torch_pch PRIVATE dfpipe::dfpipe dfpipe::tensor dfpipe_warnings)
    set_target_properties(dfpipe_torch_pch PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_precompile_headers(dfpipe_torch_pch PRIVATE <ATen/ATen.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM dfpipe_torch_pch)
endfunction()
