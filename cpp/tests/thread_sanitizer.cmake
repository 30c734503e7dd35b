# ThreadSanitizer knows what LLVM's OpenMP waits for, and that only where archer tells it. Any other OpenMP, and LLVM's
# without archer, seems to be full of races.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND RESONANCE_OPENMP)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libarcher.so
    OUTPUT_VARIABLE archer OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if(NOT IS_ABSOLUTE "${archer}")
  message(FATAL_ERROR "ThreadSanitizer needs Clang with its OpenMP and archer: CC=clang CXX=clang++")
endif()

# A run of the tests that finds no race means something only while the planted one is found.
add_executable(planted_race planted_race.cpp)
target_link_libraries(planted_race PRIVATE resonance_internal)
add_test(NAME planted_race COMMAND planted_race)
set_tests_properties(planted_race PROPERTIES
  PASS_REGULAR_EXPRESSION "SUMMARY: ThreadSanitizer: data race [^ ]*planted_race")

get_property(all_tests DIRECTORY PROPERTY TESTS)
set_tests_properties(${all_tests} PROPERTIES ENVIRONMENT "OMP_TOOL_LIBRARIES=${archer}")
