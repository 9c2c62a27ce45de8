// Before and after the trials of a run.
#include "cli/preparation.hpp"

#include <algorithm>
#include <iostream>

#include "cli/errors.hpp"
#include "cli/records.hpp"
#include "cli/scenario_arguments.hpp"
#include "clusters/process.hpp"
#include "clusters/property_definitions.hpp"
#include "core/check.hpp"
#include "record/resume.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

// Containers are configured through their environment, which the engine shows to all who may ask
// it.
bool would_show_secrets(const scenario::Plan& plan) {
  return std::ranges::any_of(plan.trials, [&](const scenario::TrialPlan& trial) {
    return std::ranges::any_of(trial.cluster.config, [&](const auto& entry) {
      return scenario::redact(plan, entry.second) != entry.second;
    });
  });
}

}  // namespace

fs::path folder_to_resume(const fs::path& resume, const scenario::Plan& plan) {
  if (resume.empty()) return {};
  const std::string flag = "--resume " + resume.string() + ": ";
  if (const auto why = record::not_resumable(load_record(resume), plan))
    throw UsageError(flag + *why);
  return fs::canonical(resume);
}

clusters::Choice choose_kind(const scenario::Plan& plan, const fs::path& resume) {
  ClusterSpec spec = plan.trials.front().cluster;
  for (const auto& trial : plan.trials)
    spec.gear.insert(trial.cluster.gear.begin(), trial.cluster.gear.end());
  if (!resume.empty())
    spec.kind = record::load_record(resume)->record["cluster"]["kind"].text(spec.kind);
  const bool secret = (spec.kind == "compose" || spec.kind == "auto") && would_show_secrets(plan);
  if (secret && spec.kind == "compose") {
    throw UsageError(
        "cluster.config has a value from the environment, and containers would show it to all who "
        "may ask the engine (docker inspect): run it with --cluster local, or write the value out");
  }
  if (secret) spec.kind = "local";
  auto choice = clusters::choose(spec);
  if (choice && secret) choice->reason = "containers would show cluster.config's secrets";
  if (choice) return *choice;
  throw InfrastructureError(with_hint(choice.error()));
}

bool learn_properties(const scenario::Plan& plan, const std::string& kind) {
  bool any = false;
  for (const auto& release : releases_of(plan)) {
    if (clusters::property_definitions(release)) continue;
    const auto learnt =
        clusters::learn_property_definitions(kind, release, clusters::program_stop());
    if (!learnt) throw InfrastructureError(with_hint(learnt.error()));
    any = any || learnt->has_value();
  }
  return any;
}

const ClusterKind& kind_of(const clusters::Choice& choice) {
  const ClusterKind* kind = ClusterKinds::instance().find(choice.kind);
  check(kind != nullptr, "the chosen cluster kind is registered");
  return *kind;
}

void print_verdict(const record::RunRecord& record) {
  for (const auto& report : usual_reports()) {
    if (delivery_of(report).file.empty()) std::cout << render(report, record);
  }
  std::cout << std::flush;
}

int write_reports(const run::RunResult& result) {
  for (const auto& report : usual_reports()) {
    const Delivery delivery = delivery_of(report);
    if (delivery.file.empty()) continue;
    const fs::path file = result.folder / delivery.file;
    if (const auto problem = save_report(report, result.record, file)) {
      std::cerr << "seatrial: " << *problem << "; once that is mended: ./seatrial report "
                << result.folder.string() << "\n";
      return result.exit_code == 0 ? 4 : result.exit_code;
    }
    std::cout << delivery.title << ": " << file.string() << "\n";
  }
  return result.exit_code;
}

}  // namespace seatrial::cli
