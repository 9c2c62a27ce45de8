// Who may do what: the entries of the brokers' access control lists, read, given and taken away.
// CreateAcls, DescribeAcls and DeleteAcls, each in version 1, by wire, since librdkafka's
// own calls know no transactional ids. Encoders and decoders are pure; decoders take any bytes.
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
struct Acl {
  enum class Resource : std::int8_t { topic = 2, group = 3, cluster = 4, transactional_id = 5 };
  enum class Pattern : std::int8_t { match = 2, literal = 3, prefixed = 4 };  // match: of questions
  enum class Permission : std::int8_t { deny = 2, allow = 3 };
  static constexpr std::int8_t any_operation = 1, all_operations = 2;

  Resource resource = Resource::topic;
  std::string name;  // of the resource; of the cluster: kafka-cluster
  Pattern pattern = Pattern::literal;
  std::string principal;  // User:alice
  std::string host = "*";
  std::int8_t operation = all_operations;
  Permission permission = Permission::allow;
  friend auto operator<=>(const Acl&, const Acl&) = default;
};
// "allow User:alice to write on topic orders", with host and pattern where these are not the usual.
[[nodiscard]] std::string to_string(const Acl& acl);

[[nodiscard]] wire::Bytes encode_create_acls(const std::vector<Acl>& acls);
Result<wire::Answer> decode_create_acls(wire::BytesView body);
[[nodiscard]] wire::Bytes encode_delete_acls(const std::vector<Acl>& acls);
Result<wire::Answer> decode_delete_acls(wire::BytesView body);
// All entries that allow something on that resource, by a literal name, a prefix or `*`.
[[nodiscard]] wire::Bytes encode_describe_acls(Acl::Resource resource, const std::string& name);
// SECURITY_DISABLED, an error like all others: the brokers have no authorizer.
Result<std::vector<Acl>> decode_describe_acls(wire::BytesView body);

// As AnyBroker. That a change was taken is not that every broker goes by it: read it back.
class Acls {
 public:
  explicit Acls(const std::vector<Node>& nodes) : brokers_(nodes) {}

  // What allows something on that topic, as each broker that answers has it, in order.
  Result<std::vector<std::vector<Acl>>> allowing(const std::string& topic, Instant deadline) const;
  Result<bool> add(const std::vector<Acl>& acls, Instant deadline) const;
  Result<bool> remove(const std::vector<Acl>& acls, Instant deadline) const;

 private:
  AnyBroker brokers_;
};

}  // namespace seatrial::kafka
