// The lanes that are processes of their own: members of groups, and lanes with a client library of
// their own. The lane's thread in the harness starts the process, reads what it tells
// (member_records.hpp), takes the time of it, and notices its end; faults hit members from their
// own threads through `Members`, which looks to them like the processes of a cluster.
//
// Nothing of a process is lost that it told before it died. A process that ends without having been
// asked to is an error of the lane. A lane that is no member follows the trial's clock, which its
// process maps; it is never started again. A process is started by the lane's thread alone, and so
// lives at most as long as that thread: the kernel kills it when its maker ends
// (member_worker.hpp).
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

#include "clusters/process.hpp"
#include "core/cluster.hpp"
#include "core/workload.hpp"
#include "ledger/group.hpp"
#include "run/client_library.hpp"
#include "run/member_records.hpp"
#include "run/member_setup.hpp"

namespace seatrial::run {

// What happened to a member, in the order in which the harness came to know it.
struct MemberEvent {
  enum class Kind {
    started,   // its process exists; text: "pid 123"
    joined,    // it takes part in the group
    assigned,  // partitions came to it
    revoked,   // partitions were taken from it, or given back when it left
    lost,      // the group had given its partitions to others before it knew
    paused,    // it was told to stand still, and to go on
    resumed,
    leaving,         // it was asked to leave the group
    commit_refused,  // the first of its process with this error; text: the error's name
    ended            // its process is gone; text: how it ended
  };
  Kind kind = Kind::started;
  std::int64_t at_ns = 0;
  std::vector<std::int32_t> partitions;
  std::string text;
  friend bool operator==(const MemberEvent&, const MemberEvent&) = default;
};
[[nodiscard]] std::string to_string(MemberEvent::Kind kind);

struct MemberLog {
  std::vector<MemberEvent> events;
  std::map<std::string, std::uint64_t> refused_commits;  // error -> how often
  std::uint64_t handed = 0;                              // messages, also those that came again
  std::uint64_t torn_records = 0;  // cut short by the process's death, and so not known
  int without_report = 0;          // processes that were ended before they could report
};

struct MemberSetting {
  std::filesystem::path program;         // that knows the verb `worker`: this one
  std::string run_id;                    // label of the process, for `down`
  std::filesystem::path log;             // what it prints
  std::optional<ClientLibrary> library;  // to start it with; none: this program's own
  ProcessRole role = ProcessRole::member;
  SharedSetup shared;
  ledger::OperationLog* operations = nullptr;  // of `history: full`
};

class MemberLane {
 public:
  // `context`: the lane's, with its harness-side recorder, counters and group; must outlive it.
  MemberLane(LaneContext& context, std::string kind, const Options& options, MemberSpan span,
             MemberSetting setting);
  ~MemberLane();

  // The lane's life, on its thread; as Workload::run.
  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

  // From any thread; as Processes.
  void signal(Signal signal);
  void start();
  [[nodiscard]] ProcessState state() const;

  // After `run` has ended.
  [[nodiscard]] const MemberLog& log() const { return log_; }

 private:
  class Pipe;
  void launch(const std::stop_token& stop);
  void await_ready(const std::stop_token& stop);
  bool await_join(const std::stop_token& stop);
  void serve(const std::stop_token& stop);
  void serve_lane(const std::stop_token& stop);
  void order(std::string_view word) const;
  void ask_to_leave(nanoseconds grace);
  void give_up();
  [[nodiscard]] bool outlived_its_kill() const;
  void answer_start(const std::stop_token& stop);
  bool drain();
  void take(const MemberRecord& record);
  void take_delivery(const MemberRecord& record);
  void take_text(MemberRecord::Kind kind, const std::string& text);
  void take_hello(const std::string& text) const;
  void take_news(const std::string& text);
  void take_report(const std::string& text);
  void record_deliveries();
  void see_end();
  void note_event(MemberEvent::Kind kind, std::int64_t at_ns, std::string text = {});
  void note_partition(MemberEvent::Kind kind, const MemberRecord& record);
  [[nodiscard]] bool over(const std::stop_token& stop) const;
  [[nodiscard]] std::string name() const;
  [[nodiscard]] bool is_member() const { return setting_.role == ProcessRole::member; }

  LaneContext& context_;
  const std::string kind_;
  const Options options_;
  const MemberSpan span_;
  const MemberSetting setting_;

  // Lane's thread only.
  MemberLog log_;
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
  std::vector<MemberEvent> told_;  // by other threads; moved into the log by the lane's
};

// The members of a trial as processes that faults act on; their ids: core/target.hpp.
class Members final : public Processes {
 public:
  void add(NodeId node, MemberLane& lane) { lanes_.emplace(node, &lane); }
  void signal(NodeId node, Signal signal) override { lane(node).signal(signal); }
  void start(NodeId node) override { lane(node).start(); }
  [[nodiscard]] ProcessState state(NodeId node) const override { return lane(node).state(); }

 private:
  [[nodiscard]] MemberLane& lane(NodeId node) const;
  std::map<NodeId, MemberLane*> lanes_;
};

// A cluster whose processes are the members instead of its nodes. Both must outlive it.
class MemberCluster final : public Cluster {
 public:
  MemberCluster(Cluster& cluster, Members& members) : cluster_(cluster), members_(members) {}
  [[nodiscard]] std::string kind() const override { return cluster_.kind(); }
  void up(std::stop_token stop) override { cluster_.up(std::move(stop)); }
  std::vector<std::string> down() noexcept override { return cluster_.down(); }
  [[nodiscard]] std::string bootstrap() const override { return cluster_.bootstrap(); }
  [[nodiscard]] std::vector<Node> nodes() const override { return cluster_.nodes(); }
  [[nodiscard]] Processes* processes() override { return &members_; }
  void collect_logs(const std::filesystem::path& dir) override { cluster_.collect_logs(dir); }
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override {
    return cluster_.effective_config();
  }

 private:
  Cluster& cluster_;
  Members& members_;
};

}  // namespace seatrial::run
