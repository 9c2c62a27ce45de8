// Rules of disks, and nodes that their disks have ended.
#include "faults/disk_actions.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "core/check.hpp"
#include "core/target.hpp"
#include "core/trimmed.hpp"
#include "core/units.hpp"
#include "faults/node_actions.hpp"
#include "kafka/log_dirs.hpp"

namespace seatrial::faults {
namespace {

constexpr auto end_patience = seconds(20);
constexpr auto question_time = seconds(10);  // it may be busy with what it has lost
// From an error that a broker met until it has given up and halted: 0.4 s on a busy machine.
constexpr milliseconds aftermath = seconds(3);

// Of "write, fsync"; what is wrong with it, or nothing.
std::string read_operations(std::string_view text, std::set<DiskOperation>& to) {
  while (true) {
    const auto comma = text.find(',');
    const auto word = trimmed(text.substr(0, comma));
    if (word == "read") to.insert(DiskOperation::read);
    else if (word == "write") to.insert(DiskOperation::write);
    else if (word == "fsync") to.insert(DiskOperation::flush);
    else if (word == "all")
      to.insert({DiskOperation::read, DiskOperation::write, DiskOperation::flush});
    else
      return "'" + std::string(word) +
             "' is none of read, write, fsync, all; several are separated by commas";
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

std::string check_operations(std::string_view text) {
  std::set<DiskOperation> ignored;
  return read_operations(text, ignored);
}

std::string check_log_dir(std::string_view text) {
  const auto dir = parse_integer(text);
  return dir && *dir >= 1 && *dir <= 8 ? "" : "must be between 1 and 8, not " + std::string(text);
}

// Which of its log dirs a broker has given up.
Result<std::vector<std::string>> offline_of(const Cluster& cluster, NodeId id) {
  for (const Node& node : cluster.nodes()) {
    if (node.id == id && node.serves_clients())
      return kafka::offline_log_dirs(node, now() + question_time);
  }
  return std::vector<std::string>{};
}

// A node that ended through its disk, or that is to be started anew, until it has ended.
void end_for_its_disk(Processes& processes, NodeEvidence& entry, Signal by,
                      const std::stop_token& stop) {
  const auto kind = processes.state(entry.node).kind;
  if (kind == ProcessState::Kind::running || kind == ProcessState::Kind::paused) {
    entry.asked = now();
    processes.signal(entry.node, by);
  }
  await_end(processes, end_patience, entry, stop);
}

// One node of a fault that is being undone.
class Patient {
 public:
  Patient(Cluster& cluster, const TouchedDisks& touched, NodeEvidence& entry)
      : cluster_(cluster),
        processes_(processes_of(cluster)),
        disks_(disks_of(cluster)),
        entry_(entry),
        several_(disks_.of(entry.node).size() > 1) {
    for (const DiskId disk : touched.disks) {
      if (disk.node == entry.node && disks_.try_out(disk) != DiskState::writable)
        unwell_.push_back(disk);
    }
  }

  // Whether it has to be started again, for which it has ended, and its disks are well, then.
  bool end(Instant deadline, Evidence& evidence) {
    const auto left =
        unwell_.empty() ? std::chrono::ceil<milliseconds>(deadline - now()) : milliseconds(0);
    const Patience patience{.budget = left, .every = milliseconds(several_ ? 100 : 1)};
    const bool lost = await_that([this] { return has_lost_something(); }, patience, evidence.stop);
    if (!lost && unwell_.empty()) {
      if (untold_.empty()) return false;
      throw InfrastructureError("does not tell of its log dirs: " + untold_);
    }
    if (!offline_.empty()) {
      count(evidence, entry_.node, "log dirs given up", std::uint64_t{offline_.size()});
      for (const auto& path : offline_)
        evidence.facts.push_back(node_text(entry_.node) + " had given up " + path +
                                 ", and was started anew");
    }
    end_for_its_disk(processes_, entry_, several_ ? Signal::terminate : Signal::kill,
                     evidence.stop);
    for (const DiskId disk : unwell_) disks_.remount(disk);
    return true;
  }

 private:
  bool has_lost_something() {
    if (processes_.state(entry_.node).kind != ProcessState::Kind::running) return true;
    if (!several_) return false;
    auto told = offline_of(cluster_, entry_.node);
    untold_ = told ? "" : told.error().message;
    if (told) offline_ = std::move(*told);
    return !offline_.empty();
  }

  Cluster& cluster_;
  Processes& processes_;
  Disks& disks_;
  NodeEvidence& entry_;
  bool several_;
  std::vector<DiskId> unwell_;        // that take no writes
  std::vector<std::string> offline_;  // paths of the log dirs that it has given up
  std::string untold_;                // why that is not known
};

}  // namespace

Disks& disks_of(Cluster& cluster) {
  Disks* disks = cluster.disks();
  if (disks == nullptr)
    throw FaultIneffective("a cluster of kind '" + cluster.kind() + "' has no disks of ours");
  return *disks;
}

DiskFault::DiskFault(const Options& options)
    : log_dir_(options.has("log_dir") ? static_cast<int>(options.integer("log_dir")) : 0) {}

std::vector<DiskId> DiskFault::targeted(const Disks& disks,
                                        const std::vector<NodeId>& targets) const {
  if (targets.empty()) throw FaultIneffective("the target resolved to no node");
  std::vector<DiskId> out;
  for (const NodeId node : targets) {
    const auto all = disks.of(node);
    if (log_dir_ > static_cast<int>(all.size()))
      throw FaultIneffective(node_text(node) + " has no log dir " + std::to_string(log_dir_));
    if (log_dir_ > 0) out.push_back({.node = node, .dir = log_dir_});
    else out.insert(out.end(), all.begin(), all.end());
  }
  return out;
}

OptionSpec log_dir_option() {
  return {.name = "log_dir",
          .type = OptionType::integer,
          .fallback = "",
          .help = "only that of the node's log dirs, from 1; default: all",
          .choices = {},
          .required = false,
          .validate = check_log_dir};
}

std::string of_log_dir(const Disks& disks, DiskId disk) {
  return disks.of(disk.node).size() > 1 ? " of log dir " + std::to_string(disk.dir) : "";
}

TouchedDisks begin_on_disks(Cluster& cluster, std::vector<DiskId> disks,
                            const std::vector<NodeId>& targets, Evidence& evidence) {
  Evidence found;
  note_running(processes_of(cluster), targets, found);
  evidence.failed_disks.insert(targets.begin(), targets.end());
  return {.disks = std::move(disks), .nodes = std::move(found.nodes)};
}

std::vector<std::string> bring_back(Cluster& cluster, TouchedDisks touched, milliseconds patience,
                                    Evidence& evidence) noexcept {
  std::vector<std::string> failures;
  const Instant deadline = now() + std::min(patience, aftermath);
  for (NodeEvidence& entry : touched.nodes) {
    try {
      if (Patient(cluster, touched, entry).end(deadline, evidence)) evidence.nodes.push_back(entry);
    } catch (const std::exception& error) {
      failures.push_back(node_text(entry.node) + ": " + error.what());
    }
  }
  for (auto& failure : start_again(cluster, evidence)) failures.push_back(std::move(failure));
  return failures;
}

void await_disk_state(const Disks& disks, DiskId disk, DiskState expected, milliseconds patience,
                      const Evidence& evidence) {
  DiskState met{};
  const auto as_expected = [&] {
    met = disks.try_out(disk);
    return met == expected;
  };
  if (!await_that(as_expected, {.budget = patience}, evidence.stop)) {
    throw FaultIneffective("the disk" + of_log_dir(disks, disk) + " of " + node_text(disk.node) +
                           " should be " + std::string(to_string(expected)) + " and is " +
                           std::string(to_string(met)));
  }
}

void DiskRules::add(Disks& disks, const std::vector<DiskId>& targets) {
  for (const DiskId disk : targets) {
    DiskRule rule = rule_;
    rule.disk = disk;
    in_force_.emplace_back(disk, disks.add(rule));
  }
}

void DiskRules::await_effect(const Disks& disks, const std::string& seen, milliseconds patience,
                             Evidence& evidence) const {
  const Instant deadline = now() + patience;
  std::map<NodeId, std::vector<std::pair<DiskId, Disks::RuleId>>> of_node;
  for (const auto& each : in_force_) of_node[each.first.node].push_back(each);
  for (const auto& [node, rules] : of_node) {
    const auto acted = [&disks, &all = rules] {
      return std::ranges::any_of(
          all, [&](const auto& each) { return disks.counted(each.second).operations > 0; });
    };
    const auto left = std::chrono::ceil<milliseconds>(deadline - now());
    if (!await_that(acted, {.budget = left, .every = milliseconds(5)}, evidence.stop)) {
      throw FaultIneffective(node_text(node) + ": no " + seen + " within " +
                             format_duration(patience));
    }
    for (const auto& [disk, rule] : rules)
      count(evidence, node, seen + of_log_dir(disks, disk), disks.counted(rule).operations);
  }
}

std::vector<std::string> DiskRules::remove(Cluster& cluster, const std::string& seen,
                                           Evidence& evidence) noexcept {
  std::vector<std::string> failures;
  for (const auto& [disk, rule] : std::exchange(in_force_, {})) {
    const NodeId node = disk.node;
    try {
      Disks& disks = disks_of(cluster);
      disks.remove(rule);
      const DiskRuleCounters counters = disks.counted(rule);
      const std::string where = of_log_dir(disks, disk);
      count(evidence, node, seen + where, counters.operations);
      count(evidence, node, "bytes of these" + where, counters.bytes, "B");
    } catch (const std::exception& error) {
      failures.push_back(node_text(node) + ": " + error.what());
    }
  }
  return failures;
}

std::vector<OptionSpec> disk_rule_options(std::vector<OptionSpec> own,
                                          const std::string& operations) {
  own.push_back({.name = "operation",
                 .type = OptionType::text,
                 .fallback = operations,
                 .help = "of the disk, not of the broker: read, write, fsync, all, or several, "
                         "separated by commas",
                 .choices = {},
                 .required = false,
                 .validate = check_operations});
  own.push_back({.name = "probability",
                 .type = OptionType::number,
                 .fallback = "1",
                 .help = "of so many of these, drawn by `seed`",
                 .choices = {},
                 .required = false,
                 .validate = check_share});
  own.push_back(
      {.name = "seed", .type = OptionType::integer, .fallback = "1", .help = "of what is drawn"});
  own.push_back(log_dir_option());
  own.push_back(disk_patience_option());
  return own;
}

DiskRule disk_rule(DiskRule::Effect effect, const Options& options) {
  DiskRule rule;
  rule.effect = effect;
  read_operations(options.text("operation"), rule.operations);
  rule.probability = options.number("probability");
  rule.seed = static_cast<std::uint64_t>(options.integer("seed"));
  return rule;
}

// What a broker writes reaches the disk when the kernel sees fit: journals after 5 s, data after
// 30 s.
OptionSpec disk_patience_option() {
  return patience_option("how long to wait until the effect is seen", "40s");
}

}  // namespace seatrial::faults
