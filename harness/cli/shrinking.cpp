// From records to outcomes, and from candidates to timelines.
#include "cli/shrinking.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/file_text.hpp"
#include "core/save_file.hpp"

namespace seatrial::cli {
namespace {

using nlohmann::json;

constexpr auto shortest_fault = milliseconds(100);

}  // namespace

std::string to_string(const FailureSignature& signature) {
  return signature.anomaly + " (" + signature.allowance + ")";
}

std::optional<FailureSignature> signature_of(const View& trial, const std::string& asked) {
  std::optional<FailureSignature> expected;
  for (const View& finding : trial["findings"].items()) {
    FailureSignature one{finding["anomaly"].text(), finding["allowance"].text()};
    if (one.allowance == "neutral" || finding["count"].count() == 0) continue;
    if (!asked.empty() && one.anomaly != asked) continue;
    if (one.allowance == "violation") return one;
    if (!expected) expected = std::move(one);
  }
  return expected;
}

chaos::Outcome outcome_of(const View& trial, const FailureSignature& signature) {
  for (const View& finding : trial["findings"].items()) {
    const bool same =
        finding["anomaly"].is(signature.anomaly) && finding["allowance"].is(signature.allowance);
    if (same && finding["count"].count() > 0) return chaos::Outcome::fails;
  }
  const auto faults = trial["faults"].items();
  const bool effective = std::ranges::all_of(
      faults, [](const View& fault) { return fault["status"].is("effective"); });
  const bool ended = trial["status"].is("finished") && trial["audit"]["status"].is("complete");
  return ended && effective ? chaos::Outcome::passes : chaos::Outcome::says_nothing;
}

std::vector<scenario::FaultPlan> timeline_of(const chaos::Candidate& candidate,
                                             const std::vector<scenario::FaultPlan>& timeline) {
  std::vector<scenario::FaultPlan> out;
  for (const chaos::Piece& piece : candidate) {
    out.push_back(timeline.at(piece.fault));
    auto& held = out.back().heal_after;
    if (piece.halvings > 0 && held) {
      held = std::max<nanoseconds>(
          std::chrono::floor<milliseconds>(*held / (std::int64_t{1} << piece.halvings)),
          shortest_fault);
    }
  }
  return out;
}

std::vector<int> possible_halvings(const std::vector<scenario::FaultPlan>& timeline) {
  std::vector<int> out;
  for (const auto& fault : timeline) {
    int times = 0;
    for (auto held = fault.heal_after.value_or(nanoseconds{0}); held >= 2 * shortest_fault;
         held /= 2) {
      ++times;
    }
    out.push_back(times);
  }
  return out;
}

std::optional<std::string> save_state(const std::filesystem::path& file,
                                      const chaos::ShrinkState& state, const std::string& search) {
  json tried = json::object();
  for (const auto& [candidate, one] : state.tried)
    tried[candidate] = {one.failed, one.passed, one.invalid};
  const json out{{"search", search},
                 {"best", chaos::to_string(state.best)},
                 {"failed", state.failed},
                 {"runs", state.runs},
                 {"tried", std::move(tried)}};
  return save_file(file, out.dump(2) + "\n");
}

chaos::ShrinkState read_state(const std::filesystem::path& file, const std::string& search) {
  chaos::ShrinkState state;
  const json read = json::parse(file_text(file).value_or(""), nullptr, false);
  if (!read.is_object() || read.value("search", "") != search) return state;
  const auto found = read.find("tried");
  if (found == read.end() || !found->is_object()) return state;
  for (const auto& [candidate, counts] : found->items()) {
    if (!counts.is_array() || counts.size() != 3) continue;
    if (!std::ranges::all_of(counts, [](const json& n) { return n.is_number_unsigned(); }))
      continue;
    state.tried[candidate] = {.failed = counts[0].get<int>(),
                              .passed = counts[1].get<int>(),
                              .invalid = counts[2].get<int>()};
  }
  return state;
}

}  // namespace seatrial::cli
