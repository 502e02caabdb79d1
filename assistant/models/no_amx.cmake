# CMake includes this right after llama-cpp-python's project() command. It turns off AMX, Intel's tile instructions, in
# C and C++ code: llama.cpp is compiled for the processor it is built on, and its AMX kernels crash at `ldtilecfg`
# (ggml-org/llama.cpp#20824). GCC and Clang know these options from version 11 on; older ones cannot use AMX. Other
# processors, nvcc and the flags of the user are left alone.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$" AND NOT APPLE AND NOT MSVC)
  include(CheckCCompilerFlag)
  include(CheckCXXCompilerFlag)
  foreach(part tile int8 bf16)
    check_c_compiler_flag(-mno-amx-${part} C_KNOWS_AMX_${part})
    check_cxx_compiler_flag(-mno-amx-${part} CXX_KNOWS_AMX_${part})
    foreach(language C CXX)
      if(${language}_KNOWS_AMX_${part})
        add_compile_options($<$<COMPILE_LANGUAGE:${language}>:-mno-amx-${part}>)
      endif()
    endforeach()
  endforeach()
endif()
