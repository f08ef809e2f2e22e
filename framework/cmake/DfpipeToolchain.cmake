# Compiler cache, linker, warnings, sanitizers and run paths: everything about how this tree is compiled.
find_program(DFPIPE_CCACHE ccache)
if(DFPIPE_CCACHE)
  # Precompiled headers and ccache agree only with these sloppiness settings. Paths below the project count as relative,
  # so that a second checkout finds what the first one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${DFPIPE_CCACHE})
endif()

find_program(DFPIPE_MOLD mold)
if(DFPIPE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)  # a changed libdfpipe.so does not relink every plugin

add_library(dfpipe_warnings INTERFACE)
target_compile_options(dfpipe_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)

add_compile_options($<$<CONFIG:Release>:-O2>)
add_compile_options(-fpch-preprocess)

if(DFPIPE_SANITIZE)
  add_compile_options(-fsanitize=${DFPIPE_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${DFPIPE_SANITIZE})
  if(DFPIPE_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=vptr -fno-sanitize-recover=undefined)  # vptr: oneTBB's own headers trip it
  endif()
endif()

# Build and install trees can be moved: everything finds libdfpipe and its helpers relative to itself.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)  # for a LibTorch outside the system's folders
set(DFPIPE_PLUGIN_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/dfpipe/plugins)
file(RELATIVE_PATH from_bin_to_lib /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
set(CMAKE_INSTALL_RPATH $ORIGIN $ORIGIN/../.. $ORIGIN/${from_bin_to_lib})
