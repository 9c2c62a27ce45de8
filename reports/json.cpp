// The record itself, for programs that read standard output.
#include <memory>
#include <nlohmann/json.hpp>

#include "core/registry.hpp"
#include "core/report.hpp"

namespace seatrial::reports {
namespace {

class JsonReport final : public Report {
 public:
  [[nodiscard]] std::string render(const nlohmann::json& record) const override {
    return record.dump(1) + "\n";
  }
  [[nodiscard]] std::string file_name() const override { return ""; }
};

const Registration<Report> registered{{
    .name = "json",
    .help = "the run's record as it is, for programs",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> {
      return std::make_unique<JsonReport>();
    },
}};

}  // namespace
}  // namespace seatrial::reports
