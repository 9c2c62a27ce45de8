// The scenario loader: any text is a plan or a list of diagnostics, never both or neither. Each
// diagnostic has its place in the file and words that can be printed; each plan can be printed, as
// text and as JSON.
#include <nlohmann/json.hpp>

#include "fuzz/properties.hpp"
#include "scenario/plan_text.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = test::request("fuzz.yaml", std::string(fuzz::text_of(data, size)));
  const auto outcome = scenario::load(request);
  check(outcome.plan.has_value() == outcome.diagnostics.empty(), "a plan, or diagnostics");
  for (const auto& diagnostic : outcome.diagnostics) {
    check(diagnostic.file == request.path, "the file is the one that was given");
    check(diagnostic.line > 0 && diagnostic.column > 0, "it has a place: " + diagnostic.text());
    check(!diagnostic.message.empty(), "it says something");
    fuzz::require_printable(diagnostic.message);
  }
  if (!outcome.plan) return 0;
  fuzz::require_printable(scenario::plan_to_text(*outcome.plan));
  fuzz::require_printable(scenario::plan_to_json(*outcome.plan).dump());
  return 0;
}
