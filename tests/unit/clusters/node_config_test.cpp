// Configuration of nodes: pure, so the whole text is compared.
#include "clusters/node_config.hpp"

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace seatrial;
using namespace seatrial::clusters;

namespace {

std::map<NodeId, Place> places_of(const ClusterSpec& spec) {
  std::map<NodeId, Place> places;
  int port = 4000;
  for (const auto& node : node_list(spec)) {
    places[node.id] = {.bind = "127.0.0.1",
                       .host = "127.0.0.1",
                       .client_host = "127.0.0.1",
                       .client_port = port,
                       .advertised_port = port,
                       .replication_port = port + 1,
                       .controller_port = port + 2,
                       .log_dirs = "/data/" + node_name(node)};
    port += 10;
  }
  return places;
}

std::string all_text(const ClusterSpec& spec) {
  std::string text;
  for (const auto& node : node_list(spec)) {
    text += "# " + node_name(node) + "\n" +
            to_properties_text(node_properties(spec, node, places_of(spec))) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("nodes with separate controllers and fast timeouts") {
  ClusterSpec spec;
  spec.config = {{"num.io.threads", "4"}, {"replica.lag.time.max.ms", "777"}};
  test::compare_with_golden(all_text(spec), "clusters/separate-fast.properties");
}

TEST_CASE("combined nodes with Kafka's own timeouts: the first three vote") {
  ClusterSpec spec;
  spec.brokers = 4;
  spec.combined = true;
  spec.fast_timeouts = false;
  test::compare_with_golden(all_text(spec), "clusters/combined-defaults.properties");
}

TEST_CASE("behind a proxy nodes tell of its ports, and of one that leads around it") {
  ClusterSpec spec;
  spec.brokers = 1;
  spec.gear = {Gear::proxy};
  auto places = places_of(spec);
  for (auto& [node, place] : places) {
    place.advertised_port = place.client_port + 1000;
    place.advertised_replication_port = place.replication_port + 1000;
    place.dialled_controller_port = place.controller_port + 1000;
    place.direct_port = place.client_port + 5;
  }
  const auto nodes = node_list(spec);
  const auto broker = node_properties(spec, nodes[0], places);
  CHECK(broker.at("listeners") ==
        "CLIENT://127.0.0.1:4000,REPLICATION://127.0.0.1:4001,DIRECT://127.0.0.1:4005");
  CHECK(broker.at("advertised.listeners") ==
        "CLIENT://127.0.0.1:5000,REPLICATION://127.0.0.1:5001,DIRECT://127.0.0.1:4005");
  CHECK(broker.at("controller.quorum.voters") == "101@127.0.0.1:5012");
  CHECK(broker.at("listener.security.protocol.map").ends_with(",DIRECT:PLAINTEXT"));
  const auto controller = node_properties(spec, nodes[1], places);
  CHECK(controller.at("listeners") == "CONTROLLER://127.0.0.1:4012");
  CHECK(controller.at("advertised.listeners") == "CONTROLLER://127.0.0.1:5012");
}

TEST_CASE("one broker replicates its internal topics once") {
  ClusterSpec spec;
  spec.brokers = 1;
  const auto common = common_properties(spec, places_of(spec));
  CHECK(common.at("offsets.topic.replication.factor") == "1");
  CHECK(common.at("transaction.state.log.min.isr") == "1");
}

TEST_CASE("the scenario's settings have the last word, save where the harness must decide") {
  ClusterSpec spec;
  spec.config = {{"broker.session.timeout.ms", "4321"}};
  CHECK(common_properties(spec, places_of(spec)).at("broker.session.timeout.ms") == "4321");
  CHECK_FALSE(refused_config(spec));
  spec.config = {{"node.id", "7"}, {"listeners", "x"}};
  const auto refused = refused_config(spec);
  REQUIRE(refused);
  CHECK(refused->find("listeners, node.id") != std::string::npos);
}

TEST_CASE("the listener for clients speaks what they speak, and has what it needs for that") {
  ClusterSpec spec;
  spec.client_protocol = "sasl_ssl";
  const auto refused = refused_config(spec);
  REQUIRE(refused);
  CHECK(refused->find("clients connect by sasl_ssl") == 0);
  CHECK(refused->find("ssl.keystore.location") != std::string::npos);
  spec.config = {{"listener.name.client.ssl.keystore.location", "/broker.pem"},
                 {"listener.name.client.plain.sasl.jaas.config", "a module required;"}};
  CHECK_FALSE(refused_config(spec));
  CHECK(common_properties(spec, places_of(spec)).at("listener.security.protocol.map") ==
        "CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT,REPLICATION:PLAINTEXT");
  spec = {};
  spec.client_protocol = "sasl_plaintext";
  CHECK(refused_config(spec).value_or("").find("the brokers know nobody") != std::string::npos);
  spec.users = {{"alice", "secret"}};
  CHECK_FALSE(refused_config(spec));
  const auto brokers = common_properties(spec, places_of(spec));
  CHECK(brokers.at("sasl.enabled.mechanisms") == "SCRAM-SHA-256,SCRAM-SHA-512");
  CHECK(brokers.contains("listener.name.client.scram-sha-512.sasl.jaas.config"));
  spec.client_protocol = "plaintext";
  CHECK(refused_config(spec).value_or("").find("cluster.users can log in") == 0);
}

TEST_CASE("names in the environment") {
  CHECK(to_env_name("log.dirs") == "KAFKA_LOG_DIRS");
  CHECK(to_env_name("a_b-c.d") == "KAFKA_A__B___C_D");
}

TEST_CASE("properties text escapes what would be read otherwise") {
  CHECK(to_properties_text({{"a", " b\\c\nd"}, {"b", ""}}) == "a=\\ b\\\\c\\nd\nb=\n");
  CHECK(to_properties_text({{"a", "\f\td\r"}}) == "a=\\f\\td\\r\n");
  CHECK(to_properties_text({{"a", "x=y:z#,! k "}}) == "a=x=y:z#,! k \n");
  CHECK(to_properties_text({{"a=b:c d#!", "1"}}) == "a\\=b\\:c\\ d\\#\\!=1\n");
}

TEST_CASE("properties text is Latin-1, in which Java knows other characters by their UTF-16") {
  CHECK(to_properties_text({{"a", "/f\u00fcr/\u20ac/\U0001F680"}}) ==
        "a=/f\\u00FCr/\\u20AC/\\uD83D\\uDE80\n");
  CHECK(to_properties_text({{"a", "\xFF"}}) == "a=\\u00FF\n");  // no character: the byte
}

TEST_CASE("log.dirs is a list: a folder below the node's own is named from there") {
  CHECK(as_log_dirs({"/a, b/logs/data/broker-1"}, "/a, b/logs") == "data/broker-1");
  CHECK(as_log_dirs({"/dev/shm/x/broker-1"}, "/a, b/logs") == "/dev/shm/x/broker-1");
  CHECK(as_log_dirs({"/a/logs-2/x"}, "/a/logs") == "/a/logs-2/x");
  CHECK(as_log_dirs({"/a/2", "/a/logs/1"}, "/a/logs") == "/a/2,1");
  CHECK(as_log_dirs({"/data/dir-1", "/data/dir-2"}, {}) == "/data/dir-1,/data/dir-2");
  CHECK_THROWS_WITH(as_log_dirs({"/a", "/a, b/broker-1"}, "/c"),
                    "the brokers' data cannot be in /a, b/broker-1: Kafka takes a path with a "
                    "comma for two");
}

TEST_CASE("brokers have as many folders of data as asked for, and controllers of their own one") {
  ClusterSpec spec;
  const Node controller{NodeId{101}, NodeRole::controller, ""};
  for (const auto role : {NodeRole::broker, NodeRole::combined}) {
    const Node broker{NodeId{2}, role, ""};
    spec.log_dirs = 1;
    CHECK(folder_names(spec, broker) == std::vector<std::string>{"broker-2"});
    spec.log_dirs = 2;
    CHECK(folder_names(spec, broker) ==
          std::vector<std::string>{"broker-2-dir-1", "broker-2-dir-2"});
  }
  CHECK(folder_names(spec, controller) == std::vector<std::string>{"controller-1"});
}

TEST_CASE("node names are the services of the compose file") {
  CHECK(node_name({NodeId{3}, NodeRole::combined, ""}) == "broker-3");
  CHECK(node_name({NodeId{102}, NodeRole::controller, ""}) == "controller-2");
}
