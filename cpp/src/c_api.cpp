// The C API: pointers, lengths and callbacks are checked and turned into what network.hpp takes; nothing else is done.
#include "resonance/c_api.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <type_traits>

#include "resonance/isa.hpp"
#include "resonance/network.hpp"
#include "resonance/version.hpp"

namespace resonance {
namespace {

// ------------------------------------------------------------------------------------------------ one is the other

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

std::int32_t code(Status status) { return static_cast<std::int32_t>(status); }

//! The network behind a handle.
Network<double>* behind(resonance_network_f64* handle) { return reinterpret_cast<Network<double>*>(handle); }
Network<float>* behind(resonance_network_f32* handle) { return reinterpret_cast<Network<float>*>(handle); }
const Network<double>* behind(const resonance_network_f64* handle) {
    return reinterpret_cast<const Network<double>*>(handle);
}
const Network<float>* behind(const resonance_network_f32* handle) {
    return reinterpret_cast<const Network<float>*>(handle);
}

Hyperparameters from_c(const resonance_hyperparameters& c) {
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

resonance_hyperparameters to_c(const Hyperparameters& h) {
    return {h.learning_rate, h.decay, h.gain, h.coupling, h.phase_lag, h.learning_lag, h.noise_std, h.amplitude_floor};
}

//! An index or a number of nodes. One that the machine can't count to becomes -1, which no network takes.
std::ptrdiff_t index(std::int64_t i) {
    return i > std::numeric_limits<std::ptrdiff_t>::max() || i < 0 ? -1 : static_cast<std::ptrdiff_t>(i);
}

Options from_c(const resonance_options& c) {
    Options options;
    options.n_nodes = index(c.n_nodes);
    options.hyperparameters = from_c(c.hyperparameters);
    options.threads = c.threads;
    return options;
}

// ------------------------------------------------------------------------------------------------ what came

template <class... T>
bool given(const T*... pointers) {
    return ((pointers != nullptr) && ...);
}

//! Whether an array of rows x columns values can be.
bool is_length(std::int64_t rows, std::int64_t columns = 1) {
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

// ------------------------------------------------------------------------------------------------ the calls

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

}  // namespace
}  // namespace resonance

using resonance::behind;

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
    return {n_nodes, resonance::to_c(options.hyperparameters), options.threads};
}

int32_t resonance_learning_rates(double time_constant, double dt, double strength, double* learning_rate,
                                 double* decay) RESONANCE_NONBLOCKING {
    if (!resonance::given(learning_rate, decay)) return RESONANCE_INVALID_ARGUMENT;
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
        return resonance::storage_size<Real>(options);                                                                 \
    }                                                                                                                  \
    int32_t resonance_##type##_create(const resonance_options* options, Handle** network) {                            \
        return resonance::create<Real>(options, network);                                                              \
    }                                                                                                                  \
    void resonance_##type##_destroy(Handle* network) { resonance::destroy(behind(network)); }                          \
    int32_t resonance_##type##_create_in(const resonance_options* options, void* storage, size_t bytes,                \
                                         Handle** network) {                                                           \
        return resonance::create_in<Real>(options, storage, bytes, network);                                           \
    }                                                                                                                  \
    void resonance_##type##_destroy_in(Handle* network) { resonance::destroy_in(behind(network)); }                    \
    int32_t resonance_##type##_assign(Handle* network, const Handle* other) {                                          \
        return resonance::assign(behind(network), behind(other));                                                      \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_update(Handle* network, const Real* input, int64_t count, double dt)                    \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::update(behind(network), input, count, dt);                                                   \
    }                                                                                                                  \
    int32_t resonance_##type##_update_uniform(Handle* network, double input, double dt) RESONANCE_NONBLOCKING {        \
        return resonance::update_uniform(behind(network), input, dt);                                                  \
    }                                                                                                                  \
    int32_t resonance_##type##_run(Handle* network, const double* inputs, int64_t rows, int64_t hold, double dt,       \
                                   resonance_interrupt requested, void* context, int64_t* completed) {                 \
        return resonance::run(behind(network), inputs, rows, true, hold, dt, {requested, context}, completed);         \
    }                                                                                                                  \
    int32_t resonance_##type##_run_uniform(Handle* network, const double* inputs, int64_t rows, int64_t hold,          \
                                           double dt, resonance_interrupt requested, void* context,                    \
                                           int64_t* completed) {                                                       \
        return resonance::run(behind(network), inputs, rows, false, hold, dt, {requested, context}, completed);        \
    }                                                                                                                  \
    int32_t resonance_##type##_set_learning(Handle* network, int32_t learning) RESONANCE_NONBLOCKING {                 \
        return resonance::set_learning(behind(network), learning);                                                     \
    }                                                                                                                  \
    int32_t resonance_##type##_learning(const Handle* network) RESONANCE_NONBLOCKING {                                 \
        return RESONANCE_READ(network, learning()) ? 1 : 0;                                                            \
    }                                                                                                                  \
    int32_t resonance_##type##_entrain(Handle* network, const Real* offsets, int64_t rows,                             \
                                       const double* fading_factor, resonance_interrupt requested, void* context,      \
                                       int64_t* completed) {                                                           \
        return resonance::entrain(behind(network), offsets, rows, fading_factor, {requested, context}, completed);     \
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
        return resonance::outputs(behind(network), values, count);                                                     \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_set_phase(Handle* network, int64_t node, double phase) RESONANCE_NONBLOCKING {          \
        return resonance::set_phase(behind(network), node, phase);                                                     \
    }                                                                                                                  \
    int32_t resonance_##type##_set_weight(Handle* network, int64_t row, int64_t column, Real weight)                   \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::set_weight(behind(network), row, column, weight);                                            \
    }                                                                                                                  \
    int32_t resonance_##type##_set_phases(Handle* network, const double* phases, int64_t count)                        \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::set_values(behind(network), &resonance::Network<Real>::set_phases, phases, count);           \
    }                                                                                                                  \
    int32_t resonance_##type##_set_frequencies(Handle* network, const double* frequencies, int64_t count)              \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::set_values(behind(network), &resonance::Network<Real>::set_frequencies, frequencies, count); \
    }                                                                                                                  \
    int32_t resonance_##type##_set_initial_phases(Handle* network, const double* phases, int64_t count)                \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::set_values(behind(network), &resonance::Network<Real>::set_initial_phases, phases, count);   \
    }                                                                                                                  \
    int32_t resonance_##type##_set_amplitudes(Handle* network, const double* amplitudes, int64_t count)                \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::set_values(behind(network), &resonance::Network<Real>::set_amplitudes, amplitudes, count);   \
    }                                                                                                                  \
    int32_t resonance_##type##_set_weight_rows(Handle* network, int64_t first, const Real* rows, int64_t count)        \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::set_weight_rows(behind(network), first, rows, count);                                        \
    }                                                                                                                  \
    int32_t resonance_##type##_set_clock(Handle* network, int64_t step_count, double time) RESONANCE_NONBLOCKING {     \
        return resonance::set_clock(behind(network), step_count, time);                                                \
    }                                                                                                                  \
    int32_t resonance_##type##_set_noise_seed(Handle* network, uint64_t seed) RESONANCE_NONBLOCKING {                  \
        return resonance::set_noise_seed(behind(network), seed);                                                       \
    }                                                                                                                  \
    int32_t resonance_##type##_set_presentation_count(Handle* network, int64_t count) RESONANCE_NONBLOCKING {          \
        return resonance::set_presentation_count(behind(network), count);                                              \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_pin(Handle* network, int64_t node, double amplitude) RESONANCE_NONBLOCKING {            \
        return resonance::pin(behind(network), node, amplitude);                                                       \
    }                                                                                                                  \
    int32_t resonance_##type##_pin_with_phase(Handle* network, int64_t node, double amplitude, double phase)           \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::pin_with_phase(behind(network), node, amplitude, phase);                                     \
    }                                                                                                                  \
    int32_t resonance_##type##_pin_nodes(Handle* network, const int64_t* nodes, const double* amplitudes,              \
                                         const double* phases, int64_t count) RESONANCE_NONBLOCKING {                  \
        return resonance::pin_nodes(behind(network), nodes, amplitudes, phases, count);                                \
    }                                                                                                                  \
    int32_t resonance_##type##_unpin(Handle* network, int64_t node) RESONANCE_NONBLOCKING {                            \
        return resonance::unpin(behind(network), node);                                                                \
    }                                                                                                                  \
    int32_t resonance_##type##_unpin_nodes(Handle* network, const int64_t* nodes, int64_t count)                       \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::unpin_nodes(behind(network), nodes, count);                                                  \
    }                                                                                                                  \
                                                                                                                       \
    int32_t resonance_##type##_hyperparameters(const Handle* network, resonance_hyperparameters* hyperparameters)      \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::hyperparameters(behind(network), hyperparameters);                                           \
    }                                                                                                                  \
    int32_t resonance_##type##_set_hyperparameters(Handle* network, const resonance_hyperparameters* hyperparameters)  \
        RESONANCE_NONBLOCKING {                                                                                        \
        return resonance::set_hyperparameters(behind(network), hyperparameters);                                       \
    }                                                                                                                  \
    double resonance_##type##_tolerance(const Handle* network) RESONANCE_NONBLOCKING {                                 \
        return RESONANCE_READ(network, tolerance());                                                                   \
    }                                                                                                                  \
    int32_t resonance_##type##_set_tolerance(Handle* network, double tolerance) RESONANCE_NONBLOCKING {                \
        return resonance::set_tolerance(behind(network), tolerance);                                                   \
    }                                                                                                                  \
    int32_t resonance_##type##_threads(const Handle* network) { return RESONANCE_READ(network, threads()); }           \
    int32_t resonance_##type##_set_threads(Handle* network, int32_t threads) RESONANCE_NONBLOCKING {                   \
        return resonance::set_threads(behind(network), threads);                                                       \
    }                                                                                                                  \
                                                                                                                       \
    size_t resonance_##type##_snapshot_size(const Handle* network) RESONANCE_NONBLOCKING {                             \
        return RESONANCE_READ(network, snapshot_size());                                                               \
    }                                                                                                                  \
    int32_t resonance_##type##_snapshot(const Handle* network, void* memory, size_t bytes) RESONANCE_NONBLOCKING {     \
        return resonance::snapshot(behind(network), memory, bytes);                                                    \
    }                                                                                                                  \
    int32_t resonance_##type##_restore(Handle* network, const void* memory, size_t bytes) RESONANCE_NONBLOCKING {      \
        return resonance::restore(behind(network), memory, bytes);                                                     \
    }

RESONANCE_FUNCTIONS(f64, double, resonance_network_f64)
RESONANCE_FUNCTIONS(f32, float, resonance_network_f32)

}  // extern "C"
