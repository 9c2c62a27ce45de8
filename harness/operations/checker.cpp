// The words for a finding's weight, and the proof of findings that are places in a log.
#include "operations/checker.hpp"

namespace seatrial::operations {

std::string_view to_string(Weight weight) {
  switch (weight) {
    case Weight::informative: return "informative";
    case Weight::undecided: return "undecided";
    case Weight::violation: return "violation";
  }
  return "?";
}

void Findings::add_witnesses(const Facts& facts, const char* role) {
  std::vector<Witnesses::Place> places;
  for (const Finding& finding : kept_) {
    for (std::size_t i = 0; i < finding.values.size(); ++i) {
      places.push_back({.message = finding.values[i], .offset = finding.offsets[i]});
    }
  }
  const Witnesses witnesses(facts, std::move(places));
  for (Finding& finding : kept_) {
    finding.more_operations = finding.more_values;
    for (std::size_t i = 0; i < finding.values.size(); ++i) {
      finding.operations.push_back({role, witnesses.at(finding.values[i], finding.offsets[i])});
    }
  }
}

}  // namespace seatrial::operations
