// Client settings as the loaded library knows them.
#include "kafka/config.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka;

TEST_CASE("known properties include topics' and aliases") {
  const auto& names = known_client_properties();
  for (const char* name : {"linger.ms", "queue.buffering.max.ms", "acks", "group.id"}) {
    CHECK(std::ranges::binary_search(names, std::string(name)));
  }
  CHECK_FALSE(std::ranges::binary_search(names, std::string("Property")));
  CHECK(canonical_property("linger.ms") == "queue.buffering.max.ms");
  CHECK(canonical_property("client.id") == "client.id");
}

TEST_CASE("a wrong property is named, with what was meant") {
  CHECK(check_property(ClientType::producer, "linger.ms", "5").empty());
  const auto misspelt = check_property(ClientType::producer, "linger.m", "5");
  CHECK(misspelt.find("no property 'linger.m'") != std::string::npos);
  CHECK(misspelt.find("did you mean 'linger.ms'") != std::string::npos);
  CHECK(check_property(ClientType::producer, "acks", "some").find("'acks'") == 0);
  CHECK(check_property(ClientType::consumer, "linger.ms", "5").find("producers") !=
        std::string::npos);
  CHECK(check_property(ClientType::producer, "fetch.min.bytes", "5").find("consumers") !=
        std::string::npos);
  CHECK_FALSE(make_conf({{"client.id", "x"}, {"acks", "some"}}));
}

TEST_CASE("effective settings have defaults, aliases and consequences") {
  const auto plain = effective_config(ClientType::producer, {{"linger.ms", "7"}});
  REQUIRE(plain);
  CHECK(plain->at("linger.ms") == "7");
  CHECK(plain->at("queue.buffering.max.ms") == "7");
  CHECK(plain->at("acks") == "all");
  CHECK(plain->at("enable.idempotence") == "false");
  CHECK_FALSE(plain->contains("fetch.min.bytes"));
  CHECK_FALSE(plain->contains("dr_msg_cb"));

  const auto idempotent = effective_config(ClientType::producer, {{"enable.idempotence", "true"}});
  REQUIRE(idempotent);
  CHECK(idempotent->at("max.in.flight") == "5");

  const auto contradiction =
      effective_config(ClientType::producer, {{"enable.idempotence", "true"}, {"acks", "1"}});
  REQUIRE_FALSE(contradiction);
  CHECK(contradiction.error().message.find("acks") != std::string::npos);

  const auto leader = effective_config(ClientType::producer, {{"acks", "1"}});
  CHECK(leader.value().at("acks") == "1");
}

TEST_CASE("secrets are masked, and absent from errors") {
  const auto config = effective_config(ClientType::producer,
                                       {{"sasl.password", "hunter2"}, {"sasl.username", "me"}});
  REQUIRE(config);
  CHECK(config->at("sasl.password") == "********");
  CHECK(config->at("sasl.username") == "********");
  CHECK(is_secret("ssl.key.pem"));
  CHECK_FALSE(is_secret("linger.ms"));
  const auto broken = check_property(ClientType::producer, "ssl.key.pem", "hunter2");
  CHECK(broken.find("hunter2") == std::string::npos);
}

TEST_CASE("how a client connects is told from what else it is set to") {
  const Properties all{{"security.protocol", "sasl_ssl"},
                       {"ssl.ca.location", "/ca.pem"},
                       {"sasl.mechanism", "PLAIN"},
                       {"enable.ssl.certificate.verification", "true"},
                       {"acks", "all"},
                       {"ssl", "no property"}};
  const auto security = security_properties(all);
  CHECK(security.size() == 4);
  CHECK_FALSE(security.contains("acks"));
  CHECK(security.at("ssl.ca.location") == "/ca.pem");
}
