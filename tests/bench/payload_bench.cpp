// What making a message's value costs, filler and identity; the identity alone is identity_stamp.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/payload.hpp"

namespace seatrial::workloads {
namespace {

void payload_fill(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  Payloads payloads(1, size, 1);
  std::vector<std::byte> value(size);
  ledger::Identity identity{.trial_tag = 1, .stream = StreamId(2), .seq = Seq(0)};
  for (auto _ : state) {
    identity.intended_ns += 1000;
    payloads.fill(value, identity);
    benchmark::DoNotOptimize(value.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(payload_fill)->Arg(100)->Arg(1024)->Arg(100'000);

}  // namespace
}  // namespace seatrial::workloads
