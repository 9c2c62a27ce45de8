// What a node's last words say of the scenario.
#include "run/readiness.hpp"

#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("a property that a node refused is found in its last words") {
  ClusterSpec cluster;
  cluster.config = {{"num.io.threads", "3"}, {"log.segment.bytes", "5"}, {"segment.bytes", "1"}};
  const auto refused = run::refused_by_node(
      cluster,
      "broker-1 did not come up:\n"
      "org.apache.kafka.common.config.ConfigException: Invalid value 5 for configuration "
      "log.segment.bytes: Value must be at least 1048576\n\tat x\n");
  REQUIRE(refused);
  CHECK(refused->keys == std::vector<std::string>{"cluster", "config", "log.segment.bytes"});
  CHECK(std::string(refused->what()) ==
        "the brokers refuse this: Invalid value 5 for configuration log.segment.bytes: Value must "
        "be at least 1048576");
  const auto together =
      run::refused_by_node(cluster,
                           "fatal exception java.lang.IllegalArgumentException: requirement "
                           "failed: num.io.threads should "
                           "be less than that\n\tat scala.Predef$.require(Predef.scala:337)");
  REQUIRE(together);
  CHECK(together->keys.back() == "num.io.threads");
  CHECK_FALSE(run::refused_by_node(cluster, "java.net.BindException: num.io.threads"));
  CHECK_FALSE(run::refused_by_node(cluster, "ConfigException: something about listeners"));
}
