// Disks and rules as JSON.
#include "disks/orders.hpp"

#include <nlohmann/json.hpp>

namespace seatrial::disks {

nlohmann::json disk_to_json(DiskId disk) {
  return nlohmann::json::array({disk.node.value, disk.dir});
}

DiskId disk_from_json(const nlohmann::json& text) {
  return {.node = NodeId(text.at(0).get<int>()), .dir = text.at(1).get<int>()};
}

nlohmann::json rule_to_json(const DiskRule& rule) {
  nlohmann::json operations = nlohmann::json::array();
  for (const DiskOperation each : rule.operations) operations.push_back(static_cast<int>(each));
  return {{"disk", disk_to_json(rule.disk)},
          {"operations", std::move(operations)},
          {"effect", static_cast<int>(rule.effect)},
          {"by_ns", rule.by.count()},
          {"spread", static_cast<int>(rule.spread)},
          {"probability", rule.probability},
          {"seed", rule.seed}};
}

DiskRule rule_from_json(const nlohmann::json& text) {
  DiskRule rule;
  rule.disk = disk_from_json(text.at("disk"));
  for (const auto& each : text.at("operations"))
    rule.operations.insert(static_cast<DiskOperation>(each.get<int>()));
  rule.effect = static_cast<DiskRule::Effect>(text.at("effect").get<int>());
  rule.by = nanoseconds(text.at("by_ns").get<std::int64_t>());
  rule.spread = static_cast<DiskRule::Spread>(text.at("spread").get<int>());
  rule.probability = text.at("probability").get<double>();
  rule.seed = text.at("seed").get<std::uint64_t>();
  return rule;
}

}  // namespace seatrial::disks
