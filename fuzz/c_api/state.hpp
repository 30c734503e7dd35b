//! Everything that a network of the C API shows.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "calls.hpp"

namespace fuzz {

using Bytes = std::vector<std::uint8_t>;

template <class T>
void append(Bytes& bytes, const T* values, std::int64_t count) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(values);
    bytes.insert(bytes.end(), first, first + static_cast<std::size_t>(count) * sizeof(T));
}

//! State, settings and pins, but not threads.
template <class Api>
Bytes state_of(const typename Api::Network* net) {
    Bytes bytes;
    const std::int64_t n = Api::n_nodes(net), counts[] = {n, Api::step_count(net), Api::presentation_count(net)};
    append(bytes, counts, 3);
    const double numbers[] = {Api::time(net), Api::tolerance(net)};
    append(bytes, numbers, 2);
    const std::uint64_t seed = Api::noise_seed(net);
    append(bytes, &seed, 1);
    const std::int32_t learning = Api::learning(net);
    append(bytes, &learning, 1);
    resonance_hyperparameters h;
    Api::hyperparameters(net, &h);
    append(bytes, &h, 1);
    for (const double* vector : {Api::phases(net), Api::frequencies(net), Api::initial_phases(net)})
        append(bytes, vector, n);
    append(bytes, Api::amplitudes(net), n);
    for (std::int64_t row = 0; row < n; ++row) append(bytes, Api::weights(net) + row * Api::weight_stride(net), n);
    append(bytes, Api::amplitude_pins(net), n);
    append(bytes, Api::phase_pins(net), n);
    for (std::int64_t i = 0; i < n; ++i) {
        if (Api::amplitude_pins(net)[i] != 0) append(bytes, Api::pinned_amplitudes(net) + i, 1);
        if (Api::phase_pins(net)[i] != 0) append(bytes, Api::pinned_phases(net) + i, 1);
    }
    return bytes;
}

//! The same after one more step from a snapshot, which depends on what can't be seen. The network stays as it is.
template <class Api>
Bytes following_of(typename Api::Network* net) {
    Bytes snapshot(Api::snapshot_size(net));
    if (Api::snapshot(net, snapshot.data(), snapshot.size()) != RESONANCE_OK) return {};
    Api::update_uniform(net, 0.25, 0.01);
    Bytes bytes = state_of<Api>(net);
    if (Api::restore(net, snapshot.data(), snapshot.size()) != RESONANCE_OK) return {};
    return bytes;
}

}  // namespace fuzz
