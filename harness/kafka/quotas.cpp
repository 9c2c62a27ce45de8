// AlterClientQuotas v0, of one entity: the default of client-id.
#include "kafka/quotas.hpp"

#include <bit>
#include <optional>
#include <thread>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::kafka {
namespace {

constexpr auto api = static_cast<wire::Api>(49);
constexpr wire::VersionRange versions{0, 0};
constexpr std::int16_t nobody = -1;  // a null string: the default of that kind of entity
constexpr auto answer_time = seconds(5);

// Nothing: this node did not answer, so that another may be asked.
std::optional<Result<Done>> ask(const Node& node, const wire::Bytes& body, Instant deadline,
                                Error& trouble) {
  auto connection = wire::Connection::open(node.address, deadline);
  if (!connection) {
    trouble = connection.error();
    return std::nullopt;
  }
  const auto version = connection->version_for(api, versions, "AlterClientQuotas");
  if (!version) return version.error();
  const auto answer = connection->exchange({.api = api, .version = *version}, body, deadline);
  if (answer) return decode_alter_quotas(*answer);
  trouble = answer.error();
  return std::nullopt;
}

}  // namespace

wire::Bytes encode_alter_quotas(const std::map<std::string, double>& quotas, QuotaChange change) {
  wire::Writer out;
  out.int32(1).int32(1).string("client-id").int16(nobody);
  out.int32(static_cast<std::int32_t>(quotas.size()));
  for (const auto& [name, value] : quotas) {
    out.string(name).int64(std::bit_cast<std::int64_t>(value));
    out.int8(change == QuotaChange::lift ? 1 : 0);
  }
  return out.int8(0).take();  // not only to validate
}

Result<Done> decode_alter_quotas(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  const std::size_t entries = in.array(8);
  const std::int16_t error = in.int16();
  const std::string text = in.string();
  if (!in.ok() || entries != 1) {
    return Error{"the broker's answer to AlterClientQuotas is cut off or malformed", ""};
  }
  if (error == 0) return Done{};
  return Error{"AlterClientQuotas: " + wire::error_name(error) + (text.empty() ? "" : ": ") + text,
               ""};
}

Result<Done> change_quotas(const std::vector<Node>& nodes,
                           const std::map<std::string, double>& quotas, QuotaChange change,
                           Instant deadline, const std::stop_token& stop) {
  const wire::Bytes body = encode_alter_quotas(quotas, change);
  Error trouble{"no node serves clients", ""};
  do {
    for (const Node& node : nodes) {
      if (!node.serves_clients() || stop.stop_requested()) continue;
      const Instant until = std::min<Instant>(deadline, now() + answer_time);
      if (auto outcome = ask(node, body, until, trouble)) return *outcome;
    }
    std::this_thread::sleep_for(milliseconds(100));
  } while (now() < deadline && !stop.stop_requested());
  return Error{"the quotas could not be changed: " + trouble.message, trouble.hint};
}

}  // namespace seatrial::kafka
