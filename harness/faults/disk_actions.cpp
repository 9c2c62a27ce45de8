// Rules of disks, and nodes that their disks have ended.
#include "faults/disk_actions.hpp"

#include <chrono>

#include "core/target.hpp"
#include "core/trimmed.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

constexpr auto end_patience = seconds(20);
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

// A node that ended through its disk, or whose disk is to be mounted anew, until it has ended.
void end_for_its_disk(Processes& processes, NodeEvidence& entry, const std::stop_token& stop) {
  entry.after = processes.state(entry.node);
  if (!has_exited(entry.after) && entry.after.kind != ProcessState::Kind::absent) {
    if (entry.after.kind != ProcessState::Kind::dying) processes.signal(entry.node, Signal::kill);
    entry.after = await(processes, entry.node, has_exited, end_patience, stop);
  }
  entry.seen = now();
}

}  // namespace

Disks& disks_of(Cluster& cluster) {
  Disks* disks = cluster.disks();
  if (disks == nullptr)
    throw FaultIneffective("a cluster of kind '" + cluster.kind() + "' has no disks of ours");
  return *disks;
}

std::vector<NodeEvidence> begin_on_disks(Cluster& cluster, const std::vector<NodeId>& targets,
                                         Evidence& evidence) {
  Evidence found;
  note_running(processes_of(cluster), targets, found);
  evidence.failed_disks.insert(targets.begin(), targets.end());
  return std::move(found.nodes);
}

std::vector<std::string> bring_back(Cluster& cluster, std::vector<NodeEvidence> touched,
                                    milliseconds patience, Evidence& evidence) noexcept {
  std::vector<std::string> failures;
  const Instant deadline = now() + std::min(patience, aftermath);
  for (NodeEvidence& entry : touched) {
    try {
      Processes& processes = processes_of(cluster);
      Disks& disks = disks_of(cluster);
      const auto ends = [&] {
        return processes.state(entry.node).kind != ProcessState::Kind::running;
      };
      const bool well = disks.try_out(entry.node) == DiskState::writable;
      const auto left = std::chrono::ceil<milliseconds>(deadline - now());
      if (well && !await_that(ends, {.budget = left}, evidence.stop)) continue;
      end_for_its_disk(processes, entry, evidence.stop);
      if (!well) disks.remount(entry.node);
      evidence.nodes.push_back(entry);
    } catch (const std::exception& error) {
      failures.push_back(node_text(entry.node) + ": " + error.what());
    }
  }
  for (auto& failure : start_again(cluster, evidence)) failures.push_back(std::move(failure));
  return failures;
}

void await_disk_state(const Disks& disks, NodeId node, DiskState expected, milliseconds patience,
                      const Evidence& evidence) {
  DiskState met{};
  const auto as_expected = [&] {
    met = disks.try_out(node);
    return met == expected;
  };
  if (!await_that(as_expected, {.budget = patience}, evidence.stop)) {
    throw FaultIneffective("the disk of " + node_text(node) + " should be " +
                           std::string(to_string(expected)) + " and is " +
                           std::string(to_string(met)));
  }
}

void DiskRules::add(Disks& disks, const std::vector<NodeId>& targets) {
  for (const NodeId node : targets) {
    DiskRule rule = rule_;
    rule.node = node;
    in_force_.emplace_back(node, disks.add(rule));
  }
}

void DiskRules::await_effect(const Disks& disks, const std::string& seen, milliseconds patience,
                             Evidence& evidence) const {
  const Instant deadline = now() + patience;
  for (const auto& [node, rule] : in_force_) {
    const auto acted = [&disks, id = rule] { return disks.counted(id).operations > 0; };
    const auto left = std::chrono::ceil<milliseconds>(deadline - now());
    if (!await_that(acted, {.budget = left, .every = milliseconds(5)}, evidence.stop)) {
      throw FaultIneffective(node_text(node) + ": no " + seen + " within " +
                             format_duration(patience));
    }
    count(evidence, node, seen, disks.counted(rule).operations);
  }
}

std::vector<std::string> DiskRules::remove(Cluster& cluster, const std::string& seen,
                                           Evidence& evidence) noexcept {
  std::vector<std::string> failures;
  for (const auto& [node, rule] : std::exchange(in_force_, {})) {
    try {
      Disks& disks = disks_of(cluster);
      disks.remove(rule);
      const DiskRuleCounters counters = disks.counted(rule);
      count(evidence, node, seen, counters.operations);
      count(evidence, node, "bytes of these", counters.bytes, "B");
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
