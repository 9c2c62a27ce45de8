// A lane and its link, in a process of its own.
#include "workers/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/check.hpp"
#include "core/registry.hpp"
#include "core/setting_refused.hpp"
#include "core/shared_memory.hpp"
#include "ledger/ledger.hpp"
#include "ledger/operation_log.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "workers/disconnecting.hpp"
#include "workers/lane_news.hpp"
#include "workers/trial_share.hpp"
#include "workers/worker_records.hpp"
#include "workers/worker_setup.hpp"

namespace seatrial::workers {
namespace {

using Kind = WorkerRecord::Kind;

constexpr int exit_orphaned = 5;

constexpr auto news_time = milliseconds(20);  // how soon what a lane measured is passed on

// What the harness wants, set by the control thread; a process has one lane.
struct Orders {
  TrialClock member_clock;      // read by a member, which may be asked to leave before the others
  std::atomic<bool> go{false};  // the clock is set: begin
  std::stop_source stop;
};
Orders& orders() {
  static Orders instance;
  return instance;
}

// Writes records to the harness. A record that was written is the kernel's, and outlives us.
// From the lane's thread and from the one that passes on news.
class PipeLink final : public MemberLink {
 public:
  explicit PipeLink(int descriptor) : descriptor_(descriptor) {}

  void delivered(std::span<const Delivery> batch) override {
    const std::lock_guard lock(mutex_);
    for (const Delivery& one : batch) {
      WorkerRecord record;
      record.kind = Kind::delivered;
      record.partition = one.partition;
      record.stream = one.identified ? one.stream.value : no_stream;
      record.generation = one.generation;
      record.seq = one.seq.value;
      record.offset = one.offset;
      record.intended_ns = one.intended_ns;
      record.at_ns = one.at_ns;
      encode(record, buffer_);
    }
    flush();
  }

  void rebalanced(Change change, std::span<const std::int32_t> partitions,
                  std::uint32_t generation) override {
    const std::lock_guard lock(mutex_);
    WorkerRecord record;
    record.kind = change == Change::assigned  ? Kind::assigned
                  : change == Change::revoked ? Kind::revoked
                                              : Kind::lost;
    record.generation = generation;
    record.at_ns = to_ns(now());
    for (const auto partition : partitions) {
      record.partition = partition;
      encode(record, buffer_);
    }
    if (partitions.empty()) encode(record, buffer_);
    flush();
  }

  void committed(std::int32_t partition, std::int64_t offset, std::uint32_t generation,
                 std::string_view error) override {
    const std::lock_guard lock(mutex_);
    WorkerRecord record;
    record.kind = Kind::committed;
    record.partition = partition;
    record.offset = offset;
    record.generation = generation;
    record.at_ns = to_ns(now());
    record.text = error;
    encode(record, buffer_);
    flush();
  }

  void read_until(std::int32_t partition, std::int64_t offset) override {
    const std::lock_guard lock(mutex_);
    WorkerRecord record;
    record.kind = Kind::read_until;
    record.partition = partition;
    record.offset = offset;
    record.at_ns = to_ns(now());
    encode(record, buffer_);
    flush();
  }

  void ready() {
    const std::lock_guard lock(mutex_);
    WorkerRecord record;
    record.at_ns = to_ns(now());
    encode(record, buffer_);
    flush();
  }

  void text(Kind kind, std::string_view whole) {
    const std::lock_guard lock(mutex_);
    encode_text(kind, whole, buffer_);
    flush();
  }

 private:
  void flush() {
    std::size_t done = 0;
    while (done < buffer_.size()) {
      const auto wrote = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) std::_Exit(exit_orphaned);  // nobody listens any more
      done += static_cast<std::size_t>(wrote);
    }
    buffer_.clear();
  }

  int descriptor_;
  std::mutex mutex_;
  std::vector<std::byte> buffer_;
};

std::int64_t cpu_ns() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

// What the lane writes to: the harness's memory, mapped, and books of its own whose pages are
// passed on by a thread while the lane works, so that little is lost if the process dies.
class LaneGear {
 public:
  LaneGear(WorkerSetup& setup, PipeLink& link)
      : setup_(setup),
        link_(link),
        share_(setup.shared.shape, theirs(setup.shared.memory)),
        availability_(setup.shared.partitions, share_.acks(), measure::Availability::Memory::begun),
        disconnecting_(share_.conduct(setup.context.lane.value)),
        cpu_before_(share_.counters(setup.context.lane.value).cpu_ns) {
    LaneContext& context = setup.context;
    context.counters = &share_.counters(context.lane.value);
    context.conduct = &share_.conduct(context.lane.value);
    context.conduct->not_polling_since_ns = 0;  // what a process before it left
    if (setup.role == ProcessRole::member) {
      context.clock = &orders().member_clock;
      context.link = &link;
      return;
    }
    context.clock = &share_.clock();
    context.recorder = &recorder_;
    context.availability = &availability_;
    if (!setup.shared.in_ledger) {
      context.link = &link;
      return;
    }
    ledger_ = ledger::Ledger::attach(setup.shared.ledger_lanes, theirs(setup.shared.ledger));
    lane_ledger_.emplace(ledger_->lane(*setup.shared.in_ledger));
    if (setup.shared.full_history)
      lane_ledger_->keep_operations(operations_, context.lane, context.first_stream);
    context.ledger = &*lane_ledger_;
  }

  LaneReport run(const Workload& workload) {
    std::jthread teller([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::this_thread::sleep_for(news_time);
        report_news();
        disconnecting_.step();
      }
    });
    LaneReport report = workload.run(
        setup_.context, [this] { ready(); }, orders().stop.get_token());
    teller.request_stop();
    teller.join();
    report_news();
    return report;
  }
  [[nodiscard]] const measure::LaneRecorder& recorder() const { return recorder_; }

 private:
  [[nodiscard]] int theirs(int descriptor) const {
    return descriptor_of(setup_.parent, descriptor);
  }
  // A member takes part at once; other lanes begin together.
  void ready() {
    link_.ready();
    if (setup_.role == ProcessRole::member) return;
    orders().go.wait(false);
    recorder_.set_origin(share_.clock().origin_ns);
    see_measure();
    follows_ = true;
  }
  // Set ahead of its time by more than the time between two calls.
  void see_measure() {
    const TrialClock& clock = share_.clock();
    if (measuring_ || !clock.decided()) return;
    measuring_ = true;
    recorder_.set_measure(clock.measure_ns, clock.intend_until_ns);
  }
  void report_news() {
    if (follows_) see_measure();
    share_.counters(setup_.context.lane.value)
        .cpu_ns.store(cpu_before_ + static_cast<std::uint64_t>(cpu_ns()),
                      std::memory_order_relaxed);
    const LaneNews news{.seconds = recorder_.drain(),
                        .acks = availability_.take_news(),
                        .sends = operations_.take().sends};
    if (!news.empty()) link_.text(Kind::news_part, to_json(news).dump());
  }

  WorkerSetup& setup_;
  PipeLink& link_;
  TrialShare share_;
  measure::Availability availability_;
  measure::LaneRecorder recorder_{0};
  std::atomic<bool> follows_{false};           // the clock is set
  bool measuring_ = false;                     // and the recorder knows of measure
  ledger::OperationLog operations_{SIZE_MAX};  // the harness's says when there are too many
  std::unique_ptr<ledger::Ledger> ledger_;
  std::optional<ledger::LaneLedger> lane_ledger_;
  Disconnecting disconnecting_;
  std::uint64_t cpu_before_;  // of the processes before this one
};

// A line from the harness; nothing at its end.
std::optional<std::string> read_line() {
  std::string line;
  char c = 0;
  while (true) {
    const auto got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    if (c == '\n') return line;
    line += c;
  }
}

void listen_to_harness() {
  while (const auto line = read_line()) {
    if (*line == "stop") {
      orders().member_clock.consumers_stop = true;
      orders().stop.request_stop();
    }
    orders().go = true;  // also to stop
    orders().go.notify_all();
  }
  std::_Exit(exit_orphaned);
}

// What libraries print must not get among the records.
int take_stdout() {
  const int records = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (records < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    throw InfrastructureError("a member's process has no stdout");
  }
  return records;
}

void die_with(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) std::_Exit(exit_orphaned);  // it died before we could ask for that
}

std::unique_ptr<Workload> make_workload(const WorkerSetup& setup) {
  const auto* plugin = Registry<Workload>::instance().find(setup.kind);
  if (plugin == nullptr) throw InfrastructureError("there is no workload kind " + setup.kind);
  std::vector<OptionProblem> problems;
  Options options = Options::check(plugin->options, setup.options, problems);
  options.set_folder(setup.folder);
  if (!problems.empty()) throw InfrastructureError(problems.front().message);
  return plugin->make(options);
}

}  // namespace

int run_worker() {
  const int records = take_stdout();
  signal(SIGPIPE, SIG_IGN);
  const auto line = read_line();
  if (!line) return exit_orphaned;
  const auto reported = nlohmann::json::parse(*line);
  if (is_question(reported)) {
    dprintf(records, "%s\n", answer(reported).dump().c_str());
    return 0;
  }
  WorkerSetup setup = read_setup(reported);
  die_with(setup.parent);
  if (setup.role == ProcessRole::member)
    signal(SIGTERM, [](int) { orders().member_clock.consumers_stop = true; });
  std::thread(listen_to_harness).detach();
  PipeLink link(records);
  link.text(Kind::hello_part, to_json(kafka::loaded_library()).dump());
  int exit_code = 0;
  try {
    const auto workload = make_workload(setup);
    LaneGear gear(setup, link);
    const nlohmann::json report{{"report", to_json(gear.run(*workload))},
                                {"totals", totals_of(gear.recorder())}};
    link.text(Kind::report_part, report.dump());
  } catch (const SettingRefused& refused) {
    link.text(Kind::refusal_part,
              nlohmann::json{{"keys", refused.keys}, {"why", refused.why}}.dump());
    exit_code = 4;
  } catch (const std::exception& error) {
    link.text(Kind::failure_part, error.what());
    exit_code = 4;
  }
  // Without destructors: the listening thread, and perhaps the client's, are still about.
  std::_Exit(exit_code);
}

}  // namespace seatrial::workers
