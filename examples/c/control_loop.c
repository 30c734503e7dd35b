// A controller's loop in C: a network in static memory learns which sensors belong together.
//
// Eight sensors read the angular speed of one of two shafts, even sensors the first and odd ones the second, each with
// noise of its own. Every tick [1 ms] the readings drive the oscillators, so that each turns with its shaft.
// Connections grow between oscillators that keep their phase difference, and fade between the others.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "resonance/c_api.h"

enum { kSensors = 8, kTicks = 1000 };

static const double kTickLength = 0.001;  //!< [s]
static const double kTurn = 6.283185307179586;

static unsigned char storage[RESONANCE_F64_STORAGE_BYTES(kSensors)];

static void must(int32_t status, const char* what) {
    if (status == RESONANCE_OK) return;
    fprintf(stderr, "%s: %s\n", what, resonance_status_string(status));
    exit(EXIT_FAILURE);
}

//! Uniform in [-1, 1): a congruential generator, so that every run prints the same.
static double noise(void) {
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (double)state / 2147483648.0 - 1.0;
}

//! What the sensors read [rad/s]: shafts that turn at 3 Hz and 5 Hz.
static void read_sensors(double* readings) {
    for (int i = 0; i < kSensors; ++i) readings[i] = kTurn * (i % 2 == 0 ? 3.0 : 5.0) + 10.0 * noise();
}

//! A network in `storage` whose connections remember about half a second. Its natural frequencies are 0: the readings
//! alone turn it.
static resonance_network_f64* start(void) {
    resonance_options options = resonance_options_default(kSensors);
    must(resonance_learning_rates(0.5, kTickLength, 1.0, &options.hyperparameters.learning_rate,
                                  &options.hyperparameters.decay),
         "learning rates");
    options.hyperparameters.amplitude_floor = 0.5;  // no oscillator falls silent

    resonance_network_f64* network = NULL;
    must(resonance_f64_create_in(&options, storage, sizeof storage, &network), "network");
    return network;
}

//! The mean weight among sensors of one shaft, or between the two shafts.
static double mean_weight(const resonance_network_f64* network, int of_one_shaft) {
    const double* weights = resonance_f64_weights(network);
    const int64_t stride = resonance_f64_weight_stride(network);
    double sum = 0;
    int count = 0;
    for (int i = 0; i < kSensors; ++i)
        for (int j = 0; j < kSensors; ++j) {
            if (i == j || (i % 2 == j % 2) != of_one_shaft) continue;
            sum += weights[i * stride + j];
            ++count;
        }
    return sum / count;
}

int main(void) {
    must(resonance_check_abi(RESONANCE_ABI_VERSION, sizeof(resonance_options)), "library");
    resonance_network_f64* network = start();

    double readings[kSensors], outputs[kSensors];
    for (int tick = 0; tick < kTicks; ++tick) {
        read_sensors(readings);
        must(resonance_f64_update(network, readings, kSensors, kTickLength), "update");
        must(resonance_f64_outputs(network, outputs, kSensors), "outputs");  // what a controller sends to its motors
    }

    const double within = mean_weight(network, 1), between = mean_weight(network, 0);
    printf("resonance %s (%s): %d sensors, %.3f s\n", resonance_version(), resonance_isa(), kSensors,
           resonance_f64_time(network));
    printf("mean weight among sensors of one shaft: %+.3f\n", within);
    printf("mean weight between the two shafts:     %+.3f\n", between);
    resonance_f64_destroy_in(network);
    return within > 3 * fabs(between) ? EXIT_SUCCESS : EXIT_FAILURE;
}
