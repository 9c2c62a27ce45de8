// Field by field, in the order of the protocol's message definitions.
#include "kafka/credentials.hpp"

#include <algorithm>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/scram.hpp"

namespace seatrial::kafka {
namespace {

constexpr AnyBroker::Request describe_request{
    .api = wire::Api{50}, .version = 0, .flexible = true, .name = "DescribeUserScramCredentials"};
constexpr AnyBroker::Request alter_request{
    .api = wire::Api{51}, .version = 0, .flexible = true, .name = "AlterUserScramCredentials"};

constexpr std::int16_t resource_not_found = 91;  // the user has none

const char* digest_of(Credential::Mechanism mechanism) {
  return mechanism == Credential::Mechanism::sha256 ? "SHA256" : "SHA512";
}

// Brokers refuse a request that is about one user twice.
template <class Ask>
Result<bool> one_by_one(const std::vector<Credential>& credentials, const Ask& ask) {
  for (const Credential& one : credentials) {
    const Result<wire::Bytes> answer = ask(one);
    if (!answer) return answer.error();
    auto done = taken(alter_request, decode_alter_credentials(*answer));
    if (!done || !*done) return done;
  }
  return true;
}

}  // namespace

std::string to_string(const Credential& credential) {
  return std::string(credential.mechanism == Credential::Mechanism::sha256 ? "SCRAM-SHA-256"
                                                                           : "SCRAM-SHA-512") +
         ", " + std::to_string(credential.rounds) + " rounds";
}

wire::Bytes encode_describe_credentials(const std::string& user) {
  wire::Writer out;
  out.varint(2).compact_string(user).no_tags();  // an array of one: count plus one
  return out.no_tags().take();
}

Result<std::vector<Credential>> decode_describe_credentials(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  wire::Answer answer{.error = in.int16(), .words = {}};
  answer.words = in.compact_string();
  std::vector<Credential> out;
  for (std::size_t users = in.compact_array(6); users > 0 && in.ok(); --users) {
    in.compact_string();
    const std::int16_t error = in.int16();
    std::string words = in.compact_string();
    if (answer.error == 0 && error != resource_not_found)
      answer = {.error = error, .words = std::move(words)};
    for (std::size_t left = in.compact_array(6); left > 0 && in.ok(); --left) {
      const auto mechanism = static_cast<Credential::Mechanism>(in.int8());
      out.push_back({.mechanism = mechanism, .rounds = in.int32()});
      in.skip_tags();
    }
    in.skip_tags();
  }
  if (!in.ok()) return wire::malformed_answer("DescribeUserScramCredentials");
  const auto told = taken(describe_request, answer);
  if (!told) return told.error();
  std::ranges::sort(out);
  return out;
}

wire::Bytes encode_remove_credentials(const std::string& user,
                                      const std::vector<Credential>& credentials) {
  wire::Writer out;
  out.varint(credentials.size() + 1);
  for (const Credential& one : credentials)
    out.compact_string(user).int8(static_cast<std::int8_t>(one.mechanism)).no_tags();
  return out.varint(1).no_tags().take();  // and none is put
}

wire::Bytes encode_put_credentials(const std::string& user,
                                   const std::vector<SaltedCredential>& credentials) {
  wire::Writer out;
  out.varint(1).varint(credentials.size() + 1);  // none is removed
  for (const auto& [credential, salt, password] : credentials) {
    out.compact_string(user).int8(static_cast<std::int8_t>(credential.mechanism));
    out.int32(credential.rounds).compact_string(salt).compact_string(password).no_tags();
  }
  return out.no_tags().take();
}

Result<wire::Answer> decode_alter_credentials(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  wire::Answer out;
  for (std::size_t left = in.compact_array(5); left > 0 && in.ok(); --left) {
    in.compact_string();
    const std::int16_t error = in.int16();
    std::string words = in.compact_string();
    in.skip_tags();
    if (out.error == 0) out = {.error = error, .words = std::move(words)};
  }
  if (!in.ok()) return wire::malformed_answer("AlterUserScramCredentials");
  return out;
}

Result<std::vector<std::vector<Credential>>> Credentials::of(const std::string& user,
                                                             Instant deadline) const {
  const auto answers =
      brokers_.ask_each(describe_request, encode_describe_credentials(user), deadline);
  if (!answers) return answers.error();
  std::vector<std::vector<Credential>> out;
  for (const wire::Bytes& answer : *answers) {
    auto credentials = decode_describe_credentials(answer);
    if (!credentials) return credentials.error();
    out.push_back(std::move(*credentials));
  }
  return out;
}

Result<bool> Credentials::remove(const std::string& user,
                                 const std::vector<Credential>& credentials,
                                 Instant deadline) const {
  return one_by_one(credentials, [&](const Credential& one) {
    return brokers_.ask(alter_request, encode_remove_credentials(user, {one}), deadline);
  });
}

Result<bool> Credentials::put(const std::string& user, const std::string& password,
                              const std::vector<Credential>& credentials, Instant deadline) const {
  return one_by_one(credentials, [&](const Credential& one) {
    const std::string salt = wire::random_nonce();
    SaltedCredential salted{
        one, salt, wire::salted_password(digest_of(one.mechanism), password, salt, one.rounds)};
    return brokers_.ask(alter_request, encode_put_credentials(user, {std::move(salted)}), deadline);
  });
}

}  // namespace seatrial::kafka
