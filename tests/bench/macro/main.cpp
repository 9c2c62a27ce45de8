// The benchmarks that need brokers: `./seatrial bench NAME [WORDS]`.
#include <fmt/format.h>

#include <exception>

#include "bench/macro/side_by_side.hpp"

int main(int argc, char** argv) {
  using seatrial::bench::macros;
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    for (const auto& macro : macros()) {
      if (!words.empty() && words[0] == macro.name) {
        return macro.run({words.begin() + 1, words.end()});
      }
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "seatrial bench: {}\n", error.what());
    return 4;
  }
  for (const auto& macro : macros()) fmt::print(stderr, "{:<10} {}\n", macro.name, macro.help);
  return 3;
}
