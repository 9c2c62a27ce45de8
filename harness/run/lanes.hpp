// The lanes of a trial: one thread per lane, the ledger and recorders they write to, and their life
// from "all connected" over "stop intending" to "settled". Owned by the trial's thread. A lane of a
// workload with members, or with a client library of its own, works in a process of its own, which
// its thread looks after (workers/); clock, counters, ledger and acks lie in memory that such
// processes map too.
//
// Order of destruction matters: threads are joined before anything they use is freed.
#pragma once

#include <atomic>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "client/workload.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger.hpp"
#include "ledger/operation_log.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "scenario/plan.hpp"
#include "workers/members.hpp"
#include "workers/trial_share.hpp"

namespace seatrial::run {

// One workload of the trial and its lanes.
struct WorkloadRun {
  const scenario::WorkloadPlan* plan = nullptr;
  std::unique_ptr<Workload> workload;
  std::vector<std::size_t> lanes;              // indices into Lanes::lane(i)
  std::unique_ptr<ledger::GroupLedger> group;  // consumers only
};

struct LaneRun {
  LaneContext context;
  std::unique_ptr<measure::LaneRecorder> recorder;
  std::optional<std::size_t> in_ledger;      // producers: which of the ledger's lanes it is
  std::optional<ledger::LaneLedger> ledger;  // of a producer that is a thread
  std::unique_ptr<workers::WorkerLane>
      worker;  // if it is a process of its own, member of a group or not
  bool produces = false;
  LaneReport report;
  std::exception_ptr error;
  std::atomic<bool> ready{false};
  std::atomic<bool> done{false};
  std::thread thread;
};

struct LanesSetting {
  const scenario::TrialPlan& plan;
  std::string bootstrap;
  std::uint32_t trial_tag = 0;
  std::string run_id;             // label of members' processes
  std::filesystem::path folder;   // for what members print
  std::filesystem::path program;  // what members run
};

// Workload::client_properties, by the library that its lanes run with.
[[nodiscard]] std::map<std::string, std::string> client_properties(
    const scenario::WorkloadPlan& plan, const Workload& workload);

class Lanes {
 public:
  explicit Lanes(const LanesSetting& setting);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // Starts the threads and waits until every lane is connected. Throws SettingRefused if brokers do
  // not take what a lane is to run with, InfrastructureError naming a lane that failed otherwise or
  // was not ready by `deadline`; Interrupted if `stop` was requested.
  void connect(Instant deadline, const std::stop_token& stop);
  // Sets the clock (warmup begins shortly) and lets all lanes go.
  void release(const scenario::PhasesPlan& phases);
  // Once; `at` lies whole seconds after the clock's origin, and some tenths ahead.
  void begin_measure(Instant at, nanoseconds length);

  // Ends everything early: lanes settle within `grace`.
  void abandon(nanoseconds grace);
  // Producers: settle until `budget` has passed, or a second after a stop; returns when all have
  // ended.
  void settle_producers(nanoseconds budget, const std::stop_token& stop);
  // Consumers: read on until nothing new has come for their quiet time, or `budget` and that have
  // passed, then close; within a second after a stop.
  void finish_consumers(nanoseconds budget, const std::stop_token& stop);

  [[nodiscard]] const TrialClock& clock() const { return share_->clock(); }
  [[nodiscard]] bool producers_done() const;
  // Whether nothing came any more when they were finished.
  [[nodiscard]] bool consumers_quiet() const { return consumers_quiet_; }
  [[nodiscard]] bool any_consumer() const;  // a lane that only consumes
  [[nodiscard]] bool any_producer() const;
  [[nodiscard]] std::uint64_t total(std::atomic<std::uint64_t> LaneCounters::*counter) const;
  [[nodiscard]] std::uint64_t total(const WorkloadRun& run,
                                    std::atomic<std::uint64_t> LaneCounters::*counter) const;
  [[nodiscard]] std::vector<WorkloadRun>& workloads() { return workloads_; }
  [[nodiscard]] const std::vector<WorkloadRun>& workloads() const { return workloads_; }
  [[nodiscard]] LaneRun& lane(std::size_t index) { return *lanes_[index]; }
  [[nodiscard]] const LaneRun& lane(std::size_t index) const { return *lanes_[index]; }
  [[nodiscard]] const ledger::Ledger& ledger() const { return *ledger_; }
  // User and system time, since the lanes were let go, of those that are processes.
  [[nodiscard]] nanoseconds processes_cpu() const;
  // Null unless the plan wants the full history.
  [[nodiscard]] ledger::OperationLog* operations() const { return operations_.get(); }
  [[nodiscard]] measure::Availability& availability() { return *availability_; }
  [[nodiscard]] const measure::Availability& availability() const { return *availability_; }
  // The lanes that are processes, for faults.
  [[nodiscard]] workers::Members& members() { return members_; }
  // Sentences on lanes that ended with an exception; the trial cannot be green then.
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  void add_lanes(const LanesSetting& setting);
  void share_out(const scenario::TrialPlan& plan);
  void add_process(const LanesSetting& setting, std::size_t workload, LaneRun& lane);
  [[nodiscard]] const LaneRun* first_not_ready() const;
  void join(bool (*chosen)(const LaneRun&), const std::stop_token& stop);
  void run_lane(LaneRun& lane, const Workload& workload);
  [[nodiscard]] std::size_t count_open(LaneRun& lane);

  std::optional<workers::TrialShare> share_;
  std::unique_ptr<ledger::OperationLog> operations_;
  std::vector<WorkloadRun> workloads_;
  std::vector<ledger::LaneShape> ledger_shapes_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<measure::Availability> availability_;
  std::vector<std::unique_ptr<LaneRun>> lanes_;
  workers::Members members_;
  std::atomic<bool> released_{false};
  bool consumers_quiet_ = false;
  std::uint64_t cpu_before_ns_ = 0;  // of processes, when the lanes were let go
  std::stop_source stop_;
};

}  // namespace seatrial::run
