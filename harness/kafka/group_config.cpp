// IncrementalAlterConfigs v0 and DescribeConfigs v1, of one resource: a group.
#include "kafka/group_config.hpp"

#include <algorithm>
#include <string_view>
#include <thread>
#include <vector>

#include "kafka/addresses.hpp"
#include "kafka/wire/bytes.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::kafka {
namespace {

constexpr auto alter_api = static_cast<wire::Api>(44);
constexpr auto describe_api = static_cast<wire::Api>(32);
constexpr wire::VersionRange alter_versions{0, 0};
constexpr wire::VersionRange describe_versions{1, 1};
constexpr std::int8_t of_group = 32;  // the kind of resource
constexpr std::int8_t to_set = 0;     // the operation
constexpr std::int32_t every_name = -1;
constexpr auto answer_time = seconds(5);
constexpr auto retry_time = milliseconds(100);

// What became of one request to one broker: `answered` is false if another may do better.
struct Asked {
  bool answered = false;
  bool refused = false;  // no connection could be made
  wire::Bytes body;
  Error trouble;
};

Asked ask(const std::string& address, const wire::SecurityPtr& security, wire::Api api,
          wire::VersionRange versions, const char* name, wire::BytesView body, Instant deadline) {
  const Instant until = std::min<Instant>(deadline, now() + answer_time);
  auto connection = wire::Connection::open(address, until, security);
  if (!connection) return {.refused = true, .body = {}, .trouble = connection.error()};
  const auto version = connection->version_for(api, versions, name);
  if (!version) return {.trouble = version.error()};
  auto answer = connection->exchange({.api = api, .version = *version}, body, until);
  if (!answer) return {.trouble = answer.error()};
  return {.answered = true, .body = std::move(*answer), .trouble = {}};
}

bool shows(const GroupConfig& found, const GroupConfig& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& entry) {
    const auto it = found.find(entry.first);
    return it != found.end() && it->second == entry.second;
  });
}

Result<Done> alter(const std::vector<std::string>& addresses, const wire::SecurityPtr& security,
                   const std::string& group, const GroupConfig& config, Instant deadline) {
  const wire::Bytes body = encode_alter_group(group, config);
  Error trouble{"there is no address to ask", ""};
  do {
    for (const auto& address : addresses) {
      const auto asked = ask(address, security, alter_api, alter_versions,
                             "IncrementalAlterConfigs", body, deadline);
      if (asked.answered) return decode_alter_group(asked.body);
      trouble = asked.trouble;
    }
    std::this_thread::sleep_for(retry_time);
  } while (now() < deadline);
  return trouble;
}

}  // namespace

wire::Bytes encode_alter_group(const std::string& group, const GroupConfig& config) {
  wire::Writer out;
  out.int32(1).int8(of_group).string(group);
  out.int32(static_cast<std::int32_t>(config.size()));
  for (const auto& [name, value] : config) out.string(name).int8(to_set).string(value);
  return out.int8(0).take();  // not only to validate
}

Result<Done> decode_alter_group(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  const std::size_t resources = in.array(7);
  const std::int16_t error = in.int16();
  const std::string text = in.string();
  if (!in.ok() || resources != 1) {
    return Error{"the broker's answer to IncrementalAlterConfigs is cut off or malformed", ""};
  }
  if (error == 0) return Done{};
  return Error{
      "IncrementalAlterConfigs: " + wire::error_name(error) + (text.empty() ? "" : ": ") + text,
      ""};
}

wire::Bytes encode_describe_group_config(const std::string& group) {
  wire::Writer out;
  out.int32(1).int8(of_group).string(group).int32(every_name);
  return out.int8(0).take();  // without synonyms
}

Result<GroupConfig> decode_describe_group_config(wire::BytesView body) {
  wire::Cursor in(body);
  in.int32();  // throttle time
  const std::size_t resources = in.array(7);
  const std::int16_t error = in.int16();
  const std::string text = in.string();
  in.int8();  // kind and name of the resource
  in.string();
  GroupConfig out;
  const std::size_t entries = in.array(6);
  for (std::size_t i = 0; i < entries && in.ok(); ++i) {
    const std::string name = in.string();
    out[name] = in.string();
    in.int8();  // read only, source, secret
    in.int8();
    in.int8();
    const std::size_t synonyms = in.array(5);
    for (std::size_t s = 0; s < synonyms && in.ok(); ++s) {
      in.string();
      in.string();
      in.int8();
    }
  }
  if (!in.ok() || resources != 1) {
    return Error{"the broker's answer to DescribeConfigs is cut off or malformed", ""};
  }
  if (error == 0) return out;
  return Error{"DescribeConfigs: " + wire::error_name(error) + (text.empty() ? "" : ": ") + text,
               ""};
}

Result<Done> configure_group(const Access& access, const std::string& group,
                             const GroupConfig& config, Instant deadline) {
  const auto security = access.security();
  if (!security) return security.error();
  const auto addresses = addresses_in(access.bootstrap);
  if (const auto altered = alter(addresses, *security, group, config, deadline); !altered) {
    return Error{
        "the configuration of group '" + group + "' cannot be set: " + altered.error().message,
        altered.error().hint};
  }
  const wire::Bytes question = encode_describe_group_config(group);
  for (const auto& address : addresses) {
    while (true) {
      const auto asked = ask(address, *security, describe_api, describe_versions, "DescribeConfigs",
                             question, deadline);
      if (asked.refused) break;  // a broker that is down learns of it before it serves
      auto found = asked.answered ? decode_describe_group_config(asked.body) : asked.trouble;
      if (found && shows(*found, config)) break;
      if (now() >= deadline) {
        return Error{"the configuration of group '" + group + "' is not in force at " + address +
                         (found ? "" : ": " + found.error().message),
                     ""};
      }
      std::this_thread::sleep_for(retry_time);
    }
  }
  return Done{};
}

}  // namespace seatrial::kafka
