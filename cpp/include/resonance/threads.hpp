//! How many threads the kernels use. Results have the same bits for any number of them.
#pragma once

#include "resonance/export.hpp"
#include "resonance/nonblocking.hpp"
#include "resonance/status.hpp"

namespace resonance {

//! Threads that a parallel call uses: `wanted`, or where that is 0 what set_num_threads said, else what OpenMP says.
//! A limit that OpenMP has for the calling thread (omp_set_num_threads) is obeyed when it is below the number that the
//! process started with.
RESONANCE_API int num_threads(int wanted = 0) noexcept RESONANCE_NONBLOCKING;

//! Set num_threads() for the process. 0 returns to OpenMP's number.
RESONANCE_API Status set_num_threads(int threads) noexcept;

//! Give OpenMP's pool of threads back. To be called before fork(): a child that inherits the memory of a pool, but
//! not its threads, would wait for them for ever.
RESONANCE_API void release_threads() noexcept;

}  // namespace resonance
