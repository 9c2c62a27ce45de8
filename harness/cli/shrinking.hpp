// What `shrink` knows beside the search itself: which failure it looks for, what a trial's record
// says of it, what candidates are as timelines, and the file by which it goes on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "chaos/shrink.hpp"
#include "core/view.hpp"
#include "scenario/plan.hpp"

namespace seatrial::cli {

// Not any failure, but this one: an anomaly, and whether the settings in force allow it.
struct FailureSignature {
  std::string anomaly;    // "acked-lost"
  std::string allowance;  // "violation", "expected"
  friend bool operator==(const FailureSignature&, const FailureSignature&) = default;
};
std::string to_string(const FailureSignature& signature);  // "acked-lost (expected)"

// Of a trial's findings: the anomaly that is asked for, or, where none is, the first violation,
// else the first that is expected. Nothing: there is none. Neutral findings are no failures.
std::optional<FailureSignature> signature_of(const View& trial, const std::string& asked);

// Fails where a finding has the signature; says nothing where it did not end, or a fault had no
// effect and nothing was found.
chaos::Outcome outcome_of(const View& trial, const FailureSignature& signature);

// The faults of the timeline that are in the candidate, their time halved so often as it says.
std::vector<scenario::FaultPlan> timeline_of(const chaos::Candidate& candidate,
                                             const std::vector<scenario::FaultPlan>& timeline);
// How often the time of each may be halved: to 100 ms at least.
std::vector<int> possible_halvings(const std::vector<scenario::FaultPlan>& timeline);

// The state as a file, of a search for that signature in that trial. Nothing is read of another.
[[nodiscard]] std::optional<std::string> save_state(const std::filesystem::path& file,
                                                    const chaos::ShrinkState& state,
                                                    const std::string& search);
chaos::ShrinkState read_state(const std::filesystem::path& file, const std::string& search);

}  // namespace seatrial::cli
