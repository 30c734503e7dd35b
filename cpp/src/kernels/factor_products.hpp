//! W c and W s of some nodes from the factors of W: two sums over all rows of factors.
//!
//! Rows of a large network lie megabytes apart, and there are more of them than processors follow. So while the nodes
//! at hand are at work, the rows of the next ones are asked for, each whole and one after the other: memory is fast
//! where it is read in long pieces.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

//! Walks along the rows of the nodes that come next, `Vectors` at a time.
template <class Real, int Vectors>
class NextRows {
public:
    NextRows(const FactorProducts<Real>& f, std::ptrdiff_t n) : next_(f.rows + n), gap_(f.stride - n), nodes_(n) {}

    RESONANCE_INLINE void ask() {
        RESONANCE_UNROLL
        for (int k = 0; k < Vectors; ++k) prefetch_far(next_ + k * Vec<Real>::lanes);
        next_ += step;
        asked_ += step;
        if (asked_ < nodes_) return;
        asked_ = 0;
        next_ += gap_;
    }

private:
    static constexpr std::ptrdiff_t step = Vectors * Vec<Real>::lanes;
    const Real* next_;
    std::ptrdiff_t gap_, nodes_, asked_ = 0;
};

//! N vectors of nodes: store(k, x, y) takes the sums of the k-th.
template <class Real, int N, class Next, class Store>
RESONANCE_INLINE void factor_tile(const FactorProducts<Real>& f, std::ptrdiff_t i, Next& next, const Store& store) {
    using V = Vec<Real>;
    typename V::Register x[N], y[N];
    RESONANCE_UNROLL
    for (int k = 0; k < N; ++k) x[k] = y[k] = V::zero();
    const Real* row = f.rows + i;
    for (std::ptrdiff_t r = 0; r < f.count; ++r, row += f.stride) {
        const auto for_x = V::broadcast(f.strengths[r]), for_y = V::broadcast(f.strengths[f.count + r]);
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) {
            const auto values = V::load(row + k * V::lanes);
            x[k] += for_x * values;
            y[k] += for_y * values;
        }
        if constexpr (N > 1) next.ask();
    }
    RESONANCE_UNROLL
    for (int k = 0; k < N; ++k) store(i + k * V::lanes, x[k], y[k]);
}

template <class Real, class Store>
RESONANCE_INLINE void factor_tiles(const FactorProducts<Real>& f, std::ptrdiff_t n, const Store& store) {
    constexpr std::ptrdiff_t lanes = Vec<Real>::lanes;
    constexpr int wide = RESONANCE_FACTOR_VECTORS;
    NextRows<Real, wide> next(f, n);
    std::ptrdiff_t i = 0;
    for (; i + wide * lanes <= n; i += wide * lanes) factor_tile<Real, wide>(f, i, next, store);
    for (; i + lanes <= n; i += lanes) factor_tile<Real, 1>(f, i, next, store);
}

template <class Real>
void factor_products(const FactorProducts<Real>& f, std::ptrdiff_t n, Real* x_out,
                     Real* y_out) noexcept RESONANCE_NONBLOCKING {
    using V = Vec<Real>;
    factor_tiles(f, n, [=](std::ptrdiff_t i, typename V::Register x, typename V::Register y) {
        V::store(x_out + i, x);
        V::store(y_out + i, y);
    });
}

template <class Real>
bool factor_resonance(const FactorProducts<Real>& f, const Real* cosines, const Real* sines, std::ptrdiff_t n,
                      double* resonance) noexcept RESONANCE_NONBLOCKING {
    using V = Vec<Real>;
    double zero_if_finite = 0;
    factor_tiles(f, n, [=, &zero_if_finite](std::ptrdiff_t i, typename V::Register x, typename V::Register y) {
        const auto r = x * V::load(cosines + i) + y * V::load(sines + i);
        Real lanes[V::lanes];
        V::store(lanes, r);
        for (std::ptrdiff_t l = 0; l < V::lanes; ++l) resonance[i + l] = static_cast<double>(lanes[l]);
        zero_if_finite += V::sum(r * V::zero());
    });
    return zero_if_finite == 0;
}

}  // namespace
}  // namespace resonance::detail
