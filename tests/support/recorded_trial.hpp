// What a record says of its first trial: the one place where tests of trials read records.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "record/journal.hpp"
#include "support/records.hpp"

namespace seatrial::test {

class RecordedTrial {
 public:
  explicit RecordedTrial(const record::Journal& journal)
      : trial_(document(journal.record()).at("trials").at(0)) {}

  [[nodiscard]] bool has(const std::string& key) const { return trial_.contains(key); }
  [[nodiscard]] std::string text(const std::string& key) const { return trial_.value(key, ""); }
  [[nodiscard]] std::vector<std::string> texts(const std::string& key) const {
    return trial_.value(key, std::vector<std::string>{});
  }
  [[nodiscard]] bool truth(const std::string& key) const { return trial_.value(key, false); }
  [[nodiscard]] std::string status() const { return text("status"); }
  [[nodiscard]] std::string error() const { return text("error"); }
  [[nodiscard]] std::string verdict() const { return text("verdict"); }
  [[nodiscard]] std::vector<std::string> reasons() const { return texts("reasons"); }
  [[nodiscard]] std::vector<std::string> phases() const {
    std::vector<std::string> out;
    for (const auto& phase : trial_.value("phases", nlohmann::json::array()))
      out.push_back(phase.at("name"));
    return out;
  }
  // Of a fault of its timeline; empty: the record does not say.
  [[nodiscard]] std::string fault(std::size_t index, const std::string& key) const {
    return trial_.at("faults").at(index).value(key, "");
  }
  [[nodiscard]] bool fault_has(std::size_t index, const std::string& key) const {
    return trial_.at("faults").at(index).contains(key);
  }
  // Messages of that anomaly, as the audit's totals say; absent: they do not.
  [[nodiscard]] std::optional<std::uint64_t> count(const std::string& anomaly) const {
    const auto totals = trial_.value("/audit/totals"_json_pointer, nlohmann::json::object());
    if (!totals.contains(anomaly)) return std::nullopt;
    return totals.at(anomaly).get<std::uint64_t>();
  }
  [[nodiscard]] std::string audit(const std::string& key) const {
    return trial_.value("audit", nlohmann::json::object()).value(key, "");
  }

 private:
  nlohmann::json trial_;
};

}  // namespace seatrial::test
