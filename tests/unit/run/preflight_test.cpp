// What each answer of a cluster says of a right, and what follows from all of them.
#include "run/preflight.hpp"

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::run;

namespace {

using State = run::Check::State;

kafka::Tried answered(rd_kafka_resp_err_t error) { return {error, rd_kafka_err2name(error)}; }

Preflight all_well() {
  Preflight out;
  for (int i = 0; i <= static_cast<int>(Right::join_groups); ++i)
    out.checks.push_back({static_cast<Right>(i), State::ok, ""});
  return out;
}

Preflight without(Right right, State state = State::missing) {
  auto out = all_well();
  out.checks.at(static_cast<std::size_t>(right)) = {right, state, "no"};
  return out;
}

}  // namespace

TEST_CASE("preflight: each right has its own text, in their order") {
  for (int i = 0; i <= static_cast<int>(Right::join_groups); ++i)
    CHECK(text_of(static_cast<Right>(i)).right == static_cast<Right>(i));
}

TEST_CASE("preflight: a refusal is a right that is missing, anything else a failure") {
  const auto state = [](Right right, rd_kafka_resp_err_t error) {
    return judge_attempt(right, answered(error)).state;
  };
  CHECK(state(Right::write, RD_KAFKA_RESP_ERR_NO_ERROR) == State::ok);
  CHECK(state(Right::write, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) == State::missing);
  CHECK(state(Right::join_groups, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) == State::missing);
  CHECK(state(Right::describe_brokers, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) ==
        State::missing);
  CHECK(state(Right::transactions, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED) ==
        State::missing);
  CHECK(state(Right::create_topics, RD_KAFKA_RESP_ERR_POLICY_VIOLATION) == State::failed);
  CHECK(state(Right::join_groups, RD_KAFKA_RESP_ERR__TIMED_OUT) == State::failed);
}

TEST_CASE("preflight: who may delete is told that there is no such thing") {
  const auto unknown = answered(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  CHECK(judge_attempt(Right::delete_topics, unknown).state == State::ok);
  CHECK(judge_attempt(Right::write, unknown).state == State::failed);
  const auto no_group = answered(RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND);
  CHECK(judge_attempt(Right::delete_groups, no_group).state == State::ok);
  CHECK(judge_attempt(Right::delete_topics, answered(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED))
            .state == State::missing);
}

TEST_CASE("preflight: what stops a scenario, what only costs it, and what is well") {
  CHECK(exit_code(all_well()) == 0);
  CHECK(to_text(all_well(), "seatrial-").find("cost") == std::string::npos);
  for (const Right right :
       {Right::connect, Right::delete_topics, Right::create_topics, Right::describe_topics,
        Right::write, Right::transactions, Right::read_log, Right::join_groups}) {
    INFO(text_of(right).name);
    CHECK(exit_code(without(right)) == 4);
    CHECK(exit_code(without(right, State::failed)) == 4);
  }
  for (const Right right : {Right::delete_groups, Right::describe_brokers})
    CHECK(exit_code(without(right)) == 2);
  auto throttled = all_well();
  throttled.throttled = milliseconds(40);
  CHECK(exit_code(throttled) == 2);
  auto old = all_well();
  old.features = {"b:1 does not know ShareGroupHeartbeat: share groups"};
  CHECK(exit_code(old) == 4);
  CHECK(why_not(old).find("ShareGroupHeartbeat") != std::string::npos);
}

TEST_CASE("preflight: the command that gives a right stands beside its absence") {
  CHECK(to_text(without(Right::write), "seatrial-")
            .find("--operation Write --topic seatrial- --resource-pattern-type prefixed") !=
        std::string::npos);
  CHECK(to_text(without(Right::describe_brokers), "seatrial-")
            .find("--operation DescribeConfigs --cluster\n") != std::string::npos);
  CHECK(to_text(without(Right::write, State::failed), "seatrial-").find("kafka-acls") ==
        std::string::npos);
  CHECK(why_not(without(Right::write)).find("Write --topic") != std::string::npos);
}
