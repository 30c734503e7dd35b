//! What comes through the C API and goes back: numbers, handles, pointers with lengths, callbacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "resonance/c_api.h"
#include "resonance/network.hpp"

namespace resonance::c_api {

inline std::int32_t code(Status status) { return static_cast<std::int32_t>(status); }

//! The network behind a handle.
inline Network<double>* behind(resonance_network_f64* handle) { return reinterpret_cast<Network<double>*>(handle); }
inline Network<float>* behind(resonance_network_f32* handle) { return reinterpret_cast<Network<float>*>(handle); }
inline const Network<double>* behind(const resonance_network_f64* handle) {
    return reinterpret_cast<const Network<double>*>(handle);
}
inline const Network<float>* behind(const resonance_network_f32* handle) {
    return reinterpret_cast<const Network<float>*>(handle);
}

inline Hyperparameters from_c(const resonance_hyperparameters& c) {
    Hyperparameters h;
    h.learning_rate = c.learning_rate;
    h.decay = c.decay;
    h.gain = c.gain;
    h.coupling = c.coupling;
    h.phase_lag = c.phase_lag;
    h.learning_lag = c.learning_lag;
    h.noise_std = c.noise_std;
    h.amplitude_floor = c.amplitude_floor;
    return h;
}

inline resonance_hyperparameters to_c(const Hyperparameters& h) {
    return {h.learning_rate, h.decay, h.gain, h.coupling, h.phase_lag, h.learning_lag, h.noise_std, h.amplitude_floor};
}

//! An index or a number of nodes. One that the machine can't count to becomes -1, which no network takes.
inline std::ptrdiff_t index(std::int64_t i) {
    return i > std::numeric_limits<std::ptrdiff_t>::max() || i < 0 ? -1 : static_cast<std::ptrdiff_t>(i);
}

inline Options from_c(const resonance_options& c) {
    Options options;
    options.n_nodes = index(c.n_nodes);
    options.hyperparameters = from_c(c.hyperparameters);
    options.threads = c.threads;
    return options;
}

template <class... T>
bool given(const T*... pointers) {
    return ((pointers != nullptr) && ...);
}

//! Whether an array of rows x columns values can be.
inline bool is_length(std::int64_t rows, std::int64_t columns = 1) {
    constexpr std::int64_t most = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(double);
    return rows >= 0 && rows <= most / columns;
}

template <class T>
span<T> view(T* values, std::int64_t rows, std::int64_t columns = 1) {
    return {values, static_cast<std::size_t>(rows * columns)};
}

//! A callback of C, as a run asks it.
struct Question {
    resonance_interrupt requested;
    void* context;

    Interrupt interrupt() {
        if (requested == nullptr) return {};
        return {[](void* self) noexcept {
                    const auto& question = *static_cast<const Question*>(self);
                    return question.requested(question.context) != 0;
                },
                this};
    }
};

}  // namespace resonance::c_api
