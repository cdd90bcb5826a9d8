# Warnings, sanitizers and ccache for every target of the house. It sets no optimisation level.
# Warnings are errors where CBV_WERROR is set (the presets for developers, CI), never for others: a
# newer compiler or library warns of what was in order when this was written.
add_library(cbv_warnings INTERFACE)
target_compile_options(cbv_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough)
if(CBV_WERROR)
  target_compile_options(cbv_warnings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms in std::string's operator+ with optimisation (GCC bug 105651).
  target_compile_options(cbv_warnings INTERFACE -Wno-restrict)
endif()

if(CBV_SANITIZE)
  add_compile_options(-fsanitize=${CBV_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CBV_SANITIZE})
  # The instrumentation gives GCC false alarms of this kind (in Boost.Asio's use_future), and its
  # thread sanitizer does not know fences (Boost.Asio has mutexes besides).
  target_compile_options(cbv_warnings INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
endif()

find_program(CBV_CCACHE ccache)
if(CBV_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CBV_CCACHE})
endif()
