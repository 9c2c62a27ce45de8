// All trials, one record.
#include "run/runner.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "clusters/files.hpp"
#include "clusters/foreign_leftovers.hpp"
#include "clusters/leftovers.hpp"
#include "core/check.hpp"
#include "core/scope_guard.hpp"
#include "judge/judge.hpp"
#include "record/resume.hpp"
#include "run/environment.hpp"
#include "run/kept_cluster.hpp"
#include "run/mask_files.hpp"
#include "run/names.hpp"
#include "run/verdict.hpp"
#include "scenario/needs.hpp"
#include "scenario/places.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string make_run_id(const std::string& name) {
  char tail[8];
  std::snprintf(tail, sizeof tail, "%04x", std::random_device{}() & 0xffffU);
  return compact_time(std::chrono::system_clock::now()) + "-" + name + "-" + tail;
}

// results/latest -> the newest run; renamed into place, so that it always points somewhere.
void point_latest(const fs::path& results, const std::string& run_id) {
  const fs::path temporary = results / (".latest-" + run_id);
  std::error_code ignored;  // a file system without symbolic links has no `latest`, and that is all
  fs::create_symlink(run_id, temporary, ignored);
  if (!ignored) fs::rename(temporary, results / "latest", ignored);
}

// Of trials that differ in it, all.
std::string versions_of(const scenario::Plan& plan) {
  std::set<std::string> versions;
  for (const auto& trial : plan.trials) versions.insert(trial.cluster.version);
  std::string out;
  for (const auto& version : versions) out += (out.empty() ? "" : ", ") + version;
  return out;
}

json describe_cluster(const RunSetting& setting) {
  const ClusterSpec& spec = setting.plan.trials.front().cluster;
  return {{"kind", setting.kind.name},
          {"reason", setting.kind_reason},
          {"version", versions_of(setting.plan)},
          {"brokers", spec.brokers},
          {"controllers", spec.controllers},
          {"combined", spec.combined},
          {"log_dirs", spec.log_dirs},
          {"timeouts", spec.fast_timeouts ? "fast" : "kafka-defaults"},
          {"evidence_about_kafka", setting.kind.evidence_about_kafka}};
}

// Of the greediest trial: the machine is graded once for all.
MachineNeeds machine_needs(const scenario::Plan& plan) {
  MachineNeeds most;
  for (const auto& trial : plan.trials) {
    const auto needs = scenario::needs_of(trial);
    most.memory_bytes = std::max(most.memory_bytes, needs.memory_bytes + needs.client_queue_bytes);
    most.disk_bytes = std::max(most.disk_bytes, needs.disk_bytes.value_or(0));
  }
  return most;
}

// So that a record which ends early says what it lacks. With a course nobody knows beforehand how
// many trials it takes.
json describe_planned(const scenario::Plan& plan, bool all) {
  json out = json::array();
  if (!all) return out;
  for (const auto& trial : plan.trials)
    out.push_back({{"variant", trial.variant}, {"repeat", trial.repeat}});
  return out;
}

json describe_run(const RunSetting& setting, const std::string& run_id,
                  std::chrono::system_clock::time_point started) {
  const scenario::Plan& plan = setting.plan;
  return {
      {"run",
       {{"id", run_id},
        {"started_at", iso_time(started)},
        {"seed", plan.seed},
        {"command", setting.command},
        {"program", std::string("seatrial ") + SEATRIAL_VERSION},
        {"interrupted", false}}},
      {"scenario",
       {{"path", plan.path},
        {"name", plan.name},
        {"title", plan.title},
        {"hypothesis", plan.hypothesis},
        {"text", plan.text},
        {"warnings", plan.warnings}}},
      {"axes", plan.axes},
      {"planned", describe_planned(plan, setting.course == nullptr)},
      {"cluster", describe_cluster(setting)},
      {"environment", describe_environment(plan.trials.front().cluster.data, machine_needs(plan))}};
}

// A run that goes on keeps those that it had.
void add_labels(const RunSetting& setting, const record::RunRecord& before, json& description) {
  json labels = json::object();
  for (const auto& [key, value] : before["labels"].entries()) labels[key] = value.text();
  for (const auto& [key, value] : setting.labels) labels[key] = value;
  if (!labels.empty()) description["labels"] = std::move(labels);
}

// What processes of a trial printed, of which nobody else takes the secrets out.
void mask_logs(const fs::path& folder, int trial, const scenario::Plan& plan) noexcept try {
  for (const char* of : {"brokers", "members"}) {
    const auto logs = folder / of / ("trial-" + std::to_string(trial));
    for (const auto& trouble : mask_files(logs, plan.secrets)) clusters::notice(trouble);
  }
} catch (const std::exception& error) {
  clusters::notice(error.what());
}

TrialEnd run_masked(const TrialSetting& trial, const scenario::Plan& plan,
                    const std::stop_token& stop) {
  const ScopeGuard masked([&]() noexcept { mask_logs(trial.folder, trial.plan.index, plan); });
  return run_trial(trial, stop);
}

// Whether every trial failed in its surroundings (no broker came up): that says nothing about
// Kafka.
bool nothing_ran(const View& trials) {
  return std::ranges::all_of(trials.items(),
                             [](const View& trial) { return trial["status"].is("error"); });
}

bool any_refused(const View& trials) {
  return std::ranges::any_of(
      trials.items(), [](const View& trial) { return trial["refused"].boolean().value_or(false); });
}

// Whether the cluster would be asked for the very same.
bool asks_the_same(const scenario::TrialPlan& a, const scenario::TrialPlan& b) {
  const auto same = [](const scenario::TopicPlan& x, const scenario::TopicPlan& y) {
    return x.name == y.name && x.partitions == y.partitions && x.replication == y.replication &&
           x.config == y.config;
  };
  return a.cluster == b.cluster && std::ranges::equal(a.topics, b.topics, same);
}

// A trial that is not begun, because another one with its settings was refused.
json describe_refused(const scenario::TrialPlan& trial, const scenario::TrialPlan& before,
                      const std::string& why) {
  const std::string error =
      why + " (not run: trial " + std::to_string(before.index + 1) + " asked for the same)";
  return {{"variant", trial.variant}, {"axes", trial.axes},   {"repeat", trial.repeat},
          {"seed", trial.seed},       {"status", "error"},    {"refused", true},
          {"error", error},           {"verdict", "unknown"}, {"reasons", {error}}};
}

bool is_over(const RunSetting& setting, const record::RunRecord& before, int index) {
  if (record::is_finished(before, index)) return true;
  return setting.course != nullptr &&
         setting.course->keeps(before.trial(static_cast<std::size_t>(index)));
}

using Wrap = std::function<std::unique_ptr<Cluster>(std::unique_ptr<Cluster>)>;

Wrap lend(KeptCluster& kept, const scenario::TrialPlan& trial, const Wrap& inner) {
  return [&](std::unique_ptr<Cluster> made) {
    return kept.lend(trial, inner ? inner(std::move(made)) : std::move(made));
  };
}

// As it runs: on a cluster that others use too, under names of its own.
scenario::TrialPlan named(const scenario::TrialPlan& trial, const ClusterKind& kind,
                          const std::string& run_id) {
  if (!kind.shared) return trial;
  const std::string number = std::to_string(trial.index + 1);
  return with_prefix(trial, clusters::foreign_prefix(run_id) + number + "-");
}

// Where the scenario names what a trial calls by its prefix.
std::vector<std::string> as_written(std::vector<std::string> keys, const std::string& prefix) {
  for (auto& key : keys) {
    if (!prefix.empty() && key.starts_with(prefix)) key.erase(0, prefix.size());
  }
  return keys;
}

struct TrialsEnd {
  bool interrupted = false;
  std::exception_ptr broken;  // an invariant of ours
};

// Those that are not finished yet, one after the other.
TrialsEnd run_trials(const RunSetting& setting, const std::string& run_id, const fs::path& folder,
                     record::Journal& journal, const std::stop_token& stop) {
  TrialsEnd out;
  const record::RunRecord before = journal.record();
  std::vector<scenario::TrialPlan> refused;
  KeptCluster kept;
  for (scenario::TrialPlan trial : setting.plan.trials) {
    if (out.interrupted) break;
    if (is_over(setting, before, trial.index)) continue;
    if (setting.course != nullptr && setting.course->enough(journal)) break;
    out.interrupted = stop.stop_requested();
    if (out.interrupted) break;
    if (static_cast<std::size_t>(trial.index) < before["trials"].size()) journal.again(trial.index);
    if (setting.course != nullptr) {
      setting.course->adapt(trial);
      setting.course->before(trial.index, journal);
    }
    const auto alike = std::ranges::find_if(
        refused, [&](const auto& other) { return asks_the_same(trial, other); });
    if (alike != refused.end()) {
      const auto at = static_cast<std::size_t>(alike->index);
      const record::RunRecord so_far = journal.record();
      const std::string why = so_far.trial(at)["error"].text();
      journal.trial(trial.index, describe_refused(trial, *alike, why));
      continue;
    }
    const scenario::TrialPlan as_run = named(trial, setting.kind, run_id);
    const TrialSetting one{
        .plan = as_run,
        .expectations = setting.plan.expectations,
        .kind = setting.kind,
        .run_id = run_id,
        .folder = folder,
        // Only the last: an earlier one would share the machine with the next.
        .keep_cluster = setting.keep_cluster && trial.index == setting.plan.trials.back().index,
        .program = setting.program,
        .journal = journal,
        .progress = [&](const TrialProgress& p) { setting.progress(trial, p); },
        .written_at =
            [&](const auto& keys) {
              return scenario::written_at(setting.plan, as_written(keys, as_run.prefix));
            },
        .wrap = setting.brokers_run_on ? lend(kept, as_run, setting.wrap) : setting.wrap};
    try {
      const TrialEnd end = run_masked(one, setting.plan, stop);
      out.interrupted = end == TrialEnd::interrupted;
      if (end == TrialEnd::refused) refused.push_back(trial);
      if (end != TrialEnd::finished) kept.end();
    } catch (const InvariantBroken&) {
      out.broken = std::current_exception();  // no further trial can be trusted; the record is kept
      break;
    }
  }
  return out;
}

// A folder of its own, wherever there is room for what the run's folder does not take.
std::optional<fs::path> save_elsewhere(record::Journal& journal, const std::string& run_id) {
  std::error_code error;
  for (const auto& root :
       {fs::temp_directory_path(error), fs::path("/var/tmp"), fs::path("/dev/shm")}) {
    std::string folder = (root / ("seatrial-record-" + run_id + "-XXXXXX")).string();
    if (root.empty() || mkdtemp(folder.data()) == nullptr) continue;
    if (!journal.save_elsewhere(folder)) return folder;
    fs::remove_all(folder, error);
  }
  return std::nullopt;
}

void save_record(const RunSetting& setting, const std::string& run_id, const std::stop_token& stop,
                 record::Journal& journal, RunResult& result) {
  journal.file("run.json", result.record.text());
  const auto problem = journal.settle(setting.write_budget, stop);
  if (!problem) return;
  if (result.exit_code == 0) result.exit_code = 4;
  const auto elsewhere = save_elsewhere(journal, run_id);
  const std::string where =
      elsewhere ? "is in " + elsewhere->string() : "could not be saved at all";
  std::fprintf(stderr, "seatrial: %s; the record of this run %s\n", problem->c_str(),
               where.c_str());
  if (elsewhere) result.folder = *elsewhere;
}

}  // namespace

RunResult run_plan(const RunSetting& setting, const std::stop_token& stop) {
  const auto started = std::chrono::system_clock::now();
  const Instant begun = now();
  const bool resumed = !setting.resume.empty();
  const std::string run_id =
      resumed ? setting.resume.filename().string() : make_run_id(setting.plan.name);
  RunResult result{
      .folder = resumed ? setting.resume : setting.results / run_id, .record = {}, .exit_code = 2};
  std::error_code error;
  fs::create_directories(result.folder, error);
  if (error)
    throw InfrastructureError("cannot make " + result.folder.string() + ": " + error.message());
  const clusters::RunLock lock(result.folder.parent_path(), run_id);
  point_latest(result.folder.parent_path(), run_id);
  record::Journal journal(
      result.folder,
      [&setting](std::string text) { return scenario::redact(setting.plan, std::move(text)); },
      resumed ? record::Journal::Begin::resume : record::Journal::Begin::anew);
  fs::remove(result.folder / "run.json", error);  // until this run has ended, the journal counts
  json description = describe_run(setting, run_id, started);
  const record::RunRecord so_far = journal.record();
  if (resumed) {
    description["partial"] = true;
    description["run"]["resumed_at"] =
        std::exchange(description["run"]["started_at"], so_far["run"]["started_at"].text());
  }
  add_labels(setting, so_far, description);
  json run = description["run"];
  journal.run(std::move(description));
  if (setting.course != nullptr) setting.course->begin(journal);

  const auto [interrupted, broken] = run_trials(setting, run_id, result.folder, journal, stop);
  run["finished_at"] = iso_time(std::chrono::system_clock::now());
  run["wall_s"] = to_seconds(now() - begun);
  run["interrupted"] = interrupted;
  const record::RunRecord ran = journal.record();
  const auto& expectations = setting.plan.expectations;
  json end = describe_judgement(
      judge::judge_run(ran.view(), expectations, setting.plan.show, interrupted), expectations);
  if (setting.course != nullptr) setting.course->conclude(ran, interrupted || broken, end);
  if (any_refused(ran["trials"])) end["verdict"]["exit_code"] = 3;
  else if (broken || (!interrupted && nothing_ran(ran["trials"]))) end["verdict"]["exit_code"] = 4;
  result.exit_code = end["verdict"]["exit_code"].get<int>();
  end["run"] = std::move(run);
  end["partial"] = interrupted || broken;
  journal.run(std::move(end));
  result.record = journal.record();
  save_record(setting, run_id, stop, journal, result);
  if (broken) std::rethrow_exception(broken);
  return result;
}

}  // namespace seatrial::run
