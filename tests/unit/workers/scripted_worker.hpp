// A worker process that a test scripts in a few lines of shell, and its lane in the harness.
//
//   ScriptedWorker worker("orders; say joined; order; say report");   // a member's whole life
//   worker.run();                          // the lane's life, on a thread of its own
//   worker.end();                          // what a trial's end tells it; joins the thread
//
// The script knows `orders` (takes the setup), `order` (waits for one word), `say NAME` (prints
// records that are prepared here) and `hang` (sleeps for longer than any test).
#pragma once

#include <unistd.h>

#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "ledger/group.hpp"
#include "measure/recorder.hpp"
#include "support/catch.hpp"
#include "workers/worker_lane.hpp"

namespace seatrial::workers {

using Bytes = std::vector<std::byte>;

inline Bytes record_of(WorkerRecord::Kind kind) {
  WorkerRecord record;
  record.kind = kind;
  Bytes out;
  encode(record, out);
  return out;
}

class ScriptedWorker {
 public:
  explicit ScriptedWorker(const std::string& script, ProcessRole role = ProcessRole::member,
                          WorkerPatience patience = {}, MemberSpan span = {});
  ~ScriptedWorker();

  void prepare(const std::string& name, const Bytes& bytes) const;
  void rewrite(const std::string& script) const;  // for processes that start from now on
  void run();
  // Returns once `holds`, or the lane has ended, or long after either should be.
  template <class Predicate>
  void await(const Predicate& holds) const {
    const Instant deadline = now() + seconds(60);
    while (!holds() && !ended && now() < deadline) std::this_thread::sleep_for(milliseconds(1));
  }
  void await_process() const {
    await([this] { return lane.state().kind == ProcessState::Kind::running && said("begun"); });
  }
  // Whether a process has made that file, by `: > "$dir/NAME"`.
  [[nodiscard]] bool said(const std::string& name) const {
    return std::filesystem::exists(folder / name);
  }
  std::string end();  // what `run` threw; empty: nothing
  std::string join();
  [[nodiscard]] std::vector<std::string> events() const;

  std::filesystem::path folder;
  TrialClock clock;
  LaneCounters counters;
  measure::LaneRecorder recorder{0};
  ledger::GroupLedger group;
  LaneContext context;
  WorkerLane lane;
  std::stop_source stop;
  std::atomic<bool> ready{false}, ended{false};
  LaneReport report;
  std::exception_ptr error;

 private:
  [[nodiscard]] LaneContext make_context();
  std::thread thread_;
};

}  // namespace seatrial::workers
