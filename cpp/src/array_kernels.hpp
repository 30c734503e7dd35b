//! The kernels on arrays of the caller's: C-contiguous (n, n) matrices and (n,) vectors. Unlike a network's step these
//! allocate a few vectors, and check all that comes in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "resonance/status.hpp"

namespace resonance::detail {

//! out[i, j] = cos(phi_i - phi_j)
template <class Real>
Status coherence(const double* phases, std::ptrdiff_t n, Real* out) noexcept;

//! out_i = sum_j W_ij cos(phi_i - phi_j). `out` may overlap the weights.
template <class Real>
Status resonance(const Real* weights, const double* phases, std::ptrdiff_t n, Real* out) noexcept;

//! W <- decay (W + learning_rate cos(phi_i - phi_j - learning_lag) a_i a_j)
template <class Real>
Status hebbian_update(Real* weights, const double* phases, const Real* amplitudes, std::ptrdiff_t n,
                      double learning_rate, double decay, double learning_lag) noexcept;

//! hebbian_update, then amplitudes <- tanh(gain resonance of the new W), in one pass over W.
template <class Real>
Status fused_step(Real* weights, const double* phases, Real* amplitudes, std::ptrdiff_t n, double learning_rate,
                  double decay, double gain, double learning_lag) noexcept;

//! values_i <- factor values_i with `threads` threads: the yardstick of the benchmarks.
template <class Real>
void scale(Real* values, std::ptrdiff_t n, Real factor, int threads) noexcept;

//! The sum of all values with `threads` threads, in no fixed order: the yardstick for a pass that only reads.
template <class Real>
Real total(const Real* values, std::ptrdiff_t n, int threads) noexcept;

//! values_e <- factor values_e and a sum of the columns, or of the records of four numbers that they point to where
//! there are any, with `threads` threads: the yardstick for a pass over weights on edges. kEdgesAhead columns more are
//! there.
template <class Real>
Real edge_pass(Real* values, std::ptrdiff_t edges, const std::int32_t* columns, const Real* records, Real factor,
               int threads) noexcept;

//! `rounds` of multiply-add in registers on each of `threads` threads; returns the floating-point operations done: the
//! yardstick of arithmetic.
template <class Real>
double multiply_add(std::ptrdiff_t rounds, int threads) noexcept;

}  // namespace resonance::detail
