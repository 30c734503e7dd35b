//! The mark of functions that a control loop may call: they take no memory and no lock, make no system call, and every
//! loop in them is bounded by the network's size. A clang that knows the attribute proves it, with -Wfunction-effects;
//! a function of yours that carries the mark needs it where it is declared and where it is defined.
#pragma once

#if defined(__cplusplus) && defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::nonblocking)
#define RESONANCE_NONBLOCKING [[clang::nonblocking]]
#endif
#endif
#ifndef RESONANCE_NONBLOCKING
#define RESONANCE_NONBLOCKING
#endif
