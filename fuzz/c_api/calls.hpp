//! The functions of the C API for one type of network, by one name.
#pragma once

#include "resonance/c_api.h"

namespace fuzz {

#define FUZZ_CALL(name) static constexpr auto name = FUZZ_TYPED(name)
#define FUZZ_CALLS                     \
    FUZZ_CALL(storage_size);           \
    FUZZ_CALL(create);                 \
    FUZZ_CALL(destroy);                \
    FUZZ_CALL(create_in);              \
    FUZZ_CALL(destroy_in);             \
    FUZZ_CALL(assign);                 \
    FUZZ_CALL(update);                 \
    FUZZ_CALL(update_uniform);         \
    FUZZ_CALL(run);                    \
    FUZZ_CALL(run_uniform);            \
    FUZZ_CALL(set_learning);           \
    FUZZ_CALL(learning);               \
    FUZZ_CALL(entrain);                \
    FUZZ_CALL(n_nodes);                \
    FUZZ_CALL(step_count);             \
    FUZZ_CALL(time);                   \
    FUZZ_CALL(noise_seed);             \
    FUZZ_CALL(presentation_count);     \
    FUZZ_CALL(phases);                 \
    FUZZ_CALL(frequencies);            \
    FUZZ_CALL(initial_phases);         \
    FUZZ_CALL(amplitudes);             \
    FUZZ_CALL(weights);                \
    FUZZ_CALL(weight_stride);          \
    FUZZ_CALL(amplitude_pins);         \
    FUZZ_CALL(phase_pins);             \
    FUZZ_CALL(pinned_amplitudes);      \
    FUZZ_CALL(pinned_phases);          \
    FUZZ_CALL(outputs);                \
    FUZZ_CALL(set_phase);              \
    FUZZ_CALL(set_weight);             \
    FUZZ_CALL(set_phases);             \
    FUZZ_CALL(set_frequencies);        \
    FUZZ_CALL(set_initial_phases);     \
    FUZZ_CALL(set_amplitudes);         \
    FUZZ_CALL(set_weight_rows);        \
    FUZZ_CALL(set_clock);              \
    FUZZ_CALL(set_noise_seed);         \
    FUZZ_CALL(set_presentation_count); \
    FUZZ_CALL(pin);                    \
    FUZZ_CALL(pin_with_phase);         \
    FUZZ_CALL(pin_nodes);              \
    FUZZ_CALL(unpin);                  \
    FUZZ_CALL(unpin_nodes);            \
    FUZZ_CALL(hyperparameters);        \
    FUZZ_CALL(set_hyperparameters);    \
    FUZZ_CALL(tolerance);              \
    FUZZ_CALL(set_tolerance);          \
    FUZZ_CALL(threads);                \
    FUZZ_CALL(set_threads);            \
    FUZZ_CALL(snapshot_size);          \
    FUZZ_CALL(snapshot);               \
    FUZZ_CALL(restore);

struct Float64 {
    using Real = double;
    using Network = resonance_network_f64;
#define FUZZ_TYPED(name) resonance_f64_##name
    FUZZ_CALLS
#undef FUZZ_TYPED
};

struct Float32 {
    using Real = float;
    using Network = resonance_network_f32;
#define FUZZ_TYPED(name) resonance_f32_##name
    FUZZ_CALLS
#undef FUZZ_TYPED
};

#undef FUZZ_CALLS
#undef FUZZ_CALL

}  // namespace fuzz
