//! The GIL, given back and taken, also by threads that the interpreter's end overtakes.
#pragma once

#include <Python.h>
#include <pybind11/pybind11.h>

#include <chrono>
#include <optional>
#include <thread>

namespace resonance::python {

inline bool is_interpreter_ending() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    return Py_IsFinalizing() != 0;
#else
    return _Py_IsFinalizing() != 0;
#endif
}

//! For daemon threads, which a process may end with. An interpreter that ends lets none of them have the GIL: up to
//! Python 3.13 it ends the thread where it asks, by unwinding, and no function may be unwound that is noexcept.
[[noreturn]] inline void wait_for_the_end() noexcept {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

//! Holds no GIL while it lives. To be made with the GIL.
class WithoutGil {
public:
    WithoutGil() : thread_(PyEval_SaveThread()) {}
    ~WithoutGil() {
        if (is_interpreter_ending()) wait_for_the_end();
        try {
            PyEval_RestoreThread(thread_);
        } catch (...) {
            wait_for_the_end();
        }
    }
    WithoutGil(const WithoutGil&) = delete;
    WithoutGil& operator=(const WithoutGil&) = delete;

private:
    PyThreadState* thread_;
};

//! Holds the GIL while it lives. To be made without it, or with it.
class WithGil {
public:
    WithGil() noexcept {
        if (is_interpreter_ending()) wait_for_the_end();
        try {
            held_.emplace();
        } catch (...) {
            wait_for_the_end();
        }
    }

private:
    std::optional<pybind11::gil_scoped_acquire> held_;
};

}  // namespace resonance::python
