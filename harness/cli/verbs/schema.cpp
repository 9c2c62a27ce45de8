// seatrial schema: the scenario format for editors.
#include <iostream>

#include "cli/verb.hpp"
#include "scenario/tables.hpp"

namespace seatrial::cli {
namespace {

class Schema final : public Verb {
 public:
  [[nodiscard]] std::string example() const override { return "schema > scenario.schema.json"; }
  int run(const std::string&) override {
    std::cout << scenario::schema_json() << "\n";
    return 0;
  }
};

const auto schema_registration =
    register_verb<Schema>("schema", "print the JSON Schema of scenarios, for editors");

}  // namespace
}  // namespace seatrial::cli
