// A worker's thread in the harness, with processes that are scripts: how they end, what is kept of
// them, and that nothing waits for one that is gone.
#include "workers/worker_lane.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "core/check.hpp"
#include "core/setting_refused.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"
#include "unit/workers/scripted_worker.hpp"

namespace seatrial::workers {
namespace {

using test::contains;

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr const char* well_behaved = "orders; say joined; order; say report";

// So short that a test can see it pass, where what it waits for never comes.
constexpr WorkerPatience hurried{.start = milliseconds(200),
                                 .leave = milliseconds(50),
                                 .abandoned = milliseconds(50),
                                 .end = milliseconds(50)};

std::ptrdiff_t descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

bool has_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

// Of a call that is refused.
template <class Call>
std::string words_of(const Call& call) {
  try {
    call();
  } catch (const InfrastructureError& error) {
    return error.what();
  }
  return "";
}

// A well-behaved member that was killed before it could report.
void run_and_kill(ScriptedWorker& worker) {
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  worker.lane.signal(Signal::kill);
  worker.await([&] { return worker.lane.state().kind == ProcessState::Kind::exited; });
}

TEST_CASE("a member works, leaves when it is asked to, and its report is kept") {
  const auto before = descriptors();
  {
    ScriptedWorker worker(well_behaved);
    worker.run();
    worker.await([&] { return worker.ready.load(); });
    CHECK(worker.end() == "");
    CHECK(worker.events() == Strings{"started", "joined", "leaving", "ended: exited with code 0"});
    CHECK(worker.report.client_version == "librdkafka 0.0.0");
    CHECK(worker.report.notes == Strings{"member 1 of 'reads': all is well"});
    CHECK(worker.lane.log().without_report == 0);
  }
  CHECK(descriptors() == before);
  CHECK_FALSE(has_children());
}

TEST_CASE("a member that is killed before it could report counts, and another takes its place") {
  const auto before = descriptors();
  {
    ScriptedWorker worker(well_behaved);
    run_and_kill(worker);
    worker.lane.start();
    CHECK(worker.lane.state().kind == ProcessState::Kind::running);
    CHECK(worker.end() == "");
    CHECK(worker.lane.log().without_report == 1);
    CHECK(worker.report.notes ==
          Strings{"member 1 of 'reads' was killed by signal 9 and left no report",
                  "member 1 of 'reads': all is well"});
    // It may be told to leave before the lane has read that it joined again; nothing else may swap.
    Strings expected{"started", "joined",  "ended: killed by signal 9", "started",
                     "joined",  "leaving", "ended: exited with code 0"};
    REQUIRE(worker.events().size() == expected.size());
    if (worker.events()[4] == "leaving") std::swap(expected[4], expected[5]);
    CHECK(worker.events() == expected);
  }
  CHECK(descriptors() == before);
  CHECK_FALSE(has_children());
}

TEST_CASE("a process that ends unasked is an error, with the last it printed") {
  ScriptedWorker worker("orders; say joined; echo 'out of memory' >&2; exit 3");
  worker.run();
  CHECK(worker.join() == "member 1 of 'reads' ended by itself: exited with code 3\nout of memory");
  CHECK(worker.lane.log().without_report == 1);
}

TEST_CASE("a process that ends before it has joined is an error of the lane that waits for it") {
  ScriptedWorker worker("exit 1");
  worker.run();
  CHECK(worker.join() == "member 1 of 'reads' ended by itself: exited with code 1");
  CHECK_FALSE(worker.ready);
}

TEST_CASE("a process says in its own words why it failed") {
  ScriptedWorker worker("orders; say joined; say failure; exit 4");
  Bytes words;
  encode_text(WorkerRecord::Kind::failure_part, "the topic is gone", words);
  worker.prepare("failure", words);
  worker.run();
  CHECK(worker.join() == "member 1 of 'reads' ended by itself: the topic is gone");
}

TEST_CASE("a setting that brokers refuse keeps its place on the way from the process") {
  ScriptedWorker worker("orders; say refusal; exit 4");
  Bytes words;
  encode_text(WorkerRecord::Kind::refusal_part, R"({"keys": ["workloads", "reads"], "why": "no"})",
              words);
  worker.prepare("refusal", words);
  worker.run();
  CHECK(worker.join() == "the brokers refuse this: no");
  CHECK_THROWS_AS(std::rethrow_exception(worker.error), SettingRefused);
}

TEST_CASE("what is no record ends the lane, and its process with it") {
  const auto before = descriptors();
  {
    ScriptedWorker worker(
        "orders; say joined; order; "
        "echo 'Hello, I am a library that prints eighty characters and more to standard output.'; "
        "hang");
    worker.run();
    worker.await([&] { return worker.ready.load(); });
    CHECK(contains(worker.end(), "records cannot be read: something else is among them"));
  }
  CHECK(descriptors() == before);
  CHECK_FALSE(has_children());
}

TEST_CASE("a record that death cut short is counted, and what came before it holds") {
  ScriptedWorker worker("orders; say joined; say torn; : > \"$dir/said\"; hang");
  auto torn = record_of(WorkerRecord::Kind::delivered);
  WorkerRecord handed;
  handed.kind = WorkerRecord::Kind::delivered;
  handed.stream = no_stream;
  handed.partition = 0;
  handed.offset = 7;
  Bytes bytes;
  encode(handed, bytes);
  torn.resize(record_bytes / 2);
  bytes.insert(bytes.end(), torn.begin(), torn.end());
  worker.prepare("torn", bytes);
  worker.run();
  worker.await([&] { return worker.said("said"); });
  worker.lane.signal(Signal::kill);
  CHECK(worker.end() == "");
  CHECK(worker.lane.log().torn_records == 1);
  CHECK(worker.lane.log().handed == 1);
}

TEST_CASE("a process that closes its pipe and lives on is ended, and it is known how") {
  ScriptedWorker worker("orders; say joined; order; say report; exec >&-; hang",
                        ProcessRole::member, hurried);
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  CHECK(worker.end() == "");
  CHECK(worker.events().back() == "ended: killed by signal 9");
}

TEST_CASE("a member that does not leave in time is ended, and that is noted") {
  ScriptedWorker worker("orders; say joined; hang", ProcessRole::member, hurried);
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  CHECK(worker.end() == "");
  CHECK(worker.report.notes ==
        Strings{"member 1 of 'reads' did not leave in time",
                "member 1 of 'reads' was killed by signal 9 and left no report"});
}

TEST_CASE("a stop ends a member that stands still") {
  ScriptedWorker worker(well_behaved, ProcessRole::member, {.abandoned = milliseconds(50)});
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  worker.lane.signal(Signal::pause);
  worker.await([&] { return worker.lane.state().kind == ProcessState::Kind::paused; });
  worker.stop.request_stop();
  CHECK(worker.join() == "");
  CHECK(worker.events().back() == "ended: killed by signal 9");
}

TEST_CASE("a stop ends the wait for a process that never joins") {
  ScriptedWorker worker("orders; hang", ProcessRole::member, {.abandoned = milliseconds(50)});
  worker.run();
  worker.await([&] { return worker.said("begun"); });
  worker.stop.request_stop();
  CHECK(worker.join() == "");
}

TEST_CASE("a stop shortens the time of a lane's process, which is no member, too") {
  ScriptedWorker worker("orders; say joined; hang", ProcessRole::lane,
                        {.abandoned = milliseconds(50)});
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  worker.stop.request_stop();
  const Instant patience = now() + seconds(5);
  worker.await([&] { return now() > patience; });
  CHECK(worker.ended);
  if (!worker.ended) worker.lane.signal(Signal::kill);
  CHECK(contains(worker.join(), "did not end in time"));
}

TEST_CASE("a lane's process that outlives the settling is an error") {
  ScriptedWorker worker("orders; say joined; hang", ProcessRole::lane, hurried);
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  worker.clock.settle_until_ns = to_ns(now());
  CHECK(worker.join() ==
        "the process of workload 'reads', lane 0 ended by itself: it did not end in time");
}

TEST_CASE("a member that joins late has no process before, and none if the trial ends first") {
  ScriptedWorker worker(well_behaved, ProcessRole::member, {}, {.joins = nanoseconds(0)});
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  CHECK(worker.lane.state() == ProcessState{});
  SECTION("it joins") {
    worker.clock.measure_ns = to_ns(now());
    worker.await_process();
    CHECK(worker.end() == "");
    CHECK(worker.events().size() == 4);
  }
  SECTION("the trial ends") {
    CHECK(worker.end() == "");
    CHECK(worker.events().empty());
  }
}

TEST_CASE("what is told to a process that has ended is refused, and leaves no trace") {
  ScriptedWorker worker(well_behaved);
  run_and_kill(worker);
  for (const Signal signal : {Signal::pause, Signal::resume, Signal::kill, Signal::terminate})
    CHECK(contains(words_of([&] { worker.lane.signal(signal); }), "No such process"));
  worker.lane.start();  // the lane's log takes what others told as it reads
  CHECK(worker.end() == "");
  const auto events = worker.events();
  CHECK(std::ranges::count(events, "paused") == 0);
  CHECK(std::ranges::count(events, "resumed") == 0);
}

TEST_CASE("a start that fails is told with its reason, at once, and the trial goes on") {
  const auto before = descriptors();
  {
    ScriptedWorker worker(well_behaved);
    run_and_kill(worker);
    SECTION("its folder is gone") {
      fs::remove_all(worker.folder / "log");
      CHECK(contains(words_of([&] { worker.lane.start(); }), "cannot write"));
    }
    SECTION("the program is gone") {
      fs::remove(worker.folder / "worker");
      CHECK(contains(words_of([&] { worker.lane.start(); }), "is not installed"));
    }
    SECTION("it is no program") {
      fs::remove(worker.folder / "worker");
      fs::create_directory(worker.folder / "worker");
      CHECK(contains(words_of([&] { worker.lane.start(); }), "cannot start"));
    }
    CHECK(worker.end() == "");
    CHECK(worker.lane.log().without_report == 1);
  }
  CHECK(descriptors() == before);
  CHECK_FALSE(has_children());
}

// Of descriptors, as many as are open now and some more.
class FewDescriptors {
 public:
  explicit FewDescriptors(int more) {
    getrlimit(RLIMIT_NOFILE, &before_);
    auto few = before_;
    std::vector<int> taken;
    int highest = 0;
    for (int i = 0; i < more; ++i) taken.push_back(highest = dup(0));
    few.rlim_cur = static_cast<rlim_t>(highest) + 1;
    setrlimit(RLIMIT_NOFILE, &few);
    for (const int descriptor : taken) close(descriptor);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("where descriptors run out nothing is started, and none is lost") {
  const int more = GENERATE(1, 2, 3, 4, 5, 6);
  INFO(more);
  const auto before = descriptors();
  {
    ScriptedWorker worker(well_behaved);
    {
      const FewDescriptors few(more);
      worker.run();
      const std::string words = worker.join();
      CAPTURE(words);
      CHECK(contains(words, "Too many open files"));
    }
    CHECK(worker.lane.state() == ProcessState{});
  }
  CHECK(descriptors() == before);
  CHECK_FALSE(has_children());
}

TEST_CASE("a heal does not wait for a lane whose part is over") {
  ScriptedWorker worker(well_behaved);
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  CHECK(worker.end() == "");
  CHECK(words_of([&] { worker.lane.start(); }) ==
        "member 1 of 'reads' cannot start: its part in the trial is over");
}

TEST_CASE("a heal that is under way when the lane ends is told so") {
  ScriptedWorker worker(well_behaved);
  run_and_kill(worker);
  worker.stop.request_stop();
  CHECK(contains(words_of([&] { worker.lane.start(); }), "member 1 of 'reads'"));
  CHECK(worker.join() == "");
}

TEST_CASE("a process that runs is not started again") {
  ScriptedWorker worker(well_behaved);
  worker.run();
  worker.await([&] { return worker.ready.load(); });
  worker.lane.start();
  CHECK(worker.end() == "");
  CHECK(worker.events().size() == 4);
}

}  // namespace
}  // namespace seatrial::workers
