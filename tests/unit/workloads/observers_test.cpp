// The observers of transform and compacted, fed logs made by hand.
#include <cstddef>
#include <string>
#include <vector>

#include "ledger/identity.hpp"
#include "support/catch.hpp"
#include "workloads/compacted_observer.hpp"
#include "workloads/keyed_value.hpp"
#include "workloads/transform_observer.hpp"
#include "workloads/transform_reference.hpp"

using namespace seatrial;
using namespace seatrial::workloads;

namespace {

using Value = std::vector<std::byte>;

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

Value plain(std::uint32_t stream, std::uint64_t seq) {
  Value value(80, std::byte{'.'});
  ledger::stamp(value, {1, StreamId{stream}, Seq{seq}, 0});
  return value;
}

Value made_of(std::uint32_t stream, std::uint64_t seq, std::int32_t partition,
              std::int64_t offset) {
  Value value(80, std::byte{'.'});
  write_reference(value, {.partition = partition, .offset = offset, .message = 7});
  ledger::stamp(value, {1, StreamId{stream}, Seq{seq}, 0});
  return value;
}

Value keyed(std::uint64_t key, std::uint64_t version) {
  Value value(80, std::byte{'.'});
  write_key(value, {key, version});
  ledger::stamp(value, {1, StreamId{0}, Seq{version}, 0});
  return value;
}

TEST_CASE("a transform's reference and a key's version are read back from under the checksum") {
  const auto read = read_reference(made_of(1, 2, 3, 4));
  REQUIRE(read);
  CHECK(*read == TransformReference{.partition = 3, .offset = 4, .message = 7});
  CHECK_FALSE(read_reference(plain(1, 2)));
  CHECK_FALSE(read_reference(Value(40)));
  const auto key = read_key(keyed(12, 34));
  CHECK(key.key == 12);
  CHECK(key.version == 34);
}

struct Transform {
  TransformObserver observer{"in", "out"};
  LogBatch batch;
  std::int64_t next = 0;
  void input(std::int64_t offset, bool committed = true) {
    const Value value = plain(9, static_cast<std::uint64_t>(offset));
    observer.observe({"in", 0}, batch,
                     {.offset = offset, .key = {}, .value = value, .committed = committed});
  }
  void output(std::uint32_t stream, std::int64_t of, bool committed = true) {
    const Value value = made_of(stream, static_cast<std::uint64_t>(next), 0, of);
    observer.observe({"out", 0}, batch,
                     {.offset = next++, .key = {}, .value = value, .committed = committed});
  }
  History finish() {
    History h;
    for (const std::uint32_t s : {0U, 1U, 2U}) {
      StreamHistory stream;
      stream.stream = StreamId{s};
      stream.workload = s == 2 ? "other" : "transform";
      h.streams.push_back(stream);
    }
    TransformHistory t;
    t.workload = "transform";
    t.input = "in";
    t.output = "out";
    t.inputs = {{.where = {"in", 0}, .committed_offset = 5}};
    h.transforms = {t};
    observer.finish(h);
    return h;
  }
};

TEST_CASE("a transform's outputs are told by the input that they name") {
  Transform t;
  t.observer.begin();
  t.input(99);
  t.observer.begin();  // the reading began anew: what was seen is forgotten
  for (std::int64_t offset = 0; offset < 4; ++offset) t.input(offset);
  t.input(4, false);  // of an aborted transaction
  t.batch.control = true;
  t.input(5);  // a marker
  t.batch.control = false;
  t.output(0, 0);
  t.output(0, 1, false);  // aborted
  t.output(0, 1);
  t.output(0, 0);  // twice in one stream
  t.output(1, 2);
  t.output(1, 1);  // twice over two streams
  t.output(2, 3);  // another workload's

  const History h = t.finish();
  REQUIRE(h.transforms[0].inputs.size() == 1);
  const TransformInput& input = h.transforms[0].inputs[0];
  CHECK(input.committed_offset == 5);
  CHECK(input.readable.intervals() == std::vector<IntervalSet::Interval>{{0, 4}});
  CHECK(input.transformed.intervals() == std::vector<IntervalSet::Interval>{{0, 3}});
  CHECK(input.twice.count == 2);
  REQUIRE(input.twice.examples.size() == 2);
  CHECK(input.twice.examples[0].offset == 3);
}

TEST_CASE("the last record of each key is found, whoever owns it") {
  CompactedObserver observer("table", 4);
  const auto put = [&](const std::string& key, const Value& value, const char* topic = "table") {
    observer.observe({topic, 0}, {}, {.offset = 0, .key = bytes(key), .value = value});
  };
  const auto remove = [&](const std::string& key) {
    observer.observe({"table", 0}, {}, {.offset = 0, .key = bytes(key), .value = {}});
  };
  observer.begin();
  put("3", keyed(3, 9));
  observer.begin();
  put("0", keyed(0, 1));
  put("0", keyed(0, 2));
  put("1", keyed(1, 1));
  remove("1");
  put("2", keyed(2, 5), "elsewhere");
  put("17", keyed(17, 5));  // nobody's
  Value damaged = keyed(2, 6);
  damaged[40] ^= std::byte{1};
  put("2", damaged);

  History h;
  for (const std::uint64_t lane : {0U, 1U}) {
    KeyedHistory keys;
    keys.topic = "table";
    keys.first_key = lane;
    keys.key_step = 2;
    keys.acked = {0, 0};
    h.keyed.push_back(keys);
  }
  observer.finish(h);
  CHECK(h.keyed[0].read);
  CHECK(h.keyed[0].found == std::vector<KeyState>{key_state(2, false), 0});
  CHECK(h.keyed[1].found == std::vector<KeyState>{key_state(0, true), 0});
}

}  // namespace
