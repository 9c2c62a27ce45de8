// A recorded schedule, as `arrivals` of a scenario names one: ascending times with a rate, or an
// error that can be printed. The first byte chooses gaps or times. What was read as times reads the
// same after it was written again.
#include <algorithm>
#include <string>

#include "fuzz/properties.hpp"
#include "measure/arrivals.hpp"

using namespace seatrial;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using enum measure::TraceKind;
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  const auto trace = measure::read_trace(text, data[0] % 2 == 0 ? gaps : times);
  if (!trace) {
    fuzz::require_printable(trace.error().message);
    return 0;
  }
  const auto& at = trace->times_ns;
  check(at.front() >= 0 && at.back() > 0 && std::ranges::is_sorted(at), "times ascend from 0");
  static_cast<void>(measure::rate_of(*trace));
  std::string written;
  for (const auto time : at) written += std::to_string(time) + "ns\n";
  const auto again = measure::read_trace(written, times);
  check(again && again->times_ns == at, "times read the same again");
  return 0;
}
