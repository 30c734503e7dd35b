// Every engine against the fused one, from the same state; what bits, interrupts and odd inputs promise.
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "cases.hpp"
#include "engines/blocked.hpp"
#include "engines/compressed.hpp"
#include "engines/fused.hpp"
#include "own_state.hpp"
#include "products.hpp"
#include "resonance/network.hpp"
#include "resonance/threads.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

template <class Real>
using Pointer = std::unique_ptr<test::OwnState<Real>>;

template <class Real>
Pointer<Real> random_state(std::ptrdiff_t n, double frequency_spread = 0.1) {
    auto state = std::make_unique<test::OwnState<Real>>(n);
    const auto phases = test::random_values<double>(size(n), 1, 0, 6.28);
    const auto frequencies =
        test::random_values<double>(size(n), 2, 1 - 2 * frequency_spread, 1 + 2 * frequency_spread);
    const auto weights = test::random_values<Real>(size(n * n), 3, -0.02, 0.02);
    state->noise_seed = 4;
    std::copy(phases.begin(), phases.end(), state->phases);
    std::copy(frequencies.begin(), frequencies.end(), state->frequencies);
    for (std::ptrdiff_t i = 0; i < n; ++i) std::copy_n(weights.data() + i * n, n, state->weights + i * state->stride);
    detail::phases_have_changed(*state);
    return state;
}

template <class Real>
Pointer<Real> copy_of(const detail::State<Real>& state) {
    auto copy = std::make_unique<test::OwnState<Real>>(state.n);
    copy->assign(state);
    return copy;
}

//! Weights relative to the largest, amplitudes, phases: the largest difference.
template <class Real>
double difference(const detail::State<Real>& found, const detail::State<Real>& wanted) {
    double weights = 0, scale = 0, others = 0;
    for (std::ptrdiff_t i = 0; i < wanted.n; ++i) {
        for (std::ptrdiff_t j = 0; j < wanted.n; ++j) {
            const auto w = static_cast<double>(wanted.weights[i * wanted.stride + j]);
            weights = std::max(weights, std::abs(static_cast<double>(found.weights[i * found.stride + j]) - w));
            scale = std::max(scale, std::abs(w));
        }
        others = std::max(others, std::abs(static_cast<double>(found.amplitudes[i] - wanted.amplitudes[i])));
        others = std::max(others, found.phases[i] == wanted.phases[i] ? 0.0 : 1.0);  // phases have the same bits
    }
    for (std::ptrdiff_t i = 0; i < wanted.n; ++i)
        for (std::ptrdiff_t j = wanted.n; j < wanted.stride; ++j)
            others = std::max(others, found.weights[i * found.stride + j] == 0 ? 0.0 : 1.0);
    if (found.step_count != wanted.step_count || found.time != wanted.time) others = 1;
    return std::max(scale > 0 ? weights / scale : weights, others);
}

enum class Engine { fused, blocked, compressed };

template <class Real>
Status advance(Engine engine, detail::State<Real>& state, const detail::Conditions& conditions, const Inputs& inputs,
               std::int64_t& completed, Interrupt interrupt = {}) {
    detail::Timeline timeline(inputs, state.n);
    detail::Scratch scratch;
    completed = 0;
    if (engine == Engine::blocked)
        return run_blocked(state, conditions, timeline, timeline.left(), scratch, {interrupt}, completed);
    if (engine == Engine::compressed)
        return run_compressed(state, conditions, timeline, scratch, {interrupt}, completed);
    return run_fused(state, conditions, timeline, timeline.left(), {interrupt}, completed);
}

//! The bound of the contract over 1,000 steps, for the few hundred here.
template <class Real>
constexpr double bound = sizeof(Real) == sizeof(double) ? 2e-13 : 2e-5;

template <class Real>
constexpr double tolerance = Network<Real>::default_tolerance;

struct Case {
    const char* name;
    Hyperparameters hyperparameters;
    bool learn = true;
    double spread = 0.1;
    bool pinned = false;
};

std::vector<Case> cases(std::ptrdiff_t n) {
    const double gain = 30 / static_cast<double>(n);
    Hyperparameters living, turned, negative, forgetting, keeping, still, floor, noisy;
    living.gain = turned.gain = negative.gain = forgetting.gain = keeping.gain = still.gain = gain;
    turned.learning_lag = -0.7;
    turned.amplitude_floor = 0.3;
    negative.learning_rate = -0.01;
    forgetting.decay = 0;
    keeping.decay = 1;
    still.learning_rate = 0;
    floor.amplitude_floor = 0.2;
    noisy = living;
    noisy.noise_std = 0.5;
    return {{"defaults", {}},
            {"living", living},
            {"pinned", living, true, 0.1, true},
            {"floor", floor, true, 2.0},
            {"turned", turned},
            {"negative", negative},
            {"forgetting", forgetting},
            {"keeping", keeping},
            {"still", still},
            {"not learning", living, false},
            {"fast", living, true, 2.0},
            {"noisy", noisy},
            {"noisy and pinned", noisy, false, 0.1, true}};
}

template <class Real>
void pin_some(detail::State<Real>& state) {
    state.any_amplitude_pinned = state.any_phase_pinned = true;
    for (std::ptrdiff_t i = 0; i < state.n; i += 3) {
        state.amplitude_pins[i] = 1;
        state.amplitudes[i] = state.pinned_amplitudes[i] = static_cast<Real>(0.5);
    }
    state.phase_pins[0] = 1;
    state.phases[0] = state.pinned_phases[0] = 2.0;
}

//! Inputs of one kind for `steps` steps.
struct Signal {
    Signal(const char* kind, std::ptrdiff_t n, std::int64_t steps) : name(kind) {
        const std::string what = kind;
        inputs.per_node = what != "uniform";
        if (what == "held") {
            values = test::random_values<double>(size(n), 5, -2, 2);
            inputs.hold = steps;
        } else if (what == "uniform") {
            values = {0.3};
            inputs.hold = steps;
        } else if (what == "rows held") {
            values = test::random_values<double>(size(n * ((steps + 59) / 60)), 5, -2, 2);
            inputs.rows = (steps + 59) / 60;
            inputs.hold = 60;
        } else {
            const auto noise = test::random_values<double>(size(n * steps), 5, -2, 2);
            values = noise;
            inputs.rows = steps;
            if (what == "smooth")
                for (std::int64_t t = 0; t < steps; ++t)
                    for (std::ptrdiff_t i = 0; i < n; ++i)
                        values[size(t * n + i)] = std::sin(0.02 * static_cast<double>(t) + noise[size(i)]);
        }
        inputs.values = values.data();
    }
    const char* name;
    std::vector<double> values;
    Inputs inputs;
};

template <class Real>
void check_engines(std::ptrdiff_t n, std::int64_t steps) {
    for (const Case& c : cases(n))
        for (const char* kind : {"held", "uniform", "rows held", "smooth", "noise"}) {
            const Signal signal(kind, n, steps);
            const detail::Conditions conditions{c.hyperparameters, 0.01, c.learn, 1, tolerance<Real>};
            const auto start = random_state<Real>(n, c.spread);
            if (c.pinned) pin_some(*start);
            const auto wanted = copy_of(*start);
            std::int64_t completed = 0;
            CHECK(advance(Engine::fused, *wanted, conditions, signal.inputs, completed) == Status::ok);
            const std::int64_t all = completed;
            for (const Engine engine : {Engine::blocked, Engine::compressed}) {
                const auto found = copy_of(*start);
                CHECK(advance(engine, *found, conditions, signal.inputs, completed) == Status::ok);
                // Noise has no low rank, and the compressed engine finds that before its first step.
                if (engine == Engine::compressed && std::string(kind) == "noise" && n > 100) CHECK(completed == 0);
                if (engine == Engine::blocked) CHECK(completed == all);
                std::int64_t rest = 0;
                if (completed < all) {
                    Inputs behind = signal.inputs;
                    const std::int64_t row = completed / behind.hold, within = completed % behind.hold;
                    Inputs head = behind;  // the rest of the row under way, then the rows behind it
                    head.values += row * (behind.per_node ? n : 1);
                    head.rows = 1;
                    head.hold = behind.hold - within;
                    CHECK(advance(Engine::fused, *found, conditions, head, rest) == Status::ok);
                    behind.values = head.values + (behind.per_node ? n : 1);
                    behind.rows -= row + 1;
                    CHECK(advance(Engine::fused, *found, conditions, behind, rest) == Status::ok);
                }
                const double found_difference = difference(*found, *wanted);
                if (!(found_difference <= bound<Real>))
                    std::printf("n %td, %s, %s, engine %d: %g after %lld steps\n", n, c.name, kind,
                                static_cast<int>(engine), found_difference, static_cast<long long>(completed));
                CHECK(found_difference <= bound<Real>);
            }
        }
}

//! The compressed engine takes all steps of a held and of a smooth input.
void check_that_compression_serves() {
    const std::ptrdiff_t n = 200;
    for (const char* kind : {"held", "uniform", "smooth"}) {
        const Signal signal(kind, n, 400);
        Hyperparameters h;
        h.gain = 30.0 / n;
        const detail::Conditions conditions{h, 0.01, true, 1, 1e-12};
        const auto state = random_state<double>(n);
        std::int64_t completed = 0;
        CHECK(advance(Engine::compressed, *state, conditions, signal.inputs, completed) == Status::ok);
        CHECK(completed > 350);  // what is left is too short for a panel
    }
}

//! Noise that is below what float32 can tell leaves the columns their low rank, and the phases feel it all the same:
//! difference() wants their bits. More of it, and compression gives up before its first step.
void check_compression_with_noise() {
    const std::ptrdiff_t n = 300;
    for (const char* kind : {"held", "smooth"})
        for (const double noise_std : {1e-6, 0.1}) {
            const Signal signal(kind, n, 200);
            Hyperparameters h;
            h.gain = 30.0 / n;
            h.noise_std = noise_std;
            const detail::Conditions conditions{h, 0.01, true, 1, 1e-6};
            const auto state = random_state<float>(n), wanted = copy_of(*state);
            std::int64_t completed = 0, all = 0;
            CHECK(advance(Engine::compressed, *state, conditions, signal.inputs, completed) == Status::ok);
            CHECK(noise_std < 1e-3 ? completed > 150 : completed == 0);
            detail::Timeline timeline(signal.inputs, n);
            CHECK(run_fused(*wanted, conditions, timeline, completed, {}, all) == Status::ok);
            CHECK(difference(*state, *wanted) <= bound<float>);
            Hyperparameters quiet = h;
            quiet.noise_std = 0;
            const auto without = random_state<float>(n);
            detail::Timeline again(signal.inputs, n);
            CHECK(run_fused(*without, {quiet, 0.01, true, 1, 1e-6}, again, completed, {}, all) == Status::ok);
            CHECK(completed == 0 || std::memcmp(without->phases, state->phases, size(n) * sizeof(double)) != 0);
        }
}

template <class Real>
void check_threads(double noise_std) {
    const std::ptrdiff_t n = test::watched ? 350 : 700;
    Hyperparameters h;
    h.gain = 30.0 / n;
    h.noise_std = noise_std;
    for (const char* kind : {"held", "smooth", "noise"}) {
        const Signal signal(kind, n, 200);
        for (const Engine engine : {Engine::blocked, Engine::compressed}) {
            Pointer<Real> first;
            for (const int threads : {1, 2, 3, 5}) {
                const detail::Conditions conditions{h, 0.01, true, threads, tolerance<Real>};
                auto state = random_state<Real>(n);
                std::int64_t completed = 0;
                CHECK(advance(engine, *state, conditions, signal.inputs, completed) == Status::ok);
                if (first == nullptr)
                    first = std::move(state);
                else
                    CHECK(std::memcmp(first->memory, state->memory, size(n * state->stride) * sizeof(Real)) == 0 &&
                          std::memcmp(first->amplitudes, state->amplitudes, size(n) * sizeof(Real)) == 0 &&
                          std::memcmp(first->phases, state->phases, size(n) * sizeof(double)) == 0);
            }
        }
    }
}

//! Stops at the `left`-th question.
struct Stop {
    int left;
    static bool requested(void* context) noexcept { return --static_cast<Stop*>(context)->left < 0; }
};

void check_interrupts() {
    const std::ptrdiff_t n = 150;
    Hyperparameters h;
    h.gain = 30.0 / n;
    const detail::Conditions conditions{h, 0.01, true, 1, 1e-12};
    for (const char* kind : {"held", "smooth", "noise"})
        for (const Engine engine : {Engine::blocked, Engine::compressed})
            for (const int questions : {0, 1, 3, 7}) {
                const Signal signal(kind, n, 400);
                const auto state = random_state<double>(n), wanted = copy_of(*state);
                Stop stop{questions};
                std::int64_t completed = 0, all = 0;
                const Status status =
                    advance(engine, *state, conditions, signal.inputs, completed, {Stop::requested, &stop});
                CHECK(status == Status::interrupted || (status == Status::ok && completed == 0));
                CHECK(completed < 400 && state->step_count == completed);
                detail::Timeline timeline(signal.inputs, n);
                CHECK(run_fused(*wanted, conditions, timeline, completed, {}, all) == Status::ok);
                CHECK(difference(*state, *wanted) <= bound<double>);
            }
}

//! A step that leaves the range of the type is found, in a state that says so.
void check_divergence() {
    const std::ptrdiff_t n = 80;
    for (const Engine engine : {Engine::fused, Engine::blocked, Engine::compressed}) {
        const Signal signal("held", n, 100);
        const auto state = random_state<float>(n);
        for (std::ptrdiff_t j = 0; j < n; ++j) state->weights[5 * state->stride + j] = 3e38F;
        Hyperparameters h;
        const detail::Conditions conditions{h, 0.01, true, 1, 1e-6};
        std::int64_t completed = 0;
        CHECK(advance(engine, *state, conditions, signal.inputs, completed) == Status::diverged);
        CHECK(completed >= 1 && state->step_count == completed);
    }
}

}  // namespace

int main() {
    test::for_each_isa_unless_watched([](Isa) {
        for (const std::ptrdiff_t n : {1, 2, 15, 33}) {
            check_engines<float>(n, 130);
            check_engines<double>(n, 130);
        }
    });
    const std::int64_t steps = test::watched ? 150 : 400;
    check_engines<float>(300, steps);
    check_engines<double>(300, steps);
    check_that_compression_serves();
    check_compression_with_noise();
    for (const double noise_std : {0.0, 0.3}) {
        check_threads<float>(noise_std);
        check_threads<double>(noise_std);
    }
    check_interrupts();
    check_divergence();
    return test::result();
}
