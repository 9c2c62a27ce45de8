// What gates can tell on this machine, measured by gates of equals and of known slowdowns: how
// often they would be alarmed for nothing, and how small a slowdown they find. Measured once
// (`gate --certify`), kept beside the other caches, said by every later gate; of another machine,
// kernel or build it says nothing, and says so.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/view.hpp"
#include "gate/rules.hpp"
#include "statistics/hodges_lehmann.hpp"
#include "statistics/proportion.hpp"

namespace seatrial::gate {

struct Certificate {
  std::string made_at;   // of the run that was its last
  std::string scenario;  // its name
  std::map<std::string, std::string> machine;
  std::vector<double> equals;                         // effects of pairs of the same, ln
  std::map<std::string, std::vector<double>> slowed;  // "1.10" -> effects of that slowdown
};

// One slowdown: what was injected, and what was measured of it.
struct Certified {
  double slowdown = 1;
  int pairs = 0;
  statistics::Estimate estimate;  // ln
  double power = 0;               // of simulated gates with this noise and effect: how many fail
};

struct Assessment {
  int equals = 0;
  double sigma = 0;                  // of a pair of equals
  statistics::Share false_alarms;    // of simulated gates with the noise of the equals
  double p_distance = 0;             // from uniform p-values, by Kolmogorov and Smirnov
  double p_distance_of_chance = 0;   // what 95 % of as many uniform ones stay below
  std::vector<Certified> slowdowns;  // ascending
};

// Simulates gates with the measured effects, by the rules. Same certificate, same answer.
[[nodiscard]] Assessment assess(const Certificate& certificate, const Rules& rules);
// A sentence each.
[[nodiscard]] std::vector<std::string> sentences(const Assessment& assessment);

// What of a record's `environment` makes figures comparable.
[[nodiscard]] std::map<std::string, std::string> machine_of(const View& environment);
// The first field in which this machine is another one, as people read it; nothing if it is not.
[[nodiscard]] std::optional<std::string> differs(const std::map<std::string, std::string>& before,
                                                 const std::map<std::string, std::string>& now);

[[nodiscard]] nlohmann::json to_json(const Certificate& certificate);
// Nothing of what is no certificate.
[[nodiscard]] std::optional<Certificate> certificate_of(const nlohmann::json& json);

}  // namespace seatrial::gate
