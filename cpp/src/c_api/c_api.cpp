#include "resonance/c_api.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "c_api/calls.hpp"
#include "resonance/isa.hpp"
#include "resonance/network.hpp"
#include "resonance/version.hpp"

namespace resonance {
namespace {

constexpr bool same(resonance_status code, Status status) { return code == static_cast<int>(status); }
static_assert(same(RESONANCE_OK, Status::ok) && same(RESONANCE_INVALID_SIZE, Status::invalid_size) &&
              same(RESONANCE_INVALID_VALUE, Status::invalid_value) &&
              same(RESONANCE_INVALID_TIME_STEP, Status::invalid_time_step) &&
              same(RESONANCE_NON_FINITE, Status::non_finite) &&
              same(RESONANCE_PHASE_OVERFLOW, Status::phase_overflow) && same(RESONANCE_DIVERGED, Status::diverged) &&
              same(RESONANCE_INTERRUPTED, Status::interrupted) &&
              same(RESONANCE_OUT_OF_MEMORY, Status::out_of_memory) &&
              same(RESONANCE_UNAVAILABLE, Status::unavailable) && same(RESONANCE_INVALID_NODE, Status::invalid_node) &&
              same(RESONANCE_FOREIGN_SNAPSHOT, Status::foreign_snapshot) &&
              same(RESONANCE_OVERFLOW, Status::overflow) && same(RESONANCE_RANK_EXCEEDED, Status::rank_exceeded));
static_assert(sizeof(resonance_hyperparameters) == sizeof(Hyperparameters), "convert the new hyperparameter below");
static_assert(sizeof(int) <= sizeof(std::int32_t) && sizeof(std::int64_t) >= sizeof(std::ptrdiff_t));

template <class Real>
constexpr bool storage_suffices(std::size_t (*bytes)(std::size_t)) {
    for (std::ptrdiff_t n = 1; n <= 4096; ++n)
        if (bytes(static_cast<std::size_t>(n)) < Network<Real>::storage_size(Options{n})) return false;
    return true;
}
static_assert(storage_suffices<double>([](std::size_t n) { return RESONANCE_F64_STORAGE_BYTES(n); }));
static_assert(storage_suffices<float>([](std::size_t n) { return RESONANCE_F32_STORAGE_BYTES(n); }));

}  // namespace
}  // namespace resonance

using resonance::c_api::behind;

extern "C" {

const char* resonance_status_string(int32_t status) RESONANCE_NONBLOCKING {
    if (status == RESONANCE_INVALID_ARGUMENT) return "a pointer is NULL";
    if (status == RESONANCE_ABI_MISMATCH) return "the program was compiled with the header of another version";
    return resonance::to_string(static_cast<resonance::Status>(status));
}

#define RESONANCE_TEXT_OF(number) #number
#define RESONANCE_TEXT(number) RESONANCE_TEXT_OF(number)
#define RESONANCE_DOTTED(major, minor, patch) RESONANCE_TEXT(major) "." RESONANCE_TEXT(minor) "." RESONANCE_TEXT(patch)
const char* resonance_version(void) RESONANCE_NONBLOCKING {
    return RESONANCE_DOTTED(RESONANCE_VERSION_MAJOR, RESONANCE_VERSION_MINOR, RESONANCE_VERSION_PATCH);
}

int32_t resonance_abi_version(void) RESONANCE_NONBLOCKING { return RESONANCE_ABI_VERSION; }

int32_t resonance_check_abi(int32_t abi_version, size_t options_size) RESONANCE_NONBLOCKING {
    const bool fits = abi_version == RESONANCE_ABI_VERSION && options_size == sizeof(resonance_options);
    return fits ? RESONANCE_OK : RESONANCE_ABI_MISMATCH;
}

const char* resonance_isa(void) { return resonance::to_string(resonance::isa()); }

resonance_options resonance_options_default(int64_t n_nodes) RESONANCE_NONBLOCKING {
    const resonance::Options options;
    return {n_nodes, resonance::c_api::to_c(options.hyperparameters), options.threads};
}

int32_t resonance_learning_rates(double time_constant, double dt, double strength, double* learning_rate,
                                 double* decay) RESONANCE_NONBLOCKING {
    if (!resonance::c_api::given(learning_rate, decay)) return RESONANCE_INVALID_ARGUMENT;
    const resonance::LearningRates rates = resonance::learning_rates(time_constant, dt, strength);
    if (!std::isfinite(rates.learning_rate) || !std::isfinite(rates.decay)) return RESONANCE_INVALID_VALUE;
    *learning_rate = rates.learning_rate;
    *decay = rates.decay;
    return RESONANCE_OK;
}

// A value or a view of a network, or what stands for one where there is none.
#define RESONANCE_READ(network, value) \
    (network != nullptr ? behind(network)->value : decltype(behind(network)->value)())

// The functions of one type of network: its suffix, its Real, its handle.
#define RESONANCE_FUNCTIONS(type, Real, Handle)                                                                        \
    size_t resonance_##type##_storage_size(const resonance_options* options) RESONANCE_NONBLOCKING {                   \
        return resonance::c_api::storage_size<Real>(options);                                                          \
    }                                                                                                                  \
    int32_t resonance_##type##_create(const resonance_options* options, Handle** network) {                            \
        return resonance::c_api::create<Real>(options, network);                                                       \
    }                                                                                                                  \
    void resonance_##type##_destroy(Handle* network) { resonance::c_api::destroy(behind(network)); }                   \
    int32_t resonance_##type##_create_in(const resonance_options* options, void* storage, size_t bytes,                \
                                         Handle** network) {                                                           \
        return resonance::c_api::create_in<Real>(options, storage, bytes, network);                                    \
    }                                                                                                                  \
    void resonance_##type##_destroy_in(Handle* network) { resonance::c_api::destroy_in(behind(network)); }             \
    int32_t resonance_##type##_assign(Handle* network, const Handle* other) {                                          \
        return resonance::c_api::assign(behind(network), behind(other));                                               \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_update(Handle* network, const Real* input, int64_t count, double dt)                    \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::update(behind(network), input, count, dt);                                            \
    }                                                                                                                  \
    int32_t resonance_##type##_update_uniform(Handle* network, double input, double dt) RESONANCE_NONBLOCKING {        \
        return resonance::c_api::update_uniform(behind(network), input, dt);                                           \
    }                                                                                                                  \
    int32_t resonance_##type##_run(Handle* network, const double* inputs, int64_t rows, int64_t hold, double dt,       \
                                   resonance_interrupt requested, void* context, int64_t* completed) {                 \
        return resonance::c_api::run(behind(network), inputs, rows, true, hold, dt, {requested, context}, completed);  \
    }                                                                                                                  \
    int32_t resonance_##type##_run_uniform(Handle* network, const double* inputs, int64_t rows, int64_t hold,          \
                                           double dt, resonance_interrupt requested, void* context,                    \
                                           int64_t* completed) {                                                       \
        return resonance::c_api::run(behind(network), inputs, rows, false, hold, dt, {requested, context}, completed); \
    }                                                                                                                  \
    int32_t resonance_##type##_set_learning(Handle* network, int32_t learning) RESONANCE_NONBLOCKING {                 \
        return resonance::c_api::set_learning(behind(network), learning);                                              \
    }                                                                                                                  \
    int32_t resonance_##type##_learning(const Handle* network) RESONANCE_NONBLOCKING {                                 \
        return RESONANCE_READ(network, learning()) ? 1 : 0;                                                            \
    }                                                                                                                  \
    int32_t resonance_##type##_entrain(Handle* network, const Real* offsets, int64_t rows,                             \
                                       const double* fading_factor, resonance_interrupt requested, void* context,      \
                                       int64_t* completed) {                                                           \
        return resonance::c_api::entrain(behind(network), offsets, rows, fading_factor, {requested, context},          \
                                         completed);                                                                   \
    }                                                                                                                  \
                                                                                                                       \
    int64_t resonance_##type##_n_nodes(const Handle* network) RESONANCE_NONBLOCKING {                                  \
        return RESONANCE_READ(network, n_nodes());                                                                     \
    }                                                                                                                  \
    int64_t resonance_##type##_step_count(const Handle* network) RESONANCE_NONBLOCKING {                               \
        return RESONANCE_READ(network, step_count());                                                                  \
    }                                                                                                                  \
    double resonance_##type##_time(const Handle* network) RESONANCE_NONBLOCKING {                                      \
        return RESONANCE_READ(network, time());                                                                        \
    }                                                                                                                  \
    uint64_t resonance_##type##_noise_seed(const Handle* network) RESONANCE_NONBLOCKING {                              \
        return RESONANCE_READ(network, noise_seed());                                                                  \
    }                                                                                                                  \
    int64_t resonance_##type##_presentation_count(const Handle* network) RESONANCE_NONBLOCKING {                       \
        return RESONANCE_READ(network, presentation_count());                                                          \
    }                                                                                                                  \
    const double* resonance_##type##_phases(const Handle* network) RESONANCE_NONBLOCKING {                             \
        return RESONANCE_READ(network, phases().data());                                                               \
    }                                                                                                                  \
    const double* resonance_##type##_frequencies(const Handle* network) RESONANCE_NONBLOCKING {                        \
        return RESONANCE_READ(network, frequencies().data());                                                          \
    }                                                                                                                  \
    const double* resonance_##type##_initial_phases(const Handle* network) RESONANCE_NONBLOCKING {                     \
        return RESONANCE_READ(network, initial_phases().data());                                                       \
    }                                                                                                                  \
    const Real* resonance_##type##_amplitudes(const Handle* network) RESONANCE_NONBLOCKING {                           \
        return RESONANCE_READ(network, amplitudes().data());                                                           \
    }                                                                                                                  \
    const Real* resonance_##type##_weights(const Handle* network) RESONANCE_NONBLOCKING {                              \
        return RESONANCE_READ(network, weights());                                                                     \
    }                                                                                                                  \
    int64_t resonance_##type##_weight_stride(const Handle* network) RESONANCE_NONBLOCKING {                            \
        return RESONANCE_READ(network, weight_stride());                                                               \
    }                                                                                                                  \
    const unsigned char* resonance_##type##_amplitude_pins(const Handle* network) RESONANCE_NONBLOCKING {              \
        return RESONANCE_READ(network, amplitude_pins().data());                                                       \
    }                                                                                                                  \
    const unsigned char* resonance_##type##_phase_pins(const Handle* network) RESONANCE_NONBLOCKING {                  \
        return RESONANCE_READ(network, phase_pins().data());                                                           \
    }                                                                                                                  \
    const Real* resonance_##type##_pinned_amplitudes(const Handle* network) RESONANCE_NONBLOCKING {                    \
        return RESONANCE_READ(network, pinned_amplitudes().data());                                                    \
    }                                                                                                                  \
    const double* resonance_##type##_pinned_phases(const Handle* network) RESONANCE_NONBLOCKING {                      \
        return RESONANCE_READ(network, pinned_phases().data());                                                        \
    }                                                                                                                  \
    int32_t resonance_##type##_outputs(const Handle* network, Real* values, int64_t count) RESONANCE_NONBLOCKING {     \
        return resonance::c_api::outputs(behind(network), values, count);                                              \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_set_phase(Handle* network, int64_t node, double phase) RESONANCE_NONBLOCKING {          \
        return resonance::c_api::set_phase(behind(network), node, phase);                                              \
    }                                                                                                                  \
    int32_t resonance_##type##_set_weight(Handle* network, int64_t row, int64_t column, Real weight)                   \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::set_weight(behind(network), row, column, weight);                                     \
    }                                                                                                                  \
    int32_t resonance_##type##_set_phases(Handle* network, const double* phases, int64_t count)                        \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::set_values(behind(network), &resonance::Network<Real>::set_phases, phases, count);    \
    }                                                                                                                  \
    int32_t resonance_##type##_set_frequencies(Handle* network, const double* frequencies, int64_t count)              \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::set_values(behind(network), &resonance::Network<Real>::set_frequencies, frequencies,  \
                                            count);                                                                    \
    }                                                                                                                  \
    int32_t resonance_##type##_set_initial_phases(Handle* network, const double* phases, int64_t count)                \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::set_values(behind(network), &resonance::Network<Real>::set_initial_phases, phases,    \
                                            count);                                                                    \
    }                                                                                                                  \
    int32_t resonance_##type##_set_amplitudes(Handle* network, const double* amplitudes, int64_t count)                \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::set_values(behind(network), &resonance::Network<Real>::set_amplitudes, amplitudes,    \
                                            count);                                                                    \
    }                                                                                                                  \
    int32_t resonance_##type##_set_weight_rows(Handle* network, int64_t first, const Real* rows, int64_t count)        \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::set_weight_rows(behind(network), first, rows, count);                                 \
    }                                                                                                                  \
    int32_t resonance_##type##_set_clock(Handle* network, int64_t step_count, double time) RESONANCE_NONBLOCKING {     \
        return resonance::c_api::set_clock(behind(network), step_count, time);                                         \
    }                                                                                                                  \
    int32_t resonance_##type##_set_noise_seed(Handle* network, uint64_t seed) RESONANCE_NONBLOCKING {                  \
        return resonance::c_api::set_noise_seed(behind(network), seed);                                                \
    }                                                                                                                  \
    int32_t resonance_##type##_set_presentation_count(Handle* network, int64_t count) RESONANCE_NONBLOCKING {          \
        return resonance::c_api::set_presentation_count(behind(network), count);                                       \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_pin(Handle* network, int64_t node, double amplitude) RESONANCE_NONBLOCKING {            \
        return resonance::c_api::pin(behind(network), node, amplitude);                                                \
    }                                                                                                                  \
    int32_t resonance_##type##_pin_with_phase(Handle* network, int64_t node, double amplitude, double phase)           \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::pin_with_phase(behind(network), node, amplitude, phase);                              \
    }                                                                                                                  \
    int32_t resonance_##type##_pin_nodes(Handle* network, const int64_t* nodes, const double* amplitudes,              \
                                         const double* phases, int64_t count) RESONANCE_NONBLOCKING {                  \
        return resonance::c_api::pin_nodes(behind(network), nodes, amplitudes, phases, count);                         \
    }                                                                                                                  \
    int32_t resonance_##type##_unpin(Handle* network, int64_t node) RESONANCE_NONBLOCKING {                            \
        return resonance::c_api::unpin(behind(network), node);                                                         \
    }                                                                                                                  \
    int32_t resonance_##type##_unpin_nodes(Handle* network, const int64_t* nodes, int64_t count)                       \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::unpin_nodes(behind(network), nodes, count);                                           \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_hyperparameters(const Handle* network, resonance_hyperparameters* hyperparameters)      \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::hyperparameters(behind(network), hyperparameters);                                    \
    }                                                                                                                  \
    int32_t resonance_##type##_set_hyperparameters(Handle* network, const resonance_hyperparameters* hyperparameters)  \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::c_api::set_hyperparameters(behind(network), hyperparameters);                                \
    }                                                                                                                  \
    double resonance_##type##_tolerance(const Handle* network) RESONANCE_NONBLOCKING {                                 \
        return RESONANCE_READ(network, tolerance());                                                                   \
    }                                                                                                                  \
    int32_t resonance_##type##_set_tolerance(Handle* network, double tolerance) RESONANCE_NONBLOCKING {                \
        return resonance::c_api::set_tolerance(behind(network), tolerance);                                            \
    }                                                                                                                  \
    int32_t resonance_##type##_threads(const Handle* network) { return RESONANCE_READ(network, threads()); }           \
    int32_t resonance_##type##_set_threads(Handle* network, int32_t threads) RESONANCE_NONBLOCKING {                   \
        return resonance::c_api::set_threads(behind(network), threads);                                                \
    }                                                                                                                  \
                                                                                                                       \
    size_t resonance_##type##_snapshot_size(const Handle* network) RESONANCE_NONBLOCKING {                             \
        return RESONANCE_READ(network, snapshot_size());                                                               \
    }                                                                                                                  \
    int32_t resonance_##type##_snapshot(const Handle* network, void* memory, size_t bytes) RESONANCE_NONBLOCKING {     \
        return resonance::c_api::snapshot(behind(network), memory, bytes);                                             \
    }                                                                                                                  \
    int32_t resonance_##type##_restore(Handle* network, const void* memory, size_t bytes) RESONANCE_NONBLOCKING {      \
        return resonance::c_api::restore(behind(network), memory, bytes);                                              \
    }

RESONANCE_FUNCTIONS(f64, double, resonance_network_f64)
RESONANCE_FUNCTIONS(f32, float, resonance_network_f32)

}  // extern "C"
