# Version and commit for `dso version`; DSO_BUILD_HASH overrides the commit where there is no git.
set(DSO_BUILD_HASH "" CACHE STRING "Commit shown by `dso version`")
set(dso_hash "${DSO_BUILD_HASH}")
if(NOT dso_hash)
  execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE dso_hash OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT dso_hash)
  set(dso_hash unknown)
endif()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/dso_build_info.h CONTENT
"// Made by CMake: what `dso version` says of this build.\n#pragma once\n#define DSO_VERSION \"${PROJECT_VERSION}\"\n#define DSO_BUILD_HASH \"${dso_hash}\"\n")

# `dso config schema` prints the schema that it was built with.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/dso.schema.json)
file(READ ${CMAKE_SOURCE_DIR}/docs/dso.schema.json dso_schema)
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/dso_config_schema.h CONTENT
"// Made by CMake of docs/dso.schema.json.\n#pragma once\ninline constexpr char kConfigSchema[] = R\"JSON(${dso_schema})JSON\";\n")
