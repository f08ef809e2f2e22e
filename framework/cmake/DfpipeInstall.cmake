# The package: libdfpipe, the SDK headers, and what find_package(dfpipe) reads. The binary and the plugins are installed
# where they are declared.
include(CMakePackageConfigHelpers)
set(DFPIPE_CMAKE_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/dfpipe)

install(TARGETS dfpipe EXPORT dfpipeTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY framework/include/dfpipe DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT dfpipeTargets NAMESPACE dfpipe:: DESTINATION ${DFPIPE_CMAKE_INSTALL_DIR})

configure_package_config_file(framework/cmake/dfpipeConfig.cmake.in ${PROJECT_BINARY_DIR}/dfpipeConfig.cmake
  INSTALL_DESTINATION ${DFPIPE_CMAKE_INSTALL_DIR} PATH_VARS CMAKE_INSTALL_BINDIR)
# A plugin must match the ABI number exactly, so versions before 1.0 promise nothing across minor numbers.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dfpipeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dfpipeConfig.cmake ${PROJECT_BINARY_DIR}/dfpipeConfigVersion.cmake
  framework/cmake/DfpipePlugin.cmake framework/cmake/DfpipeTypes.cmake DESTINATION ${DFPIPE_CMAKE_INSTALL_DIR})

# Pipelines with the model they name, laid out as in the project, so that their relative paths hold.
install(DIRECTORY pipelines models DESTINATION ${CMAKE_INSTALL_DATADIR}/dfpipe)
# The web page, where `dfpipew page` has built it.
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/dfpipe/page DESTINATION ${CMAKE_INSTALL_DATADIR}/dfpipe OPTIONAL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
