// Included before anything else. C++20 makes std::vector's functions constexpr, and clang instantiates those at once,
// so vectors of types that are not complete yet, which LibTorch 1.13's headers have, do not compile. libstdc++ leaves a
// way to switch that off, and <string> must be switched off with it.
#pragma once

#define _GLIBCXX20_CONSTEXPR
#include <type_traits>
#ifdef __cpp_lib_is_constant_evaluated
#pragma push_macro("__cpp_lib_is_constant_evaluated")
#undef __cpp_lib_is_constant_evaluated
#include <string>
#pragma pop_macro("__cpp_lib_is_constant_evaluated")
#endif
