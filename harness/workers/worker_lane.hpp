// A lane that is a process of its own: a member of a group, or one with a client library of its
// own. The lane's thread in the harness starts the process, reads what it tells
// (worker_records.hpp), takes the time of it, and notices its end; faults hit members from their
// own threads (members.hpp).
//
// Nothing of a process is lost that it told before it died. A process that ends without having been
// asked to is an error of the lane. A lane that is no member follows the trial's clock, which its
// process maps; it is never started again. A process is started by the lane's thread alone, and so
// lives at most as long as that thread: the kernel kills it when its maker ends
// (worker_process.hpp).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/workload.hpp"
#include "clusters/process.hpp"
#include "core/cluster.hpp"
#include "ledger/group.hpp"
#include "workers/client_library.hpp"
#include "workers/worker_log.hpp"
#include "workers/worker_records.hpp"
#include "workers/worker_setup.hpp"

namespace seatrial::workers {

// How long the harness waits for a process before it gives it up.
struct WorkerPatience {
  nanoseconds start = seconds(20);     // to take its orders, or to be started again
  nanoseconds leave = seconds(20);     // to end its batch, commit and leave its group
  nanoseconds abandoned = seconds(3);  // the same, of a trial that is broken off
  nanoseconds end = seconds(10);       // from the end of its records to its own
};

struct WorkerSetting {
  std::filesystem::path program;         // that knows the verb `worker`: this one
  std::string run_id;                    // label of the process, for `down`
  std::filesystem::path log;             // what it prints
  std::optional<ClientLibrary> library;  // to start it with; none: this program's own
  ProcessRole role = ProcessRole::member;
  SharedSetup shared;
  ledger::OperationLog* operations = nullptr;  // of `history: full`
  WorkerPatience patience{};
};

class WorkerLane {
 public:
  // `context`: the lane's, with its harness-side recorder, counters and group; must outlive it.
  WorkerLane(LaneContext& context, std::string kind, const Options& options, MemberSpan span,
             WorkerSetting setting);
  ~WorkerLane();

  // The lane's life, on its thread; as Workload::run.
  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

  // From any thread; as Processes.
  void signal(Signal signal);
  void start();
  [[nodiscard]] ProcessState state() const;
  [[nodiscard]] ClientConduct& conduct() const;

  // After `run` has ended.
  [[nodiscard]] const WorkerLog& log() const { return log_; }

 private:
  class Pipe;
  void launch(const std::stop_token& stop);
  void await_ready(const std::stop_token& stop);
  bool await_join(const std::stop_token& stop);
  void serve(const std::stop_token& stop);
  void serve_lane(const std::stop_token& stop);
  void order(std::string_view word) const;
  bool leave_within(const std::stop_token& stop);
  void give_up();
  [[nodiscard]] bool outlived_its_kill() const;
  void answer_start(const std::stop_token& stop);
  bool drain();
  void take(const WorkerRecord& record);
  void take_delivery(const WorkerRecord& record);
  void take_text(WorkerRecord::Kind kind, const std::string& text);
  void take_hello(const std::string& text) const;
  void take_news(const std::string& text);
  void take_report(const std::string& text);
  void record_deliveries();
  void see_end();
  void note_event(WorkerEvent::Kind kind, std::int64_t at_ns, std::string text = {});
  void note_partition(WorkerEvent::Kind kind, const WorkerRecord& record);
  [[nodiscard]] bool over(const std::stop_token& stop) const;
  [[nodiscard]] std::string name() const;
  [[nodiscard]] bool is_member() const { return setting_.role == ProcessRole::member; }

  LaneContext& context_;
  const std::string kind_;
  const Options options_;
  const MemberSpan span_;
  const WorkerSetting setting_;

  // Lane's thread only.
  WorkerLog log_;
  LaneReport report_;
  std::unique_ptr<Pipe> pipe_;
  RecordReader reader_;
  TextJoiner texts_;
  std::vector<ledger::Delivery> deliveries_;  // read, and not recorded yet
  std::uint64_t consumed_ = 0;
  std::uint32_t processes_ = 0;
  bool joined_ = false;
  bool reported_ = false;
  std::string failure_;
  std::optional<Instant> leave_by_;   // set when it was asked to leave
  std::optional<Instant> killed_at_;  // its process, as that did not leave

  // Shared with those who signal and start it.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<clusters::Child> child_;
  bool end_expected_ = false;  // it was told to end without leaving first
  bool start_wanted_ = false;
  bool finished_ = false;
  std::string start_failure_;
  std::vector<WorkerEvent> news_reported_;  // by other threads; moved into the log by the lane's
};

}  // namespace seatrial::workers
