// Keys and values are put into the JSON as the history's own tokens, so that no number is rounded.
#include "operations/render.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/registry.hpp"
#include "core/units.hpp"

namespace seatrial::operations {
namespace {

constexpr std::size_t shown = 5;             // findings of each anomaly in the text
constexpr std::size_t shown_operations = 6;  // of a finding in the text
constexpr std::size_t shown_token = 60;      // characters of a value in the text

template <class Items, class Render>
std::string list(const Items& items, Render render) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + render(item);
  return "[" + out + "]";
}

std::string operation_json(const History& history, const Proof& proof) {
  const Operation& operation = history[proof.operation];
  return "{\"role\": \"" + std::string(proof.role) +
         "\", \"index\": " + std::to_string(operation.index) +
         ", \"line\": " + std::to_string(operation.line) +
         ", \"time\": " + std::to_string(operation.time_ns) +
         ", \"process\": " + history.processes.json(operation.process.value) + ", \"type\": \"" +
         std::string(to_string(operation.outcome)) + "\", \"f\": \"" +
         std::string(to_string(operation.function)) + "\"}";
}

std::string counted(std::uint64_t count, const std::string& one) {
  return format_count(count) + " " + one + (count == 1 ? "" : one.ends_with("s") ? "es" : "s");
}

std::string shortened(std::string token) {
  if (token.size() <= shown_token) return token;
  std::size_t end = shown_token;
  while ((static_cast<unsigned char>(token[end]) & 0xC0U) == 0x80U) --end;
  return token.substr(0, end) + "...";
}

std::string operation_text(const History& history, const Proof& proof) {
  const Operation& operation = history[proof.operation];
  return std::string(proof.role) + ": " + std::string(to_string(operation.outcome)) + " " +
         std::string(to_string(operation.function)) + " of process " +
         history.processes.json(operation.process.value) + ", line " +
         std::to_string(operation.line);
}

std::string finding_text(const History& history, const Finding& finding) {
  std::string out = "    ";
  if (finding.key) out += "key " + shortened(history.keys.json(finding.key->value));
  for (std::size_t i = 0; i < finding.values.size(); ++i) {
    out += (i == 0 ? ": " : ", ") + shortened(history.messages.json(finding.values[i])) + " at ";
    out +=
        finding.offsets[i] == no_offset ? "an unknown offset" : std::to_string(finding.offsets[i]);
  }
  if (finding.skipped > 0) out += "; passed over " + format_count(finding.skipped);
  if (finding.lag_ns) out += "; " + format_duration(nanoseconds(*finding.lag_ns)) + " behind";
  if (finding.key) out += "\n      ";
  const std::size_t count = std::min(finding.operations.size(), shown_operations);
  for (std::size_t i = 0; i < count; ++i) {
    out += (i == 0 ? "" : "; ") + operation_text(history, finding.operations[i]);
  }
  if (count < finding.operations.size()) {
    out += "; and " + std::to_string(finding.operations.size() - count) + " more";
  }
  return out + "\n";
}

}  // namespace

std::string finding_json(const History& history, const Finding& finding, bool several) {
  const auto value = [&](MessageId id) { return history.messages.json(id); };
  const auto offset = [](std::int64_t o) { return o == no_offset ? "null" : std::to_string(o); };
  std::string out = "{\"weight\": \"" + std::string(to_string(finding.weight)) + "\"";
  if (several) {
    out +=
        ", \"history\": " +
        nlohmann::json(history.name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  if (finding.key) out += ", \"key\": " + history.keys.json(finding.key->value);
  if (!finding.values.empty()) {
    out += ", \"values\": " + list(finding.values, value);
    out += ", \"offsets\": " + list(finding.offsets, offset);
  }
  if (finding.skipped > 0) {
    out += ", \"skipped\": " + std::to_string(finding.skipped);
    out += ", \"skipped_values\": " + list(finding.skipped_values, value);
  }
  if (finding.lag_ns) out += ", \"lag_ns\": " + std::to_string(*finding.lag_ns);
  out += ", \"operations\": " +
         list(finding.operations, [&](const Proof& p) { return operation_json(history, p); });
  return out + "}";
}

std::string judgement_json(Validity validity,
                           const std::map<std::string, std::vector<std::string>>& findings) {
  std::string out = "{\"valid\": ";
  out += validity == Validity::unknown ? "\"unknown\"" : std::string(to_string(validity));
  out += ", \"anomalies\": {";
  bool first = true;
  for (const auto& [name, items] : findings) {
    out += std::string(first ? "\n  \"" : ",\n  \"") + name + "\": [";
    for (std::size_t i = 0; i < items.size(); ++i)
      out += (i == 0 ? "\n    " : ",\n    ") + items[i];
    out += "\n  ]";
    first = false;
  }
  return out + (first ? "}}\n" : "\n}}\n");
}

std::string judgement_text(const History& history, const Judgement& judgement) {
  const char* verdict = judgement.validity == Validity::valid     ? "valid"
                        : judgement.validity == Validity::invalid ? "INVALID"
                                                                  : "unknown";
  std::string out = history.name + ": " + verdict + "\n  " + counted(history.size(), "operation") +
                    " of " + counted(history.processes.size(), "process") + ", " +
                    counted(history.messages.size(), "message") + " of " +
                    counted(history.keys.size(), "key") + "\n";
  for (const auto& [name, findings] : judgement.anomalies) {
    const auto* plugin = Registry<OperationChecker>::instance().find(name);
    out += "  " + name + ", " + format_count(findings.count()) + ", " +
           std::string(to_string(findings.worst())) +
           (plugin == nullptr ? "" : ": " + plugin->help) + "\n";
    const auto& kept = findings.kept();
    for (std::size_t i = 0; i < std::min(kept.size(), shown); ++i) {
      out += finding_text(history, kept[i]);
    }
    if (findings.count() > shown) {
      out += "    and " + format_count(findings.count() - std::min(kept.size(), shown)) + " more\n";
    }
  }
  for (const auto& note : judgement.notes) out += "  unknown: " + note + "\n";
  return out;
}

}  // namespace seatrial::operations
