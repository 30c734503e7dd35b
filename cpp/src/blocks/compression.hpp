//! Fewer pairs for the same growth.
//!
//! All pairs, with their weights, are the columns of a complex matrix F (nodes x pairs, z = sqrt(weight) (u + i v)),
//! and the growth is the real part of exp(-i lag) F F^H. Some nodes' rows of F span the others' to within the
//! tolerance: with an orthonormal basis G of the rows of these pivots, L = F G^H has as many columns as there are
//! pivots, and F F^H - L L^H = F (1 - G^H G) F^H is positive: its largest element is on its diagonal, |F_i|^2 -
//! |L_i|^2, which is known for every node. So max |W - compressed W| is below the largest of these, whatever the
//! learning lag. (A pivoted Cholesky factorization of F F^H, by Gram-Schmidt on the rows: squaring F first would lose
//! half the digits of L.)
//!
//! Pivots are kept: nodes that span the others' past mostly span what comes next.
#pragma once

#include "../state.hpp"
#include "pending.hpp"

namespace resonance::detail {

template <class Real>
class Compression {
public:
    static constexpr std::ptrdiff_t kMostPivots = Pending<Real>::kMostPairs;
    static constexpr std::ptrdiff_t kBatch = 16;  //!< nodes that become pivots together

    //! Carves out what it works with; with a null block it only counts. `most`: pairs that it may leave; `spare`: the
    //! least number of spare_rows().
    std::size_t carve(void* block, std::ptrdiff_t nodes, std::ptrdiff_t most, std::ptrdiff_t spare = 0) noexcept;

    //! The largest |weight| of one row, that of the node that has grown most: a lower bound of max |W|.
    double largest_weight(const State<Real>& state, const Pending<Real>& pending, int threads) noexcept;

    //! Replaces the pairs by fewer ones, at an error of every weight below relative_tolerance max |W|, or what rounding
    //! allows. False where that takes more than the most that it may leave; then the pairs are as before.
    bool compress(const State<Real>& state, Pending<Real>& pending, double relative_tolerance, int threads) noexcept;

    //! Room for rows of nodes that is free between two calls.
    Real* spare_rows() const noexcept { return reduced_; }

private:
    void find_diagonal(const State<Real>& state, const Pending<Real>& pending, int threads) noexcept;
    bool add_pivots(const Pending<Real>& pending, const std::ptrdiff_t* nodes, std::ptrdiff_t count,
                    double negligible) noexcept;
    void project(std::ptrdiff_t width) noexcept;
    void reduce(const State<Real>& state, const Pending<Real>& pending, std::ptrdiff_t from, int threads) noexcept;

    std::ptrdiff_t most_ = 0, stride_ = 0;
    std::ptrdiff_t pivot_count_ = 0;
    std::ptrdiff_t pivots_[kMostPivots];

    // G as real rows: g and i g for each pivot, (2 pivots, kWidth), with u and v of a pair side by side.
    static constexpr std::ptrdiff_t kWidth = 2 * Pending<Real>::kMostPairs;
    double* basis_ = nullptr;
    double* batch_ = nullptr;       // (kBatch, kWidth)
    double* transposed_ = nullptr;  // (kWidth, kBatch)
    double* overlaps_ = nullptr;    // (2 kMostPivots, kBatch)
    Real* scaled_basis_ = nullptr;  // (2 kMostPivots, kWidth)
    Real* reduced_ = nullptr;       // rows of L
    double* remaining_ = nullptr;   // of the diagonal, what L does not yet have
    Real* row_ = nullptr;
    std::ptrdiff_t* order_ = nullptr;
};

extern template class Compression<float>;
extern template class Compression<double>;

}  // namespace resonance::detail
