// Reads a history from JSON lines, one operation a line, or from one JSON array of them, plain or
// compressed by gzip, in the shape of the operations of Jepsen's Kafka workload:
//
//   {"index": 4, "time": 1200, "process": 0, "type": "ok", "f": "txn",
//    "value": [["send", 5, [17, "a"]], ["poll", {"6": [[3, "b"], [4, "c"]]}]]}
//
// Streaming: no more than one line is held as text. Invocations and completions are paired by
// process. Lines must stand in the order of their `index` and `time`, where they have them. What a
// process with a name does that no client does is skipped and counted. Every mistake is reported
// with file, line and column (bytes, from 1) and what was expected; nothing of a file with a
// mistake is judged.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "core/result.hpp"
#include "operations/history.hpp"

namespace seatrial::operations {

[[nodiscard]] Result<History> read_history(std::istream& in, const std::string& name);
[[nodiscard]] Result<History> read_history(const std::filesystem::path& path);

}  // namespace seatrial::operations
