// A gate's decision from its record: contracts first and exactly, then what decide.hpp says of the
// pairs, in the shape of the record (`gate`, record/record.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "gate/decide.hpp"
#include "gate/pairs.hpp"
#include "scenario/plan.hpp"

namespace seatrial::gate {

struct Judgement {
  Decision decision;
  std::vector<Pair> pairs;          // all that ended, void ones too
  std::vector<std::string> broken;  // contracts and counts that did not hold; any of them fails
};

// `expectations`: those of counts, and of shares of messages, that each trial must hold are held to
// exactly, in each half. Of latencies, rates
// and costs the pairs say more than a bound could, so those are left out.
[[nodiscard]] Judgement judge(const View& record, const std::vector<Gated>& gated,
                              const std::vector<scenario::Expectation>& expectations,
                              const Rules& rules);

// What a trial broke of the settings' promises, and of the exact ones among the expectations.
[[nodiscard]] std::vector<std::string> broken_promises(
    const View& trial, const std::vector<scenario::Expectation>& expectations);

// Shared by all ways to compare.
// Its threshold where the baseline usually has this value.
[[nodiscard]] Threshold with_floor(const Gated& gated, double usual);

// pairs, metrics, outcome, reason, look.
[[nodiscard]] nlohmann::json describe(const Judgement& judgement, const std::vector<Gated>& gated);

}  // namespace seatrial::gate
