//! Weights as a run keeps them: W = base_factor B + the growth of the steps since, as pairs of vectors.
//!
//! B is the matrix in the state. A step with u = a cos phi and v = a sin phi adds
//! learning_rate decay (cos(lag) (u u^T + v v^T) + sin(lag) (v u^T - u v^T)), and later steps decay all of it. So a
//! pair of vectors and one weight keep it: nothing of n^2 is touched until the pairs are added to B. With z = u + i v,
//! that is the real part of exp(-i lag) z z^H: one Hermitian and positive sum for every learning lag, which is what
//! makes it compressible (compression.hpp).
#pragma once

#include "../engines/conditions.hpp"
#include "../state.hpp"
#include "pair_rows.hpp"
#include "passes.hpp"
#include "recursion.hpp"

namespace resonance::detail {

template <class Real>
class Pending {
public:
    static constexpr std::ptrdiff_t kMostPairs = 288;

    //! `rows`: 2 capacity rows of nodes, u_0, v_0, u_1, ...; capacity <= kMostPairs.
    Pending(const State<Real>& state, const Conditions& conditions, Real* rows, std::ptrdiff_t capacity) noexcept;

    std::ptrdiff_t count() const noexcept { return count_; }
    std::ptrdiff_t room() const noexcept { return capacity_ - count_; }
    double base_factor() const noexcept { return base_factor_; }
    Real* rows() const noexcept { return rows_; }
    //! Where the pairs of the next steps go.
    Real* next_rows() const noexcept { return rows_ + 2 * count_ * stride_; }
    //! Weights of the pairs, >= 0; what they add has the sign of the learning rate.
    const double* weights() const noexcept { return weights_; }

    //! Takes the pairs of `steps` steps, which stand in next_rows(), and decays all before them.
    void append(std::ptrdiff_t steps, const Powers& powers) noexcept;
    //! The same without growth.
    void decay(std::ptrdiff_t steps, const Powers& powers) noexcept;
    //! The first `count` pairs of rows() replace all; their weights are 1.
    void replace(std::ptrdiff_t count) noexcept;

    //! From u_k x and v_k x, the dot products with some x, to strengths: W x has sum_k strengths_2k u_k +
    //! strengths_2k+1 v_k. `dots` holds rows u_0 x, v_0 x, u_1 x, ... of `width`; strengths come out transposed:
    //! (width, 2 pairs). For the `pairs` pairs from `first` on.
    void strengths(std::ptrdiff_t first, std::ptrdiff_t pairs, const double* dots, std::ptrdiff_t width,
                   Real* strengths) const noexcept;

    PairRows<Real> pairs() const noexcept { return {rows_, stride_, count_, weights_}; }

    //! The largest |weight| in the row of `node` and columns of the rank's own nodes: a lower bound of max |W|. 0 where
    //! the row is another rank's. `row`: scratch for a row of nodes.
    double largest_weight(const State<Real>& state, std::ptrdiff_t node, Real* row) const noexcept;

    //! Brings all pairs' rows of the other ranks' nodes, for whom each rank has followed its own alone. False where an
    //! exchange has failed.
    bool gather(const State<Real>& state) const noexcept;

    //! Row `node` of the growth is sum_k strengths_2k u_k + strengths_2k+1 v_k.
    void row_strengths(std::ptrdiff_t node, Real* strengths) const noexcept;

    //! Adds all to B, and takes the products of the new B with a panel, which may have none.
    //! False if `interrupt` was requested in a pass that had nothing to add; then sums are worthless.
    bool flush(State<Real>& state, const PackedPanel<Real>& panel, double* sums, Real* scratch,
               Interrupt interrupt) noexcept;

private:
    const Conditions& conditions_;
    Real* rows_;
    std::ptrdiff_t capacity_, stride_;
    std::ptrdiff_t count_ = 0;
    double base_factor_ = 1;
    double along_, across_;  //!< cos and sin of the learning lag, with the sign of the learning rate
    double weights_[kMostPairs];
};

extern template class Pending<float>;
extern template class Pending<double>;

}  // namespace resonance::detail
