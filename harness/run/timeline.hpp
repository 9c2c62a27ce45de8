// The timeline of a trial: each fault waits for its trigger, resolves its target, injects, holds,
// heals. Every fault has a thread of its own, so a slow shutdown delays no other fault's heal.
// Triggers are read from counters, from what the watch knows and from what other faults have come
// to, every millisecond; nothing on the delivery path waits for them.
//
// What goes wrong is kept as problems, each of which makes the trial INVALID: a fault that had no
// effect, never fired, found nobody to hit, or aimed at a node that another fault holds. On every
// way out, destruction included, what was injected is healed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/cluster.hpp"
#include "core/fault.hpp"
#include "kafka/watch.hpp"
#include "measure/availability.hpp"
#include "record/journal.hpp"
#include "run/targets.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

struct TimelineSetting {
  Cluster& cluster;
  Cluster* members = nullptr;  // its processes are members: what target member(n) acts on
  kafka::ClusterWatch& watch;
  record::Journal& journal;
  int trial = 0;
  Instant measure_start;
  std::function<std::uint64_t()> acked_since_measure;
  // Messages that the workload, or the group, of that name has still to read. Null: nobody waits.
  std::function<std::uint64_t(const std::string&)> lag{};
  std::stop_token stop{};                         // of the run
  measure::Availability* availability = nullptr;  // for the acks around each fault; null: not kept
};

// What one fault did, for the evidence that is completed when the trial ends.
struct FaultOutcome {
  const scenario::FaultPlan* plan = nullptr;
  FaultEffect effect = FaultEffect::none;
  std::string status = "not_fired";  // effective, ineffective, conflict, failed
  std::string error;                 // all that went wrong with it; empty: nothing did
  std::vector<NodeId> targets;
  bool asked = false;  // `inject` was called, and may have had an effect even where it threw
  Evidence evidence;
  kafka::ClusterState before;  // just before injection
  kafka::ClusterState held;    // just before healing: what the fault led to
  // The trigger came: the latest moment at which it may have been met (of `at`, that time), and
  // when that was seen, both without its delay; epoch: never. The first look may come late, and
  // then says when it looked.
  Instant due{};
  Instant came{};
  Instant asked_at{};  // when injection began; epoch: never
  Instant injected{};  // the same, of an injection that had its effect
  Instant healed{};
  std::optional<measure::Availability::Mark> acks;  // where the acks around it are kept
};

// Whether the fault may have ended that node. Also where nobody saw it go, since on a machine that
// is full it goes later than anybody looks.
[[nodiscard]] bool may_have_ended(const FaultOutcome& fault, NodeId node);

class Timeline {
 public:
  Timeline(const std::vector<scenario::FaultPlan>& plan, TimelineSetting setting);
  ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  // Measure is over: nothing fires any more, everything is healed when this returns. Idempotent.
  void finish() noexcept;

  // How many faults are over: healed, or never in force. Any thread, any time.
  [[nodiscard]] std::size_t over() const;

  // After finish(), or once all are over.
  [[nodiscard]] const std::vector<FaultOutcome>& outcomes() const { return outcomes_; }
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

  // When faults began and ended, since the last call.
  [[nodiscard]] std::vector<Instant> take_edges();

  // For the progress line: faults in force now, such as "pause followers(orders/0)".
  [[nodiscard]] std::vector<std::string> active() const;

 private:
  void run_fault(std::size_t index, const std::stop_token& stop) noexcept;
  bool wait_for_trigger(std::size_t index, const std::stop_token& stop);
  bool came(const scenario::Trigger& trigger) const;
  bool came(const scenario::Condition& condition) const;
  [[nodiscard]] std::string last_seen(const scenario::Trigger& trigger) const;
  Result<std::vector<NodeId>> aim(std::size_t index);
  void inject(std::size_t index);
  void heal(std::size_t index) noexcept;
  void undo(std::size_t index);
  bool hold(std::size_t index, const std::vector<NodeId>& nodes);
  void problem(std::size_t index, const std::string& status, const std::string& what) noexcept;
  void add_problem(std::string text) noexcept;
  void add_edge(Instant at);
  void set_moment(std::map<std::string, Instant>& moments, const std::string& name);
  [[nodiscard]] Cluster& acted_on(const scenario::FaultPlan& plan) const;
  [[nodiscard]] double seconds_of(Instant t) const;

  TimelineSetting setting_;
  AskCoordinator ask_coordinator_;
  std::map<TopicPartition, NodeId> led_by_;  // when measure began; of what triggers ask for
  std::vector<FaultOutcome> outcomes_;  // entry k: written by fault k's thread only
  std::vector<std::unique_ptr<Fault>> faults_;
  mutable std::mutex mutex_;  // guards the following
  std::vector<std::string> problems_;
  std::set<NodeId> held_;
  std::set<std::size_t> active_;
  std::map<std::string, Instant> effective_, healed_;  // by name: since when
  std::size_t over_ = 0;
  std::vector<Instant> edges_;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

// What a fault's trigger came to, for the record: came_s, injection_error_ns.
nlohmann::json trigger_evidence(const FaultOutcome& fault, Instant measure_start);
// Of nodes; members are named by the target.
nlohmann::json ids(const std::vector<NodeId>& nodes);

// The record's `evidence` of a fault (record.md), times in seconds since `measure_start`, without
// what it did to partitions.
nlohmann::json to_json(const Evidence& evidence, Instant measure_start);

}  // namespace seatrial::run
