// A lane and its link, in a process of its own.
#include "run/member_worker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/check.hpp"
#include "core/registry.hpp"
#include "run/member_records.hpp"
#include "run/member_setup.hpp"

namespace seatrial::run {
namespace {

using Kind = MemberRecord::Kind;

constexpr int exit_orphaned = 5;

// Read by the lane, set by the control thread and by SIGTERM: a process has one lane.
TrialClock& lane_clock() {
  static TrialClock clock;
  return clock;
}

// Writes records to the harness. A record that was written is the kernel's, and outlives us.
class PipeLink final : public MemberLink {
 public:
  explicit PipeLink(int descriptor) : descriptor_(descriptor) {}

  void delivered(std::span<const Delivery> batch) override {
    for (const Delivery& one : batch) {
      MemberRecord record;
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
    MemberRecord record;
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
    MemberRecord record;
    record.kind = Kind::committed;
    record.partition = partition;
    record.offset = offset;
    record.generation = generation;
    record.at_ns = to_ns(now());
    record.text = error;
    encode(record, buffer_);
    flush();
  }

  void reached_end(std::int32_t partition) override {
    MemberRecord record;
    record.kind = Kind::reached_end;
    record.partition = partition;
    record.at_ns = to_ns(now());
    encode(record, buffer_);
    flush();
  }

  void ready() {
    MemberRecord record;
    record.at_ns = to_ns(now());
    encode(record, buffer_);
    flush();
  }

  void text(Kind kind, std::string_view whole) {
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
  std::vector<std::byte> buffer_;
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
    if (*line == "stop") lane_clock().consumers_stop = true;
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

std::unique_ptr<Workload> make_workload(const MemberSetup& setup) {
  const auto* plugin = Registry<Workload>::instance().find(setup.kind);
  if (plugin == nullptr) throw InfrastructureError("there is no workload kind " + setup.kind);
  std::vector<OptionProblem> problems;
  const Options options = Options::check(plugin->options, setup.options, problems);
  if (!problems.empty()) throw InfrastructureError(problems.front().message);
  return plugin->make(options);
}

}  // namespace

int run_member_worker() {
  const int records = take_stdout();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, [](int) { lane_clock().consumers_stop = true; });
  const auto line = read_line();
  if (!line) return exit_orphaned;
  const auto told = nlohmann::json::parse(*line);
  if (is_question(told)) {
    dprintf(records, "%s\n", answer(told).dump().c_str());
    return 0;
  }
  MemberSetup setup = read_setup(told);
  die_with(setup.parent);
  std::thread(listen_to_harness).detach();
  PipeLink link(records);
  link.text(Kind::hello_part, to_json(kafka::loaded_library()).dump());
  int exit_code = 0;
  try {
    const auto workload = make_workload(setup);
    setup.context.clock = &lane_clock();
    setup.context.link = &link;
    const LaneReport report = workload->run(setup.context, [&link] { link.ready(); }, {});
    link.text(Kind::report_part, to_json(report).dump());
  } catch (const std::exception& error) {
    link.text(Kind::failure_part, error.what());
    exit_code = 4;
  }
  // Without destructors: the listening thread, and perhaps the client's, are still about.
  std::_Exit(exit_code);
}

}  // namespace seatrial::run
