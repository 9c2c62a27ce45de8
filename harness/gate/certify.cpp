// Pairs by their slowdown.
#include "gate/certify.hpp"

#include "core/counted.hpp"
#include "gate/calibrate.hpp"
#include "gate/pairs.hpp"

namespace seatrial::gate {
namespace {

using nlohmann::json;

Certificate certificate_from(const View& record, const std::vector<Gated>& gated) {
  Certificate out{.made_at = record["run"]["started_at"].text(),
                  .scenario = record["scenario"]["name"].text(),
                  .machine = machine_of(record["environment"]),
                  .equals = {},
                  .slowed = {}};
  for (const Pair& pair : read_pairs(record, gated)) {
    const auto& effect = pair.metrics.front().effect;
    if (!pair.voids.empty() || !effect) continue;
    const std::string slowdown = pair.candidate["axes"][slowdown_axis].text("1");
    if (slowdown == "1") out.equals.push_back(*effect);
    else out.slowed[slowdown].push_back(*effect);
  }
  return out;
}

}  // namespace

void CertifyCourse::begin(record::Journal&) { begun_ = now(); }

void CertifyCourse::before(int trial, record::Journal& journal) {
  journal.trial(trial, {{"calibration_ns", calibration_ns()}});
}

bool CertifyCourse::enough(record::Journal& journal) {
  const record::RunRecord record = journal.record();
  const bool between_pairs = record["trials"].size() % 2 == 0;
  return between_pairs && now() - begun_ >= budget_;
}

void CertifyCourse::conclude(const record::RunRecord& record, bool interrupted, json& end) {
  certificate_ = certificate_from(record.view(), gated_);
  json reasons = json::array();
  if (interrupted) reasons.push_back("interrupted; --resume goes on with it");
  for (auto& sentence : sentences(assess(certificate_, rules_)))
    reasons.push_back(std::move(sentence));
  const std::size_t pairs = record["trials"].size() / 2;
  reasons.push_back(counted(pairs, "pair") + " ran; --resume with another --budget adds to them");
  const bool any = certificate_.equals.size() >= 4;
  end["certificate"] = to_json(certificate_);
  end["verdict"] = {{"overall", any && !interrupted ? "pass" : "unknown"},
                    {"exit_code", any && !interrupted ? 0 : 2},
                    {"reasons", std::move(reasons)}};
}

}  // namespace seatrial::gate
