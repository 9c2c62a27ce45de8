// A trial's history, line by line.
#include "record/history_export.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "ledger/group.hpp"
#include "support/catch.hpp"

namespace seatrial::record {
namespace {

using ledger::OperationLog;
using ledger::SendOperation;
using nlohmann::json;

History two_partitions() {
  History history;
  for (std::int32_t p = 0; p < 2; ++p) {
    StreamHistory stream;
    stream.stream = StreamId(static_cast<std::uint32_t>(p));
    stream.where = {"orders", p};
    history.streams.push_back(stream);
  }
  return history;
}

SendOperation send(std::uint32_t stream, std::uint64_t seq, std::int64_t at, SendOperation::End end,
                   std::int64_t offset) {
  return {.lane = LaneId(0),
          .slot = static_cast<std::uint32_t>(seq),
          .stream = StreamId(stream),
          .seq = Seq(seq),
          .sent_ns = at,
          .done_ns = at + 5,
          .end = end,
          .offset = offset};
}

std::vector<json> lines(OperationLog& log, const History& history) {
  std::ostringstream out;
  write_history(out, log.take(), history, {.group_topics = {{"read", "orders"}}});
  std::vector<json> made;
  std::istringstream in(out.str());
  for (std::string line; std::getline(in, line);) made.push_back(json::parse(line));
  return made;
}

TEST_CASE("sends and polls become operations in order of time") {
  OperationLog log;
  log.settled(send(0, 0, 20, SendOperation::End::unknown, -1));
  log.settled(send(1, 1, 10, SendOperation::End::acked, 7));
  ledger::GroupLedger group({.workload = "read", .topic = "orders", .operations = &log});
  std::vector<ledger::Delivery> batch{{.member = 2,
                                       .assignment = 1,
                                       .partition = 1,
                                       .offset = 7,
                                       .stream = StreamId(1),
                                       .seq = Seq(1),
                                       .delivered_ns = 30}};
  group.observe(batch);
  group.observe(batch);
  const auto made = lines(log, two_partitions());
  REQUIRE(made.size() == 10);
  const std::uint64_t value = (std::uint64_t{1} << 40U) + 1;
  CHECK(made[0]["type"] == "invoke");
  CHECK(made[0]["f"] == "send");
  CHECK(made[0]["value"] == json::array({{"send", "orders/1", value}}));
  CHECK(made[1]["type"] == "ok");
  CHECK(made[1]["process"] == made[0]["process"]);
  CHECK(made[1]["value"] == json::array({{"send", "orders/1", {7, value}}}));
  CHECK(made[3]["type"] == "info");
  CHECK(made[3]["value"] == json::array({{"send", "orders/0", {nullptr, 0}}}));
  CHECK(made[4]["f"] == "assign");
  CHECK(made[5]["value"] == json::array({"orders/1"}));
  CHECK(made[7]["value"] ==
        json::parse("[[\"poll\", {\"orders/1\": [[7, " + std::to_string(value) + "]]}]]"));
  CHECK(made[8]["f"] == "poll");  // the same assignment: none is told again
  for (std::size_t i = 0; i < made.size(); ++i) CHECK(made[i]["index"] == i);
}

TEST_CASE("a transaction's messages are one operation, with its outcome") {
  OperationLog log;
  log.settled(send(0, 0, 10, SendOperation::End::acked, 0));
  log.settled(send(0, 1, 11, SendOperation::End::acked, 1));
  log.settled(send(1, 0, 12, SendOperation::End::acked, 0));
  History history = two_partitions();
  history.transactions.push_back({.workload = "write",
                                  .lane = LaneId(0),
                                  .outcome = TransactionHistory::Outcome::aborted,
                                  .writes = {{StreamId(0), 1, 2}, {StreamId(1), 0, 1}}});
  const auto made = lines(log, history);
  REQUIRE(made.size() == 4);
  CHECK(made[0]["f"] == "send");
  CHECK(made[1]["f"] == "txn");
  CHECK(made[1]["value"].size() == 2);
  CHECK(made[3]["f"] == "txn");
  CHECK(made[3]["type"] == "fail");
}

TEST_CASE("too many operations leave none") {
  OperationLog log(2);
  for (std::uint64_t i = 0; i < 2; ++i) log.settled(send(0, i, 10, SendOperation::End::acked, 0));
  CHECK_FALSE(log.overflowed());
  log.settled(send(0, 2, 10, SendOperation::End::acked, 0));
  CHECK(log.overflowed());
  CHECK(log.take().sends.empty());
}

TEST_CASE("what became of a send or a transaction is the type of its completion") {
  OperationLog log;
  log.settled(send(0, 0, 10, SendOperation::End::failed, -1));
  log.settled(send(0, 1, 20, SendOperation::End::acked, 1));
  log.settled(send(0, 2, 30, SendOperation::End::acked, 2));
  History history = two_partitions();
  using Outcome = TransactionHistory::Outcome;
  history.transactions.push_back(
      {.lane = LaneId(0), .outcome = Outcome::committed, .writes = {{StreamId(0), 1, 2}}});
  history.transactions.push_back(
      {.lane = LaneId(0), .outcome = Outcome::unknown, .writes = {{StreamId(0), 2, 3}}});
  const auto made = lines(log, history);
  REQUIRE(made.size() == 6);
  CHECK(made[1]["type"] == "fail");
  CHECK(made[3]["type"] == "ok");
  CHECK(made[5]["type"] == "info");
  CHECK(made[3]["process"] == made[5]["process"]);  // a lane's transactions follow each other
  CHECK(made[0]["process"] != made[2]["process"]);
}

TEST_CASE("a partition that is given anew is told before it is polled, each member by itself") {
  OperationLog log;
  ledger::GroupLedger group({.workload = "read", .topic = "orders", .operations = &log});
  std::int64_t at = 0;
  const auto poll = [&](std::uint32_t member, std::uint32_t assignment, bool identified) {
    std::vector<ledger::Delivery> batch{{.member = member,
                                         .assignment = assignment,
                                         .partition = 0,
                                         .offset = ++at,
                                         .identified = identified,
                                         .stream = StreamId(0),
                                         .seq = Seq(static_cast<std::uint64_t>(at)),
                                         .delivered_ns = at}};
    group.observe(batch);
  };
  poll(1, 1, true);
  poll(1, 1, false);  // nobody knows which message it is
  poll(1, 2, true);
  poll(2, 2, true);
  std::vector<std::string> reported;
  for (const auto& line : lines(log, two_partitions())) {
    if (line["type"] == "ok") reported.push_back(line["f"]);
  }
  CHECK(reported ==
        std::vector<std::string>{"assign", "poll", "poll", "assign", "poll", "assign", "poll"});
  // The log was taken: once more, for processes and what was polled.
  poll(1, 2, false);
  poll(2, 2, true);
  const auto made = lines(log, two_partitions());
  REQUIRE(made.size() == 8);
  CHECK(made[3]["value"] == json::parse(R"([["poll", {}]])"));
  CHECK(made[3]["process"] != made[7]["process"]);
}

}  // namespace
}  // namespace seatrial::record
