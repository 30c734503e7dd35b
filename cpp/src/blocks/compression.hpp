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
//!
//! Ranks that share a network have the rows of their own nodes, and bring those of pivots to all. So each finds the
//! same basis, and takes L of its nodes.
//!
//! Work is the type that L and the diagonal are computed in. Tolerances near the rounding of float need double there;
//! L itself is rounded once, when it is stored.
#pragma once

#include <cstdint>

#include "../all_ranks.hpp"
#include "../memory.hpp"
#include "../node_range.hpp"
#include "pair_rows.hpp"
#include "resonance/nonblocking.hpp"

namespace resonance::detail {

template <class Real, class Work = Real>
class Compression {
public:
    static constexpr std::ptrdiff_t kBatch = 16;  //!< nodes that become pivots together

    //! What it is to work on.
    struct Task {
        NodeRange nodes;        //!< the rank's own
        std::ptrdiff_t origin;  //!< the node that rows begin with; pointers to them are to where node 0 would be
        std::ptrdiff_t stride;  //!< between rows
        std::ptrdiff_t pairs;   //!< the most that come in
        std::ptrdiff_t most;    //!< the most that it may leave
        Exchange exchange;
        std::ptrdiff_t spare = 0;  //!< the least number of spare_rows()
    };
    //! Carves out what it works with; with a null block it only counts.
    std::size_t carve(void* block, const Task& task) noexcept;

    //! What each node has on the diagonal of F F^H. Returns the node that has most, of all ranks.
    std::ptrdiff_t find_diagonal(const PairRows<Real>& pairs, int threads) noexcept RESONANCE_NONBLOCKING;
    double largest_diagonal() const noexcept { return largest_diagonal_; }
    //! The largest that the rank's own nodes have.
    double largest_own_diagonal(const PairRows<Real>& pairs, int threads) noexcept RESONANCE_NONBLOCKING;

    //! The largest element of the diagonal at the pivots of the last compression: O(pivots), a lower bound for all.
    double diagonal_at_pivots(const PairRows<Real>& pairs) noexcept RESONANCE_NONBLOCKING;

    //! Replaces the pairs by the first count() pairs of rows, with weights of 1, at an error of every weight below
    //! `tolerance`, or what rounding allows. `knows_diagonal`: it was found for the same pairs; else it is found on the
    //! way, and largest_diagonal() tells its largest element. False where it takes more than the most that it may
    //! leave; then the rows are as before.
    bool compress(const PairRows<Real>& pairs, double tolerance, bool knows_diagonal,
                  int threads) noexcept RESONANCE_NONBLOCKING;
    std::ptrdiff_t count() const noexcept { return pivot_count_; }
    //! Bound of what the last compression changed a weight by, but for the rounding of L.
    double error() const noexcept { return error_; }

    //! Nodes that are tried first.
    const std::int64_t* pivots() const noexcept { return pivots_; }
    void set_pivots(const std::int64_t* nodes, std::ptrdiff_t count) noexcept RESONANCE_NONBLOCKING;

    //! Room for rows of nodes that is free between two calls, from its beginning.
    Real* spare_rows() const noexcept { return reduced_ + origin_; }
    //! The same for one row, also between find_diagonal() and compress().
    Real* spare_row() const noexcept { return row_; }
    AllRanks& ranks() noexcept { return ranks_; }

private:
    bool add_pivots(const PairRows<Real>& pairs, const std::int64_t* nodes, std::ptrdiff_t count,
                    double negligible) noexcept RESONANCE_NONBLOCKING;
    void project(std::ptrdiff_t width) noexcept RESONANCE_NONBLOCKING;
    void reduce(const PairRows<Real>& pairs, std::ptrdiff_t from, bool knows_diagonal,
                int threads) noexcept RESONANCE_NONBLOCKING;
    void sum_squares(const PairRows<Real>& pairs, std::ptrdiff_t first,
                     std::ptrdiff_t last) noexcept RESONANCE_NONBLOCKING;
    std::ptrdiff_t chunk_of(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING;
    double largest_of(const double* chunks) const noexcept RESONANCE_NONBLOCKING;
    std::ptrdiff_t find_most_remaining() noexcept RESONANCE_NONBLOCKING;
    void reduce_nodes(const PairRows<Real>& pairs, std::ptrdiff_t from, std::ptrdiff_t first, std::ptrdiff_t last,
                      std::ptrdiff_t end) noexcept RESONANCE_NONBLOCKING;
    double* basis_row(std::ptrdiff_t row) const noexcept { return basis_ + row * width_; }

    NodeRange nodes_{0, 0, 0};
    AllRanks ranks_;
    std::ptrdiff_t most_ = 0, origin_ = 0, stride_ = 0;
    std::ptrdiff_t width_ = 0;  // numbers of a row of G: u and v of a pair side by side
    std::ptrdiff_t pivot_count_ = 0;
    double error_ = 0, largest_diagonal_ = 0, largest_remaining_ = 0;
    std::int64_t *pivots_ = nullptr, *old_pivots_ = nullptr;

    double* basis_ = nullptr;       // G as real rows: g and i g for each pivot, (2 most, width)
    double* batch_ = nullptr;       // (kBatch, width)
    double* turned_ = nullptr;      // (kBatch, width): i times the batch
    double* transposed_ = nullptr;  // (width, kBatch)
    double* overlaps_ = nullptr;    // (2 most, kBatch)
    double* minus_one_ = nullptr;   // (most)
    Work* scaled_basis_ = nullptr;  // (2 most, width)
    double* ranks_scratch_ = nullptr;
    Real* reduced_ = nullptr;           // rows of L
    double* remaining_ = nullptr;       // of the diagonal, what L does not yet have
    double* chunk_largest_ = nullptr;   // the largest of it in each chunk of nodes
    double* chunk_diagonal_ = nullptr;  // the same of the whole diagonal
    Real* row_ = nullptr;
    std::int64_t* order_ = nullptr;
};

extern template class Compression<float>;
extern template class Compression<double>;
extern template class Compression<float, double>;

}  // namespace resonance::detail
