// `chaos:` as the setting of a draw, and the draw as a timeline.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chaos/draw.hpp"
#include "scenario/readers.hpp"

namespace seatrial::scenario {

struct ChaosRead {
  chaos::Setting setting;
  std::map<std::string, Options> options;  // of each fault
  std::set<Gear> gear{};                   // of all its faults
};

// Nothing where there is none, or a problem.
std::optional<ChaosRead> read_chaos(const Node& chaos, const FaultSetting& setting,
                                    ReadContext& context);

// `seen`: what earlier trials of the variant drew, to which this one's draws are added.
std::vector<FaultPlan> draw_chaos(const ChaosRead& chaos, chaos::Seen& seen,
                                  std::uint64_t trial_seed);

}  // namespace seatrial::scenario
