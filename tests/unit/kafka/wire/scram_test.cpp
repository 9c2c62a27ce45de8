// SCRAM against the examples of its RFCs, and against servers that are not honest.
#include "kafka/wire/scram.hpp"

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

constexpr const char* server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr const char* server_last = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

Scram of_rfc7677() { return Scram("SHA256", "user", "pencil", "rOprNGfwEbeRWgbNEkqO"); }

}  // namespace

TEST_CASE("scram: the example of RFC 5802") {
  Scram scram("SHA1", "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL");
  CHECK(scram.first() == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  const auto last =
      scram.last("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
  REQUIRE(last);
  CHECK(*last ==
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  CHECK_FALSE(scram.verify("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
}

TEST_CASE("scram: the example of RFC 7677") {
  auto scram = of_rfc7677();
  CHECK(scram.first() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const auto last = scram.last(server_first);
  REQUIRE(last);
  CHECK(*last ==
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  CHECK_FALSE(scram.verify(server_last));
}

TEST_CASE("scram: a server that does not know the password is found out") {
  auto scram = of_rfc7677();
  CHECK(scram.verify(server_last));  // before it was asked
  REQUIRE(scram.last(server_first));
  CHECK(scram.verify("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  CHECK(scram.verify("v="));
  CHECK(scram.verify(""));
  const auto refused = scram.verify("e=invalid-proof");
  REQUIRE(refused);
  CHECK(refused->message.find("invalid-proof") != std::string::npos);
}

TEST_CASE("scram: challenges that no server may send are refused") {
  const std::string nonce = "r=rOprNGfwEbeRWgbNEkqO%x";
  const auto refused = [](const std::string& text) { return !of_rfc7677().last(text); };
  CHECK(refused(""));
  CHECK(refused("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
  CHECK(refused("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));  // adds nothing
  CHECK(refused(nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095"));
  CHECK(refused(nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=100000000"));
  CHECK(refused(nonce + ",s=***,i=4096"));
  CHECK(refused(nonce + ",i=4096"));
  CHECK_FALSE(refused(nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
}

TEST_CASE("scram: names are escaped, nonces are not repeated") {
  CHECK(Scram("SHA256", "a=b,c", "x", "n").first() == "n,,n=a=3Db=2Cc,r=n");
  CHECK(random_nonce() != random_nonce());
  CHECK(random_nonce().find(',') == std::string::npos);
}
