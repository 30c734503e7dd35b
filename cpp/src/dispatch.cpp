#include <atomic>
#include <cstdlib>
#include <cstring>

#include "kernels/tables.hpp"
#include "resonance/isa.hpp"

namespace resonance {
namespace {

Isa best() noexcept {
    Isa found = Isa::baseline;
    for (Isa candidate : all_isas)
        if (isa_available(candidate)) found = candidate;
    return found;
}

//! What RESONANCE_ISA asks for. `status` tells whether it is to be had.
Isa from_environment(Status& status) noexcept {
    status = Status::ok;
    const char* name = std::getenv("RESONANCE_ISA");
    if (name == nullptr || *name == '\0') return best();
    for (Isa candidate : all_isas)
        if (std::strcmp(name, to_string(candidate)) == 0 && isa_available(candidate)) return candidate;
    status = Status::unavailable;
    return best();
}

Status environment_status = Status::ok;
std::atomic<Isa> active{from_environment(environment_status)};

}  // namespace

const char* to_string(Isa isa) noexcept {
    switch (isa) {
        case Isa::baseline: return "baseline";
        case Isa::avx2: return "avx2";
        case Isa::avx512: return "avx512";
        case Isa::neon: return "neon";
    }
    return "unknown";
}

bool isa_available(Isa isa) noexcept {
    if (isa == Isa::baseline) return true;
#if defined(RESONANCE_X86)
    // Feature by feature: compilers before GCC 12 and clang 18 don't know the names x86-64-v3 and x86-64-v4 here.
    __builtin_cpu_init();
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    if (isa == Isa::avx2) return v3;
    if (isa == Isa::avx512) return v4;
#elif defined(RESONANCE_ARM64)
    if (isa == Isa::neon) return true;
#endif
    return false;
}

Isa isa() noexcept RESONANCE_NONBLOCKING { return active.load(std::memory_order_relaxed); }

Status set_isa(Isa isa) noexcept {
    if (!isa_available(isa)) return Status::unavailable;
    active.store(isa, std::memory_order_relaxed);
    return Status::ok;
}

Status isa_environment_status() noexcept { return environment_status; }

namespace detail {

template <class Real>
const Kernels<Real>& kernels() noexcept RESONANCE_NONBLOCKING {
    switch (isa()) {
#if defined(RESONANCE_X86)
        case Isa::avx2: return Tables<Real>::avx2;
        case Isa::avx512: return Tables<Real>::avx512;
#elif defined(RESONANCE_ARM64)
        case Isa::neon: return Tables<Real>::neon;
#endif
        default: return Tables<Real>::baseline;
    }
}

template const Kernels<float>& kernels<float>() noexcept RESONANCE_NONBLOCKING;
template const Kernels<double>& kernels<double>() noexcept RESONANCE_NONBLOCKING;

}  // namespace detail
}  // namespace resonance
