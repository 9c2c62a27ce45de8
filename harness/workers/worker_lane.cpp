// A worker's thread in the harness: one loop that reads, asks and notices.
#include "workers/worker_lane.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "clusters/files.hpp"
#include "clusters/leftovers.hpp"
#include "clusters/signal_numbers.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/owned_file.hpp"
#include "core/setting_refused.hpp"
#include "core/units.hpp"
#include "ledger/operation_log.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "workers/lane_news.hpp"
#include "workers/worker_process.hpp"
#include "workers/worker_setup.hpp"

namespace seatrial::workers {
namespace {

using Kind = WorkerRecord::Kind;
using Event = WorkerEvent::Kind;

constexpr int tick_ms = 5;  // how soon a request is looked at while nothing comes

InfrastructureError system_error(const std::string& what) {
  return InfrastructureError(what + ": " + std::strerror(errno));
}

}  // namespace

// Our ends of a process's stdin and stdout; and, until it is started, its own.
class WorkerLane::Pipe {
 public:
  Pipe() {
    std::array<int, 2> control{}, records{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control.data()) != 0) {
      throw system_error("no socket to a member");
    }
    control_.reset(fdopen(control[0], "r+"));
    its_stdin.reset(fdopen(control[1], "r"));
    if (pipe2(records.data(), O_CLOEXEC) != 0) throw system_error("no pipe from a member");
    records_.reset(fdopen(records[0], "r"));
    its_stdout.reset(fdopen(records[1], "w"));
    check(control_ && its_stdin && records_ && its_stdout, "streams of descriptors just made");
    fcntl(fileno(records_.get()), F_SETFL, O_NONBLOCK);
  }

  // False if it has not taken all of it by then: it stands still. One that is gone hears nothing;
  // its end is noticed elsewhere.
  [[nodiscard]] bool report(std::string_view text, Instant deadline,
                            const std::stop_token& stop) const {
    while (!text.empty()) {
      const auto sent =
          send(fileno(control_.get()), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) {
        if (now() >= deadline || stop.stop_requested()) return false;
        pollfd waiting{.fd = fileno(control_.get()), .events = POLLOUT, .revents = 0};
        poll(&waiting, 1, tick_ms);
        continue;
      }
      if (sent <= 0) return true;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void wait() const {
    pollfd waiting{.fd = fileno(records_.get()), .events = POLLIN, .revents = 0};
    poll(&waiting, 1, tick_ms);
  }
  // What has come: bytes, nothing yet (-1), or the end (0).
  [[nodiscard]] ssize_t read(std::span<std::byte> into) const {
    while (true) {
      const auto got = ::read(fileno(records_.get()), into.data(), into.size());
      if (got >= 0) return got;
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return -1;
      throw system_error("reading a member's records");
    }
  }

  OwnedFile its_stdin, its_stdout;

 private:
  OwnedFile control_, records_;  // closed also where making the others fails
};

WorkerLane::WorkerLane(LaneContext& context, std::string kind, const Options& options,
                       MemberSpan span, WorkerSetting setting)
    : context_(context),
      kind_(std::move(kind)),
      options_(options),
      span_(span),
      setting_(std::move(setting)) {}

WorkerLane::~WorkerLane() = default;

std::string WorkerLane::name() const {
  if (!is_member()) {
    return "the process of workload '" + context_.workload + "', lane " +
           std::to_string(context_.index);
  }
  return "member " + std::to_string(context_.index + 1) + " of '" + context_.workload + "'";
}

bool WorkerLane::over(const std::stop_token& stop) const {
  return context_.clock->consumers_stop.load(std::memory_order_relaxed) || stop.stop_requested();
}

LaneReport WorkerLane::run(const std::function<void()>& ready, const std::stop_token& stop) {
  const auto finish = [this] {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  };
  try {
    if (!is_member()) {
      launch(stop);
      await_ready(stop);
      ready();
      if (pipe_) order("go\n");
      serve_lane(stop);
    } else if (span_.joins) {
      ready();
      if (await_join(stop)) launch(stop);
    } else {
      launch(stop);
      await_ready(stop);
      ready();
    }
    if (is_member()) serve(stop);
  } catch (...) {
    finish();
    throw;
  }
  finish();
  context_.recorder->publish();
  return std::move(report_);
}

// False if the trial ended before.
bool WorkerLane::await_join(const std::stop_token& stop) {
  while (!context_.clock->reached(*span_.joins) && !over(stop))
    std::this_thread::sleep_for(milliseconds(tick_ms));
  return !over(stop);
}

void WorkerLane::await_ready(const std::stop_token& stop) {
  while (!joined_ && !over(stop)) {
    pipe_->wait();
    if (drain()) continue;
    see_end();
    throw InfrastructureError(name() + " ended before it had joined");
  }
}

// Nothing is changed unless there is a process: what has none has no pipe either, and its loop
// ends.
void WorkerLane::launch(const std::stop_token& stop) {
  auto pipe = std::make_unique<Pipe>();
  auto env =
      setting_.library ? environment_for(*setting_.library) : std::map<std::string, std::string>{};
  env[clusters::run_variable] = setting_.run_id;
  auto child = clusters::Child::spawn({.argv = {setting_.program.string(), worker_verb},
                                       .env = std::move(env),
                                       .cwd = {},
                                       .output = setting_.log,
                                       .in = pipe->its_stdin.get(),
                                       .out = pipe->its_stdout.get()});
  if (!child) throw InfrastructureError(name() + ": " + child.error().message);
  pipe->its_stdin.reset();
  pipe->its_stdout.reset();
  const WorkerSetup setup{.role = setting_.role,
                          .shared = setting_.shared,
                          .kind = kind_,
                          .options = options_.all(),
                          .folder = options_.folder(),
                          .context = context_,
                          .parent = getpid()};
  if (!pipe->report(to_json(setup).dump() + "\n", now() + setting_.patience.start, stop)) {
    throw InfrastructureError(name() + " did not take its orders in time");  // the child goes, too
  }
  pipe_ = std::move(pipe);
  reader_ = {};
  texts_ = {};
  ++processes_;
  joined_ = reported_ = false;
  failure_.clear();
  killed_at_.reset();
  note_event(Event::started, to_ns(now()), "pid " + std::to_string((*child)->pid()));
  const std::lock_guard lock(mutex_);
  child_ = std::move(*child);
  end_expected_ = false;
}

// A word, for which there is always room. One that stands still for good meets its deadline later.
void WorkerLane::order(std::string_view word) const {
  static_cast<void>(pipe_->report(word, now() + milliseconds(tick_ms), {}));
}

void WorkerLane::serve(const std::stop_token& stop) {
  const auto leaves = span_.leaves;
  while (true) {
    if (pipe_) {
      pipe_->wait();
      if (!drain()) see_end();
    } else {
      std::this_thread::sleep_for(milliseconds(tick_ms));
    }
    context_.recorder->publish_if_due(to_ns(now()));
    const bool ends = over(stop);
    if (!pipe_ && (ends || leave_by_)) return;
    if (!ends) answer_start(stop);
    const bool leaves_now = leaves && context_.clock->reached(*leaves) && joined_;
    if (pipe_ && (ends || leaves_now) && leave_within(stop)) {
      note_event(Event::leaving, to_ns(now()));
      order("stop\n");
    }
    if (pipe_ && leave_by_ && now() >= *leave_by_) give_up();
    if (pipe_ && outlived_its_kill()) see_end();
  }
}

// Its end of the pipe would be closed by now; so somebody else holds that, or the kernel holds it.
bool WorkerLane::outlived_its_kill() const {
  return killed_at_ && now() >= *killed_at_ + setting_.patience.end;
}

// The trial's clock tells the process when to end; a stop it has to be told. What does not end by
// itself is ended, and that is a failure.
void WorkerLane::serve_lane(const std::stop_token& stop) {
  const TrialClock& clock = *context_.clock;
  bool reported = false;
  while (pipe_) {
    pipe_->wait();
    if (!drain()) see_end();
    context_.recorder->publish_if_due(to_ns(now()));
    if (!pipe_) return;
    if (stop.stop_requested() && !std::exchange(reported, true)) order("stop\n");
    const bool ends = over(stop) || to_ns(now()) >= clock.settle_until_ns.load();
    if (ends) leave_within(stop);
    if (leave_by_ && now() >= *leave_by_ && !killed_at_) {
      if (failure_.empty()) failure_ = "it did not end in time";
      killed_at_ = now();
      child_->kill_group();
    }
    if (outlived_its_kill()) see_end();
  }
}

// Once, and also of one that a fault has asked to end: it may not have done so.
void WorkerLane::give_up() {
  if (killed_at_) return;
  killed_at_ = now();
  bool expected = false;
  {
    const std::lock_guard lock(mutex_);
    expected = std::exchange(end_expected_, true);
  }
  if (!expected) report_.notes.push_back(name() + " did not leave in time");
  child_->kill_group();
}

// Gives it the time to end; a stop can only shorten that. True the first time.
bool WorkerLane::leave_within(const std::stop_token& stop) {
  const auto& patience = setting_.patience;
  const Instant by = now() + (stop.stop_requested() ? patience.abandoned : patience.leave);
  const bool first = !leave_by_;
  leave_by_ = first ? by : std::min(*leave_by_, by);
  return first;
}

// A fault is healed: the process that is gone gets a successor, made by this thread.
void WorkerLane::answer_start(const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    if (!start_wanted_ || pipe_) return;
  }
  std::string failure;
  try {
    launch(stop);
  } catch (const std::exception& error) {
    failure = error.what();
  }
  const std::lock_guard lock(mutex_);
  start_wanted_ = false;
  start_failure_ = std::move(failure);
  changed_.notify_all();
}

// Takes what has come; false once the process has closed its end.
bool WorkerLane::drain() {
  std::array<std::byte, 64 * 1024> bytes;
  ssize_t got = 0;
  while ((got = pipe_->read(bytes)) > 0) {
    reader_.feed(std::span(bytes).first(static_cast<std::size_t>(got)),
                 [this](const WorkerRecord& record) { take(record); });
    record_deliveries();
  }
  const std::lock_guard lock(mutex_);
  log_.events.insert(log_.events.end(), news_reported_.begin(), news_reported_.end());
  news_reported_.clear();
  return got < 0;
}

void WorkerLane::take(const WorkerRecord& record) {
  switch (record.kind) {
    case Kind::ready: joined_ = true; return note_event(Event::joined, record.at_ns);
    case Kind::delivered: return take_delivery(record);
    case Kind::committed:
      record_deliveries();  // it may speak of them
      if (record.text.empty()) context_.group->committed(record.partition, record.offset);
      if (!record.text.empty() && log_.refused_commits[record.text]++ == 0) {
        note_event(Event::commit_refused, record.at_ns, record.text);
        log_.events.back().partitions = {record.partition};
      }
      return;
    case Kind::assigned: return note_partition(Event::assigned, record);
    case Kind::revoked: return note_partition(Event::revoked, record);
    case Kind::lost: return note_partition(Event::lost, record);
    case Kind::read_until:
      record_deliveries();
      // Whoever leaves early leaves its partitions to others.
      if (context_.clock->consumers_stop) {
        context_.group->read_until(record.partition, record.offset);
      }
      return;
    case Kind::hello_part:
    case Kind::news_part:
    case Kind::report_part:
    case Kind::failure_part:
    case Kind::refusal_part: {
      const auto text = texts_.add(record);
      if (text) take_text(record.kind, *text);
      return;
    }
  }
}

void WorkerLane::take_text(Kind kind, const std::string& text) {
  if (kind == Kind::hello_part) return take_hello(text);
  if (kind == Kind::news_part) return take_news(text);
  if (kind == Kind::report_part) return take_report(text);
  if (kind == Kind::refusal_part) {
    const auto reported = nlohmann::json::parse(text);
    throw SettingRefused(reported.at("keys"), reported.at("why"));
  }
  failure_ = text;
}

// Whatever the loader was told: what counts is what it did.
void WorkerLane::take_hello(const std::string& text) const {
  if (!setting_.library) return;
  const auto loaded = read_loaded(nlohmann::json::parse(text));
  const auto wrong = wrong_library(*setting_.library, loaded);
  if (wrong.empty()) return;
  throw InfrastructureError(name() + " was to run with librdkafka " + setting_.library->version +
                            ": " + wrong);
}

// To its group a process that follows another is a member of its own.
void WorkerLane::take_delivery(const WorkerRecord& record) {
  ++log_.handed;
  const auto lanes = static_cast<std::uint32_t>(context_.lanes);
  deliveries_.push_back(
      {.member = static_cast<std::uint32_t>(context_.index) + (processes_ - 1) * lanes,
       .assignment = record.generation,
       .partition = record.partition,
       .offset = record.offset,
       .identified = record.stream != no_stream,
       .stream = StreamId(record.stream),
       .seq = Seq(record.seq),
       .intended_ns = record.intended_ns,
       .delivered_ns = record.at_ns});
}

void WorkerLane::take_news(const std::string& text) {
  LaneNews news = read_news(nlohmann::json::parse(text));
  context_.recorder->add(std::move(news.seconds));
  context_.availability->add(news.acks);
  if (setting_.operations == nullptr) return;
  for (const auto& send : news.sends) setting_.operations->settled(send);
}

// What the processes before it reported stays.
void WorkerLane::take_report(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  LaneReport own = read_report(json.at("report"));
  add_totals(json.at("totals"), *context_.recorder);
  reported_ = true;
  if (!is_member()) {
    report_ = std::move(own);
    return;
  }
  report_.effective_config = std::move(own.effective_config);
  report_.client_version = std::move(own.client_version);
  for (auto& note : own.notes) report_.notes.push_back(name() + ": " + std::move(note));
  for (const auto& [partition, errors] : own.errors) {
    for (const auto& [error, count] : errors) report_.errors[partition][error] += count;
  }
}

void WorkerLane::record_deliveries() {
  if (deliveries_.empty()) return;
  context_.group->observe(deliveries_);
  for (const auto& one : deliveries_) {
    if (!one.identified) continue;
    ++consumed_;
    context_.recorder->consumed(one.intended_ns, one.delivered_ns, one.first);
  }
  // A lane that is no member counts by itself.
  if (is_member()) context_.counters->consumed.store(consumed_, std::memory_order_relaxed);
  deliveries_.clear();
}

void WorkerLane::see_end() {
  if (reader_.torn() > 0) ++log_.torn_records;
  pipe_.reset();
  if (!child_->wait(setting_.patience.end)) {
    child_->kill_group();
    child_->wait(setting_.patience.end);  // or the end would read "running"
  }
  const ProcessState state = this->state();
  note_event(Event::ended, to_ns(now()), to_string(state));
  if (!reported_) ++log_.without_report;
  const bool well = reported_ && failure_.empty();
  const std::lock_guard lock(mutex_);
  if (well || (end_expected_ && failure_.empty())) {
    if (!well) report_.notes.push_back(name() + " was " + to_string(state) + " and left no report");
    return;
  }
  const auto printed = clusters::last_lines(file_text(setting_.log).value_or(""), 5);
  throw InfrastructureError(
      name() + " ended by itself: " + (failure_.empty() ? to_string(state) : failure_) +
      (printed.empty() ? "" : "\n" + printed));
}

void WorkerLane::note_event(WorkerEvent::Kind kind, std::int64_t at_ns, std::string text) {
  log_.events.push_back({.kind = kind, .at_ns = at_ns, .partitions = {}, .text = std::move(text)});
}

// Partitions that come or go together were told one by one, with one time.
void WorkerLane::note_partition(WorkerEvent::Kind kind, const WorkerRecord& record) {
  auto& events = log_.events;
  if (events.empty() || events.back().kind != kind || events.back().at_ns != record.at_ns) {
    note_event(kind, record.at_ns);
  }
  if (record.partition >= 0) events.back().partitions.push_back(record.partition);
}

ProcessState WorkerLane::state() const {
  std::shared_ptr<clusters::Child> child;
  {
    const std::lock_guard lock(mutex_);
    child = child_;
  }
  return child ? child->state() : ProcessState{};
}

ClientConduct& WorkerLane::conduct() const {
  check(context_.conduct != nullptr, "a lane in a process of its own shares its conduct");
  return *context_.conduct;
}

// Under the lock: the lane's thread sees no end before it knows whether that was asked for. What
// could not be told has not happened.
void WorkerLane::signal(Signal signal) {
  const std::lock_guard lock(mutex_);
  if (!child_) throw InfrastructureError(name() + " has no process");
  const std::int64_t at_ns = to_ns(now());
  if (const auto error = child_->signal(clusters::system_signal(signal).number))
    throw InfrastructureError(error->message);
  if (signal == Signal::kill || signal == Signal::terminate) {
    end_expected_ = true;
    return;
  }
  news_reported_.push_back({.kind = signal == Signal::pause ? Event::paused : Event::resumed,
                            .at_ns = at_ns,
                            .partitions = {},
                            .text = {}});
}

void WorkerLane::start() {
  if (const auto kind = state().kind;
      kind == ProcessState::Kind::running || kind == ProcessState::Kind::paused) {
    return;
  }
  std::unique_lock lock(mutex_);
  if (finished_) throw InfrastructureError(name() + " cannot start: its part in the trial is over");
  start_wanted_ = true;
  start_failure_.clear();
  const bool answered = changed_.wait_for(lock, setting_.patience.start,
                                          [this] { return !start_wanted_ || finished_; });
  if (!start_failure_.empty()) throw InfrastructureError(start_failure_);
  if (!answered || start_wanted_) throw InfrastructureError(name() + " was not started again");
}

}  // namespace seatrial::workers
