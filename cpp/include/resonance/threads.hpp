//! How many threads the kernels use. Results have the same bits for any number of them.
#pragma once

#include "resonance/status.hpp"

namespace resonance {

//! Threads that a parallel call uses: `wanted`, or where that is 0 what set_num_threads said, else what OpenMP says.
//! A limit that OpenMP has for the calling thread (omp_set_num_threads) is obeyed when it is below the number that the
//! process started with.
int num_threads(int wanted = 0) noexcept;

//! Set num_threads() for the process. 0 returns to OpenMP's number.
Status set_num_threads(int threads) noexcept;

//! Give OpenMP's pool of threads back. To be called before fork(): a child that inherits the memory of a pool, but
//! not its threads, would wait for them for ever.
void release_threads() noexcept;

}  // namespace resonance
