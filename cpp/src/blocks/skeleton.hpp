//! The panel of any input that changes smoothly: some of the steps' own columns.
//!
//! Columns of cosines and sines are picked by a QR factorization with column pivoting, of a random sketch of them with
//! a fixed seed; all others are combinations of these (an interpolative decomposition). The error is then measured on
//! all nodes and steps: where the columns have no low rank, that is found, not assumed. Each rank has its own nodes of
//! the columns, and a part of the sketch.
#pragma once

#include "../all_ranks.hpp"
#include "../engines/conditions.hpp"
#include "../state.hpp"
#include "panel.hpp"
#include "timeline.hpp"

namespace resonance::detail {

//! Steps of such a panel, and numbers of its sketch.
inline constexpr std::ptrdiff_t kSkeletonSteps = 128, kSketchSize = 4 * kMostColumns * kSkeletonSteps;

template <class Real>
struct SkeletonScratch {
    Real* columns;   //!< 2 kSkeletonSteps rows of nodes
    Real* selected;  //!< kMostColumns rows of nodes
    Real* residual;  //!< kMostColumns rows of nodes
    double* phases;  //!< n
    double* signs;   //!< n
    double* sketch;  //!< kSketchSize
};

//! Fills in a panel for the next `steps` steps, at most kSkeletonSteps, with columns of everybody's nodes or the rank's
//! own. False where their columns are not few enough, or memory for the factorization is lacking.
template <class Real>
bool fill_skeleton(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                   std::ptrdiff_t steps, bool everybody, const SkeletonScratch<Real>& scratch, AllRanks& ranks,
                   Panel<Real>& panel) noexcept;

extern template bool fill_skeleton(const State<float>&, const Conditions&, const Timeline&, std::ptrdiff_t, bool,
                                   const SkeletonScratch<float>&, AllRanks&, Panel<float>&) noexcept;
extern template bool fill_skeleton(const State<double>&, const Conditions&, const Timeline&, std::ptrdiff_t, bool,
                                   const SkeletonScratch<double>&, AllRanks&, Panel<double>&) noexcept;

}  // namespace resonance::detail
