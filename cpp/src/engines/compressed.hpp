//! The engine for inputs that are held or change smoothly: far fewer columns than steps.
//!
//! Cosines and sines of the next K steps are combinations of r columns A (blocks/panel.hpp), r far below 2 K. So all
//! that these steps need of the weights is Z = W A, n x r. One pass over W gives it; then W's growth goes into Z, a
//! rank-two change for each step, and W itself is left alone: its growth waits as pairs (blocks/pending.hpp), which are
//! compressed (blocks/compression.hpp) when there are many, and added to W at the end. Once what is left of the weights
//! that the run began with no longer counts, that one pass isn't needed either: a step costs O(n r).
//!
//! Errors: columns are off by rounding (some 1e-14), and all compressions of a run together change no weight by more
//! than a fraction of `tolerance`, relative to the largest weight; see docs/numerics.md.
#pragma once

#include "../blocks/timeline.hpp"
#include "../memory.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "watch.hpp"

namespace resonance::detail {

//! Steps of the timeline as long as they suit, with coupling 0: `completed` grows by the number done, and Status::ok
//! with steps left means that another engine should serve the next ones.
//! Status::out_of_memory before the first step where scratch can't be had.
template <class Real>
Status run_compressed(State<Real>& state, const Conditions& conditions, Timeline& timeline, Scratch& scratch,
                      const Watch<Real>& watch, std::int64_t& completed) noexcept;

extern template Status run_compressed(State<float>&, const Conditions&, Timeline&, Scratch&, const Watch<float>&,
                                      std::int64_t&) noexcept;
extern template Status run_compressed(State<double>&, const Conditions&, Timeline&, Scratch&, const Watch<double>&,
                                      std::int64_t&) noexcept;

}  // namespace resonance::detail
