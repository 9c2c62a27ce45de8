// What nodes tell of themselves. An input that begins with '[' and ends with ']' is a broker's
// answer by JMX: what is told of it is JSON, and no figure is below 0 or without end. Any other is
// a node's log: pauses have lengths, and what is found in it stands in one of its lines.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fuzz/json_mutator.hpp"
#include "fuzz/properties.hpp"
#include "judge/broker_logs.hpp"
#include "run/broker_metrics.hpp"
#include "run/gc_log.hpp"

using namespace seatrial;

namespace {

void require_figures(const nlohmann::json& reported) {
  if (reported.is_structured()) {
    for (const auto& part : reported) require_figures(part);
    return;
  }
  check(reported.is_number() && reported >= 0, "a figure from 0 on: " + reported.dump());
}

void read_answer(std::string_view answer) {
  const auto metrics = run::parse_broker_metrics(answer);
  if (!metrics) return;
  nlohmann::json point = nlohmann::json::object();
  run::add_metrics({}, *metrics, point);
  require_figures(point);
  require_figures(run::request_times({}, *metrics));
}

void read_log(const std::string& text) {
  std::istringstream log(text);
  if (const auto pauses = run::read_gc_pauses(log)) {
    for (const auto& pause : *pauses) check(pause.length.count() >= 0, "a pause has a length");
  }
  std::istringstream again(text);
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n')) + 1;
  for (const auto& found : judge::scan_broker_log(again, "broker-1.log", {})) {
    check(found.line >= 1 && found.line + found.count <= lines + 1, "a finding has its line");
    check(found.text.size() <= 300, "a line is cut");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (text.starts_with('[') && text.ends_with(']')) read_answer(text);
  else read_log(std::string(text));
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return fuzz::mutate_json(data, size, most, seed);
}
