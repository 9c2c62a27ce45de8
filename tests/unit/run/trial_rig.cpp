// One trial, as a run would make it.
#include "unit/run/trial_rig.hpp"

#include <unistd.h>

#include <algorithm>

#include "client/workload.hpp"
#include "core/fault.hpp"
#include "support/catch.hpp"

namespace seatrial::run {
namespace {

Options options_of(const std::vector<OptionSpec>& specs,
                   const std::map<std::string, std::string>& texts) {
  std::map<std::string, RawOption> raw;
  for (const auto& [name, text] : texts) raw[name] = {.text = text, .entries = {}, .is_map = false};
  std::vector<OptionProblem> problems;
  auto options = Options::check(specs, raw, problems);
  REQUIRE(problems.empty());
  return options;
}

}  // namespace

TrialRig::TrialRig() {
  std::string path = (std::filesystem::temp_directory_path() / "seatrial-trial-XXXXXX").string();
  REQUIRE(mkdtemp(path.data()) != nullptr);
  folder_ = path;
  journal_ = std::make_unique<record::Journal>(folder_);
  plan.variant = "base";
  plan.cluster.brokers = 1;
  plan.cluster.start_budget = seconds(60);
  plan.topics = {{.name = "orders", .partitions = 1, .replication = 1, .config = {}}};
  plan.phases = {.warmup = {.at_least = nanoseconds(0), .at_most = nanoseconds(0)},
                 .measure = milliseconds(200),
                 .settle = seconds(30)};
  cluster.at_the_end = [this](test::FakeProcesses& processes) {
    for (int id = 1; id <= plan.cluster.brokers; ++id)
      states_at_the_end.push_back(processes.state(NodeId(id)).kind);
  };
}

TrialRig::~TrialRig() { std::filesystem::remove_all(folder_); }

void TrialRig::add_producer() {
  const auto& specs = Registry<Workload>::instance().find("producer")->options;
  plan.workloads.push_back({.name = "writes",
                            .kind = "producer",
                            .options = options_of(specs, {{"topic", "orders"}, {"rate", "100/s"}}),
                            .client_library = {}});
}

void TrialRig::add_fault(const std::string& action, int node, milliseconds at) {
  scenario::FaultPlan fault;
  fault.action = action;
  fault.options = options_of(Registry<Fault>::instance().find(action)->options, {});
  fault.target = *parse_target("broker(" + std::to_string(node) + ")");
  fault.drawn = {NodeId(node)};
  fault.trigger.at = at;
  plan.timeline.push_back(std::move(fault));
}

void TrialRig::progress(const TrialProgress& at) {
  if (!shown.empty() && shown.back() == at.phase) return;
  shown.push_back(at.phase);
  if (at.phase == stop_at) stop_.request_stop();
  if (on_phase) on_phase(at.phase);
}

bool TrialRig::was_shown(const std::string& phase) const {
  return std::ranges::count(shown, phase) > 0;
}

TrialEnd TrialRig::run() {
  const ClusterKind kind{
      .name = "fake", .help = "", .has_processes = true, .make = [](const ClusterSetting&) {
        return std::unique_ptr<Cluster>();
      }};
  TrialSetting setting{.plan = plan,
                       .expectations = {},
                       .kind = kind,
                       .run_id = "test",
                       .folder = folder_,
                       .keep_cluster = keep_cluster,
                       .program = "/bin/false",
                       .journal = *journal_,
                       .progress = [this](const TrialProgress& at) { progress(at); },
                       .written_at = [](const auto& keys) { return "file.yaml, " + keys.back(); },
                       .wrap = [this](std::unique_ptr<Cluster>) -> std::unique_ptr<Cluster> {
                         return std::make_unique<test::FakeCluster>(plan.cluster.brokers, &cluster);
                       }};
  if (!await_readiness) setting.ready = [] { return Readiness{}; };
  return run_trial(setting, stop_.get_token());
}

}  // namespace seatrial::run
