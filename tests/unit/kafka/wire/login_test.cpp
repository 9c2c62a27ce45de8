// The order of a login's requests, and what is told of a refusal.
#include "kafka/wire/login.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

SecurityPtr security(const std::string& mechanism) {
  const auto made = Security::from({{"security.protocol", "sasl_plaintext"},
                                    {"sasl.mechanism", mechanism},
                                    {"sasl.username", "user"},
                                    {"sasl.password", "pencil"}});
  REQUIRE(made);
  return *made;
}

Bytes handshake_answer(std::int16_t error) {
  Writer out;
  out.int16(error).int32(1).string("SCRAM-SHA-256");
  return out.take();
}

Bytes authenticate_answer(std::int16_t error, const std::string& why, const std::string& message) {
  Writer out;
  out.int16(error).string(why).int32(static_cast<std::int32_t>(message.size()));
  out.append(std::as_bytes(std::span(message)));
  return out.take();
}

// What a SaslAuthenticate request carries.
std::string message_in(const Login::Step& step) {
  Cursor in(step.body);
  const auto size = in.int32();
  const auto bytes = in.bytes(static_cast<std::uint64_t>(size));
  REQUIRE(in.ok());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("login: PLAIN sends user and password once its mechanism is taken") {
  const auto how = security("plain");
  Login login(*how);
  const auto first = login.begin();
  CHECK(static_cast<int>(first.header.api) == 17);
  CHECK(Cursor(first.body).string() == "PLAIN");
  const auto step = login.next(handshake_answer(0));
  REQUIRE(step);
  REQUIRE(*step);
  CHECK(static_cast<int>((*step)->header.api) == 36);
  CHECK(message_in(**step) == std::string("\0user\0pencil", 12));
  const auto end = login.next(authenticate_answer(0, "", ""));
  REQUIRE(end);
  CHECK_FALSE(*end);
}

TEST_CASE("login: SCRAM goes both ways, and ends only once the broker has proved itself") {
  const auto how = security("SCRAM-SHA-256");
  Login login(*how, "rOprNGfwEbeRWgbNEkqO");
  auto step = login.next(handshake_answer(0));
  REQUIRE((step && *step));
  CHECK(message_in(**step) == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  step = login.next(authenticate_answer(
      0, "",
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
  REQUIRE((step && *step));
  CHECK(message_in(**step).ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  Login forged = login;
  CHECK_FALSE(forged.next(authenticate_answer(0, "", "v=AAAA")));
  step = login.next(authenticate_answer(0, "", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  REQUIRE(step);
  CHECK_FALSE(*step);
}

TEST_CASE("login: a refusal says what the broker offers, or why, and no secret") {
  const auto how = security("PLAIN");
  Login other(*how);
  const auto mechanism = other.next(handshake_answer(33));
  REQUIRE_FALSE(mechanism);
  CHECK(mechanism.error().message.find("it offers SCRAM-SHA-256") != std::string::npos);
  Login wrong(*how);
  REQUIRE(wrong.next(handshake_answer(0)));
  const auto password = wrong.next(authenticate_answer(58, "Invalid username or password", ""));
  REQUIRE_FALSE(password);
  CHECK(password.error().message.find("Invalid username or password") != std::string::npos);
  CHECK(password.error().message.find("pencil") == std::string::npos);
  Login cut(*how);
  CHECK_FALSE(cut.next({}));
}

TEST_CASE("security: plaintext is nothing, and what wire cannot do is named") {
  CHECK(*Security::from({}) == nullptr);
  CHECK(*Security::from({{"security.protocol", "plaintext"}}) == nullptr);
  const auto why = [](std::map<std::string, std::string> properties) {
    const auto made = Security::from(properties);
    return made ? std::string() : made.error().message;
  };
  CHECK(why({{"security.protocol", "sasl_ssl"}, {"sasl.mechanism", "OAUTHBEARER"}})
            .find("not by OAUTHBEARER") != std::string::npos);
  CHECK(why({{"security.protocol", "sasl_plaintext"}}).find("'sasl.mechanism' is missing") == 0);
  CHECK(why({{"sasl.kerberos.keytab", "x"}}).find("'sasl.kerberos.keytab' cannot be done") == 0);
  CHECK(why({{"security.protocol", "ssl"}, {"ssl.ca.location", "/nowhere/ca.pem"}})
            .find("'ssl.ca.location' cannot be used") == 0);
  CHECK(why({{"security.protocol", "ssl"}, {"ssl.ca.pem", "no certificate"}})
            .find("'ssl.ca.pem' cannot be used") == 0);
}
