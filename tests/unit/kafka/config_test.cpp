// Client settings as the loaded library knows them.
#include "kafka/config.hpp"

#include <algorithm>

#include "kafka/client_numbers.hpp"
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

TEST_CASE("a number is read whole, where the library would stop at its first letter") {
  const auto wrong = [](const char* name, const char* value) {
    return check_property(ClientType::producer, name, value);
  };
  CHECK(wrong("message.timeout.ms", "30000").empty());
  CHECK(wrong("message.timeout.ms", "30s") == "'message.timeout.ms': write 30000 for '30s'");
  CHECK(wrong("queue.buffering.max.messages", "1e6") ==
        "'queue.buffering.max.messages': write 1000000 for '1e6'");
  for (const char* value : {"30x", "0x10", "010", "4294967297", "30 s", "-5", "\t30"}) {
    INFO(value);
    CHECK_FALSE(wrong("message.timeout.ms", value).empty());
  }
  for (const char* value : {"nan", "inf", "900001", "5x"}) {
    INFO(value);
    CHECK_FALSE(wrong("linger.ms", value).empty());
  }
  CHECK(wrong("linger.ms", "0.5").empty());
  CHECK(wrong("acks", "all").empty());
  CHECK(wrong("acks", "-1").empty());
  CHECK_FALSE(wrong("acks", "1x").empty());
  const auto* timeout = find_property(client_numbers(), "message.timeout.ms");
  REQUIRE(timeout != nullptr);
  CHECK(timeout->most == 2147483647);
}

TEST_CASE("the Java client's names are refused with the library's") {
  CHECK(check_property(ClientType::producer, "max.request.size", "5") ==
        "'max.request.size' is the Java client's; librdkafka's is 'message.max.bytes'");
  CHECK(check_property(ClientType::producer, "delivery.timeout.ms", "5") ==
        "'delivery.timeout.ms' is the Java client's; librdkafka's is 'message.timeout.ms'");
  CHECK(check_property(ClientType::consumer, "max.poll.records", "5").find("Java") !=
        std::string::npos);
}

TEST_CASE("two names of one property are refused, whatever their values") {
  const auto both =
      effective_config(ClientType::producer, {{"acks", "all"}, {"request.required.acks", "all"}});
  REQUIRE_FALSE(both);
  CHECK(both.error().message ==
        "'acks' and 'request.required.acks' are two names of one property: leave out one of the "
        "two");
  CHECK_FALSE(effective_config(ClientType::producer,
                               {{"linger.ms", "5"}, {"queue.buffering.max.ms", "6"}}));
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
