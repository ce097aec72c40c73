# What `dso version --format json` says of each library that is linked in, as far as only the build knows it: a version that no header
# has, and the package it came from, whose version says which security fixes are in it.
function(dso_package_of out file)
  set(${out} "" PARENT_SCOPE)
  find_program(DSO_DPKG_QUERY dpkg-query)
  if(NOT file OR NOT DSO_DPKG_QUERY)
    return()
  endif()
  file(REAL_PATH ${file} real)
  set(admin "")
  if(CMAKE_SYSROOT)
    file(REAL_PATH ${CMAKE_SYSROOT} sysroot)
    string(FIND ${real} "${sysroot}/" at)
    if(at EQUAL 0)  # a sysroot has a database of its own
      set(admin --admindir=${sysroot}/var/lib/dpkg)
      string(LENGTH ${sysroot} length)
      string(SUBSTRING ${real} ${length} -1 real)
    endif()
  endif()
  # before Debian merged /lib into /usr/lib, a package's list says the shorter name
  string(REGEX REPLACE "^/usr" "" short ${real})
  foreach(name ${real} ${short})
    execute_process(COMMAND ${DSO_DPKG_QUERY} ${admin} -S ${name} OUTPUT_VARIABLE owner ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      string(REGEX REPLACE ": .*" "" package "${owner}")
      execute_process(COMMAND ${DSO_DPKG_QUERY} ${admin} -W -f "\${Package} \${Version}" ${package}
        OUTPUT_VARIABLE said ERROR_QUIET RESULT_VARIABLE failed)
      if(NOT failed)
        set(${out} "${said}" PARENT_SCOPE)
      endif()
      return()
    endif()
  endforeach()
endfunction()

function(dso_compiler_file out name)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${ARGN} -print-file-name=${name} OUTPUT_VARIABLE file OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT EXISTS ${file})
    set(file "")
  endif()
  set(${out} "${file}" PARENT_SCOPE)
endfunction()

get_target_property(dso_boost_archive Boost::json IMPORTED_LOCATION_RELEASE)
if(NOT dso_boost_archive)
  get_target_property(dso_boost_archive Boost::json IMPORTED_LOCATION)
endif()
if(NOT dso_boost_archive)
  set(dso_boost_archive ${Boost_INCLUDE_DIR}/boost/version.hpp)
endif()
set(dso_sysroot_flag "")
if(CMAKE_SYSROOT)
  set(dso_sysroot_flag --sysroot=${CMAKE_SYSROOT})
endif()
dso_compiler_file(dso_runtime libstdc++.a ${dso_sysroot_flag})
dso_compiler_file(dso_libc libc.so.6 ${dso_sysroot_flag})
dso_package_of(dso_package_openssl "${OPENSSL_CRYPTO_LIBRARY}")
dso_package_of(dso_package_boost "${dso_boost_archive}")
dso_package_of(dso_package_yaml "${YAML_CPP_STATIC}")
dso_package_of(dso_package_runtime "${dso_runtime}")
dso_package_of(dso_package_glibc "${dso_libc}")

# yaml-cpp has no version in its headers before 0.8
get_filename_component(dso_yaml_folder ${YAML_CPP_STATIC} DIRECTORY)
set(dso_yaml_version "")
foreach(file ${dso_yaml_folder}/cmake/yaml-cpp/yaml-cpp-config-version.cmake)
  if(EXISTS ${file})
    file(STRINGS ${file} line REGEX "^set\\(PACKAGE_VERSION \"")
    string(REGEX REPLACE ".*\"([^\"]+)\".*" "\\1" dso_yaml_version "${line}")
  endif()
endforeach()
if(NOT dso_yaml_version AND dso_package_yaml MATCHES " ([0-9.]+)")
  set(dso_yaml_version ${CMAKE_MATCH_1})
endif()

# dso-init is linked with musl where there is one (core/delivery/init)
set(dso_package_musl "")
if(DSO_MUSL_SPECS)
  dso_package_of(dso_package_musl "${CMAKE_SYSROOT}/usr/lib/${CMAKE_SYSTEM_PROCESSOR}-linux-musl/libc.a")
elseif(DSO_MUSL_GCC)
  dso_package_of(dso_package_musl "/usr/lib/${CMAKE_SYSTEM_PROCESSOR}-linux-musl/libc.a")
endif()
set(dso_musl_version "")
if(dso_package_musl MATCHES " ([0-9.]+)")
  set(dso_musl_version ${CMAKE_MATCH_1})
endif()
if(DSO_SANITIZE)
  set(dso_runtime_linked dynamic)
else()
  set(dso_runtime_linked static)
endif()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/dso_libraries.h CONTENT
"// Made by CMake (cmake/DsoLibraries.cmake): of the libraries that this build is linked with.
#pragma once
#define DSO_YAML_CPP_VERSION \"${dso_yaml_version}\"
#define DSO_MUSL_VERSION \"${dso_musl_version}\"
#define DSO_RUNTIME_LINKED \"${dso_runtime_linked}\"
#define DSO_PACKAGE_OPENSSL \"${dso_package_openssl}\"
#define DSO_PACKAGE_BOOST \"${dso_package_boost}\"
#define DSO_PACKAGE_YAML_CPP \"${dso_package_yaml}\"
#define DSO_PACKAGE_RUNTIME \"${dso_package_runtime}\"
#define DSO_PACKAGE_GLIBC \"${dso_package_glibc}\"
#define DSO_PACKAGE_MUSL \"${dso_package_musl}\"
")
