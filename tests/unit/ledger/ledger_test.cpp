// The ledger: outcomes against a plain map of them, its invariants, and what survives a SIGKILL.
#include "ledger/ledger.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "core/check.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::ledger;

namespace {

LaneShape shape(std::uint32_t partitions, std::uint32_t in_flight,
                std::string workload = "produce") {
  return {LaneId{7}, std::move(workload), "orders", partitions, in_flight};
}

using seatrial::test::range;

// What a ledger should hold: slow, and obviously right.
struct Reference {
  std::vector<std::uint64_t> opened;
  std::vector<std::map<std::uint64_t, Outcome>> outcomes;
  std::vector<std::int64_t> max_acked;
  explicit Reference(std::size_t streams)
      : opened(streams), outcomes(streams), max_acked(streams, -1) {}
  void settle(std::uint32_t stream, std::uint64_t seq, Outcome outcome, std::int64_t offset) {
    if (outcome != Outcome::unknown) outcomes[stream][seq] = outcome;
    if (outcome == Outcome::acked) max_acked[stream] = std::max(max_acked[stream], offset);
  }
  [[nodiscard]] IntervalSet with(std::size_t stream, Outcome wanted) const {
    IntervalSet out;
    for (const auto& [seq, outcome] : outcomes[stream]) {
      if (outcome == wanted) out.insert(seq);
    }
    return out;
  }
  [[nodiscard]] bool matches(const StreamHistory& s) const {
    const std::size_t i = s.stream.value;
    return s.opened == opened[i] && s.sent == with(i, Outcome::sent) &&
           s.acked == with(i, Outcome::acked) && s.failed == with(i, Outcome::failed) &&
           s.max_acked_offset == max_acked[i] && s.outcomes_dropped == 0;
  }
};

// A lane and its reference, driven by one seed: the same seed makes the same steps in any process.
struct Driver {
  LaneLedger lane;
  Reference reference;
  std::mt19937_64 random;
  std::vector<SlotIndex> open;
  std::uint32_t partitions;

  Driver(Ledger& ledger, std::uint32_t streams, std::uint64_t seed)
      : lane(ledger.lane(0)), reference(streams), random(seed), partitions(streams) {}

  void step() {
    if (!lane.full() && random() % 2 == 0) {
      const auto stream = static_cast<std::uint32_t>(random() % partitions);
      open.push_back(lane.open(stream, static_cast<std::int64_t>(random() % 1000)));
      ++reference.opened[stream];
      return;
    }
    if (open.empty()) return;
    // Mostly the oldest, as deliveries come; at times any other, as retries make it.
    const std::size_t at = random() % 4 == 0 ? random() % open.size() : 0;
    const SlotIndex index = open[at];
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    const std::uint32_t stream = lane.slot(index).stream;
    const std::uint64_t seq = lane.slot(index).seq;
    const std::uint64_t die = random() % 100;
    const Outcome outcome = die < 97   ? Outcome::acked
                            : die < 98 ? Outcome::failed
                            : die < 99 ? Outcome::sent
                                       : Outcome::unknown;
    const auto offset = static_cast<std::int64_t>(random() % 5000) - 1;
    reference.settle(stream, seq, outcome, offset);
    lane.settle(index, outcome, offset);
  }
};

}  // namespace

TEST_CASE("an unused ledger has empty streams in order", "[ledger]") {
  const Ledger ledger({shape(2, 4), shape(0, 0), shape(1, 4, "other")});
  CHECK(ledger.first_stream(0) == 0);
  CHECK(ledger.first_stream(2) == 2);
  const auto streams = ledger.snapshot();
  REQUIRE(streams.size() == 3);
  CHECK(streams[1].stream == StreamId{1});
  CHECK(streams[1].where == TopicPartition{"orders", 1});
  CHECK(streams[1].lane == LaneId{7});
  CHECK(streams[2].workload == "other");
  CHECK(streams[2].where == TopicPartition{"orders", 0});
  CHECK(streams[2].opened == 0);
  CHECK(streams[2].max_acked_offset == -1);
}

TEST_CASE("what is not settled is unknown", "[ledger]") {
  Ledger ledger({shape(1, 8)});
  LaneLedger lane = ledger.lane(0);
  std::vector<SlotIndex> slots;
  for (int i = 0; i < 6; ++i) slots.push_back(lane.open(0, 100 - i));
  lane.slot(slots[5]).sent_ns = 17;
  lane.settle(slots[0], Outcome::acked, 40);
  lane.settle(slots[1], Outcome::acked, 39);
  lane.settle(slots[2], Outcome::failed, -1);
  lane.settle(slots[3], Outcome::sent, -1);
  lane.settle(slots[4], Outcome::unknown, -1);
  CHECK(lane.in_flight() == 1);
  CHECK(lane.open_slots() == std::vector<SlotIndex>{slots[5]});
  const auto open = ledger.open_messages(0);
  REQUIRE(open.size() == 1);
  CHECK(open[0].seq == Seq{5});
  CHECK(open[0].intended_ns == 95);
  CHECK(open[0].sent_ns == 17);
  const StreamHistory stream = ledger.snapshot().front();
  CHECK(stream.opened == 6);
  CHECK(stream.acked == range(0, 2));
  CHECK(stream.failed == range(2, 3));
  CHECK(stream.sent == range(3, 4));
  CHECK(stream.max_acked_offset == 40);
}

TEST_CASE("the newest message can be taken back, and its sequence is used again", "[ledger]") {
  Ledger ledger({shape(2, 8)});
  LaneLedger lane = ledger.lane(0);
  const SlotIndex first = lane.open(0, 1);
  const SlotIndex second = lane.open(0, 2);
  CHECK_THROWS_AS(lane.retract(first), InvariantBroken);
  lane.retract(second);
  CHECK(ledger.snapshot()[0].opened == 1);
  CHECK(lane.in_flight() == 1);
  const SlotIndex again = lane.open(0, 3);
  CHECK(lane.slot(again).seq == 1);
  CHECK(lane.slot(again).intended_ns == 3);
}

TEST_CASE("slots run out, are used again, and are listed oldest first", "[ledger]") {
  Ledger ledger({shape(3, 3)});
  LaneLedger lane = ledger.lane(0);
  const SlotIndex a = lane.open(2, 30), b = lane.open(0, 10), c = lane.open(1, 20);
  CHECK(lane.full());
  CHECK_THROWS_AS(lane.open(0, 1), InvariantBroken);
  CHECK(lane.open_slots() == std::vector<SlotIndex>{b, c, a});
  lane.slot(b).acked_ns.store(99);
  lane.slot(b).sent_ns = 11;
  lane.settle(b, Outcome::acked, 0);
  CHECK_FALSE(lane.full());
  CHECK_THROWS_AS(lane.settle(b, Outcome::acked, 0), InvariantBroken);
  const SlotIndex d = lane.open(0, 40);
  CHECK(d == b);
  CHECK(lane.slot(d).acked_ns.load() == 0);
  CHECK(lane.slot(d).sent_ns == 0);
  std::vector<std::uint64_t> seen;
  for (const SlotIndex i : lane.open_slots()) seen.push_back(lane.slot(i).seq);
  CHECK(seen == std::vector<std::uint64_t>{0, 0, 1});
}

TEST_CASE("misuse of a ledger is an invariant broken", "[ledger]") {
  Ledger ledger({shape(1, 1)});
  LaneLedger lane = ledger.lane(0);
  CHECK_THROWS_AS(ledger.lane(0), InvariantBroken);
  CHECK_THROWS_AS(ledger.lane(1), InvariantBroken);
  CHECK_THROWS_AS(lane.open(1, 0), InvariantBroken);
  CHECK_THROWS_AS(lane.settle(0, Outcome::acked, 0), InvariantBroken);
}

TEST_CASE("random work matches a map of outcomes", "[ledger]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    Ledger ledger({shape(3, 50)}, 2000);
    Driver driver(ledger, 3, seed);
    for (int i = 0; i < 4000; ++i) driver.step();
    for (const auto& stream : ledger.snapshot()) REQUIRE(driver.reference.matches(stream));
  }
}

TEST_CASE("many batches in flight need few runs once they have settled", "[ledger]") {
  // 20 growing batches at a time, a hundred times over: only compaction makes room in 32 runs.
  Ledger ledger({shape(1, 200)}, 32);
  LaneLedger lane = ledger.lane(0);
  for (int round = 0; round < 100; ++round) {
    std::vector<SlotIndex> slots;
    for (int i = 0; i < 200; ++i) slots.push_back(lane.open(0, i));
    for (std::size_t i = 0; i < 10; ++i) {
      for (std::size_t batch = 20; batch > 0; --batch) {
        lane.settle(slots[(batch - 1) * 10 + i], Outcome::acked, -1);
      }
    }
  }
  const StreamHistory stream = ledger.snapshot().front();
  CHECK(stream.outcomes_dropped == 0);
  CHECK(stream.acked == range(0, 20'000));
}

TEST_CASE("outcomes without room are dropped, counted and unknown", "[ledger]") {
  Ledger ledger({shape(1, 1)}, 16);
  LaneLedger lane = ledger.lane(0);
  for (int i = 0; i < 100; ++i) {
    const SlotIndex slot = lane.open(0, i);
    lane.settle(slot, i % 2 == 0 ? Outcome::acked : Outcome::failed, i);
  }
  const StreamHistory stream = ledger.snapshot().front();
  CHECK(stream.opened == 100);
  CHECK(stream.outcomes_dropped == 84);
  CHECK(stream.acked.count() == 8);
  CHECK(stream.failed.count() == 8);
  CHECK(stream.acked.intersect(range(16, 100)).empty());
}

TEST_CASE("a full stream still grows the runs it has", "[ledger]") {
  Ledger ledger({shape(1, 100)}, 16);
  LaneLedger lane = ledger.lane(0);
  std::vector<SlotIndex> slots;
  for (int i = 0; i < 100; ++i) slots.push_back(lane.open(0, i));
  for (std::size_t i = 0; i < 48; i += 3) lane.settle(slots[i], Outcome::acked, -1);
  // 16 runs of one, all full; the first is out of the reach of the short look back.
  lane.settle(slots[1], Outcome::acked, -1);
  CHECK(ledger.snapshot()[0].acked.contains(1));
  lane.settle(slots[2], Outcome::acked, -1);
  CHECK(ledger.snapshot()[0].acked.intersect(range(0, 6)) == range(0, 4));
  lane.settle(slots[60], Outcome::acked, -1);
  CHECK(ledger.snapshot()[0].outcomes_dropped == 1);
  // Once enough has happened since, compaction joins [0, 3) and [3, 4), and there is room again.
  for (std::size_t i = 62; i < 80; i += 2) lane.settle(slots[i], Outcome::acked, -1);
  CHECK(ledger.snapshot()[0].acked.intersect(range(60, 80)).count() == 1);
}

TEST_CASE("a snapshot taken meanwhile never shows more than was opened", "[ledger]") {
  Ledger ledger({shape(1, 64)}, 64);
  LaneLedger lane = ledger.lane(0);
  std::atomic<bool> done{false};
  std::thread worker([&] {
    for (int i = 0; i < 200'000; ++i) lane.settle(lane.open(0, i), Outcome::acked, i);
    done = true;
  });
  while (!done) {
    const StreamHistory stream = ledger.snapshot().front();
    if (stream.acked.minus(range(0, stream.opened)).count() != 0) {
      worker.join();
      FAIL("an outcome was visible before its opening");
    }
  }
  worker.join();
  CHECK(ledger.snapshot().front().acked == range(0, 200'000));
}

namespace {

// What the child tells of itself, in memory that outlives it.
struct Progress {
  std::atomic<std::uint64_t> steps{0};
  std::atomic<bool> broken{false};
};

// Works until it is killed, but never so far that a parent which is scheduled late would find the
// runs full: then it waits for its end.
void run_child(Ledger& ledger, Progress& progress, std::uint64_t seed, std::uint64_t most_steps) {
  Driver driver(ledger, 3, seed);
  for (std::uint64_t i = 0; i < most_steps; ++i) {
    driver.step();
    progress.steps.store(progress.steps.load() + 1);
  }
  for (;;) ::pause();
}

// noexcept: a child that went on as a second test program would be worse than one that aborts.
[[noreturn]] void settle_backwards(Ledger& ledger, Progress& progress,
                                   std::size_t window) noexcept {
  LaneLedger lane = ledger.lane(0);
  std::vector<SlotIndex> slots(window);
  for (;;) {
    for (auto& slot : slots) slot = lane.open(0, 0);
    for (std::size_t i = window; i > 0; --i) {
      lane.settle(slots[i - 1], Outcome::acked, -1);
      progress.steps.fetch_add(1);
    }
  }
}

// The snapshot is that of `before`, or of `after` one more step, or of the middle of that step.
bool between(const StreamHistory& s, const Reference& before, const Reference& after) {
  const std::size_t i = s.stream.value;
  const auto within = [&](const IntervalSet& set, Outcome outcome) {
    return before.with(i, outcome).minus(set).empty() && set.minus(after.with(i, outcome)).empty();
  };
  return before.opened[i] <= s.opened && s.opened <= after.opened[i] &&
         within(s.sent, Outcome::sent) && within(s.acked, Outcome::acked) &&
         within(s.failed, Outcome::failed) && before.max_acked[i] <= s.max_acked_offset &&
         s.max_acked_offset <= after.max_acked[i];
}

// Every ack is in the tables of offsets, or was one without an offset; save, perhaps, the one that
// was being written.
bool adds_up(const StreamHistory& stream, const StreamOffsets& offsets) {
  std::uint64_t answered = offsets.without_offset;
  for (const OffsetSum& sum : offsets.sums) answered += sum.count;
  const std::uint64_t acked = stream.acked.count();
  return offsets.torn ? answered <= acked + 1 && acked <= answered : answered == acked;
}

}  // namespace

TEST_CASE("another mapping of a ledger is the same ledger", "[ledger]") {
  const std::vector<LaneShape> shapes{
      {.lane = LaneId(0), .workload = "a", .topic = "t", .partitions = 2, .max_in_flight = 8},
      {.lane = LaneId(1), .workload = "b", .topic = "t", .partitions = 3, .max_in_flight = 8}};
  Ledger mine(shapes);
  const auto theirs = Ledger::attach(shapes, ::dup(mine.descriptor()));
  LaneLedger lane = theirs->lane(1);
  CHECK_THROWS_AS(mine.lane(1), InvariantBroken);  // over all processes
  CHECK(theirs->first_stream(1) == 2);
  const auto acked = lane.open(1, 100);
  const auto open = lane.open(2, 200);
  lane.slot(open).sent_ns = 250;
  lane.settle(acked, Outcome::acked, 7);
  const auto streams = mine.snapshot();
  REQUIRE(streams.size() == 5);
  CHECK(streams.at(3).acked.contains(0));
  CHECK(streams.at(3).max_acked_offset == 7);
  const auto left = mine.open_messages(1);
  REQUIRE(left.size() == 1);
  CHECK(left.at(0).stream == StreamId(4));
  CHECK(left.at(0).sent_ns == 250);
}

TEST_CASE("a lane killed at any point leaves a consistent ledger", "[ledger]") {
  std::mt19937_64 random(50);
  for (std::uint64_t round = 0; round < 50; ++round) {
    CAPTURE(round);
    void* const shared = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto* const progress = new (shared) Progress;
    // Few runs, so that compactions come often, and yet none is dropped.
    constexpr std::uint32_t runs = 400;
    Ledger ledger({shape(3, 40)}, runs);
    const std::uint64_t wanted = 1 + random() % 10'000;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        run_child(ledger, *progress, round, wanted + 2000);
      } catch (...) {
        progress->broken = true;
      }
      ::_exit(1);
    }
    while (progress->steps.load() < wanted && !progress->broken) {
    }
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));

    // The same steps again in a ledger of our own, up to what the child reported, and one more.
    Ledger replay({shape(3, 40)}, 1 << 16);
    Driver driver(replay, 3, round);
    const std::uint64_t steps = progress->steps.load();
    for (std::uint64_t i = 0; i < steps; ++i) driver.step();
    const Reference before = driver.reference;
    driver.step();
    const auto offsets = ledger.offsets();
    for (const auto& stream : ledger.snapshot()) {
      CAPTURE(stream.stream.value, steps);
      REQUIRE(stream.outcomes_dropped == 0);
      REQUIRE(between(stream, before, driver.reference));
      REQUIRE(adds_up(stream, offsets[stream.stream.value]));
    }
    // Whatever has no outcome is unknown: still open, or settled as such.
    REQUIRE(ledger.open_messages(0).size() <= 40);
    ::munmap(shared, sizeof(Progress));
  }
}

TEST_CASE("a lane killed while it compacts leaves the runs it had", "[ledger]") {
  // Windows settled backwards make a run of each message: much of the time goes into compaction.
  constexpr std::uint64_t window = 4000;
  std::mt19937_64 random(51);
  for (int round = 0; round < 50; ++round) {
    void* const shared = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto* const progress = new (shared) Progress;
    Ledger ledger({shape(1, window)}, window);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) settle_backwards(ledger, *progress, window);
    const std::uint64_t wanted = 1 + random() % 20'000;
    while (progress->steps.load() < wanted) {
    }
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    const std::uint64_t settled = progress->steps.load();
    const std::uint64_t before = settled / window * window;
    IntervalSet reported = range(0, before);
    reported.insert(before + window - settled % window, before + window);
    const StreamHistory stream = ledger.snapshot().front();
    CAPTURE(round, settled);
    REQUIRE(stream.outcomes_dropped == 0);
    REQUIRE(reported.minus(stream.acked).empty());
    REQUIRE(stream.acked.count() <= settled + 1);
    ::munmap(shared, sizeof(Progress));
  }
}

TEST_CASE("a run is settled as its messages would be one by one", "[ledger]") {
  const auto seed = GENERATE(1, 2, 3, 4, 5);
  // Few runs of outcomes and small tables, so that they are compacted, dropped and folded.
  Ledger singly({shape(1024, 20'000)}, 64), by_runs({shape(1024, 20'000)}, 64);
  LaneLedger one = singly.lane(0), run = by_runs.lane(0);
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  struct Batch {
    std::vector<SlotIndex> singly;
    SlotIndex run;
  };
  std::vector<Batch> open;
  std::int64_t offset = 0;
  for (int step = 0; step < 3000; ++step) {
    if (open.size() < 5) {
      const auto stream = static_cast<std::uint32_t>(random() % 2);
      const auto messages = static_cast<std::uint32_t>(1 + random() % (step % 50 == 0 ? 3000 : 20));
      Batch batch{.singly = {}, .run = run.open_run(stream, step, messages)};
      for (std::uint32_t i = 0; i < messages; ++i) batch.singly.push_back(one.open(stream, step));
      open.push_back(std::move(batch));
    }
    const auto at = static_cast<std::ptrdiff_t>(random() % 4 == 0 ? random() % open.size() : 0);
    const Batch batch = open[static_cast<std::size_t>(at)];
    open.erase(open.begin() + at);
    const auto die = random() % 100;
    const Outcome outcome = die < 90   ? Outcome::acked
                            : die < 94 ? Outcome::failed
                            : die < 97 ? Outcome::sent
                                       : Outcome::unknown;
    const std::int64_t base = die < 2    ? -1
                              : die < 10 ? static_cast<std::int64_t>(random() % 100'000)
                                         : offset;
    offset += static_cast<std::int64_t>(batch.singly.size() + random() % 100);
    run.settle(batch.run, outcome, base);
    for (std::size_t i = 0; i < batch.singly.size(); ++i) {
      one.settle(batch.singly[i], outcome, base < 0 ? -1 : base + static_cast<std::int64_t>(i));
    }
  }
  const auto expected = singly.snapshot(), found = by_runs.snapshot();
  const auto answered = singly.offsets(), reported_runs = by_runs.offsets();
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(found[i].opened == expected[i].opened);
    CHECK(found[i].max_acked_offset == expected[i].max_acked_offset);
    CHECK(found[i].nonmonotonic_send == expected[i].nonmonotonic_send);
    CHECK(found[i].offset_reuse == expected[i].offset_reuse);
    CHECK(reported_runs[i].span_shift == answered[i].span_shift);
    CHECK(reported_runs[i].spans == answered[i].spans);
    CHECK(reported_runs[i].sums == answered[i].sums);
    CHECK(reported_runs[i].without_offset == answered[i].without_offset);
    CHECK(answered[i].span_shift > 4);
    // Runs of outcomes that find no room are dropped, whole or in part: then the two may differ.
    if (expected[i].outcomes_dropped + found[i].outcomes_dropped > 0) continue;
    CHECK(found[i].acked == expected[i].acked);
    CHECK(found[i].failed == expected[i].failed);
    CHECK(found[i].sent == expected[i].sent);
  }
  CHECK(by_runs.open_messages(0).size() == singly.open_messages(0).size());
}

TEST_CASE("a run that is open is all of its messages, and can be taken back", "[ledger]") {
  Ledger ledger({shape(1, 10)});
  LaneLedger lane = ledger.lane(0);
  const SlotIndex first = lane.open_run(0, 5, 1000);
  const SlotIndex second = lane.open_run(0, 6, LaneLedger::most_in_run);
  CHECK(lane.in_flight() == 2);
  CHECK(ledger.snapshot()[0].opened == 1000 + LaneLedger::most_in_run);
  CHECK(ledger.open_messages(0).size() == 1000 + LaneLedger::most_in_run);
  CHECK(ledger.open_messages(0)[999].seq == Seq{999});
  CHECK_THROWS_AS(lane.retract(first), InvariantBroken);
  lane.retract(second);
  lane.settle(first, Outcome::acked, 70);
  CHECK(ledger.snapshot()[0].acked == range(0, 1000));
  CHECK(ledger.snapshot()[0].max_acked_offset == 1069);
  CHECK_THROWS_AS(lane.open_run(0, 1, 0), InvariantBroken);
  CHECK_THROWS_AS(lane.open_run(0, 1, LaneLedger::most_in_run + 1), InvariantBroken);
}
