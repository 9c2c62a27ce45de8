// Rules as JSON.
#include "disks/orders.hpp"

#include <nlohmann/json.hpp>

namespace seatrial::disks {

nlohmann::json rule_to_json(const DiskRule& rule) {
  nlohmann::json operations = nlohmann::json::array();
  for (const DiskOperation each : rule.operations) operations.push_back(static_cast<int>(each));
  return {{"node", rule.node.value},
          {"operations", std::move(operations)},
          {"effect", static_cast<int>(rule.effect)},
          {"by_ns", rule.by.count()},
          {"spread", static_cast<int>(rule.spread)},
          {"probability", rule.probability},
          {"seed", rule.seed}};
}

DiskRule rule_from_json(const nlohmann::json& text) {
  DiskRule rule;
  rule.node = NodeId(text.at("node").get<int>());
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
