// A verb of the command line. One file under verbs/ each; its last lines register it.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "core/registry.hpp"

namespace seatrial::cli {

class Verb {
 public:
  virtual ~Verb() = default;
  // Adds its options to its part of the command line, bound to members of this object.
  virtual void declare(CLI::App& line) { static_cast<void>(line); }
  // What to type after `./seatrial`, for the last line of its help.
  [[nodiscard]] virtual std::string example() const = 0;
  // `command`: all that was typed. Returns the exit code. Throws UsageError (3) and Interrupted
  // (2); anything else is the infrastructure's fault (4).
  virtual int run(const std::string& command) = 0;
  // What a stop signal is answered with, before the verb is ended; null: it starts nothing that
  // would outlive it, and the signal ends it at once.
  [[nodiscard]] virtual const char* on_stop() const { return nullptr; }
};

// Enters a verb whose class needs nothing to be made.
template <class One>
Registration<Verb> register_verb(std::string name, std::string help) {
  return Registration<Verb>(
      {.name = std::move(name),
       .help = std::move(help),
       .options = {},
       .make = [](const Options&) -> std::unique_ptr<Verb> { return std::make_unique<One>(); }});
}

}  // namespace seatrial::cli
