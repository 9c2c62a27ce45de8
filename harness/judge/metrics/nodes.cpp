// What became of nodes' processes and log dirs, as the faults saw that look after them.
#include <string_view>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

// Of an end by itself, by a code that no signal has it end with: one asked to stop exits with 143.
bool ended_by_itself(const std::string& state) {
  constexpr std::string_view asked = "143";
  constexpr std::string_view words = "exited with code ";
  return state.starts_with(words) && state.substr(words.size()) != asked;
}

Measured halted(const MetricQuestion& question, const View& trial) {
  if (!trial["faults"].present()) return Measured::nothing(not_recorded(question));
  double count = 0;
  for (const View& fault : trial["faults"].items()) {
    for (const View& node : fault["evidence"]["nodes"].items())
      count += node["node"].integer() && ended_by_itself(node["after"].text()) ? 1 : 0;
  }
  return Measured::exactly(count);
}

Measured log_dirs_given_up(const MetricQuestion& question, const View& trial) {
  if (!trial["faults"].present()) return Measured::nothing(not_recorded(question));
  double sum = 0;
  for (const View& fault : trial["faults"].items()) {
    for (const View& counted : fault["evidence"]["counted"].items()) {
      if (counted["kind"].is("log dirs given up")) sum += counted["value"].number_or(0);
    }
  }
  return Measured::exactly(sum);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> nodes_registrations[] = {
    metric<count, cluster, halted, Need::processes>(
        "halted", "nodes that a fault found ended by themselves, by no signal"),
    metric<count, cluster, log_dirs_given_up, Need::processes>(
        "log_dirs_given_up",
        "log dirs that brokers had given up and lived on without, when a fault was healed"),
};

}  // namespace
}  // namespace seatrial::judge
