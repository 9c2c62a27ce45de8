// Field by field, in the order of the protocol's message definitions.
#include "kafka/acls.hpp"

#include <algorithm>
#include <array>

#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka {
namespace {

constexpr AnyBroker::Request describe_acls{
    .api = wire::Api{29}, .version = 1, .name = "DescribeAcls"};
constexpr AnyBroker::Request create_acls{.api = wire::Api{30}, .version = 1, .name = "CreateAcls"};
constexpr AnyBroker::Request delete_acls{.api = wire::Api{31}, .version = 1, .name = "DeleteAcls"};

// From 2 on.
constexpr std::array operations{"do all",
                                "read",
                                "write",
                                "create",
                                "delete",
                                "alter",
                                "describe",
                                "act as a broker",
                                "describe configs",
                                "alter configs",
                                "write idempotently"};

const char* resource_name(Acl::Resource resource) {
  switch (resource) {
    case Acl::Resource::topic: return "topic ";
    case Acl::Resource::group: return "group ";
    case Acl::Resource::cluster: return "cluster ";
    case Acl::Resource::transactional_id: return "transactional id ";
  }
  return "resource ";
}

// An entry, and the question for exactly that one, are written alike.
void write_acl(const Acl& acl, wire::Writer& out) {
  out.int8(static_cast<std::int8_t>(acl.resource)).string(acl.name);
  out.int8(static_cast<std::int8_t>(acl.pattern)).string(acl.principal).string(acl.host);
  out.int8(acl.operation).int8(static_cast<std::int8_t>(acl.permission));
}

wire::Bytes encode_all(const std::vector<Acl>& acls) {
  wire::Writer out;
  out.int32(static_cast<std::int32_t>(acls.size()));
  for (const Acl& acl : acls) write_acl(acl, out);
  return out.take();
}

// The first error, and the broker's words for it.
void read_error(wire::Cursor& in, wire::Answer& out) {
  const std::int16_t error = in.int16();
  std::string words = in.string();
  if (out.error == 0) out = {.error = error, .words = std::move(words)};
}

}  // namespace

std::string to_string(const Acl& acl) {
  const auto operation = static_cast<std::size_t>(acl.operation - 2);
  std::string out = acl.permission == Acl::Permission::allow ? "allow " : "deny ";
  out += acl.principal + " to ";
  out += operation < operations.size() ? operations[operation]
                                       : "do operation " + std::to_string(acl.operation);
  out += std::string(" on ") + resource_name(acl.resource) + acl.name;
  if (acl.pattern == Acl::Pattern::prefixed) out += "*";
  return acl.host == "*" ? out : out + " from " + acl.host;
}

wire::Bytes encode_create_acls(const std::vector<Acl>& acls) { return encode_all(acls); }

Result<wire::Answer> decode_create_acls(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  wire::Answer out;
  for (std::size_t left = in.array(4); left > 0 && in.ok(); --left) read_error(in, out);
  if (!in.ok()) return wire::malformed_answer("CreateAcls");
  return out;
}

wire::Bytes encode_delete_acls(const std::vector<Acl>& acls) { return encode_all(acls); }

Result<wire::Answer> decode_delete_acls(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  wire::Answer out;
  for (std::size_t filters = in.array(8); filters > 0 && in.ok(); --filters) {
    read_error(in, out);
    for (std::size_t left = in.array(14); left > 0 && in.ok(); --left) {
      read_error(in, out);
      in.int8();
      in.string();
      in.int8();
      in.string();
      in.string();
      in.int16();  // operation and permission
    }
  }
  if (!in.ok()) return wire::malformed_answer("DeleteAcls");
  return out;
}

wire::Bytes encode_describe_acls(Acl::Resource resource, const std::string& name) {
  constexpr std::int16_t anybody = -1;
  wire::Writer out;
  out.int8(static_cast<std::int8_t>(resource)).string(name);
  out.int8(static_cast<std::int8_t>(Acl::Pattern::match)).int16(anybody).int16(anybody);
  out.int8(Acl::any_operation).int8(static_cast<std::int8_t>(Acl::Permission::allow));
  return out.take();
}

Result<std::vector<Acl>> decode_describe_acls(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  wire::Answer answer;
  read_error(in, answer);
  std::vector<Acl> out;
  for (std::size_t resources = in.array(8); resources > 0 && in.ok(); --resources) {
    Acl acl;
    acl.resource = static_cast<Acl::Resource>(in.int8());
    acl.name = in.string();
    acl.pattern = static_cast<Acl::Pattern>(in.int8());
    for (std::size_t left = in.array(6); left > 0 && in.ok(); --left) {
      acl.principal = in.string();
      acl.host = in.string();
      acl.operation = in.int8();
      acl.permission = static_cast<Acl::Permission>(in.int8());
      out.push_back(acl);
    }
  }
  if (!in.ok()) return wire::malformed_answer("DescribeAcls");
  const auto told = taken(describe_acls, answer);
  if (!told) return told.error();
  std::ranges::sort(out);
  return out;
}

Result<std::vector<std::vector<Acl>>> Acls::allowing(const std::string& topic,
                                                     Instant deadline) const {
  const auto answers =
      brokers_.ask_each(describe_acls, encode_describe_acls(Acl::Resource::topic, topic), deadline);
  if (!answers) return answers.error();
  std::vector<std::vector<Acl>> out;
  for (const wire::Bytes& answer : *answers) {
    auto acls = decode_describe_acls(answer);
    if (!acls) return acls.error();
    out.push_back(std::move(*acls));
  }
  return out;
}

Result<bool> Acls::add(const std::vector<Acl>& acls, Instant deadline) const {
  const auto answer = brokers_.ask(create_acls, encode_create_acls(acls), deadline);
  if (!answer) return answer.error();
  return taken(create_acls, decode_create_acls(*answer));
}

Result<bool> Acls::remove(const std::vector<Acl>& acls, Instant deadline) const {
  const auto answer = brokers_.ask(delete_acls, encode_delete_acls(acls), deadline);
  if (!answer) return answer.error();
  return taken(delete_acls, decode_delete_acls(*answer));
}

}  // namespace seatrial::kafka
