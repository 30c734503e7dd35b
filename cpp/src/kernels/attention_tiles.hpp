//! What attention does in registers: a group of queries, one to a lane, against a tile of keys.
//!
//! The three passes over the scores of a tile (keys x queries) are here: products with their coherence and maxima,
//! powers of two with their sums, and the products with the values.
#pragma once

#include "exponential.hpp"
#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

//! A tile of keys as the passes read it: in blocks of RESONANCE_PRODUCT_ROWS, so that what is broadcast for a block
//! follows each other.
template <class Real>
struct KeyTile {
    Real* keys;             //!< [key / rows][columns][rows]
    Real *cosines, *sines;  //!< of the keys' phases
    Real* values;           //!< [column / rows][key][rows]
    std::ptrdiff_t columns, value_columns;
    std::ptrdiff_t count;  //!< keys that there are; zeros stand behind them up to kAttentionKeys
};

//! N registers of queries, and what is known of them so far.
template <class Real>
struct QueryGroup {
    Real* queries;          //!< [columns][query]
    Real *cosines, *sines;  //!< of the queries' phases, times scale log2 e
    Real* maxima;           //!< of the scores
    Real* sums;             //!< of 2^(score - maximum)
    Real* output;           //!< [value column][query], before it is divided by the sums
    Real* visible;          //!< how many keys of the tile, from its first one on, a query sees
};

//! sums[r][n] = sum over k of block[k][r] columns[k][n]: the product that both passes consist of. `block` has one
//! number a row for each k, `columns` N registers.
template <class Real, int N>
RESONANCE_INLINE void multiply_block(const Real* block, const Real* columns, std::ptrdiff_t count,
                                     typename Vec<Real>::Register (&sums)[RESONANCE_PRODUCT_ROWS][N]) {
    using V = Vec<Real>;
    constexpr int rows = RESONANCE_PRODUCT_ROWS;
    RESONANCE_UNROLL
    for (int r = 0; r < rows; ++r) {
        RESONANCE_UNROLL
        for (int n = 0; n < N; ++n) sums[r][n] = V::zero();
    }
    for (std::ptrdiff_t k = 0; k < count; ++k) {
        typename V::Register b[N];
        RESONANCE_UNROLL
        for (int n = 0; n < N; ++n) b[n] = V::load(columns + n * V::lanes);
        RESONANCE_UNROLL
        for (int r = 0; r < rows; ++r) {
            const auto a = V::broadcast(block[r]);
            RESONANCE_UNROLL
            for (int n = 0; n < N; ++n) sums[r][n] += a * b[n];
        }
        block += rows;
        columns += N * V::lanes;
    }
}

//! Scores of a block of keys, in units of log2 e. With Masked, those that a query does not see are minus infinity.
template <class Real, int N, bool Masked>
RESONANCE_INLINE void score_block(const KeyTile<Real>& tile, const QueryGroup<Real>& group, std::ptrdiff_t key,
                                  typename Vec<Real>::Register (&maxima)[N], Real* scores) {
    using V = Vec<Real>;
    constexpr int rows = RESONANCE_PRODUCT_ROWS;
    typename V::Register sums[rows][N];
    multiply_block<Real, N>(tile.keys + key * tile.columns, group.queries, tile.columns, sums);
    typename V::Register cosines[N], sines[N];
    RESONANCE_UNROLL
    for (int n = 0; n < N; ++n) {
        cosines[n] = V::load(group.cosines + n * V::lanes);
        sines[n] = V::load(group.sines + n * V::lanes);
    }
    RESONANCE_UNROLL
    for (int r = 0; r < rows; ++r) {
        const auto c = V::broadcast(tile.cosines[key + r]), s = V::broadcast(tile.sines[key + r]);
        RESONANCE_UNROLL
        for (int n = 0; n < N; ++n) {
            auto score = sums[r][n] * (cosines[n] * c + sines[n] * s);
            if constexpr (Masked) {
                const auto hidden = V::broadcast(-static_cast<Real>(__builtin_inf()));
                score = V::load(group.visible + n * V::lanes) > static_cast<Real>(key + r) ? score : hidden;
            }
            maxima[n] = score > maxima[n] ? score : maxima[n];
            V::store(scores + (r * N + n) * V::lanes, score);
        }
    }
}

//! scores <- 2^(scores - maximum), and their sums over `count` keys.
template <class Real, int N>
RESONANCE_INLINE void exponentiate(Real* scores, std::ptrdiff_t count, const typename Vec<Real>::Register (&maxima)[N],
                                   typename Vec<Real>::Register (&sums)[N]) {
    using V = Vec<Real>;
    for (std::ptrdiff_t key = 0; key < count; ++key) {
        RESONANCE_UNROLL
        for (int n = 0; n < N; ++n) {
            Real* score = scores + (key * N + n) * V::lanes;
            const auto power = power_of_two<Real>(V::load(score) - maxima[n]);
            sums[n] += power;
            V::store(score, power);
        }
    }
}

//! A block of columns of the output <- corrections * output + values^T scores.
template <class Real, int N>
RESONANCE_INLINE void value_block(const Real* values, const Real* scores, std::ptrdiff_t count,
                                  const typename Vec<Real>::Register (&corrections)[N], Real* output) {
    using V = Vec<Real>;
    constexpr int rows = RESONANCE_PRODUCT_ROWS;
    typename V::Register sums[rows][N];
    multiply_block<Real, N>(values, scores, count, sums);
    RESONANCE_UNROLL
    for (int r = 0; r < rows; ++r) {
        RESONANCE_UNROLL
        for (int n = 0; n < N; ++n) {
            Real* out = output + (r * N + n) * V::lanes;
            V::store(out, V::load(out) * corrections[n] + sums[r][n]);
        }
    }
}

//! One group takes in one tile. No query sees more than the first `most` of its keys, and all see the first `least`.
template <class Real, int N>
RESONANCE_INLINE void attend_tile(const KeyTile<Real>& tile, const QueryGroup<Real>& group, std::ptrdiff_t least,
                                  std::ptrdiff_t most, Real* scores) {
    using V = Vec<Real>;
    constexpr std::ptrdiff_t rows = RESONANCE_PRODUCT_ROWS;
    typename V::Register maxima[N], corrections[N], sums[N];
    RESONANCE_UNROLL
    for (int n = 0; n < N; ++n) {
        maxima[n] = V::load(group.maxima + n * V::lanes);
        sums[n] = V::zero();
    }
    std::ptrdiff_t key = 0;
    for (; key + rows <= least; key += rows)
        score_block<Real, N, false>(tile, group, key, maxima, scores + key * N * V::lanes);
    for (; key < most; key += rows) score_block<Real, N, true>(tile, group, key, maxima, scores + key * N * V::lanes);
    exponentiate<Real, N>(scores, key, maxima, sums);
    RESONANCE_UNROLL
    for (int n = 0; n < N; ++n) {
        corrections[n] = power_of_two<Real>(V::load(group.maxima + n * V::lanes) - maxima[n]);
        V::store(group.sums + n * V::lanes, V::load(group.sums + n * V::lanes) * corrections[n] + sums[n]);
        V::store(group.maxima + n * V::lanes, maxima[n]);
    }
    for (std::ptrdiff_t column = 0; column < tile.value_columns; column += rows)
        value_block<Real, N>(tile.values + column * kAttentionKeys, scores, key, corrections,
                             group.output + column * N * V::lanes);
}

}  // namespace
}  // namespace resonance::detail
