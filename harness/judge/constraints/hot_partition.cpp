// hot_partition: one broker led much more of the traffic than the others, and it was busier than
// they were. By the messages that were acked in each partition, and who led it in the end.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/units.hpp"
#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

constexpr double hot = 1.5;      // times an even share of what all brokers lead
constexpr double busier = 1.25;  // than the other brokers, in the mean

using Partition = std::pair<std::string, std::int64_t>;

std::map<Partition, std::int64_t> last_leaders(const View& trial) {
  std::map<Partition, std::int64_t> out;
  for (const View& change : trial["leadership"].items()) {
    out[{change["topic"].text(), change["partition"].integer().value_or(-1)}] =
        change["leader"].integer().value_or(-1);
  }
  return out;
}

struct Hottest {
  std::int64_t node = -1;
  double led = 0;  // share of all acked messages
  Partition partition;
  double of_partition = 0;  // the same
};

std::optional<Hottest> hottest(const View& trial) {
  const auto leaders = last_leaders(trial);
  std::map<std::int64_t, double> led;
  double all = 0, most = 0;
  Hottest out;
  for (const View& row : trial["audit"]["partitions"].items()) {
    const Partition partition{row["topic"].text(), row["partition"].integer().value_or(-1)};
    const auto leader = leaders.find(partition);
    const double acked = row["acked"].number_or(0);
    all += acked;
    if (leader == leaders.end()) continue;
    led[leader->second] += acked;
    if (led[leader->second] > led[out.node]) out.node = leader->second;
  }
  if (all <= 0 || out.node < 0) return std::nullopt;
  for (const View& row : trial["audit"]["partitions"].items()) {
    const Partition partition{row["topic"].text(), row["partition"].integer().value_or(-1)};
    const auto leader = leaders.find(partition);
    const double acked = row["acked"].number_or(0);
    if (leader == leaders.end() || leader->second != out.node || acked < most) continue;
    most = acked;
    out.partition = partition;
  }
  out.led = led[out.node] / all;
  out.of_partition = most / all;
  return out;
}

struct Busy {
  std::optional<double> own;
  double others = 0;  // mean
};

Busy cpu_of(const std::vector<View>& nodes, std::int64_t node) {
  Busy out;
  for (const View& row : nodes) {
    const double cpu = row["cpu"].number_or(0);
    if (row["node"].integer() == node) out.own = cpu;
    else out.others += cpu / static_cast<double>(nodes.size() - 1);
  }
  return out;
}

std::optional<Strain> hot_partition_strain(const Scene& scene) {
  const auto nodes = serving_nodes(scene.trial);
  const auto found = hottest(scene.trial);
  const auto cores = cores_of_node(scene);
  if (nodes.size() < 2 || !found || !cores) return std::nullopt;
  if (found->led < hot / static_cast<double>(nodes.size())) return std::nullopt;
  const Busy cpu = cpu_of(nodes, found->node);
  if (!cpu.own || *cpu.own < busier * cpu.others) return std::nullopt;
  return Strain{
      .use = std::min(1.0, *cpu.own / *cores),
      .wait_ns = {},
      .evidence = fmt::format(
          "node {} led {} of the messages, partition {}/{} alone {}, and used {:.2f} of its {:g} "
          "cores, the other brokers {:.2f} in the mean",
          found->node, percent_words(found->led), found->partition.first, found->partition.second,
          percent_words(found->of_partition), *cpu.own, *cores, cpu.others),
      .needs = "keys that spread, or leaders moved"};
}

const auto hot_partition_constraint = constraint<30, hot_partition_strain>(
    "hot_partition", "one partition, or the broker that leads most");

}  // namespace
}  // namespace seatrial::judge
