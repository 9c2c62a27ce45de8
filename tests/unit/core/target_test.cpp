// Targets as written, and what is refused.
#include "core/target.hpp"

#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("every target reads back as it was written") {
  for (const std::string text :
       {"broker(2)", "leader(orders/0)", "follower(orders/11)", "followers(a.b_c-d/3)",
        "controller", "one", "minority", "majority", "all", "follower(orders/0, 2)",
        "coordinator(group readers)", "coordinator(transactional id pay-1)", "rack(east)",
        "controller(3)", "cluster", "[broker(1), follower(orders/0, 2), controller]",
        "[controller(1), controller(2)]", "controller(1) <-> controller(2)"}) {
    const auto target = parse_target(text);
    REQUIRE(target);
    CHECK(to_string(*target) == text);
  }
  CHECK(parse_target("broker(2)")->node == NodeId{2});
  CHECK(parse_target("leader(orders/7)")->where == TopicPartition{"orders", 7});
  CHECK(parse_target("follower(orders/7)")->kind == Target::Kind::follower);
}

TEST_CASE("links have two ends, of which one names brokers one by one") {
  for (const std::string text :
       {"leader(orders/0) -> followers(orders/0)", "clients -> leader(orders/0)",
        "leader(orders/0) <-> [brokers, controllers]", "broker(1) -> [broker(2), broker(3)]",
        "coordinator(group a->b) -> [clients, broker(2)]"}) {
    const auto link = parse_target(text);
    REQUIRE(link);
    CHECK(link->kind == Target::Kind::link);
    CHECK(to_string(*link) == text);
    CHECK(link->both_ways == (text.find("<->") != std::string::npos));
    CHECK(*parse_target(to_string(*link)) == *link);
  }
  CHECK(to_string(*parse_target("1->2,3")) == "broker(1) -> [broker(2), broker(3)]");
  CHECK(to_string(*parse_target("clients <-> 2")) == "clients <-> broker(2)");
  CHECK(parse_target("clients -> brokers").error().message ==
        "link 'clients -> brokers': one of its ends must name brokers one by one");
  CHECK(parse_target("1 -> ").error().message == "link '1 -> ' has an empty end or entry");
  CHECK(parse_target("1 -> minority").error().message ==
        "'minority' cannot stand at an end of a link, which names brokers one by one, or clients, "
        "brokers, controllers");
  CHECK(parse_target("1 -> laeder(orders/0)").error().message ==
        "unknown target 'laeder(orders/0)' (did you mean 'leader'?)");
  for (const std::string text : {"->", "1 -> 2 -> 3", "1,,2 -> 3", "clients", "link", "1 -> [2",
                                 "clients -> [brokers, 1]", "99999999999 -> 1"}) {
    INFO(text);
    CHECK_FALSE(parse_target(text));
  }
}

TEST_CASE("a misspelt target is refused with the nearest one") {
  CHECK(parse_target("laeder(orders/0)").error().message ==
        "unknown target 'laeder(orders/0)' (did you mean 'leader'?)");
  CHECK(parse_target("major").error().message == "unknown target 'major'");
  CHECK_FALSE(parse_target(""));
}

TEST_CASE("arguments are required where they mean something, and only there") {
  CHECK(parse_target("leader").error().message ==
        "target 'leader' needs an argument: write leader(topic/0)");
  CHECK(parse_target("broker").error().message ==
        "target 'broker' needs an argument: write broker(1)");
  CHECK(parse_target("all(3)").error().message == "target 'all' takes no argument, got 'all(3)'");
  CHECK(parse_target("leader(orders/0").error().message ==
        "target 'leader(orders/0' lacks its ')'");
  CHECK(parse_target("leader(orders)").error().message ==
        "'leader(orders)' must name a topic and a partition, as in orders/0");
  for (const std::string text :
       {"leader(orders/x)", "leader(orders/-1)", "leader(/0)", "leader(orders/)", "broker(x)",
        "broker(-1)", "broker()", "broker(99999999999)"}) {
    CHECK_FALSE(parse_target(text));
  }
}

TEST_CASE("members of groups are targets, and nodes with names of their own") {
  const auto alone = parse_target("member(2)");
  REQUIRE(alone);
  CHECK(alone->kind == Target::Kind::member);
  CHECK(alone->member == 2);
  CHECK(alone->workload.empty());
  CHECK(to_string(*alone) == "member(2)");
  const auto named = parse_target("member(readers/12)");
  REQUIRE(named);
  CHECK(named->workload == "readers");
  CHECK(to_string(*named) == "member(readers/12)");
  CHECK(parse_target("member(0)").error().message ==
        "'0' in 'member(0)' is not a member's number: they count from 1");
  CHECK(parse_target("member").error().message ==
        "target 'member' needs an argument: write member(1)");
  for (const std::string text : {"member()", "member(/1)", "member(a/)", "member(x)"}) {
    CHECK_FALSE(parse_target(text));
  }
  const NodeId node = member_node(3, 2);
  CHECK(is_member(node));
  CHECK(workload_of_member(node) == 3);
  CHECK(number_of_member(node) == 2);
  CHECK(node_text(node) == "member 2");
  CHECK(member_node(0, 1) != member_node(1, 1));
  CHECK_FALSE(is_member(NodeId(101)));
  CHECK(node_text(NodeId(3)) == "node 3");
}

TEST_CASE("sets hold brokers named one by one") {
  const auto set = parse_target("[broker(1),leader(orders/0)]");
  REQUIRE(set);
  CHECK(to_string(*set) == "[broker(1), leader(orders/0)]");
  REQUIRE(set->of.size() == 2);
  CHECK(set->of[1].where == TopicPartition{"orders", 0});
  CHECK(parse_target("[one]").error().message ==
        "'one' cannot stand in a set, which names brokers one by one");
  for (const std::string text : {"[", "[]", "[broker(1)", "[broker(1),]", "[[broker(1)]]", "set"})
    CHECK_FALSE(parse_target(text));
}

TEST_CASE("a controller is the active one, or has a number") {
  CHECK(parse_target("controller")->controller == 0);
  CHECK(parse_target("controller(2)")->controller == 2);
  CHECK(parse_target("controller(0)").error().message ==
        "'0' in 'controller(0)' is not a controller's number: they count from 1");
  CHECK(parse_target("contoller(2)").error().message ==
        "unknown target 'contoller(2)' (did you mean 'controller'?)");
  for (const std::string text : {"controller()", "controller(x)", "controller(2", "controller(-1)"})
    CHECK_FALSE(parse_target(text));
}

TEST_CASE("coordinators say of what, followers which") {
  CHECK(parse_target("coordinator(readers)").error().message ==
        "'coordinator(readers)' must say of what: coordinator(group readers), or "
        "coordinator(transactional id payments-1)");
  CHECK(parse_target("follower(orders/0, 2)")->nth == 2);
  CHECK(parse_target("follower(orders/0)")->nth == 1);
  for (const std::string text : {"follower(orders/0, 0)", "follower(orders/0, x)", "rack()",
                                 "coordinator(group )", "coordinator()", "cluster(1)"})
    CHECK_FALSE(parse_target(text));
}
