//! The instruction set that the kernels use: picked at run time, and for the whole process.
#pragma once

#include "resonance/export.hpp"
#include "resonance/nonblocking.hpp"
#include "resonance/status.hpp"

namespace resonance {

enum class Isa { baseline, avx2, avx512, neon };

inline constexpr Isa all_isas[] = {Isa::baseline, Isa::avx2, Isa::avx512, Isa::neon};

//! "baseline", "avx2", "avx512" or "neon".
RESONANCE_API const char* to_string(Isa isa) noexcept;

//! Whether this build holds kernels for `isa` and this machine can run them.
RESONANCE_API bool isa_available(Isa isa) noexcept;

//! The instruction set in use. At first the best one available, or the one that the environment variable
//! RESONANCE_ISA names.
RESONANCE_API Isa isa() noexcept RESONANCE_NONBLOCKING;

//! Use `isa` from now on. Status::unavailable, and no change, where it can't be used.
RESONANCE_API Status set_isa(Isa isa) noexcept;

//! Status::unavailable when RESONANCE_ISA names what is not to be had; the best one is then in use.
RESONANCE_API Status isa_environment_status() noexcept;

}  // namespace resonance
