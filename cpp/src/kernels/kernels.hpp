//! The table of kernels: one per instruction set and type. Bodies stand beside this file and are compiled once for each
//! instruction set; dispatch.cpp chooses among the tables.
//!
//! All kernels take ranges of rows, allocate nothing and never throw. Vectors may have any alignment and length. What
//! single steps are made of is marked, for the compiler to prove it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "resonance/attention_arrays.hpp"
#include "resonance/nonblocking.hpp"

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

//! out (rows x columns) <- keep out + left (rows x inner) right (inner x columns). Rows of `out` and of `right` are
//! contiguous and `columns` are whole vectors. With keep 0, `out` is not read. `right` may be of a narrower type than
//! all else.
template <class Real, class Right = Real>
struct Multiplication {
    Real* out;
    std::ptrdiff_t out_stride;
    Real keep;
    const Real* left;
    std::ptrdiff_t left_row_stride, left_inner_stride;
    const Right* right;
    std::ptrdiff_t right_stride;
    std::ptrdiff_t rows, inner, columns;
};

//! Factors that weights_pass takes at once, and columns of W in a tile.
inline constexpr std::ptrdiff_t kGrowthRank = 128, kPassColumns = 128;

//! Numbers of scratch that a pass with `rank` factors needs.
constexpr std::ptrdiff_t pass_scratch(std::ptrdiff_t rank) {
    return (rank + kGrowthRank - 1) / kGrowthRank * kGrowthRank * kPassColumns;
}

//! W <- decay W + sum over pairs k of (along_k u_k + across_k v_k) u_k^T + (along_k v_k - across_k u_k) v_k^T,
//! then sums <- W panel.
template <class Real>
struct WeightsPass {
    double decay;
    const Real* factors;                 //!< u_0, v_0, u_1, v_1, ...: rows of nodes, whole groups of 128 bytes
    std::ptrdiff_t factor_stride, rank;  //!< rank: number of rows, 0 for products alone
    const Real *along, *across;          //!< one number a pair

    const Real* panel;             //!< columns in groups of panel_group: [group][node][panel_group]
    std::ptrdiff_t panel_columns;  //!< whole groups; 0 for growth alone
    double* sums;                  //!< (nodes, panel_columns)
    std::ptrdiff_t sum_stride;
    std::ptrdiff_t nodes;
};

//! resonance_i = cosines_i x_i + sines_i y_i, the resonance of a step within a block, with
//! x = keep cosine_products + sum over pairs k of strengths_4k u_k + strengths_4k+1 v_k,
//! y = keep sine_products + sum over pairs k of strengths_4k+2 u_k + strengths_4k+3 v_k.
template <class Real>
struct BlockResonance {
    const Real *cosines, *sines;
    const Real *cosine_products, *sine_products;  //!< of W at the beginning of the block
    Real keep;                                    //!< what is left of them
    const Real* factors;                          //!< u_0, v_0, u_1, v_1, ...: rows of nodes
    std::ptrdiff_t factor_stride, pairs;
    const Real* strengths;
};

//! x = sum over rows r of strengths_r rows_r, and y with the next `count` strengths.
template <class Real>
struct FactorProducts {
    const Real* rows;  //!< of nodes
    std::ptrdiff_t stride, count;
    const Real* strengths;  //!< (2, count)
};

//! Columns that may be read behind the last edge: records of edges so far ahead are asked for.
inline constexpr std::int64_t kEdgesAhead = 128;

//! Numbers of a node's record in steps, and in the passes that presentations share.
inline constexpr std::ptrdiff_t kEdgeNumbers = 4, kEdgeRank = 8;

//! Rows first .. last - 1 of weights on edges: see Edges. `records` are numbers of the nodes, by place: four for steps,
//! a cos(phi), a sin(phi), cos(phi), sin(phi); kEdgeRank for presentations.
template <class Real>
struct EdgeRows {
    std::ptrdiff_t first, last;
    const std::int64_t* row_starts;
    const std::int32_t* columns;
    const Real* records;
    bool ahead;  //!< whether to ask for records ahead, which pays where they are in no near cache
};

//! The growth of weights on edges: row factors are along u + across v and along v - across u.
struct EdgeGrowth {
    double decay, along, across;
};

//! No normal number of phase_noise is larger: sqrt(2 ln 2^53), rounded up.
inline constexpr double kLargestNormal = 8.6;

template <class Real>
struct Kernels {
    //! Row ranges that begin at multiples of this give every row the same code, so the same bits.
    std::ptrdiff_t row_granule;
    //! The same for `attend`.
    std::ptrdiff_t query_granule;
    //! The same for weights_pass, and the width of a group of its panel: two vectors.
    std::ptrdiff_t pass_row_granule, panel_group;

    void (*fused_step)(Real* weights, Rows rows, const Growth<Real>& growth,
                       const Products<Real>& products) noexcept RESONANCE_NONBLOCKING;
    void (*hebbian_update)(Real* weights, Rows rows, const Growth<Real>& growth) noexcept;
    void (*resonance)(const Real* weights, Rows rows, const Products<Real>& products) noexcept RESONANCE_NONBLOCKING;
    //! out[i, j] = cos(phi_i - phi_j), from cosines and sines of the phases.
    void (*coherence)(Real* out, Rows rows, const Real* cosines, const Real* sines) noexcept;

    void (*multiply)(const Multiplication<Real>& multiplication) noexcept RESONANCE_NONBLOCKING;
    //! The same in double.
    void (*multiply_in_double)(const Multiplication<double, Real>& multiplication) noexcept RESONANCE_NONBLOCKING;
    //! Takes the given rows of W, whole blocks of columns at a time. `scratch`: pass_scratch(rank) numbers.
    void (*weights_pass)(Real* weights, Rows rows, const WeightsPass<Real>& pass, Real* scratch) noexcept;
    //! u = amplitudes cosines, v = amplitudes sines.
    void (*scaled_pair)(const Real* amplitudes, const Real* cosines, const Real* sines, std::ptrdiff_t n, Real* u,
                        Real* v) noexcept RESONANCE_NONBLOCKING;
    //! dots[4 k ...] = u c_k, u s_k, v c_k, v s_k, with c_0, s_0, c_1, ... the rows of `columns`; n whole vectors.
    void (*pair_dots)(const Real* u, const Real* v, const Real* columns, std::ptrdiff_t stride, std::ptrdiff_t count,
                      std::ptrdiff_t n, double* dots) noexcept RESONANCE_NONBLOCKING;
    //! n whole vectors of nodes. False where one is not finite.
    bool (*block_resonance)(const BlockResonance<Real>& block, std::ptrdiff_t n, double* resonance) noexcept;
    //! n whole vectors of nodes.
    void (*factor_products)(const FactorProducts<Real>& factors, std::ptrdiff_t n, Real* x,
                            Real* y) noexcept RESONANCE_NONBLOCKING;
    //! resonance = cosines x + sines y. False where one is not finite.
    bool (*factor_resonance)(const FactorProducts<Real>& factors, const Real* cosines, const Real* sines,
                             std::ptrdiff_t n, double* resonance) noexcept RESONANCE_NONBLOCKING;
    //! sums_i += sum over rows k of weights_[k / 2] rows_ki^2
    void (*add_squares)(const Real* rows, std::ptrdiff_t stride, std::ptrdiff_t count, const double* weights,
                        std::ptrdiff_t n, double* sums) noexcept RESONANCE_NONBLOCKING;

    //! W <- decay W + growth on the edges of the rows; then `sums`, (rows, 2): W c and W s of each row.
    void (*edge_step)(Real* weights, const EdgeRows<Real>& rows, const EdgeGrowth& growth,
                      double* sums) noexcept RESONANCE_NONBLOCKING;
    //! The sums alone.
    void (*edge_products)(const Real* weights, const EdgeRows<Real>& rows, double* sums) noexcept RESONANCE_NONBLOCKING;
    //! resonance = c (W c) + s (W s) of n rows, from their own records. False where one is not finite.
    bool (*edge_resonance)(const Real* records, const double* sums, std::ptrdiff_t n,
                           double* resonance) noexcept RESONANCE_NONBLOCKING;
    //! Writes the records of n nodes, each to its place.
    void (*edge_records)(const Real* amplitudes, const Real* cosines, const Real* sines, const std::int32_t* places,
                         std::ptrdiff_t n, Real* records) noexcept RESONANCE_NONBLOCKING;
    //! W <- decay W + sum over k < kEdgeRank of shares[k / 2] row_k column_k on the edges of the rows.
    void (*edge_growth)(Real* weights, const EdgeRows<Real>& rows, double decay, const Real* shares) noexcept;

    //! Attention of the queries first .. last - 1 of a head, at most kAttentionQueries. `scratch`: attention_scratch
    //! numbers. Values are summed in units of 1 / value_scale, a power of two; with another than 1, only outputs that
    //! are not finite are written. False where an output is not finite.
    bool (*attend)(const AttentionHead<Real>& head, const AttentionLayout& layout, const AttentionSettings& settings,
                   std::ptrdiff_t first, std::ptrdiff_t last, Real value_scale,
                   Real* scratch) noexcept RESONANCE_NONBLOCKING;

    void (*cosines_and_sines)(const double* phases, std::ptrdiff_t n, Real* cosines,
                              Real* sines) noexcept RESONANCE_NONBLOCKING;
    //! sums[0] and sums[1]: the sums of a and of b.
    void (*sum_pair)(const Real* a, const Real* b, std::ptrdiff_t n, double* sums) noexcept RESONANCE_NONBLOCKING;
    //! The vectors of Growth: u = a cos phi, v = a sin phi, and for rows scale a cos(phi - lag), scale a sin(phi -
    //! lag).
    void (*growth_factors)(const Real* amplitudes, const Real* cosines, const Real* sines, std::ptrdiff_t n,
                           double scale, double lag_cosine, double lag_sine, Real* column_u, Real* column_v,
                           Real* row_u, Real* row_v) noexcept RESONANCE_NONBLOCKING;
    //! out_i = cosines_i cosine_sums_i + sines_i sine_sums_i: the resonance of node i. False where one is not finite.
    bool (*combine)(const Products<Real>& products, std::ptrdiff_t n, double* out) noexcept RESONANCE_NONBLOCKING;
    //! out_k = scale xi of node first + k, for nodes first .. last - 1: standard normal numbers that follow from
    //! `seed`, `step` and the node alone, each at most kLargestNormal in magnitude.
    void (*phase_noise)(std::uint64_t seed, std::uint64_t step, std::ptrdiff_t first, std::ptrdiff_t last, double scale,
                        double* out) noexcept RESONANCE_NONBLOCKING;
    //! amplitudes_i = max(tanh(gain resonance_i), floor); floor 0 is none.
    void (*activate)(const double* resonance, std::ptrdiff_t n, double gain, double floor,
                     Real* amplitudes) noexcept RESONANCE_NONBLOCKING;

    bool (*all_finite)(const Real* values, std::ptrdiff_t n) noexcept RESONANCE_NONBLOCKING;
    //! values_i <- factor values_i: what a pass that reads and writes memory once costs. For benchmarks.
    void (*scale)(Real* values, std::ptrdiff_t n, Real factor) noexcept;
    //! The sum of all values: what a pass that only reads costs. For benchmarks.
    Real (*total)(const Real* values, std::ptrdiff_t n) noexcept;
    //! values_e <- factor values_e and a sum of the columns of edges first .. last - 1, or of the records that they
    //! point to: what a pass over weights on edges costs. kEdgesAhead columns more are there. For benchmarks.
    Real (*edge_pass)(Real* values, const std::int32_t* columns, const Real* records, std::int64_t first,
                      std::int64_t last, Real factor) noexcept;
    //! `rounds` times x <- factor x + addend in as many registers as keep the machine busy, without memory: what
    //! arithmetic alone costs. Returns the floating-point operations done; `last` gets the sum of all x. For
    //! benchmarks.
    double (*multiply_add)(std::ptrdiff_t rounds, Real factor, Real addend, Real* last) noexcept;
    //! out_i = ln x_i of normal x_i <= 1, as phase_noise takes it. For measuring its error.
    void (*natural_logarithms)(const double* x, std::ptrdiff_t n, double* out) noexcept;
    //! out_i = 2^x_i of x_i <= 0, as attend takes it. For measuring its error.
    void (*powers_of_two)(const Real* x, std::ptrdiff_t n, Real* out) noexcept;
};

//! The table of the instruction set in use.
template <class Real>
const Kernels<Real>& kernels() noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
