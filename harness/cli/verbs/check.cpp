// seatrial check: judges recorded histories of operations, anyone's.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>

#include "cli/errors.hpp"
#include "cli/verb.hpp"
#include "core/check.hpp"
#include "core/numbers.hpp"
#include "operations/check.hpp"

namespace seatrial::cli {
namespace {

class Check final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("history", request_.paths,
                    "JSON, an operation a line or in one array, plain or .gz; or a folder: every "
                    "history*.jsonl and history*.json below it")
        ->required();
    line.add_option("--format", format_, "text or json")->check(CLI::IsMember({"text", "json"}));
    line.add_option("--lag", request_.settings.lag, "the least realtime-lag that is reported")
        ->capture_default_str();
    line.add_option("--limit", limit_,
                    "findings listed of each anomaly, and values and operations of each (of these "
                    "at least 10); 0: all")
        ->capture_default_str();
  }
  [[nodiscard]] std::string example() const override { return "check history.jsonl --format json"; }
  int run(const std::string&) override {
    request_.json = format_ == "json";
    const auto limit = parse_integer(limit_);
    if (!limit || *limit < 0) {
      throw UsageError("--limit: expected 0 (all) or a positive integer, found '" + limit_ + "'");
    }
    request_.settings.limit = *limit == 0 ? SIZE_MAX : static_cast<std::size_t>(*limit);
    const auto outcome = operations::check_histories(request_);
    if (!outcome) throw UsageError(with_hint(outcome.error()));
    std::cout << outcome->text;
    std::cerr << outcome->asides;
    return outcome->exit_code();
  }

 private:
  operations::CheckRequest request_;
  std::string format_ = "text";
  std::string limit_ = "1000";
};

const auto check_registration =
    register_verb<Check>("check", "judge recorded histories of operations, anyone's");

}  // namespace
}  // namespace seatrial::cli
