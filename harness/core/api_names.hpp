// The names of Kafka's requests, as its protocol guide has them, by their keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial {

// "Produce"; of a key that this does not know, "api 99".
[[nodiscard]] std::string api_name(std::int16_t key);
[[nodiscard]] std::optional<std::int16_t> api_key(std::string_view name);
// In the order of the keys.
[[nodiscard]] std::vector<std::string> api_names();

}  // namespace seatrial
