//! The instruction set that the kernels use: picked at run time, and for the whole process.
#pragma once

#include "resonance/status.hpp"

namespace resonance {

enum class Isa { baseline, avx2, avx512, neon };

inline constexpr Isa all_isas[] = {Isa::baseline, Isa::avx2, Isa::avx512, Isa::neon};

//! "baseline", "avx2", "avx512" or "neon".
const char* to_string(Isa isa) noexcept;

//! Whether this build holds kernels for `isa` and this machine can run them.
bool isa_available(Isa isa) noexcept;

//! The instruction set in use. At first the best one available, or the one that the environment variable
//! RESONANCE_ISA names.
Isa isa() noexcept;

//! Use `isa` from now on. Status::unavailable, and no change, where it can't be used.
Status set_isa(Isa isa) noexcept;

//! Status::unavailable when RESONANCE_ISA names what is not to be had; the best one is then in use.
Status isa_environment_status() noexcept;

}  // namespace resonance
