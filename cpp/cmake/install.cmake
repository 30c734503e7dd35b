# What others build on: headers, libraries and the package that find_package(resonance) finds. No Python in it.
include(CMakePackageConfigHelpers)

if(OpenMP_CXX_FOUND)
  set(resonance_uses_openmp TRUE)
else()
  set(resonance_uses_openmp FALSE)
endif()
set(package_dir lib/cmake/resonance)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/cpp/include/resonance DESTINATION include COMPONENT development)
install(TARGETS resonance_static EXPORT resonance-static ARCHIVE DESTINATION lib COMPONENT development)
install(EXPORT resonance-static NAMESPACE resonance:: DESTINATION ${package_dir} COMPONENT development)
if(RESONANCE_BUILD_SHARED)
  install(TARGETS resonance_shared EXPORT resonance-shared
    LIBRARY DESTINATION lib COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE DESTINATION lib COMPONENT development
    RUNTIME DESTINATION bin COMPONENT runtime)
  install(EXPORT resonance-shared NAMESPACE resonance:: DESTINATION ${package_dir} COMPONENT development)
endif()

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/resonance-config.cmake.in resonance-config.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(resonance-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/resonance-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/resonance-config-version.cmake
  DESTINATION ${package_dir} COMPONENT development)
