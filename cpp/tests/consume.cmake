# Installs the library into an empty folder, and builds and runs projects of others against it:
# cmake -DBUILD=... -DWORK=... -DCXX=... -DC=... -DTOOLCHAIN=... -DSOURCE=... -P consume.cmake
file(REMOVE_RECURSE ${WORK})
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/installed)
file(GLOB_RECURSE python_files ${WORK}/installed/*python* ${WORK}/installed/*pybind11*)
if(python_files)
  message(FATAL_ERROR "the package holds files of Python: ${python_files}")
endif()
if(TOOLCHAIN)
  set(toolchain -DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN})
endif()
foreach(project cpp/tests/consumer examples/c)
  run(${CMAKE_COMMAND} -S ${SOURCE}/${project} -B ${WORK}/${project} -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_PREFIX_PATH=${WORK}/installed -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_C_COMPILER=${C}
    ${toolchain})
  run(${CMAKE_COMMAND} --build ${WORK}/${project})
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/${project} --output-on-failure --no-tests=error)
endforeach()
