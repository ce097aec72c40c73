# dso_library(NAME [USES folder…] [LINK lib…] [BATCH n]): the static library of one folder of core/; BATCH as dso_unity has it.
#
# Headers are included as "folder/file.h". A folder's headers are reachable only through a one-link directory made here
# (build/arrow/<folder>/<folder> -> core/<folder>), which a target gets by naming the folder under USES: an include
# against the arrow does not compile, a symbol against it does not link.
function(dso_library name)
  cmake_parse_arguments(arg "" "BATCH" "USES;LINK;LINK_PUBLIC" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    dso_unity(compiled dso_${name} BATCH "${arg_BATCH}" ${sources})
    add_library(dso_${name} STATIC ${compiled})
    set(scope PUBLIC)
    target_link_libraries(dso_${name} PRIVATE dso_options ${arg_LINK})
  else()
    add_library(dso_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  set(arrow ${CMAKE_BINARY_DIR}/arrow/${name})
  file(MAKE_DIRECTORY ${arrow})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${arrow}/${name} SYMBOLIC)
  target_include_directories(dso_${name} ${scope} ${arrow})
  foreach(used ${arg_USES})
    target_link_libraries(dso_${name} ${scope} dso_${used})
  endforeach()
  target_link_libraries(dso_${name} ${scope} ${arg_LINK_PUBLIC})
endfunction()

# dso_provider_part(NAME source…): what a provider is made of, compiled once for the library, for others that need the same,
# and for the tests.
function(dso_provider_part name)
  dso_unity(compiled ${name} ${ARGN})
  add_library(${name} OBJECT ${compiled})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PRIVATE dso_options PUBLIC dso_sdk Boost::headers)
  # one folder's header by its name alone, another's as "aws/session.h"
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/providers)
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)  # clang makes none
  if(NOT DSO_SANITIZE)
    # -Oz: a provider waits for the network all its life, and a small library is quickly hashed and loaded. LTO: a tenth
    # smaller; what a library of one folder never calls goes, and what it calls once is put in its place.
    target_compile_options(${name} PRIVATE -Oz -flto=auto)
  endif()
endfunction()

# dso_provider(KIND part…): libdso_provider_<kind>.so, that exports dso_provider_get_api and nothing else.
function(dso_provider kind)
  set(objects "")
  foreach(part ${ARGN})
    list(APPEND objects $<TARGET_OBJECTS:${part}>)
  endforeach()
  add_library(dso_provider_${kind} MODULE ${objects})
  target_link_libraries(dso_provider_${kind} PRIVATE dso_options)
  target_link_options(dso_provider_${kind} PRIVATE
    -Wl,--exclude-libs,ALL -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/provider.map)
  if(NOT DSO_SANITIZE)
    target_link_options(dso_provider_${kind} PRIVATE -static-libstdc++ -static-libgcc -Oz -flto=auto)
  endif()
  set_target_properties(dso_provider_${kind} PROPERTIES
    LINKER_LANGUAGE CXX PREFIX lib LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/providers)
endfunction()

# dso_unit_program(NAME source… LINK lib…): a program of unit tests.
function(dso_unit_program name)
  cmake_parse_arguments(arg "" "BATCH" "LINK" ${ARGN})
  dso_unity(compiled ${name} BATCH "${arg_BATCH}" ${arg_UNPARSED_ARGUMENTS})
  # Halves the compile time; what is tested keeps its optimisation and all sanitizers. A suite's fixture is its file's own, also
  # where that is compiled together with others; and what fails is said to be at "tests/unit/…".
  file(RELATIVE_PATH up ${CMAKE_BINARY_DIR}/unity ${CMAKE_SOURCE_DIR})
  set_source_files_properties(${compiled} PROPERTIES COMPILE_OPTIONS
    "-O0;-fno-sanitize=undefined;-Wno-subobject-linkage;-fmacro-prefix-map=unity/${up}=")
  add_executable(${name} ${compiled} $<TARGET_OBJECTS:dso_test_main>)
  target_link_libraries(${name} PRIVATE dso_options ${arg_LINK})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
endfunction()
