//! The calls of the C API, for either type of network: pointers, lengths and callbacks are checked, nothing else is
//! done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "c_api/arguments.hpp"

namespace resonance::c_api {

template <class Real>
std::size_t storage_size(const resonance_options* options) {
    return given(options) ? Network<Real>::storage_size(from_c(*options)) : 0;
}

template <class Real, class Handle>
std::int32_t create(const resonance_options* options, Handle** handle) {
    if (!given(handle)) return RESONANCE_INVALID_ARGUMENT;
    *handle = nullptr;
    if (!given(options)) return RESONANCE_INVALID_ARGUMENT;
    std::unique_ptr<Network<Real>> network;
    const Status status = Network<Real>::create(from_c(*options), network);
    *handle = reinterpret_cast<Handle*>(network.release());
    return code(status);
}

template <class Real, class Handle>
std::int32_t create_in(const resonance_options* options, void* storage, std::size_t bytes, Handle** handle) {
    if (!given(handle)) return RESONANCE_INVALID_ARGUMENT;
    *handle = nullptr;
    if (!given(options, storage)) return RESONANCE_INVALID_ARGUMENT;
    Network<Real>* network = nullptr;
    const Status status = Network<Real>::create(from_c(*options), {static_cast<std::byte*>(storage), bytes}, network);
    *handle = reinterpret_cast<Handle*>(network);
    return code(status);
}

template <class Real>
void destroy(Network<Real>* network) {
    delete network;
}

template <class Real>
void destroy_in(Network<Real>* network) {
    if (given(network)) network->~Network();
}

template <class Real>
std::int32_t assign(Network<Real>* network, const Network<Real>* other) {
    return given(network, other) ? code(network->assign(*other)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t update(Network<Real>* network, const Real* input, std::int64_t count, double dt) {
    if (!given(network, input)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(count)) return RESONANCE_INVALID_SIZE;
    return code(network->update(view(input, count), dt));
}

template <class Real>
std::int32_t update_uniform(Network<Real>* network, double input, double dt) {
    return given(network) ? code(network->update(input, dt)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t run(Network<Real>* network, const double* inputs, std::int64_t rows, bool per_node, std::int64_t hold,
                 double dt, Question question, std::int64_t* completed) {
    std::int64_t done = 0;
    if (!given(completed)) completed = &done;
    *completed = 0;
    if (!given(network, inputs)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(rows, per_node ? network->n_nodes() : 1)) return RESONANCE_INVALID_SIZE;
    if (rows > 0 && hold > std::numeric_limits<std::int64_t>::max() / rows) return RESONANCE_INVALID_SIZE;
    return code(network->run({inputs, index(rows), per_node, hold}, dt, question.interrupt(), *completed));
}

template <class Real>
std::int32_t set_learning(Network<Real>* network, std::int32_t learning) {
    if (!given(network)) return RESONANCE_INVALID_ARGUMENT;
    network->set_learning(learning != 0);
    return RESONANCE_OK;
}

template <class Real>
std::int32_t entrain(Network<Real>* network, const Real* offsets, std::int64_t rows, const double* fading_factor,
                     Question question, std::int64_t* completed) {
    std::int64_t done = 0;
    if (!given(completed)) completed = &done;
    *completed = 0;
    if (!given(network, offsets)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(rows, network->n_nodes())) return RESONANCE_INVALID_SIZE;
    const auto fading = given(fading_factor) ? std::optional<double>(*fading_factor) : std::nullopt;
    return code(network->entrain(view(offsets, rows, network->n_nodes()), fading, question.interrupt(), *completed));
}

template <class Real>
std::int32_t outputs(const Network<Real>* network, Real* values, std::int64_t count) {
    if (!given(network, values)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(count)) return RESONANCE_INVALID_SIZE;
    return code(network->outputs(view(values, count)));
}

template <class Real>
std::int32_t set_phase(Network<Real>* network, std::int64_t node, double phase) {
    return given(network) ? code(network->set_phase(index(node), phase)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t set_weight(Network<Real>* network, std::int64_t row, std::int64_t column, Real weight) {
    return given(network) ? code(network->set_weight(index(row), index(column), weight)) : RESONANCE_INVALID_ARGUMENT;
}

//! Any of the calls that copy one value for each node in.
template <class Real>
std::int32_t set_values(Network<Real>* network,
                        Status (Network<Real>::*set)(span<const double>) noexcept RESONANCE_NONBLOCKING,
                        const double* values, std::int64_t count) {
    if (!given(network, values)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(count)) return RESONANCE_INVALID_SIZE;
    return code((network->*set)(view(values, count)));
}

template <class Real>
std::int32_t set_weight_rows(Network<Real>* network, std::int64_t first, const Real* rows, std::int64_t count) {
    if (!given(network, rows)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(count, network->n_nodes())) return RESONANCE_INVALID_SIZE;
    return code(network->set_weight_rows(index(first), view(rows, count, network->n_nodes())));
}

template <class Real>
std::int32_t set_clock(Network<Real>* network, std::int64_t step_count, double time) {
    return given(network) ? code(network->set_clock(step_count, time)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t set_presentation_count(Network<Real>* network, std::int64_t count) {
    return given(network) ? code(network->set_presentation_count(count)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t set_noise_seed(Network<Real>* network, std::uint64_t seed) {
    if (!given(network)) return RESONANCE_INVALID_ARGUMENT;
    network->set_noise_seed(seed);
    return RESONANCE_OK;
}

template <class Real>
std::int32_t pin(Network<Real>* network, std::int64_t node, double amplitude) {
    return given(network) ? code(network->pin(index(node), amplitude)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t pin_with_phase(Network<Real>* network, std::int64_t node, double amplitude, double phase) {
    return given(network) ? code(network->pin(index(node), amplitude, phase)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t pin_nodes(Network<Real>* network, const std::int64_t* nodes, const double* amplitudes,
                       const double* phases, std::int64_t count) {
    if (!given(network, nodes, amplitudes)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(count)) return RESONANCE_INVALID_SIZE;
    if (!given(phases)) return code(network->pin(view(nodes, count), view(amplitudes, count)));
    return code(network->pin(view(nodes, count), view(amplitudes, count), view(phases, count)));
}

template <class Real>
std::int32_t unpin(Network<Real>* network, std::int64_t node) {
    return given(network) ? code(network->unpin(index(node))) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t unpin_nodes(Network<Real>* network, const std::int64_t* nodes, std::int64_t count) {
    if (!given(network, nodes)) return RESONANCE_INVALID_ARGUMENT;
    if (!is_length(count)) return RESONANCE_INVALID_SIZE;
    return code(network->unpin(view(nodes, count)));
}

template <class Real>
std::int32_t hyperparameters(const Network<Real>* network, resonance_hyperparameters* out) {
    if (!given(network, out)) return RESONANCE_INVALID_ARGUMENT;
    *out = to_c(network->hyperparameters());
    return RESONANCE_OK;
}

template <class Real>
std::int32_t set_hyperparameters(Network<Real>* network, const resonance_hyperparameters* c) {
    return given(network, c) ? code(network->set_hyperparameters(from_c(*c))) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t set_tolerance(Network<Real>* network, double tolerance) {
    return given(network) ? code(network->set_tolerance(tolerance)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t set_threads(Network<Real>* network, std::int32_t threads) {
    return given(network) ? code(network->set_threads(threads)) : RESONANCE_INVALID_ARGUMENT;
}

template <class Real>
std::int32_t snapshot(const Network<Real>* network, void* memory, std::size_t bytes) {
    if (!given(network, memory)) return RESONANCE_INVALID_ARGUMENT;
    return code(network->snapshot({static_cast<std::byte*>(memory), bytes}));
}

template <class Real>
std::int32_t restore(Network<Real>* network, const void* memory, std::size_t bytes) {
    if (!given(network, memory)) return RESONANCE_INVALID_ARGUMENT;
    return code(network->restore({static_cast<const std::byte*>(memory), bytes}));
}

}  // namespace resonance::c_api
