// The reader of `seatrial check`: a history, or one error that begins with the file's name and can
// be printed. What was read is judged by all checkers, and both forms of the judgement hold words
// that can be printed; the findings are JSON.
#include <nlohmann/json.hpp>
#include <sstream>

#include "fuzz/json_mutator.hpp"
#include "fuzz/properties.hpp"
#include "operations/judge.hpp"
#include "operations/reader.hpp"
#include "operations/render.hpp"

using namespace seatrial;
using namespace seatrial::operations;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in{std::string(fuzz::text_of(data, size))};
  const auto history = read_history(in, "fuzz.jsonl");
  if (!history) {
    check(history.error().message.starts_with("fuzz.jsonl:"), "an error names its file");
    fuzz::require_printable(history.error().message + history.error().hint);
    return 0;
  }
  const auto judgement = judge(*history, {});
  fuzz::require_printable(judgement_text(*history, judgement));
  for (const auto& [name, findings] : judgement.anomalies) {
    for (const auto& finding : findings.kept()) {
      const auto text = finding_json(*history, finding, false);
      fuzz::require_printable(text);
      check(nlohmann::json::accept(text), "a finding is JSON: " + text);
    }
  }
  for (const auto& note : judgement.notes) {
    check(!note.starts_with("the checker "), "no checker throws: " + note);
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return fuzz::mutate_json(data, size, most, seed);
}
