// After each pair the gate so far, at the end its verdict.
#include "gate/course.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "core/counted.hpp"
#include "gate/calibrate.hpp"
#include "gate/certificate.hpp"

namespace seatrial::gate {
namespace {

using nlohmann::json;

json describe_differences(const Setting& setting) {
  std::set<std::string> names;
  for (const auto& [name, value] : setting.baseline) names.insert(name);
  for (const auto& [name, value] : setting.candidate) names.insert(name);
  json out = json::array();
  for (const auto& name : names) {
    json row{{"setting", name}};
    if (const auto at = setting.baseline.find(name); at != setting.baseline.end())
      row["baseline"] = at->second;
    if (const auto at = setting.candidate.find(name); at != setting.candidate.end())
      row["candidate"] = at->second;
    out.push_back(std::move(row));
  }
  return out;
}

const char* overall(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass: return "pass";
    case Outcome::fail: return "fail";
    case Outcome::invalid: return "invalid";
    case Outcome::go_on:
    case Outcome::inconclusive: break;
  }
  return "unknown";
}

int exit_code(Outcome outcome) {
  return outcome == Outcome::pass ? 0 : outcome == Outcome::fail ? 1 : 2;
}

json reasons_of(const Judgement& judgement) {
  json out = json::array({judgement.decision.reason});
  for (const auto& broken : judgement.broken) out.push_back(broken);
  for (const auto& metric : judgement.decision.metrics)
    if (!metric.reason.empty()) out.push_back(metric.metric + ": " + metric.reason);
  return out;
}

// The trial whose settings brokers do not take; further ones would be refused as well.
View refused(const record::RunRecord& record) {
  for (const View& trial : record["trials"].items())
    if (trial["refused"].boolean().value_or(false)) return trial;
  return {};
}

// Pairs ran out, or time did, before the rules came to an end.
void end_undecided(Judgement& judgement, const record::RunRecord& record, bool interrupted) {
  Decision& decision = judgement.decision;
  if (const View trial = refused(record)) {
    decision.outcome = Outcome::invalid;
    decision.reason = "brokers do not take the settings of the " + trial["variant"].text() + ": " +
                      trial["error"].text();
    return;
  }
  if (decision.outcome != Outcome::go_on) return;
  const std::string so_far = "after " + counted(judgement.pairs.size(), "pair");
  if (interrupted) {
    decision.reason = "the gate was interrupted " + so_far + "; --resume goes on with it";
    return;
  }
  decision.outcome = Outcome::invalid;
  decision.reason = "the pairs ran out " + so_far + ", too many of them void";
}

}  // namespace

json verdict_of(Outcome outcome, json reasons) {
  return {{"overall", overall(outcome)},
          {"exit_code", exit_code(outcome)},
          {"reasons", std::move(reasons)}};
}

json describe_setting(const Setting& setting) {
  return {{"differs", describe_differences(setting)},
          {"settings", setting.settings},
          {"looks", setting.rules.looks},
          {"alpha", setting.rules.alpha},
          {"certification", setting.certification}};
}

std::optional<std::string> not_the_same(const View& record, const Setting& setting,
                                        const std::map<std::string, std::string>& machine) {
  const View gate = record["gate"];
  const json now = describe_setting(setting);
  if (!gate) return "it is no gate";
  if (gate["differs"].json() != now["differs"].dump()) return "that gate compared other sides";
  if (gate["settings"].json() != now["settings"].dump()) return "it had other --set";
  if (gate["looks"].json() != now["looks"].dump())
    return "it had other looks, and they may not be chosen after pairs were seen";
  if (const auto other = differs(machine_of(record["environment"]), machine))
    return "it ran on another machine: " + *other;
  return std::nullopt;
}

Judgement GateCourse::judged(const record::RunRecord& record) const {
  return judge(record.view(), setting_.gated, setting_.expectations, setting_.rules);
}

json GateCourse::described(const Judgement& judgement) const {
  json out = describe(judgement, setting_.gated);
  out.update(describe_setting(setting_));
  return out;
}

void GateCourse::begin(record::Journal& journal) {
  journal.run({{"gate", described(judged(journal.record()))}});
}

void GateCourse::before(int trial, record::Journal& journal) {
  journal.trial(trial, {{"calibration_ns", calibration_ns()}});
}

bool GateCourse::enough(record::Journal& journal) {
  if (decided_) return true;
  const record::RunRecord record = journal.record();
  if (refused(record)) return true;
  const Judgement judgement = judged(record);
  if (judgement.pairs.size() == judged_pairs_) return false;
  judged_pairs_ = judgement.pairs.size();
  journal.run({{"gate", described(judgement)}});
  decided_ = judgement.decision.outcome != Outcome::go_on;
  return decided_;
}

void GateCourse::conclude(const record::RunRecord& record, bool interrupted, json& end) {
  Judgement judgement = judged(record);
  end_undecided(judgement, record, interrupted);
  const Outcome outcome = judgement.decision.outcome;
  end["gate"] = described(judgement);
  end["verdict"] = verdict_of(outcome, reasons_of(judgement));
}

}  // namespace seatrial::gate
