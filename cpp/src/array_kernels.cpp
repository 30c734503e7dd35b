#include "array_kernels.hpp"

#include <cmath>

#include "kernels/kernels.hpp"
#include "memory.hpp"
#include "parallel.hpp"
#include "resonance/threads.hpp"

namespace resonance::detail {
namespace {

//! Vectors of n numbers each, released together.
template <class T>
class Vectors {
public:
    Vectors(int count, std::ptrdiff_t n) noexcept
        : n_(n), memory_(allocate_zeroed(static_cast<std::size_t>(count) * static_cast<std::size_t>(n) * sizeof(T))) {}
    ~Vectors() { release(memory_); }
    Vectors(const Vectors&) = delete;
    Vectors& operator=(const Vectors&) = delete;

    explicit operator bool() const noexcept { return memory_ != nullptr; }
    T* operator[](int k) const noexcept { return static_cast<T*>(memory_) + k * n_; }

private:
    std::ptrdiff_t n_;
    void* memory_;
};

template <class Real>
bool matrix_finite(const Real* matrix, std::ptrdiff_t n) noexcept {
    bool finite = true;
    for_row_ranges(n, 1, threads_for(n), [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        if (!kernels<Real>().all_finite(matrix + first * n, (last - first) * n)) {
#ifdef _OPENMP
#pragma omp atomic write
#endif
            finite = false;
        }
    });
    return finite;
}

//! The vectors that growth and products need.
template <class Real>
struct Factors {
    explicit Factors(std::ptrdiff_t n) noexcept : real(6, n), sums(3, n) {}
    explicit operator bool() const noexcept { return real && sums; }

    Real* cosines() const { return real[0]; }
    Real* sines() const { return real[1]; }
    double* resonance() const { return sums[2]; }
    Products<Real> products() const { return {cosines(), sines(), sums[0], sums[1]}; }
    Growth<Real> growth(const Real* amplitudes, std::ptrdiff_t n, double learning_rate, double decay,
                        double learning_lag) const {
        kernels<Real>().growth_factors(amplitudes, cosines(), sines(), n, decay * learning_rate, std::cos(learning_lag),
                                       std::sin(learning_lag), real[2], real[3], real[4], real[5]);
        return {decay, real[4], real[5], real[2], real[3]};
    }

    Vectors<Real> real;
    Vectors<double> sums;
};

//! Checks all that comes in, before anything is changed, and fills in the cosines and sines. `amplitudes` may be null.
template <class Real>
Status prepare(const Real* weights, const double* phases, const Real* amplitudes, std::ptrdiff_t n,
               const Factors<Real>& factors) noexcept {
    if (!factors) return Status::out_of_memory;
    const bool vectors_finite =
        kernels<double>().all_finite(phases, n) && (amplitudes == nullptr || kernels<Real>().all_finite(amplitudes, n));
    if (!vectors_finite || !matrix_finite(weights, n)) return Status::non_finite;
    kernels<Real>().cosines_and_sines(phases, n, factors.cosines(), factors.sines());
    return Status::ok;
}

}  // namespace

template <class Real>
Status coherence(const double* phases, std::ptrdiff_t n, Real* out) noexcept {
    if (!kernels<double>().all_finite(phases, n)) return Status::non_finite;
    const Vectors<Real> factors(2, n);
    if (!factors) return Status::out_of_memory;
    const Kernels<Real>& kernel = kernels<Real>();
    kernel.cosines_and_sines(phases, n, factors[0], factors[1]);
    for_row_ranges(n, kernel.row_granule, threads_for(n), [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.coherence(out, {first, last, n, n}, factors[0], factors[1]);
    });
    return Status::ok;
}

template <class Real>
Status resonance(const Real* weights, const double* phases, std::ptrdiff_t n, Real* out) noexcept {
    const Factors<Real> factors(n);
    if (const Status status = prepare<Real>(weights, phases, nullptr, n, factors); status != Status::ok) return status;
    const Kernels<Real>& kernel = kernels<Real>();
    for_row_ranges(n, kernel.row_granule, threads_for(n), [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.resonance(weights, {first, last, n, n}, factors.products());
    });
    const bool finite = kernel.combine(factors.products(), n, factors.resonance());
    for (std::ptrdiff_t i = 0; i < n; ++i) out[i] = static_cast<Real>(factors.resonance()[i]);
    return finite ? Status::ok : Status::diverged;
}

template <class Real>
Status hebbian_update(Real* weights, const double* phases, const Real* amplitudes, std::ptrdiff_t n,
                      double learning_rate, double decay, double learning_lag) noexcept {
    const Factors<Real> factors(n);
    if (const Status status = prepare(weights, phases, amplitudes, n, factors); status != Status::ok) return status;
    const Kernels<Real>& kernel = kernels<Real>();
    const Growth<Real> growth = factors.growth(amplitudes, n, learning_rate, decay, learning_lag);
    for_row_ranges(n, kernel.row_granule, threads_for(n), [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.hebbian_update(weights, {first, last, n, n}, growth);
    });
    return Status::ok;
}

template <class Real>
Status fused_step(Real* weights, const double* phases, Real* amplitudes, std::ptrdiff_t n, double learning_rate,
                  double decay, double gain, double learning_lag) noexcept {
    const Factors<Real> factors(n);
    if (const Status status = prepare<Real>(weights, phases, amplitudes, n, factors); status != Status::ok)
        return status;
    const Kernels<Real>& kernel = kernels<Real>();
    const Growth<Real> growth = factors.growth(amplitudes, n, learning_rate, decay, learning_lag);
    for_row_ranges(n, kernel.row_granule, threads_for(n), [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.fused_step(weights, {first, last, n, n}, growth, factors.products());
    });
    const bool finite = kernel.combine(factors.products(), n, factors.resonance());
    kernel.activate(factors.resonance(), n, gain, 0.0, amplitudes);
    return finite ? Status::ok : Status::diverged;
}

template <class Real>
void scale(Real* values, std::ptrdiff_t n, Real factor, int threads) noexcept {
    for_row_ranges(n, 1024, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernels<Real>().scale(values + first, last - first, factor);
    });
}

template <class Real>
Real total(const Real* values, std::ptrdiff_t n, int threads) noexcept {
    double sum = 0;
    for_row_ranges(n, 1024, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        const auto part = static_cast<double>(kernels<Real>().total(values + first, last - first));
#ifdef _OPENMP
#pragma omp atomic
#endif
        sum += part;
    });
    return static_cast<Real>(sum);
}

template <class Real>
Real edge_pass(Real* values, std::ptrdiff_t edges, const std::int32_t* columns, const Real* records, Real factor,
               int threads) noexcept {
    double sum = 0;
    for_row_ranges(edges, 1024, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        const auto part = static_cast<double>(kernels<Real>().edge_pass(values, columns, records, first, last, factor));
#ifdef _OPENMP
#pragma omp atomic
#endif
        sum += part;
    });
    return static_cast<Real>(sum);
}

template <class Real>
double multiply_add(std::ptrdiff_t rounds, int threads) noexcept {
    double operations = 0;
    for_row_ranges(threads, 1, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (std::ptrdiff_t share = first; share < last; ++share) {
            Real unused;  // written through a pointer to a kernel, so the compiler can't leave the loop out
            const double part = kernels<Real>().multiply_add(rounds, Real(0.5), Real(1), &unused);
#ifdef _OPENMP
#pragma omp atomic
#endif
            operations += part;
        }
    });
    return operations;
}

#define RESONANCE_INSTANTIATE(Real)                                                                                   \
    template Status coherence(const double*, std::ptrdiff_t, Real*) noexcept;                                         \
    template Status resonance(const Real*, const double*, std::ptrdiff_t, Real*) noexcept;                            \
    template Status hebbian_update(Real*, const double*, const Real*, std::ptrdiff_t, double, double,                 \
                                   double) noexcept;                                                                  \
    template Status fused_step(Real*, const double*, Real*, std::ptrdiff_t, double, double, double, double) noexcept; \
    template void scale(Real*, std::ptrdiff_t, Real, int) noexcept;                                                   \
    template Real total(const Real*, std::ptrdiff_t, int) noexcept;                                                   \
    template Real edge_pass(Real*, std::ptrdiff_t, const std::int32_t*, const Real*, Real, int) noexcept;             \
    template double multiply_add<Real>(std::ptrdiff_t, int) noexcept;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
