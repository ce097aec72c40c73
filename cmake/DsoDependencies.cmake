# The libraries we stand on, all linked statically but for glibc, and the flags that every target of ours gets.
set(Boost_USE_STATIC_LIBS ON)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS json log program_options filesystem thread)
find_package(OpenSSL 3.0 REQUIRED)
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_OBJCOPY)
  # What is shipped: half a megabyte of tables by which an exception would pass through C. None does: what OpenSSL calls of
  # ours (core/net/tls_stream) gives results.
  foreach(library SSL Crypto)
    get_target_property(archive OpenSSL::${library} IMPORTED_LOCATION)
    get_filename_component(name ${archive} NAME)
    set(lean ${CMAKE_BINARY_DIR}/lean/${name})
    if(NOT EXISTS ${lean} OR ${archive} IS_NEWER_THAN ${lean})
      file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lean)
      execute_process(COMMAND ${CMAKE_OBJCOPY} --enable-deterministic-archives --remove-section=.eh_frame ${archive} ${lean}
        COMMAND_ERROR_IS_FATAL ANY)
    endif()
    set_target_properties(OpenSSL::${library} PROPERTIES IMPORTED_LOCATION ${lean})
  endforeach()
endif()

# yaml-cpp's package file knows only the shared library.
find_library(YAML_CPP_STATIC libyaml-cpp.a REQUIRED)
find_path(YAML_CPP_INCLUDE yaml-cpp/yaml.h REQUIRED)
add_library(dso_yaml INTERFACE)
target_link_libraries(dso_yaml INTERFACE ${YAML_CPP_STATIC})
target_include_directories(dso_yaml SYSTEM INTERFACE ${YAML_CPP_INCLUDE})

add_library(dso_options INTERFACE)
target_compile_options(dso_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror
  -ffunction-sections -fdata-sections -fstack-protector-strong)
target_compile_definitions(dso_options INTERFACE _GNU_SOURCE BOOST_ALL_NO_LIB BOOST_ASIO_NO_DEPRECATED
  BOOST_JSON_NO_LIB BOOST_ERROR_CODE_HEADER_ONLY)
# Everywhere or nowhere: core/base/crash_point.h must mean the same in every file.
if(DSO_CRASH_POINTS)
  target_compile_definitions(dso_options INTERFACE DSO_CRASH_POINTS)
endif()
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  # What is shipped: a mistake that gets past the tests ends the process, or meets zeros, rather than being of use to somebody.
  # (A distribution's compiler may bring an older _FORTIFY_SOURCE of its own.)
  set(dso_hardening -fstack-clash-protection -ftrivial-auto-var-init=zero)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND dso_hardening -fcf-protection)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
    list(APPEND dso_hardening -mbranch-protection=standard)  # the same for arm64
  endif()
  target_compile_options(dso_options INTERFACE ${dso_hardening} -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  target_link_options(dso_options INTERFACE ${dso_hardening})  # the link is where the code is made
  # Where in the library an error was made is nobody's to read: 299 texts.
  target_compile_definitions(dso_options INTERFACE BOOST_DISABLE_CURRENT_LOCATION)
  target_compile_options(dso_options INTERFACE -D_GLIBCXX_ASSERTIONS
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${CMAKE_SOURCE_DIR}/cmake/short_assertions.h>")
  # The checks made the binary 7,234,000 bytes -> 7,455,000. Back below 7 MiB: short assertions (90 KB), -Oz in place of -Os (16 KB),
  # one piece to optimise (29 KB; the link takes 20 s more).
  target_link_options(dso_options INTERFACE -flto-partition=one)
  target_link_options(dso_options INTERFACE -Werror=odr)  # two types of one name: only a link that sees all can tell
endif()
target_link_options(dso_options INTERFACE -Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro -Wl,-z,now)
# Half a megabyte of relocations for a static OpenSSL becomes 20 KB; glibc 2.36 (Debian 12) reads the packed form.
# (Debian 12's linker for arm64 takes the option, warns, and does nothing.)
include(CheckLinkerFlag)
check_linker_flag(CXX -Wl,--fatal-warnings,-z,pack-relative-relocs DSO_HAS_PACKED_RELOCATIONS)
if(DSO_HAS_PACKED_RELOCATIONS)
  target_link_options(dso_options INTERFACE -Wl,-z,pack-relative-relocs)
endif()
if(DSO_SANITIZE)
  target_compile_options(dso_options INTERFACE -fsanitize=${DSO_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(dso_options INTERFACE -fsanitize=${DSO_SANITIZE})
endif()
# In front of libcrypto.a, so that nothing pulls OpenSSL's own list of algorithms. What it names inside that archive is of OpenSSL 3.0;
# beside another version the list is OpenSSL's own, and the binary 740 KB larger.
set(DSO_OPENSSL_OBJECTS "")
if(OPENSSL_VERSION VERSION_LESS 3.1)
  add_library(dso_openssl OBJECT ${CMAKE_SOURCE_DIR}/core/base/openssl/algorithms.cpp)
  target_link_libraries(dso_openssl PRIVATE dso_options OpenSSL::Crypto)
  set(DSO_OPENSSL_OBJECTS $<TARGET_OBJECTS:dso_openssl>)
endif()
