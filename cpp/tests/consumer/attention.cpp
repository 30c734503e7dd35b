// One query that two keys match equally well, one of them in phase and one against it.
#include "resonance/attention.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>

namespace {

constexpr auto layout = resonance::AttentionLayout::contiguous(1, 2, 3, 1);
std::byte workspace[resonance::attention_workspace_size<float>(3, 1)];

}  // namespace

int main() {
    const float q[] = {1, 0, 0}, k[] = {1, 5, 5, 1, -5, 5}, v[] = {1, 0};
    const double phase_q[] = {0.5}, phase_k[] = {0.5, 0.5 + 3.14159265358979};
    float out[] = {0};
    const resonance::AttentionHead<float> heads[] = {{q, k, v, phase_q, phase_k, out}};
    const auto status = resonance::phase_attention<float>(heads, layout, {}, workspace);
    std::printf("%s: %.6f\n", resonance::to_string(status), static_cast<double>(out[0]));
    return status == resonance::Status::ok && std::fabs(out[0] - 1 / (1 + std::exp(-2.0F))) < 1e-6F ? 0 : 1;
}
