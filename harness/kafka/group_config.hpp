// What brokers keep for a whole group, such as where a share group starts and how long its records
// stay locked. The library that this program is built for cannot set it, so two requests of the
// protocol are spoken: IncrementalAlterConfigs, and DescribeConfigs to see that brokers have heard
// of it. Not for the mock.
#pragma once

#include <map>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/admin.hpp"
#include "kafka/wire/messages.hpp"

namespace seatrial::kafka {

using GroupConfig = std::map<std::string, std::string>;  // by Kafka's names

// Sets the group's configuration and waits until every broker that answers shows it. Asks one after
// the other for as long as none answers and there is time; a refusal is the Error at once. Setting
// what is set already changes nothing.
Result<Done> configure_group(const Access& access, const std::string& group,
                             const GroupConfig& config, Instant deadline);

// The requests' bodies, and what their answers say.
[[nodiscard]] wire::Bytes encode_alter_group(const std::string& group, const GroupConfig& config);
Result<Done> decode_alter_group(wire::BytesView body);
[[nodiscard]] wire::Bytes encode_describe_group_config(const std::string& group);
Result<GroupConfig> decode_describe_group_config(wire::BytesView body);

}  // namespace seatrial::kafka
