// Logs of a few transactions: which records are given to a reader under read_committed, and when
// list and markers contradict each other.
#include "kafka/wire/isolation.hpp"

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

LogBatch data(std::int64_t offset, std::int64_t producer) {
  return {.seen = true,
          .base_offset = offset,
          .last_offset = offset + 9,
          .producer_id = producer,
          .transactional = true};
}

LogBatch control(std::int64_t offset, std::int64_t producer) {
  LogBatch out = data(offset, producer);
  out.last_offset = offset;
  out.control = true;
  return out;
}

}  // namespace

TEST_CASE("an aborted transaction's records are hidden, and no others") {
  Isolation isolation;
  const std::vector<AbortedTransaction> aborted{{1, 40}, {1, 0}};  // in any order
  isolation.begin_answer(aborted);
  CHECK_FALSE(isolation.committed(data(0, 1)));
  CHECK(isolation.committed(data(10, 2)));
  LogBatch plain = data(20, -1);
  plain.transactional = false;
  CHECK(isolation.committed(plain));
  isolation.ended(control(30, 1), Marker::abort);
  CHECK(isolation.committed(data(31, 2)));
  CHECK_FALSE(isolation.committed(data(41, 1)));  // listed from 40, its second
  isolation.ended(control(51, 2), Marker::commit);
  isolation.begin_answer(std::vector<AbortedTransaction>{{1, 40}});  // it goes on, and so is told
  CHECK_FALSE(isolation.committed(data(52, 1)));
  isolation.ended(control(62, 1), Marker::abort);
  isolation.begin_answer({});
  CHECK(isolation.committed(data(63, 1)));
  isolation.ended(control(73, 1), Marker::commit);
  isolation.at_end();
  CHECK(isolation.trouble().empty());
}

TEST_CASE("an abort marker that the list does not name is trouble") {
  Isolation isolation;
  isolation.begin_answer({});
  CHECK(isolation.committed(data(0, 7)));
  isolation.ended(control(10, 7), Marker::abort);
  CHECK(isolation.trouble() ==
        "the transaction of producer id 7 from offset 0 on ends in an abort marker at offset 10, "
        "and the broker's list lacks it");
}

TEST_CASE("a commit marker of a transaction listed as aborted is trouble") {
  Isolation isolation;
  isolation.begin_answer(std::vector<AbortedTransaction>{{7, 0}});
  CHECK_FALSE(isolation.committed(data(0, 7)));
  isolation.ended(control(10, 7), Marker::commit);
  CHECK(isolation.trouble().find("lists it as aborted") != std::string::npos);
}

TEST_CASE("a transaction without a marker below the last stable offset is trouble") {
  for (const auto& aborted : {std::vector<AbortedTransaction>{}, {{7, 0}}}) {
    Isolation isolation;
    isolation.begin_answer(aborted);
    CHECK(isolation.committed(data(0, 7)) == aborted.empty());
    CHECK(isolation.trouble().empty());
    isolation.at_end();
    CHECK(isolation.trouble().find("has no marker") != std::string::npos);
  }
}

TEST_CASE("markers of transactions that wrote nothing here are fine") {
  Isolation isolation;
  isolation.begin_answer(std::vector<AbortedTransaction>{{3, 0}});  // what it wrote is gone
  isolation.ended(control(10, 3), Marker::abort);
  isolation.ended(control(11, 4), Marker::abort);
  isolation.ended(control(12, 5), Marker::commit);
  isolation.ended(control(13, 6), Marker::other);
  isolation.at_end();
  CHECK(isolation.trouble().empty());
}
