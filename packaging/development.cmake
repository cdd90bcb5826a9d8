# The component development: headers, static libraries, the CMake package cbv and pkg-config files. The
# headers are those of lib/include and fake-mx/include, which are public; asio_support.hpp is not.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cbv)

install(TARGETS cbv_core cbv_idna cbv_asio_impl cbv_dns cbv fakemx fakemx_io EXPORT cbv-targets
  ARCHIVE COMPONENT development INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT cbv-targets NAMESPACE cbv:: DESTINATION ${config_dir} COMPONENT development)
foreach(name cbv fakemx)
  set(from ${PROJECT_SOURCE_DIR}/lib/include/cbv)
  if(name STREQUAL fakemx)
    set(from ${PROJECT_SOURCE_DIR}/fake-mx/include/fakemx)
  endif()
  install(DIRECTORY ${from} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN *.hpp)
endforeach()

configure_package_config_file(cbv-config.cmake.in cbv-config.cmake INSTALL_DESTINATION ${config_dir}
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(cbv-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cbv-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/cbv-config-version.cmake
  DESTINATION ${config_dir} COMPONENT development)

cbv_relative(CBV_PC_TO_PREFIX ${CMAKE_INSTALL_LIBDIR}/pkgconfig "")
foreach(package cbv-core cbv cbv-fakemx)
  configure_file(pkgconfig/${package}.pc.in ${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT development)
endforeach()
