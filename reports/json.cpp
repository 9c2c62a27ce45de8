// The record itself, for programs that read standard output.
#include <memory>

#include "core/registry.hpp"
#include "record/report.hpp"

namespace seatrial::reports {
namespace {

class JsonReport final : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    return record.text();
  }
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
