// A trial, phase by phase.
#include "run/trial.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "checkers/check_all.hpp"
#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "core/api_names.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "core/network.hpp"
#include "core/scope_guard.hpp"
#include "core/setting_refused.hpp"
#include "core/units.hpp"
#include "judge/broker_logs.hpp"
#include "judge/constraint.hpp"
#include "judge/explain.hpp"
#include "judge/generator.hpp"
#include "judge/judge.hpp"
#include "kafka/quotas.hpp"
#include "measure/foreign_cpu.hpp"
#include "measure/hiccup.hpp"
#include "record/generator_record.hpp"
#include "record/history_export.hpp"
#include "run/audit_log.hpp"
#include "run/broker_sampler.hpp"
#include "run/client_history.hpp"
#include "run/contract.hpp"
#include "run/environment.hpp"
#include "run/generator.hpp"
#include "run/groups.hpp"
#include "run/lag.hpp"
#include "run/lanes.hpp"
#include "run/names.hpp"
#include "run/out_of_sync.hpp"
#include "run/own_access.hpp"
#include "run/preflight.hpp"
#include "run/readiness.hpp"
#include "run/results.hpp"
#include "run/retention_watch.hpp"
#include "run/sampler.hpp"
#include "run/timeline.hpp"
#include "run/warm_up.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// 22 characters of URL-safe base64: what Kafka takes for a cluster id. Must be unique per trial,
// not reproducible, so it does not come from the seed.
std::string random_cluster_id() {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device device;
  std::uniform_int_distribution<std::size_t> draw(0, sizeof alphabet - 2);
  std::string id;
  for (int i = 0; i < 21; ++i) id += alphabet[draw(device)];
  return id + "A";  // the last character carries two bits only
}

// Rare enough to leave the load alone (each waking costs as much as sending some messages do), and
// more often than anything is reported that hiccups could explain.
constexpr auto hiccup_interval = milliseconds(4);

json describe_chaos(const scenario::ChaosPlan& chaos) {
  json spans = json::array();
  for (const auto& [from, to] : chaos.demanding)
    spans.push_back({{"from_s", to_seconds(from)}, {"to_s", to_seconds(to)}});
  return {{"within", chaos.beyond ? "beyond" : "tolerated"},
          {"grace_s", to_seconds(chaos.grace)},
          {"demanding", std::move(spans)}};
}

json describe_network(const Network& network) {
  json out = json::array();
  for (const LinkCounters& link : network.counters()) {
    json apis = json::array();
    for (const ApiCounters& one : link.apis) {
      apis.push_back({{"api", api_name(one.api)},
                      {"requests", one.requests},
                      {"responses", one.responses},
                      {"bytes_in", one.bytes_in},
                      {"bytes_out", one.bytes_out}});
    }
    out.push_back({{"node", link.node.value},
                   {"listener", link.listener},
                   {"connections", link.connections},
                   {"bytes_in", link.bytes_in},
                   {"bytes_out", link.bytes_out},
                   {"apis", std::move(apis)}});
  }
  return out;
}

// Topics with a partition of which every replica in sync was among those that lost power.
std::set<std::string> topics_without_power(const FaultOutcome& fault) {
  std::set<std::string> out;
  const auto& dark = fault.evidence.lost_power;
  for (const auto& partition : fault.before.partitions) {
    const auto& isr = partition.isr;
    if (!isr.empty() && std::ranges::all_of(isr, [&](NodeId n) { return dark.contains(n); }))
      out.insert(partition.where.topic);
  }
  return out;
}

// What faults had the brokers promise no more, if only for a time.
void take_back_promises(const Timeline& timeline, Contract& contract) {
  for (const FaultOutcome& fault : timeline.outcomes()) {
    for (const auto& topic : fault.evidence.unclean_elections)
      contract.unclean_leader_election[topic] = true;
    for (const auto& [topic, least] : fault.evidence.min_insync_replicas) {
      int& promised = contract.min_insync_replicas[topic];
      promised = std::min(promised, least);
    }
    for (const auto& topic : fault.evidence.deleted_topics) contract.deleted_topics.insert(topic);
    contract.lost_power.merge(topics_without_power(fault));
  }
}

std::string active_faults(const Timeline& timeline) {
  std::string faults;
  for (const auto& fault : timeline.active()) faults += (faults.empty() ? "" : ", ") + fault;
  return faults;
}

class Trial {
 public:
  Trial(const TrialSetting& setting, const std::stop_token& stop)
      : s_(setting), stop_(stop), index_(setting.plan.index), tag_(std::random_device{}()) {}

  TrialEnd run();

 private:
  void record_end(const std::string& error);
  void start_cluster();
  void ask_for_rights();
  void change_quotas(kafka::QuotaChange change);
  void fetch_metrics_agent();
  void play();
  void start_broker_sampler();
  void journal_brokers();
  bool next_second(Sampler& sampler);
  void warm_up(Sampler& sampler, WarmUp& warmup);
  void begin_measure(const WarmUp& warmup);
  void measure(Sampler& sampler, Timeline& timeline);
  void look_for_bypasses();
  void judge_disturbance();
  [[nodiscard]] measure::CpuAccount cpu_account(const measure::MachineSample& machine) const;
  void settle(Sampler& sampler);
  void add_hiccups(const measure::HiccupReport& hiccups);
  void audit_and_judge(const Sampler& sampler, const Timeline& timeline);
  void judge_all(const Timeline& timeline, const checkers::FailedCheckers& failed_checkers);
  void tell_nearest_limit();
  void export_history(const History& history);
  json read_broker_logs(const Timeline& timeline, const Contract& contract);
  json describe_brokers() const;
  void collect_last_logs();
  void take_down() noexcept;
  [[nodiscard]] std::filesystem::path logs_folder() const {
    return s_.folder / "brokers" / ("trial-" + std::to_string(index_));
  }
  [[nodiscard]] std::uint64_t acked_since_measure() const;
  void phase(const std::string& name, Instant from, Instant to);
  void show(const std::string& name, nanoseconds length = {});
  void show_load(const std::string& faults);
  void check_interrupted() const {
    if (stop_.stop_requested()) throw Interrupted();
  }

  const TrialSetting& s_;
  const std::stop_token& stop_;
  const int index_;
  const std::uint32_t tag_;
  const Instant begun_ = now();
  std::string phase_name_;
  Instant phase_begun_ = now();
  Instant producers_ended_{};  // nobody waits for an ack any more
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<kafka::ClusterWatch> watch_;
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<RetentionWatch> retention_;
  std::filesystem::path metrics_agent_;  // empty: brokers' JVMs are not asked
  std::unique_ptr<BrokerSampler> brokers_;
  std::optional<measure::HiccupMeter> hiccups_;
  measure::MachineSample machine_before_;
  measure::MachineSample machine_measured_;  // when measure began
  measure::CpuAccount cpu_before_;           // the same
  Instant next_sample_;
  std::optional<double> foreign_cores_;
  double taken_share_ = 0;  // of all cores' time in measure, where that disturbed it
  std::vector<std::string> bypasses_;        // of the proxy, each of which makes the trial invalid
  std::vector<std::string> latency_doubts_;  // of every latency of this trial
  std::map<std::string, std::string> falls_behind_;
  json phases_ = json::array();
  json generator_;
  // Messages acked before measure began; UINT64_MAX until then. Read by the timeline's threads.
  std::atomic<std::uint64_t> acked_in_warmup_{UINT64_MAX};
  struct {
    Instant at = now();
    std::uint64_t due = 0, acked = 0, consumed = 0;
  } shown_;
};

TrialEnd Trial::run() {
  json axes = json::object();
  for (const auto& [axis, value] : s_.plan.axes) axes[axis] = value;
  s_.journal.trial(index_, {{"variant", s_.plan.variant},
                            {"axes", std::move(axes)},
                            {"repeat", s_.plan.repeat},
                            {"seed", s_.plan.seed},
                            {"status", "running"},
                            {"started_at", iso_time(std::chrono::system_clock::now())},
                            {"topics", describe_topics(s_.plan)}});
  if (s_.plan.chaos) s_.journal.trial(index_, {{"chaos", describe_chaos(*s_.plan.chaos)}});
  const ScopeGuard down([this]() noexcept { take_down(); });
  std::string error;
  TrialEnd end = TrialEnd::finished;
  try {
    start_cluster();
    play();
  } catch (const Interrupted&) {
    error = "interrupted";
    end = TrialEnd::interrupted;
  } catch (const InvariantBroken& broken) {
    record_end(broken.what());
    throw;
  } catch (const SettingRefused& refused) {
    error = s_.written_at(refused.keys) + ": " + refused.what();
    end = TrialEnd::refused;
    s_.journal.trial(index_, {{"refused", true}});
  } catch (const std::exception& e) {
    error = e.what();
    // What a stop broke off on its way is no failure of the surroundings.
    end = stop_.stop_requested() ? TrialEnd::interrupted : TrialEnd::error;
  }
  if (end != TrialEnd::finished) record_end(error);
  return end;
}

void Trial::record_end(const std::string& error) {
  s_.journal.trial(
      index_,
      {{"status", "error"}, {"error", error}, {"verdict", "unknown"}, {"reasons", {error}}});
}

void Trial::start_cluster() {
  show("starting brokers");
  const ClusterSetting setting{.spec = s_.plan.cluster,
                               .run_id = s_.run_id,
                               .cluster_id = random_cluster_id(),
                               .work_dir = logs_folder(),
                               .topics = names_of_topics(s_.plan),
                               .groups = names_of_groups(s_.plan)};
  std::filesystem::create_directories(setting.work_dir);
  fetch_metrics_agent();
  cluster_ = s_.kind.make(setting);
  if (s_.wrap) cluster_ = s_.wrap(std::move(cluster_));
  try {
    cluster_->up(stop_);
  } catch (const InfrastructureError& failed) {
    if (const auto refused = refused_by_node(s_.plan.cluster, failed.what())) throw *refused;
    throw;
  }
  ask_for_rights();
  create_own_topics(*cluster_, s_.plan);
  const Instant up = now();
  std::vector<std::string> topics;
  for (const auto& topic : s_.plan.topics) topics.push_back(topic.name);
  const auto security = own_access(*cluster_).security();
  if (!security) throw InfrastructureError("watching the cluster: " + security.error().message);
  watch_ = std::make_unique<kafka::ClusterWatch>(cluster_->nodes(), topics, milliseconds(100),
                                                 *security);
  show("waiting until the cluster is ready");
  // Counted from here: before, a new machine may have fetched brokers for minutes.
  const Readiness ready = s_.ready ? s_.ready()
                                   : make_ready(*cluster_, *watch_, s_.plan, begun_,
                                                up + s_.plan.cluster.start_budget, stop_);
  change_quotas(kafka::QuotaChange::set);
  s_.journal.trial(index_, {{"cluster_up_s", to_seconds(up - begun_)},
                            {"quotas", s_.plan.cluster.quotas},
                            {"first_ack_s", to_seconds(ready.first_ack)},
                            {"nodes", describe_nodes(*cluster_)},
                            {"effective_broker_config", cluster_->effective_config()},
                            {"cluster_facts", cluster_->facts()}});
}

// Of a cluster that is not ours, in the words of `seatrial preflight` instead of a wait in vain.
void Trial::ask_for_rights() {
  if (!s_.kind.shared) return;
  show("asking for rights");
  const auto why = why_not(preflight(s_.plan, now() + s_.plan.cluster.start_budget, stop_));
  if (why.empty()) return;
  throw InfrastructureError("the cluster does not let this scenario run: " + why +
                            "; ./seatrial preflight tells all that is missing");
}

// Brokers in containers are not asked: see BrokerSampler. Nothing of a trial depends on it.
void Trial::fetch_metrics_agent() {
  if (!s_.plan.cluster.broker_metrics || s_.kind.name != "local") return;
  auto agent = clusters::prepare_metrics_agent(stop_);
  if (agent) metrics_agent_ = *agent;
  else clusters::notice("no broker metrics: " + agent.error().message);
}

void Trial::play() {
  check_interrupted();
  show("connecting clients");
  lanes_ = std::make_unique<Lanes>(
      LanesSetting{.plan = s_.plan,
                   .bootstrap = cluster_->bootstrap(),
                   .trial_tag = tag_,
                   .run_id = s_.run_id,
                   .folder = s_.folder / "members" / ("trial-" + std::to_string(index_)),
                   .program = s_.program});
  lanes_->connect(now() + seconds(60), stop_);
  retention_ = std::make_unique<RetentionWatch>(s_.plan, *watch_);
  lanes_->release(s_.plan.phases);
  hiccups_.emplace(from_ns(lanes_->clock().origin_ns), hiccup_interval);
  machine_before_ = measure::sample_machine();
  start_broker_sampler();
  Sampler sampler(*lanes_, *watch_, s_.journal, index_);
  WarmUp warmup(s_.plan, *lanes_, sampler);
  warm_up(sampler, warmup);
  begin_measure(warmup);
  workers::MemberCluster members(*cluster_, lanes_->members());
  Timeline timeline(s_.plan.timeline,
                    {.cluster = *cluster_,
                     .members = &members,
                     .watch = *watch_,
                     .journal = s_.journal,
                     .trial = index_,
                     .measure_start = from_ns(lanes_->clock().measure_ns),
                     .acked_since_measure = [this] { return acked_since_measure(); },
                     .lag = [this](const std::string& name) { return lag_of(*lanes_, name); },
                     .stop = stop_,
                     .availability = &lanes_->availability()});
  measure(sampler, timeline);
  if (stop_.stop_requested()) lanes_->abandon(seconds(1));
  show("healing");
  timeline.finish();
  settle(sampler);
  check_interrupted();
  audit_and_judge(sampler, timeline);
}

void Trial::start_broker_sampler() {
  if (cluster_->processes() == nullptr) return;
  brokers_ = std::make_unique<BrokerSampler>(*cluster_, from_ns(lanes_->clock().origin_ns),
                                             metrics_agent_);
}

void Trial::journal_brokers() {
  if (!brokers_) return;
  if (auto points = brokers_->drain(); !points.empty())
    s_.journal.append(index_, "broker_series", std::move(points));
}

std::uint64_t Trial::acked_since_measure() const {
  const std::uint64_t base = acked_in_warmup_.load(std::memory_order_relaxed);
  return base == UINT64_MAX ? 0 : lanes_->total(&LaneCounters::acked) - base;
}

// Waits some milliseconds; true if a second has ended since and was sampled.
bool Trial::next_second(Sampler& sampler) {
  std::this_thread::sleep_for(milliseconds(10));
  sampler.look();
  if (now() < next_sample_) return false;
  next_sample_ += seconds(1);
  sampler.sample();
  journal_brokers();
  return true;
}

void Trial::warm_up(Sampler& sampler, WarmUp& warmup) {
  const TrialClock& clock = lanes_->clock();
  // Lanes publish a second just after it has ended.
  const auto into_second =
      std::chrono::floor<seconds>(from_ns(clock.start_ns) - from_ns(clock.origin_ns));
  next_sample_ = from_ns(clock.origin_ns) + into_second + seconds(1) + milliseconds(50);
  show("warmup");
  while (!clock.decided()) {
    check_interrupted();
    if (!next_second(sampler)) continue;
    show_load("");
    warmup.decide();
  }
}

// The rest of warmup passes in `measure`: its start lies ahead.
void Trial::begin_measure(const WarmUp& warmup) {
  const TrialClock& clock = lanes_->clock();
  if (brokers_) brokers_->begin_measure(from_ns(clock.measure_ns), from_ns(clock.intend_until_ns));
  latency_doubts_ = warmup.doubts();
  falls_behind_ = warmup.falls_behind();
  s_.journal.trial(index_, {{"warmup", warmup.describe()}});
}

measure::CpuAccount Trial::cpu_account(const measure::MachineSample& machine) const {
  return measure::open_cpu_account(
      machine, to_seconds(lanes_->processes_cpu()) + (brokers_ ? brokers_->cpu_s() : 0));
}

void Trial::measure(Sampler& sampler, Timeline& timeline) {
  const Instant measure_start = from_ns(lanes_->clock().measure_ns);
  const Instant end = from_ns(lanes_->clock().intend_until_ns);
  const auto over = [this] { return lanes_->any_producer() && lanes_->producers_done(); };
  while (now() < end && !stop_.stop_requested() && !over()) {
    const bool sampled = next_second(sampler);
    for (const Instant edge : timeline.take_edges()) sampler.edge(edge);
    if (acked_in_warmup_ == UINT64_MAX && now() >= measure_start) {
      acked_in_warmup_ = lanes_->total(&LaneCounters::acked);
      machine_measured_ = measure::sample_machine();
      cpu_before_ = cpu_account(machine_measured_);
      show("measure", s_.plan.phases.measure);
    }
    if (sampled) show_load(active_faults(timeline));
  }
  look_for_bypasses();
  phase("warmup", from_ns(lanes_->clock().start_ns), measure_start);
  phase("measure", measure_start, std::clamp(now(), measure_start, end));
  judge_disturbance();
}

// Bytes that no rule could have held up, while the connections of the load are still there.
void Trial::look_for_bypasses() {
  const Network* network = cluster_->network();
  if (network == nullptr) return;
  for (const auto& connection : network->bypassing())
    bypasses_.push_back("a connection went around the proxy: " + connection);
  s_.journal.trial(index_, {{"network", describe_network(*network)}});
}

// Of a machine whose cores others used, latencies say more of those others than of the cluster.
// Half a core beside three brokers on two cores was seen to quadruple the 99th percentile.
void Trial::judge_disturbance() {
  if (acked_in_warmup_ == UINT64_MAX) return;
  const auto machine = measure::sample_machine();
  foreign_cores_ = measure::foreign_cores(cpu_before_, cpu_account(machine));
  const auto use = measure::use_between(machine_measured_, machine);
  taken_share_ = judge::disturbed_share(foreign_cores_, use.steal_share);
  if (auto doubt = judge::disturbance(foreign_cores_, use.steal_share))
    latency_doubts_.push_back(std::move(*doubt));
}

void Trial::settle(Sampler& sampler) {
  const Instant begun = now();
  show("settling", s_.plan.phases.settle);
  lanes_->settle_producers(s_.plan.phases.settle, stop_);
  producers_ended_ = now();
  if (lanes_->any_consumer()) {
    // What is not replicated is below no high watermark: no consumer is given it before. In vain:
    // then the audit says so.
    const Instant until = now() + std::min<nanoseconds>(s_.plan.phases.recover, seconds(30));
    static_cast<void>(watch_->wait_until(
        [&](const auto& state) { return fully_replicated(state, s_.plan.topics); }, until, stop_));
  }
  lanes_->finish_consumers(seconds(13), stop_);
  const measure::HiccupReport hiccups = hiccups_->stop();
  generator_ =
      record::describe_generator(generator_facts(*lanes_), hiccups,
                                 measure::use_between(machine_before_, measure::sample_machine()));
  hiccups_.reset();
  phase("settle", begun, now());
  sampler.sample();
  add_hiccups(hiccups);
  if (brokers_) {
    brokers_->stop();
    journal_brokers();
  }
  sampler.finish();
  for (const auto& failure : lanes_->failures()) throw InfrastructureError(failure);
}

// To the machine's series, as the record has it by now.
void Trial::add_hiccups(const measure::HiccupReport& hiccups) {
  const record::RunRecord so_far = s_.journal.record();
  const View machine = so_far.trial(static_cast<std::size_t>(index_))["machine"];
  json points = machine ? json::parse(machine.json()) : json::array();
  s_.journal.trial(
      index_,
      {{"machine", record::with_hiccups(std::move(points), hiccups, lanes_->clock().waited_s())}});
}

// For the clients of the load: what they could not do unhindered is no part of a trial.
void Trial::change_quotas(kafka::QuotaChange change) {
  if (s_.plan.cluster.quotas.empty()) return;
  const auto done = kafka::change_quotas(cluster_->nodes(), s_.plan.cluster.quotas, change,
                                         now() + seconds(30), stop_);
  if (done) return;
  check_interrupted();
  const std::string& why = done.error().message;
  if (why.find("INVALID_REQUEST") != why.npos) throw SettingRefused({"cluster", "quotas"}, why);
  throw InfrastructureError(why);
}

void Trial::audit_and_judge(const Sampler& sampler, const Timeline& timeline) {
  change_quotas(kafka::QuotaChange::lift);  // they would hold up the audit's reading, too
  History history;
  history.streams = lanes_->ledger().snapshot();
  history.unavailability = lanes_->availability().spans(to_ns(producers_ended_));
  const kafka::Access access = own_access(*cluster_);
  collect_groups(*lanes_, access, history, stop_);
  history.contract = read_contract(s_.plan, *lanes_, *cluster_, stop_);
  take_back_promises(timeline, history.contract);
  history.retention = retention_->stop();
  set_timestamp_lag(*lanes_, history);
  add_client_history(s_.plan, *lanes_, access, s_.plan.phases.recover, stop_, history);
  const auto observers = make_observers(*lanes_);
  show("waiting for full ISR", s_.plan.phases.recover);
  const Instant begun = now();
  const AuditSetting setting{
      .watch = *watch_,
      .access = access,
      .topics = s_.plan.topics,
      .trial_tag = tag_,
      .recover_budget = s_.plan.phases.recover,
      .read_budget = s_.plan.phases.audit,
      .prepare = [&](ledger::Audit& audit) { prepare_audit(*lanes_, history, audit); },
      .observers = pointers_to(observers)};
  const AuditResult audit = audit_log(setting, history, stop_, [this](std::uint64_t read) {
    show("audit, " + counted(read, "message") + " read");
  });
  confirm_ends(history);
  const Instant in_sync = begun + std::max<nanoseconds>(audit.full_isr_after, seconds(0));
  history.longest_out_of_sync = longest_out_of_sync(sampler.leadership(), in_sync);
  check_interrupted();
  const Instant ended = now();
  phase("recover", begun, ended - audit.duration);
  phase("audit", ended - audit.duration, ended);
  checkers::FailedCheckers failed_checkers;
  const auto findings = checkers::check_all(history, failed_checkers);

  json set = describe_outcome({.plan = s_.plan,
                               .lanes = *lanes_,
                               .sampler = sampler,
                               .timeline = timeline,
                               .history = history,
                               .findings = findings,
                               .audit = audit,
                               .falls_behind = falls_behind_,
                               .failed_checkers = failed_checkers});
  set["generator"] = generator_;
  if (foreign_cores_) set["generator"]["foreign_cores"] = std::round(*foreign_cores_ * 100) / 100;
  if (taken_share_ > 0) set["generator"]["taken_share"] = taken_share_;
  if (!latency_doubts_.empty()) set["latency_unknown"] = latency_doubts_;
  set["phases"] = phases_;
  export_history(history);
  set["broker_logs"] = read_broker_logs(timeline, history.contract);
  if (brokers_) set["brokers"] = describe_brokers();
  set["status"] = "finished";
  s_.journal.trial(index_, std::move(set));
  judge_all(timeline, failed_checkers);
  tell_nearest_limit();
}

void Trial::judge_all(const Timeline& timeline, const checkers::FailedCheckers& failed_checkers) {
  const record::RunRecord so_far = s_.journal.record();
  const View trial = so_far.trial(static_cast<std::size_t>(index_));
  std::vector<std::string> problems = timeline.problems();
  problems.insert(problems.end(), bypasses_.begin(), bypasses_.end());
  auto judgement = judge::judge_trial(trial, s_.expectations, problems);
  for (const auto& [name, why] : failed_checkers) {
    judgement.add(Verdict::unknown, "checker " + name + " failed: " + why);
  }
  json judged{{"verdict", to_string(judgement.verdict)},
              {"reasons", judgement.reasons},
              {"explanation", judge::explain_outcome(trial)}};
  if (auto limits = judge::connection_limits(trial); !limits.empty()) {
    judged["connection_limited"] = std::move(limits);
  }
  s_.journal.trial(index_, std::move(judged));
}

// From the whole record of the trial, what was just judged included.
void Trial::tell_nearest_limit() {
  const record::RunRecord so_far = s_.journal.record();
  const auto cores = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  const auto nearest = judge::nearest_limit(
      {.trial = so_far.trial(static_cast<std::size_t>(index_)), .cores = cores});
  if (nearest) s_.journal.trial(index_, {{"nearest_limit", judge::to_json(*nearest)}});
}

void Trial::export_history(const History& history) {
  ledger::OperationLog* operations = lanes_->operations();
  if (operations == nullptr) return;
  if (operations->overflowed()) {
    s_.journal.trial(index_, {{"history",
                               {{"error",
                                 "more operations than a full history keeps: "
                                 "shorten the trial or lower its rate"}}}});
    return;
  }
  record::ExportSetting setting;
  for (const auto& run : lanes_->workloads()) {
    if (run.group)
      setting.group_topics[run.plan->name] = lanes_->lane(run.lanes.front()).context.topic;
  }
  const std::string file = "history-trial-" + std::to_string(index_) + ".jsonl";
  std::ostringstream out;
  record::write_history(out, operations->take(), history, setting);
  s_.journal.file(file, std::move(out).str());
  s_.journal.trial(index_, {{"history", {{"file", file}}}});
}

// Controllers have the ids from 101 on.
std::string log_file_of(const Node& node) {
  return (node.role == NodeRole::controller ? "controller-" + std::to_string(node.id.value - 100)
                                            : "broker-" + std::to_string(node.id.value)) +
         ".log";
}

// With the collectors' pauses, from the logs that have been collected.
json Trial::describe_brokers() const {
  const Instant zero = from_ns(lanes_->clock().measure_ns);
  const Instant end = from_ns(lanes_->clock().intend_until_ns);
  json rows = brokers_->summary();
  for (const Node& node : cluster_->nodes()) {
    std::ifstream log(logs_folder() / log_file_of(node));
    const auto pauses = read_gc_pauses(log);
    for (json& row : rows) {
      if (!pauses || row.at("node") != node.id.value) continue;
      row["gc"] = describe_pauses(*pauses, zero, end);
    }
  }
  return rows;
}

json to_json(const judge::BrokerLogFinding& finding) {
  return {{"file", finding.file},   {"kind", finding.kind},
          {"count", finding.count}, {"line", finding.line},
          {"text", finding.text},   {"allowance", to_string(finding.allowance)},
          {"why", finding.why}};
}

json Trial::read_broker_logs(const Timeline& timeline, const Contract& contract) {
  cluster_->collect_logs(logs_folder());
  judge::BrokerLogRules rules{.allowed = s_.plan.allowed_in_broker_logs};
  for (const auto& [topic, on] : contract.unclean_leader_election)
    rules.unclean_election_allowed = rules.unclean_election_allowed || on;
  json out = json::array();
  for (const Node& node : cluster_->nodes()) {
    for (const auto& fault : timeline.outcomes()) {
      if (may_have_ended(fault, node.id)) rules.ended_files.insert(log_file_of(node));
      if (fault.evidence.lost_power.contains(node.id)) rules.dark_files.insert(log_file_of(node));
      if (fault.evidence.failed_disks.contains(node.id))
        rules.failed_disk_files.insert(log_file_of(node));
    }
    std::ifstream log(logs_folder() / log_file_of(node));
    for (const auto& finding : judge::scan_broker_log(log, log_file_of(node), rules))
      out.push_back(to_json(finding));
  }
  return out;
}

// Without them the cluster still has to go.
void Trial::collect_last_logs() {
  try {
    cluster_->collect_logs(logs_folder());
  } catch (const std::exception& error) {
    clusters::notice(std::string("while collecting the brokers' logs: ") + error.what());
  }
}

void Trial::take_down() noexcept {
  try {
    if (lanes_) lanes_->abandon(seconds(1));
    lanes_.reset();
    retention_.reset();
    brokers_.reset();
    watch_.reset();
    if (!cluster_) return;
    show("taking the cluster down");
    collect_last_logs();
    if (s_.keep_cluster && s_.kind.has_processes) {  // the mock's brokers end with this process
      s_.journal.trial(index_, {{"kept",
                                 {{"bootstrap", cluster_->bootstrap()},
                                  {"protocol", s_.plan.cluster.client_protocol}}}});
      // Its destructor would take it down; reachable, so that no leak checker mistakes it for one.
      static auto& kept = *new std::vector<std::unique_ptr<Cluster>>;
      kept.push_back(std::move(cluster_));
      return;
    }
    for (const auto& left : cluster_->down()) s_.journal.append(index_, "leftovers", {left});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "seatrial: while taking the cluster down: %s\n", error.what());
  }
}

void Trial::phase(const std::string& name, Instant from, Instant to) {
  const Instant origin = from_ns(lanes_->clock().measure_ns);
  phases_.push_back(
      {{"name", name}, {"from_s", to_seconds(from - origin)}, {"to_s", to_seconds(to - origin)}});
  s_.journal.trial(index_, {{"phases", phases_}});
}

void Trial::show(const std::string& name, nanoseconds length) {
  if (name != phase_name_) phase_begun_ = now();
  phase_name_ = name;
  s_.progress({.phase = name,
               .into_s = to_seconds(now() - phase_begun_),
               .phase_s = to_seconds(length),
               .offered_per_s = {},
               .acked_per_s = {},
               .consumed_per_s = {},
               .fault = {}});
}

void Trial::show_load(const std::string& faults) {
  const Instant at = now();
  const double span = std::max(to_seconds(at - shown_.at), 1e-3);
  const std::uint64_t due = lanes_->total(&LaneCounters::due);
  const std::uint64_t acked =
      lanes_->total(&LaneCounters::acked) + lanes_->total(&LaneCounters::sent);
  const std::uint64_t consumed = lanes_->total(&LaneCounters::consumed);
  const bool warm = phase_name_ == "warmup";
  s_.progress({.phase = phase_name_,
               .into_s = to_seconds(at - phase_begun_),
               .phase_s = warm ? 0 : to_seconds(s_.plan.phases.measure),
               .offered_per_s = static_cast<double>(due - shown_.due) / span,
               .acked_per_s = static_cast<double>(acked - shown_.acked) / span,
               .consumed_per_s = static_cast<double>(consumed - shown_.consumed) / span,
               .fault = faults});
  shown_ = {at, due, acked, consumed};
}

}  // namespace

TrialEnd run_trial(const TrialSetting& setting, const std::stop_token& stop) {
  return Trial(setting, stop).run();
}

}  // namespace seatrial::run
