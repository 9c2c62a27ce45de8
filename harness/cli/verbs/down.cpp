// seatrial down: removes what a killed run left behind.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/sweep.hpp"
#include "cli/verb.hpp"

namespace seatrial::cli {
namespace {

class Down final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("--out", out_, "where run folders are")->capture_default_str();
  }
  [[nodiscard]] std::string example() const override { return "down"; }
  [[nodiscard]] const char* on_stop() const override { return ""; }
  int run(const std::string&) override { return sweep(out_, true) ? 0 : 4; }

 private:
  std::filesystem::path out_ = "results";
};

const auto down_registration = register_verb<Down>("down", "remove what a killed run left behind");

}  // namespace
}  // namespace seatrial::cli
