// The SCRAM credentials by which users log in: read, taken away and given. Brokers never tell the
// keys, only that there are some, by mechanism and rounds. DescribeUserScramCredentials v0 and
// AlterUserScramCredentials v0, by wire: librdkafka has calls for them since 2.2 only. Encoders and
// decoders are pure; decoders take any bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/any_broker.hpp"

namespace seatrial::kafka {

// By the numbers of Kafka's protocol.
struct Credential {
  enum class Mechanism : std::int8_t { sha256 = 1, sha512 = 2 };
  Mechanism mechanism = Mechanism::sha256;
  std::int32_t rounds = 4096;
  friend auto operator<=>(const Credential&, const Credential&) = default;
};
[[nodiscard]] std::string to_string(const Credential& credential);  // "SCRAM-SHA-256, 4096 rounds"

// A credential with the keys that it is made of.
struct SaltedCredential {
  Credential credential;
  std::string salt, salted_password;  // bytes
};

[[nodiscard]] wire::Bytes encode_describe_credentials(const std::string& user);
// None: the brokers know of none, whether they know the user or not.
Result<std::vector<Credential>> decode_describe_credentials(wire::BytesView body);
[[nodiscard]] wire::Bytes encode_remove_credentials(const std::string& user,
                                                    const std::vector<Credential>& credentials);
[[nodiscard]] wire::Bytes encode_put_credentials(const std::string& user,
                                                 const std::vector<SaltedCredential>& credentials);
Result<wire::Answer> decode_alter_credentials(wire::BytesView body);

// As AnyBroker. That a change was taken is not that every broker goes by it: read it back.
class Credentials {
 public:
  explicit Credentials(const std::vector<Node>& nodes) : brokers_(nodes) {}

  // Of that user, as each broker that answers has them, in order.
  Result<std::vector<std::vector<Credential>>> of(const std::string& user, Instant deadline) const;
  Result<bool> remove(const std::string& user, const std::vector<Credential>& credentials,
                      Instant deadline) const;
  // Each with a salt of its own.
  Result<bool> put(const std::string& user, const std::string& password,
                   const std::vector<Credential>& credentials, Instant deadline) const;

 private:
  AnyBroker brokers_;
};

}  // namespace seatrial::kafka
