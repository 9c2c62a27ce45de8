// Reads and writes targets. The table of kinds is the one list of what may be written.
#include "core/target.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "core/suggest.hpp"
#include "core/units.hpp"

namespace seatrial {
namespace {

enum class Argument { none, node, partition, member };

struct KindSpec {
  std::string_view name;
  Target::Kind kind;
  Argument argument;
};

constexpr std::array<KindSpec, 10> kinds{{
    {"broker", Target::Kind::broker, Argument::node},
    {"leader", Target::Kind::leader, Argument::partition},
    {"follower", Target::Kind::follower, Argument::partition},
    {"followers", Target::Kind::followers, Argument::partition},
    {"controller", Target::Kind::controller, Argument::none},
    {"one", Target::Kind::one, Argument::none},
    {"minority", Target::Kind::minority, Argument::none},
    {"majority", Target::Kind::majority, Argument::none},
    {"all", Target::Kind::all, Argument::none},
    {"member", Target::Kind::member, Argument::member},
}};

constexpr std::string_view usage =
    "targets are broker(2), leader(topic/0), follower(topic/0), followers(topic/0), controller, "
    "one, minority, majority, all, member(1), member(workload/1)";

// Ids of members: above those of all brokers and controllers, a block for each workload.
constexpr std::int32_t first_member = 1'000'000;
constexpr std::int32_t members_at_most = 10'000;

std::string example(const KindSpec& spec) {
  const std::string name(spec.name);
  if (spec.argument == Argument::node || spec.argument == Argument::member) return name + "(1)";
  return spec.argument == Argument::partition ? name + "(topic/0)" : name;
}

Result<Target> with_partition(Target target, std::string_view text, std::string_view argument) {
  const auto slash = argument.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == argument.size()) {
    return Error{in_quotes(text) + " must name a topic and a partition, as in orders/0", ""};
  }
  const auto partition = parse_integer(argument.substr(slash + 1));
  if (!partition || *partition < 0 || *partition > std::numeric_limits<std::int32_t>::max()) {
    return Error{in_quotes(argument.substr(slash + 1)) + " in " + in_quotes(text) +
                     " is not a partition number",
                 ""};
  }
  target.where = {std::string(argument.substr(0, slash)), static_cast<std::int32_t>(*partition)};
  return target;
}

Result<Target> with_node(Target target, std::string_view text, std::string_view argument) {
  const auto node = parse_integer(argument);
  if (!node || *node < 0 || *node > std::numeric_limits<std::int32_t>::max()) {
    return Error{in_quotes(argument) + " in " + in_quotes(text) + " is not a broker number", ""};
  }
  target.node = NodeId{static_cast<std::int32_t>(*node)};
  return target;
}

Result<Target> with_member(Target target, std::string_view text, std::string_view argument) {
  const auto slash = argument.rfind('/');
  if (slash == 0) return Error{in_quotes(text) + " names no workload before its '/'", ""};
  const auto digits = slash == std::string_view::npos ? argument : argument.substr(slash + 1);
  const auto member = parse_integer(digits);
  if (!member || *member < 1 || *member >= members_at_most) {
    return Error{in_quotes(digits) + " in " + in_quotes(text) +
                     " is not a member's number: they count from 1",
                 ""};
  }
  if (slash != std::string_view::npos) target.workload = std::string(argument.substr(0, slash));
  target.member = static_cast<int>(*member);
  return target;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  const auto open = text.find('(');
  const auto name = text.substr(0, open);
  const auto* spec =
      std::find_if(kinds.begin(), kinds.end(), [&](const KindSpec& k) { return k.name == name; });
  if (spec == kinds.end()) {
    std::vector<std::string> names;
    for (const auto& k : kinds) names.emplace_back(k.name);
    return Error{"unknown target " + in_quotes(text) + did_you_mean(name, names),
                 std::string(usage)};
  }
  Target target;
  target.kind = spec->kind;
  if (open == std::string_view::npos) {
    if (spec->argument == Argument::none) return target;
    return Error{"target " + in_quotes(text) + " needs an argument: write " + example(*spec), ""};
  }
  if (text.back() != ')') return Error{"target " + in_quotes(text) + " lacks its ')'", ""};
  if (spec->argument == Argument::none) {
    return Error{"target '" + std::string(name) + "' takes no argument, got " + in_quotes(text),
                 ""};
  }
  const auto argument = text.substr(open + 1, text.size() - open - 2);
  if (spec->argument == Argument::member) return with_member(target, text, argument);
  return spec->argument == Argument::node ? with_node(target, text, argument)
                                          : with_partition(target, text, argument);
}

std::string to_string(const Target& target) {
  const auto* spec = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const KindSpec& k) { return k.kind == target.kind; });
  const std::string name(spec->name);
  switch (spec->argument) {
    case Argument::node: return name + "(" + std::to_string(target.node.value) + ")";
    case Argument::partition: return name + "(" + to_string(target.where) + ")";
    case Argument::member:
      return name + "(" + (target.workload.empty() ? "" : target.workload + "/") +
             std::to_string(target.member) + ")";
    case Argument::none: break;
  }
  return name;
}

NodeId member_node(std::size_t workload, int member) {
  return NodeId(first_member + static_cast<std::int32_t>(workload) * members_at_most + member);
}

bool is_member(NodeId node) { return node.value >= first_member; }

std::size_t workload_of_member(NodeId node) {
  return static_cast<std::size_t>((node.value - first_member) / members_at_most);
}

int number_of_member(NodeId node) { return (node.value - first_member) % members_at_most; }

std::string node_text(NodeId node) {
  if (is_member(node)) return "member " + std::to_string(number_of_member(node));
  return "node " + std::to_string(node.value);
}

}  // namespace seatrial
