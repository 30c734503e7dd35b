#include "phase_recurrence.hpp"

namespace resonance::detail {

bool advance_phases_avx2(const PhaseStep<float>& step, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING {
    return advance_any(step, n, next);
}
bool advance_phases_avx2(const PhaseStep<double>& step, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING {
    return advance_any(step, n, next);
}

}  // namespace resonance::detail
