//! The mark of functions that a control loop may call: they take no memory and no lock, make no system call, and every
//! loop in them is bounded by the network's size. Compilers that know the attribute (clang 20 and later, with
//! -Wfunction-effects) prove it.
#pragma once

#if defined(__cplusplus) && defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::nonblocking)
#define RESONANCE_NONBLOCKING [[clang::nonblocking]]
#endif
#endif
#ifndef RESONANCE_NONBLOCKING
#define RESONANCE_NONBLOCKING
#endif
