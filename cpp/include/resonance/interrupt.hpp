//! How a caller stops a long call.
#pragma once

namespace resonance {

//! Asked by the calling thread whether to stop there: after each completed step of a run, now and then elsewhere.
struct Interrupt {
    bool (*requested)(void* context) noexcept = nullptr;
    void* context = nullptr;
};

}  // namespace resonance
