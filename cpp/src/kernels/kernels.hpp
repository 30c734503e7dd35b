//! The table of kernels: one per instruction set and type. Bodies stand beside this file and are compiled once for each
//! instruction set; dispatch.cpp chooses among the tables.
//!
//! All kernels take ranges of rows, allocate nothing and never throw. Vectors may have any alignment and length.
#pragma once

#include <cstddef>

namespace resonance::detail {

//! W[i, j] <- decay W[i, j] + row_u[i] column_u[j] + row_v[i] column_v[j]
//!
//! `decay` comes in double. 0.99 as a float is 1e-8 off, at every step the same way: over a memory of 100 steps that is
//! 1e-6, where other roundings average out. So float kernels take off (1 - decay) W, whose rounding is that of a small
//! part.
template <class Real>
struct Growth {
    double decay;
    const Real* row_u;
    const Real* row_v;
    const Real* column_u;
    const Real* column_v;
};

//! cosine_sums[i] = sum_j W[i, j] cosines[j], sine_sums[i] = sum_j W[i, j] sines[j]
template <class Real>
struct Products {
    const Real* cosines;
    const Real* sines;
    double* cosine_sums;
    double* sine_sums;
};

//! Rows first .. last - 1 of a matrix with `columns` columns, whose rows are `stride` elements apart.
struct Rows {
    std::ptrdiff_t first, last, columns, stride;
};

template <class Real>
struct Kernels {
    //! Row ranges that begin at multiples of this give every row the same code, so the same bits.
    std::ptrdiff_t row_granule;

    void (*fused_step)(Real* weights, Rows rows, const Growth<Real>& growth, const Products<Real>& products) noexcept;
    void (*hebbian_update)(Real* weights, Rows rows, const Growth<Real>& growth) noexcept;
    void (*resonance)(const Real* weights, Rows rows, const Products<Real>& products) noexcept;
    //! out[i, j] = cos(phi_i - phi_j), from cosines and sines of the phases.
    void (*coherence)(Real* out, Rows rows, const Real* cosines, const Real* sines) noexcept;

    void (*cosines_and_sines)(const double* phases, std::ptrdiff_t n, Real* cosines, Real* sines) noexcept;
    //! The vectors of Growth: u = a cos phi, v = a sin phi, and for rows scale a cos(phi - lag), scale a sin(phi -
    //! lag).
    void (*growth_factors)(const Real* amplitudes, const Real* cosines, const Real* sines, std::ptrdiff_t n,
                           double scale, double lag_cosine, double lag_sine, Real* column_u, Real* column_v,
                           Real* row_u, Real* row_v) noexcept;
    //! out_i = cosines_i cosine_sums_i + sines_i sine_sums_i: the resonance of node i. False where one is not finite.
    bool (*combine)(const Products<Real>& products, std::ptrdiff_t n, double* out) noexcept;
    //! amplitudes_i = max(tanh(gain resonance_i), floor); floor 0 is none.
    void (*activate)(const double* resonance, std::ptrdiff_t n, double gain, double floor, Real* amplitudes) noexcept;

    bool (*all_finite)(const Real* values, std::ptrdiff_t n) noexcept;
    //! values_i <- factor values_i: what a pass that reads and writes memory once costs. For benchmarks.
    void (*scale)(Real* values, std::ptrdiff_t n, Real factor) noexcept;
    //! The sum of all values: what a pass that only reads costs. For benchmarks.
    Real (*total)(const Real* values, std::ptrdiff_t n) noexcept;
    //! `rounds` times x <- factor x + addend in as many registers as keep the machine busy, without memory: what
    //! arithmetic alone costs. Returns the floating-point operations done; `last` gets the sum of all x. For
    //! benchmarks.
    double (*multiply_add)(std::ptrdiff_t rounds, Real factor, Real addend, Real* last) noexcept;
};

//! The table of the instruction set in use.
template <class Real>
const Kernels<Real>& kernels() noexcept;

}  // namespace resonance::detail
