// What each kind of client.properties becomes, and what is told of those that cannot be taken.
#include "core/java_connection.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace seatrial;

namespace {

using Map = std::map<std::string, std::string>;

std::optional<std::string> variable(const std::string& name) {
  if (name == "KEY") return "the-key";
  if (name == "SECRET") return "s3cret;\"x";
  return std::nullopt;
}

JavaConnection translated(std::string_view text) {
  auto out = translate_java_connection(text, variable, "/etc/kafka");
  INFO((out ? "" : out.error().message));
  REQUIRE(out);
  return std::move(*out);
}

bool tells(const std::vector<std::string>& all, std::string_view part) {
  return std::ranges::any_of(
      all, [&](const std::string& one) { return one.find(part) != std::string::npos; });
}

bool hides(const JavaConnection& connection, std::string_view value) {
  return std::ranges::find(connection.secrets, value) != connection.secrets.end();
}

}  // namespace

TEST_CASE("client.properties: Confluent Cloud's, with its secrets from the environment") {
  const auto read = translated(R"(
bootstrap.servers=pkc-1.eu.confluent.cloud:9092
security.protocol=SASL_SSL
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
   username="${env:KEY}" password="${env:SECRET}";
sasl.mechanism=PLAIN
client.dns.lookup=use_all_dns_ips
session.timeout.ms=45000
acks=all
)");
  CHECK(read.bootstrap == "pkc-1.eu.confluent.cloud:9092");
  CHECK(read.properties == Map{{"security.protocol", "sasl_ssl"},
                               {"sasl.mechanism", "PLAIN"},
                               {"sasl.username", "the-key"},
                               {"sasl.password", "s3cret;\"x"}});
  CHECK(read.refusals.empty());
  CHECK(hides(read, "s3cret;\"x"));
  CHECK(hides(read, "the-key"));
  CHECK(read.notes.size() == 3);
  CHECK(tells(read.notes, "'client.dns.lookup' is left out"));
  CHECK(tells(read.notes, "'acks' is not taken"));
  CHECK(tells(read.notes, "'session.timeout.ms' is not taken"));
}

TEST_CASE("client.properties: MSK by SCRAM, and its IAM is refused by name") {
  const auto scram = translated(
      "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
      "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
      "username='a b' password=\"q\\\\\"t\";");
  CHECK(scram.refusals.empty());
  CHECK(scram.properties.at("sasl.username") == "a b");
  CHECK(scram.properties.at("sasl.password") == "q\"t");
  CHECK(hides(scram, "q\"t"));
  const auto iam = translated(
      "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\n"
      "sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;\n"
      "sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler");
  REQUIRE(iam.refusals.size() == 2);
  CHECK(tells(iam.refusals, "IAMClientCallbackHandler"));
  CHECK(tells(iam.refusals, "AWS_MSK_IAM is not built"));
  CHECK(tells(iam.refusals, "give the cluster SCRAM or TLS beside IAM"));
}

TEST_CASE(
    "client.properties: mutual TLS by PEM, PKCS12 and inline, and JKS is refused with a command") {
  const auto pem = translated(
      "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n"
      "ssl.keystore.type=PEM\nssl.keystore.location=/keys/me.pem\nssl.key.password=abcd");
  CHECK(pem.properties == Map{{"security.protocol", "ssl"},
                              {"ssl.ca.location", "/etc/kafka/ca.pem"},
                              {"ssl.certificate.location", "/keys/me.pem"},
                              {"ssl.key.location", "/keys/me.pem"},
                              {"ssl.key.password", "abcd"}});
  CHECK(hides(pem, "abcd"));
  const auto p12 = translated(
      "security.protocol=SSL\nssl.keystore.type=PKCS12\nssl.keystore.location=client.keystore.p12\n"
      "ssl.keystore.password=wxyz\nssl.key.password=wxyz");
  CHECK(p12.properties.at("ssl.keystore.location") == "/etc/kafka/client.keystore.p12");
  CHECK(p12.properties.at("ssl.keystore.password") == "wxyz");
  CHECK(p12.refusals.empty());
  const auto text = translated(
      "security.protocol=SSL\nssl.keystore.type=PEM\nssl.keystore.certificate.chain=CHAIN\n"
      "ssl.keystore.key=KEY\nssl.truststore.certificates=CA");
  CHECK(text.properties.at("ssl.certificate.pem") == "CHAIN");
  CHECK(text.properties.at("ssl.key.pem") == "KEY");
  CHECK(text.properties.at("ssl.ca.pem") == "CA");
  CHECK(hides(text, "KEY"));
  const auto jks = translated(
      "security.protocol=SSL\nssl.truststore.location=t.jks\nssl.truststore.password=pass\n"
      "ssl.keystore.location=k.jks\nssl.keystore.password=pass");
  REQUIRE(jks.refusals.size() == 2);
  CHECK(tells(jks.refusals, "keytool -list -rfc -keystore t.jks > ca.pem"));
  CHECK(tells(jks.refusals, "keytool -importkeystore -srckeystore k.jks"));
}

TEST_CASE("client.properties: what is no way to connect here is refused by name") {
  CHECK(tells(translated("security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER").refusals,
              "OAUTHBEARER is not built"));
  CHECK(tells(translated("security.protocol=SASL_PLAINTEXT").refusals,
              "GSSAPI, which is Java's default, is not built"));
  CHECK(tells(translated("security.protocol=SASL_SSL\nsasl.mechanism=PLAIN").refusals,
              "'sasl.jaas.config': it is missing"));
  CHECK(tells(translated("security.protocol=SSL\nssl.engine.factory.class=x").notes,
              "'ssl.engine.factory.class' has no counterpart"));
  CHECK(translated("ssl.endpoint.identification.algorithm=")
            .properties.at("ssl.endpoint.identification.algorithm") == "none");
  const auto unset = translate_java_connection("ssl.key.password=${env:NONE}", variable, "/");
  REQUIRE_FALSE(unset);
  CHECK(unset.error().message == "environment variable 'NONE' is not set");
  CHECK(translated("ssl.key.password=$${env:KEY}").properties.at("ssl.key.password") ==
        "${env:KEY}");
}

TEST_CASE("jaas: quotes, escapes, and what it lacks") {
  CHECK(*parse_jaas("M required a=\"1\" b='2' c=3;") == Map{{"a", "1"}, {"b", "2"}, {"c", "3"}});
  CHECK(*parse_jaas(" M  required\n;") == Map{});
  CHECK(*parse_jaas("M required a = \"x;y=z\" ;") == Map{{"a", "x;y=z"}});
  CHECK(parse_jaas("M required a=\"1\"").error().message.find("`;`") != std::string::npos);
  CHECK_FALSE(parse_jaas(""));
  CHECK_FALSE(parse_jaas("M required a;"));
}
