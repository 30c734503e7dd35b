// How long an update takes in a control loop, and how late the loop wakes up: resonance-latency --help
//
// For each number of nodes: first updates without a pause, as they come in a simulation. Then a loop that sleeps until
// the next tick of a fixed period, has new inputs, and updates: by then caches have cooled down. Nothing in the loop
// takes memory or writes anything out.
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "histogram.hpp"
#include "json_writer.hpp"
#include "living_network.hpp"
#include "loop_settings.hpp"
#include "real_time.hpp"
#include "resonance/isa.hpp"
#include "resonance/version.hpp"

using namespace resonance;
using namespace resonance::bench;

namespace {

constexpr std::int64_t kFormat = 1;    // of the JSON; a change that would break a reader raises it
constexpr std::int64_t kWarmUp = 300;  // updates, and ticks, that don't count

//! What the periodic loop found.
struct Periodic {
    Histogram update;         //!< duration of an update [ns]
    Histogram wake_up;        //!< from a tick until the loop runs [ns]
    std::int64_t missed = 0;  //!< ticks that came before the update of an earlier one was done; they are left out
    Usage usage;
};

//! Everything about one number of nodes. It is large, and stands on the heap.
struct Found {
    Histogram back_to_back;  //!< duration of an update without a pause before it [ns]
    Periodic periodic;
    Grant locked_memory;
    std::int64_t steps = 0;  //!< that the network has taken in the end, warm-up included
    double largest_amplitude = 0;
};

template <class Real>
std::int64_t timed_update(LivingNetwork<Real>& network) noexcept {
    const std::int64_t begun = now();
    network.update();
    return now() - begun;
}

template <class Real>
void update_back_to_back(LivingNetwork<Real>& network, std::int64_t count, Histogram& update) noexcept {
    for (std::int64_t k = 0; k < count; ++k) {
        network.sense();
        update.record(timed_update(network));
    }
}

template <class Real>
void update_periodically(LivingNetwork<Real>& network, std::int64_t ticks, std::int64_t period,
                         Periodic& found) noexcept {
    found = Periodic();
    const Usage before = usage();
    std::int64_t done = now();
    std::int64_t tick = done + period;
    for (std::int64_t k = 0; k < ticks; ++k, tick += period) {
        if (done > tick) {
            ++found.missed;
            continue;
        }
        sleep_until(tick);
        found.wake_up.record(now() - tick);
        network.sense();
        found.update.record(timed_update(network));
        done = now();
    }
    found.usage = usage() - before;
}

template <class Real>
void require_ok(const LivingNetwork<Real>& network, std::int64_t n) {
    if (network.status() != Status::ok)
        throw std::runtime_error("n = " + std::to_string(n) + ": " + to_string(network.status()));
}

template <class Real>
void measure(const LoopSettings& settings, std::int64_t n, Found& found) {
    const double dt = 1e-6 * static_cast<double>(settings.period_us);
    LivingNetwork<Real> network(n, settings.coupling, dt);
    require_ok(network, n);
    const std::int64_t period = 1000 * settings.period_us;
    const auto ticks = static_cast<std::int64_t>(std::llround(settings.seconds * 1e9 / static_cast<double>(period)));
    if (settings.back_to_back > 0) {
        update_back_to_back(network, kWarmUp, found.back_to_back);
        found.back_to_back = Histogram();
        update_back_to_back(network, settings.back_to_back, found.back_to_back);
    }
    if (ticks > 0) {
        // Here and not before: what runs first without a pause may take a core from the system for too long.
        if (!settings.ordinary) {
            found.locked_memory = lock_memory(true);
            run_first(true);
        }
        update_periodically(network, kWarmUp, period, found.periodic);
        update_periodically(network, ticks, period, found.periodic);
        if (!settings.ordinary) {
            run_first(false);
            lock_memory(false);
        }
    }
    require_ok(network, n);
    found.steps = network.step_count();
    found.largest_amplitude = network.largest_amplitude();
}

//! What reading the clock twice adds to a time [ns].
std::int64_t clock_cost() {
    const auto times = std::make_unique<Histogram>();
    for (int k = 0; k < 10000; ++k) {
        const std::int64_t begun = now();
        times->record(now() - begun);
    }
    return times->quantile(0.5);
}

// ---------------------------------------------------------------------------------------------------------------- JSON

void write(JsonWriter& json, const char* key, const Grant& grant) {
    json.open('{', key);
    json.value("granted", grant.granted);
    json.value("reason", grant.reason);
    json.close('}');
}

void write(JsonWriter& json, const char* key, const Histogram& times) {
    json.open('{', key);
    json.value("count", times.count());
    json.value("min_ns", times.minimum());
    json.value("p50_ns", times.quantile(0.5));
    json.value("p99_ns", times.quantile(0.99));
    json.value("p99.9_ns", times.quantile(0.999));
    json.value("max_ns", times.maximum());
    json.open('[', "buckets");  // [lowest time, highest time, count]
    for (std::size_t k = 0; k < Histogram::kBuckets; ++k) {
        if (times.count(k) == 0) continue;
        json.open('[');
        json.value(nullptr, Histogram::lowest(k));
        json.value(nullptr, Histogram::highest(k));
        json.value(nullptr, times.count(k));
        json.close(']');
    }
    json.close(']');
    json.close('}');
}

void write(JsonWriter& json, const char* key, const Periodic& periodic) {
    json.open('{', key);
    write(json, "update", periodic.update);
    write(json, "wake_up", periodic.wake_up);
    json.value("missed_ticks", periodic.missed);
    json.value("minor_faults", periodic.usage.minor_faults);
    json.value("major_faults", periodic.usage.major_faults);
    json.value("involuntary_switches", periodic.usage.involuntary_switches);
    json.close('}');
}

void write(JsonWriter& json, const LoopSettings& settings) {
    json.open('{', "settings");
    json.value("dtype", settings.dtype);
    json.value("seconds", settings.seconds);
    json.value("period_us", settings.period_us);
    json.value("back_to_back", settings.back_to_back);
    json.value("warm_up", kWarmUp);
    json.value("coupling", settings.coupling);
    json.value("threads", std::int64_t{1});
    json.value("ordinary", settings.ordinary);
    json.close('}');
}

void write(JsonWriter& json, const LoopSettings& settings, std::int64_t n, const Found& found) {
    json.open('{');
    json.value("n", n);
    if (settings.back_to_back > 0) write(json, "back_to_back", found.back_to_back);
    if (found.periodic.update.count() > 0) {
        write(json, "periodic", found.periodic);
        write(json, "locked_memory", found.locked_memory);
    }
    json.value("steps", found.steps);
    json.value("largest_amplitude", found.largest_amplitude);
    json.close('}');
}

#define RESONANCE_TEXT(x) #x
#define RESONANCE_VERSION_TEXT(major, minor, patch) \
    RESONANCE_TEXT(major) "." RESONANCE_TEXT(minor) "." RESONANCE_TEXT(patch)

void write_machine(JsonWriter& json, const Grant& fifo) {
    json.open('{', "machine");
    json.value("version",
               RESONANCE_VERSION_TEXT(RESONANCE_VERSION_MAJOR, RESONANCE_VERSION_MINOR, RESONANCE_VERSION_PATCH));
    json.value("isa", to_string(isa()));
    json.value("cores", std::int64_t{std::thread::hardware_concurrency()});
    json.value("clock_cost_ns", clock_cost());
    write(json, "sched_fifo", fifo);
    json.close('}');
}

//! Whether the system would run the loop first: asked for once, ahead, and given back.
Grant ask_to_run_first(const LoopSettings& settings) {
    if (settings.ordinary) return {false, "not asked for"};
    const Grant fifo = run_first(true);
    if (fifo.granted) run_first(false);
    return fifo;
}

void run(const LoopSettings& settings) {
    if (isa_environment_status() != Status::ok)
        throw std::runtime_error("RESONANCE_ISA must name an instruction set that this machine and build have");
    const Grant fifo = ask_to_run_first(settings);
    JsonWriter json(stdout);
    json.open('{');
    json.value("format", kFormat);
    write_machine(json, fifo);
    write(json, settings);
    json.open('[', "networks");
    for (const std::int64_t n : settings.nodes) {
        const auto found = std::make_unique<Found>();
        if (settings.ordinary) found->locked_memory.reason = "not asked for";
        if (settings.dtype == "float32")
            measure<float>(settings, n, *found);
        else
            measure<double>(settings, n, *found);
        write(json, settings, n, *found);
    }
    json.close(']');
    json.close('}');
    std::fputc('\n', stdout);
}

int fail(const std::exception& error) {
    std::fprintf(stderr, "resonance-latency: error: %s\n", error.what());
    return 2;
}

}  // namespace

int main(int count, char** arguments) {
    const std::vector<std::string> given(arguments + 1, arguments + count);
    if (given == std::vector<std::string>{"--help"}) {
        std::fputs(kUsage, stdout);
        return 0;
    }
    try {
        run(parse(given));
        if (std::fflush(stdout) != 0) throw std::runtime_error("the output can't be written");
    } catch (const std::bad_alloc&) {
        return fail(std::runtime_error("there is not enough memory"));
    } catch (const std::exception& error) {
        return fail(error);
    }
    return 0;
}
