// The C API, compiled as C: steps against the model written out in plain C, and every function at both types.
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resonance/c_api.h"
#include "resonance/version.hpp"

static int failures = 0, checks = 0;

static void check(bool passed, const char* text, const char* file, int line) {
    ++checks;
    if (passed) return;
    ++failures;
    if (failures <= 20) printf("%s:%d: failed: %s\n", file, line, text);
}

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

// ---------------------------------------------------------------------------------------------------- the model

enum { N = 5 };
static const double kTurn = 6.283185307179586;

//! The state of a network, and one step of it as network.hpp writes it down.
typedef struct {
    resonance_hyperparameters h;
    double phases[N], frequencies[N], amplitudes[N], weights[N][N];
    bool amplitude_pinned[N], phase_pinned[N];  //!< and where they are, amplitudes and phases hold what was pinned
} Plain;

static void plain_step(Plain* net, const double* input, double dt, bool learn) {
    double phases[N], amplitudes[N];
    for (int i = 0; i < N; ++i) {
        double g = 0;
        for (int j = 0; j < N; ++j) g += net->weights[i][j] * sin(net->phases[j] - net->phases[i] - net->h.phase_lag);
        const double moved =
            fmod(net->phases[i] + dt * (kTurn * net->frequencies[i] + input[i] + net->h.coupling * g), kTurn);
        phases[i] = net->phase_pinned[i] ? net->phases[i] : moved < 0 ? moved + kTurn : moved;
    }
    for (int i = 0; i < N; ++i) {
        double resonance = 0;
        for (int j = 0; j < N; ++j) {
            const double coherence = cos(phases[i] - phases[j] - net->h.learning_lag);
            const double growth = net->h.learning_rate * coherence * net->amplitudes[i] * net->amplitudes[j];
            if (learn) net->weights[i][j] = net->h.decay * (net->weights[i][j] + growth);
            resonance += net->weights[i][j] * cos(phases[i] - phases[j]);
        }
        amplitudes[i] = net->amplitude_pinned[i] ? net->amplitudes[i] : tanh(net->h.gain * resonance);
        if (!net->amplitude_pinned[i]) amplitudes[i] = fmax(amplitudes[i], net->h.amplitude_floor);
    }
    memcpy(net->phases, phases, sizeof phases);
    memcpy(net->amplitudes, amplitudes, sizeof amplitudes);
}

//! A number in [-1, 1) that follows from `seed` alone.
static double spread(int seed) { return fmod(sin(seed * 12.9898 + 1) * 43758.5453, 1.0); }

static Plain plain_network(void) {
    Plain net = {.h = {.learning_rate = 0.05,
                       .decay = 0.98,
                       .gain = 0.8,
                       .coupling = 0.4,
                       .phase_lag = 0.3,
                       .learning_lag = -0.4,
                       .amplitude_floor = 0.1}};
    for (int i = 0; i < N; ++i) {
        net.phases[i] = 3 + 3 * spread(i);
        net.frequencies[i] = 1 + spread(10 + i) / 2;
        net.amplitudes[i] = spread(20 + i);
        for (int j = 0; j < N; ++j) net.weights[i][j] = spread(100 + N * i + j);
    }
    return net;
}

// ---------------------------------------------------------------------------------------------------- callbacks

//! Asks a run to stop when it has been asked as often as `*context`, an int, says.
static int32_t stop_when_spent(void* context) {
    int* left = context;
    return --*left == 0 ? 2 : 0;  // any number but 0 stops
}

// ---------------------------------------------------------------------------------------------------- both types

#define TYPE f64
#define REAL double
#define BOUND 1e-12
#define STORAGE_BYTES RESONANCE_F64_STORAGE_BYTES
#include "c_api_cases.h"
#undef TYPE
#undef REAL
#undef BOUND
#undef STORAGE_BYTES

#define TYPE f32
#define REAL float
#define BOUND 1e-5
#define STORAGE_BYTES RESONANCE_F32_STORAGE_BYTES
#include "c_api_cases.h"

// ---------------------------------------------------------------------------------------------------- the library

static void check_abi(void) {
    CHECK(resonance_abi_version() == RESONANCE_ABI_VERSION);
    CHECK(resonance_check_abi(RESONANCE_ABI_VERSION, sizeof(resonance_options)) == RESONANCE_OK);
    CHECK(resonance_check_abi(RESONANCE_ABI_VERSION + 1, sizeof(resonance_options)) == RESONANCE_ABI_MISMATCH);
    CHECK(resonance_check_abi(RESONANCE_ABI_VERSION, sizeof(resonance_options) - 8) == RESONANCE_ABI_MISMATCH);
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", RESONANCE_VERSION_MAJOR, RESONANCE_VERSION_MINOR,
             RESONANCE_VERSION_PATCH);
    CHECK(strcmp(resonance_version(), version) == 0);
    CHECK(strlen(resonance_isa()) > 0);
}

static void check_status_strings(void) {
    const int32_t all[] = {RESONANCE_OK,
                           RESONANCE_INVALID_SIZE,
                           RESONANCE_INVALID_VALUE,
                           RESONANCE_INVALID_TIME_STEP,
                           RESONANCE_NON_FINITE,
                           RESONANCE_PHASE_OVERFLOW,
                           RESONANCE_DIVERGED,
                           RESONANCE_INTERRUPTED,
                           RESONANCE_OUT_OF_MEMORY,
                           RESONANCE_UNAVAILABLE,
                           RESONANCE_INVALID_NODE,
                           RESONANCE_FOREIGN_SNAPSHOT,
                           RESONANCE_INVALID_ARGUMENT,
                           RESONANCE_ABI_MISMATCH};
    const char* unknown = resonance_status_string(-1);
    CHECK(strcmp(unknown, resonance_status_string(INT32_MAX)) == 0);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i) {
        CHECK(strcmp(resonance_status_string(all[i]), unknown) != 0);
        for (size_t j = 0; j < i; ++j)
            CHECK(strcmp(resonance_status_string(all[i]), resonance_status_string(all[j])) != 0);
    }
}

static void check_options(void) {
    const resonance_options options = resonance_options_default(7);
    CHECK(options.n_nodes == 7 && options.threads == 1);
    const resonance_hyperparameters published = {.learning_rate = 0.01, .decay = 0.99, .gain = 1};
    CHECK(memcmp(&options.hyperparameters, &published, sizeof published) == 0);
}

static void check_learning_rates(void) {
    double learning_rate = 7, decay = 7;
    CHECK(resonance_learning_rates(2, 0.5, 3, &learning_rate, &decay) == RESONANCE_OK);
    CHECK(fabs(decay - exp(-0.25)) < 1e-15 && fabs(learning_rate - 3 * (exp(0.25) - 1)) < 1e-15);
    const double before = learning_rate;
    CHECK(resonance_learning_rates(0, 0.5, 3, &learning_rate, &decay) == RESONANCE_INVALID_VALUE);
    CHECK(resonance_learning_rates(2, -1, 3, &learning_rate, &decay) == RESONANCE_INVALID_VALUE);
    CHECK(resonance_learning_rates(2, 0.5, (double)NAN, &learning_rate, &decay) == RESONANCE_INVALID_VALUE);
    CHECK(learning_rate == before);
    CHECK(resonance_learning_rates(2, 0.5, 3, NULL, &decay) == RESONANCE_INVALID_ARGUMENT);
    CHECK(resonance_learning_rates(2, 0.5, 3, &learning_rate, NULL) == RESONANCE_INVALID_ARGUMENT);
}

int main(void) {
    check_abi();
    check_status_strings();
    check_options();
    check_learning_rates();
    check_all_f64();
    check_all_f32();
    printf("%d passed, %d failed\n", checks - failures, failures);
    return failures == 0 && checks > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
