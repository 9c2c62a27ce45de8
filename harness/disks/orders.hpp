// Between the harness and the process that serves its disks: an order is a line of JSON, and so is
// its answer, on one socket. Orders have `do`, and what they are about; an answer has `error` or
// what was asked for. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/disks.hpp"

namespace seatrial::disks {

[[nodiscard]] nlohmann::json disk_to_json(DiskId disk);
[[nodiscard]] nlohmann::json rule_to_json(const DiskRule& rule);
// These throw what the JSON library throws on anything that those did not make.
[[nodiscard]] DiskId disk_from_json(const nlohmann::json& text);
[[nodiscard]] DiskRule rule_from_json(const nlohmann::json& text);

}  // namespace seatrial::disks
