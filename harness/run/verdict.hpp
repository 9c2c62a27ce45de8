// A run's judgement in the shape of the record (record.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "judge/judge.hpp"

namespace seatrial::run {

// variants, columns, expectations, verdict. `expectations`: by which the run was judged.
nlohmann::json describe_judgement(const judge::RunJudgement& judged,
                                  const std::vector<scenario::Expectation>& expectations);

}  // namespace seatrial::run
