// Verbs come from their registry; CLI11 parses.
#include "cli/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/standard_output.hpp"
#include "core/suggest.hpp"
#include "disks/disk_process.hpp"
#include "run/stop_signals.hpp"
#include "workers/worker_process.hpp"

namespace seatrial::cli {
namespace {

// What a stop that hangs is ended with.
[[noreturn]] void end_at_once() {
  std::fputs(
      "\nseatrial: the stop took too long and is cut short: ./seatrial down removes what is "
      "left, ./seatrial report shows what was recorded\n",
      stderr);
  clusters::kill_children();
  _exit(2);
}

// An empty word is mostly a variable of a script that is not set: it asks for nothing, and what it
// was meant to ask for would be left out without a word.
void refuse_empty_words(CLI::App& line) {
  const CLI::Validator given(
      [](const std::string& word) {
        return word.empty() ? std::string("is empty; leave the option out, or give it a value")
                            : std::string();
      },
      "");
  for (CLI::Option* option : line.get_options()) {
    if (option->get_type_size_max() > 0) option->check(given);
  }
}

// CLI11 would only say that a verb is required, or that something was not expected.
void refuse_unknown_words(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) throw UsageError("which verb? ./seatrial --help lists them");
  const std::vector<std::string> verbs = Registry<Verb>::instance().names();
  const std::string& word = words.front();
  if (word.starts_with("-")) {
    if (app.get_option_no_throw(word.substr(0, word.find('='))) != nullptr) return;
    throw UsageError("options come after their verb, and " + word +
                     " belongs to none; ./seatrial --help lists verbs");
  }
  if (std::ranges::find(verbs, word) == verbs.end()) {
    throw UsageError("there is no verb '" + word + "'" + did_you_mean(word, verbs) +
                     "; ./seatrial --help lists them");
  }
  const CLI::App* line = app.get_subcommand(word);
  std::vector<std::string> known;
  for (const CLI::Option* option : line->get_options()) {
    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const std::string& given : words) {
    if (given == "--") return;  // what follows is no option, whatever it looks like
    const std::string name = given.substr(0, given.find('='));
    if (!name.starts_with("--") || std::ranges::find(known, name) != known.end()) continue;
    const std::string meant = did_you_mean(name, known);
    if (meant.empty()) continue;  // it may be the value of another option
    throw UsageError(word + " has no " + name + meant + "; ./seatrial " + word +
                     " --help lists its options");
  }
}

int run_verb(const std::vector<std::string>& words, int argc, char** argv) {
  CLI::App app{
      "Seatrial benchmarks and breaks Kafka clusters, and says what each setting costs and saves.",
      "./seatrial"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("seatrial ") + SEATRIAL_VERSION);
  app.footer(
      "Begin with: ./seatrial run scenarios/quickstart.yaml\n"
      "The launcher adds three verbs: setup (install what is missing), test (all tests), bench.");
  std::map<const CLI::App*, std::unique_ptr<Verb>> verbs;
  for (const auto& [name, plugin] : Registry<Verb>::instance().all()) {
    auto verb = plugin.make({});
    CLI::App* line = app.add_subcommand(name, plugin.help);
    verb->declare(*line);
    line->footer("Example: ./seatrial " + verb->example());
    refuse_empty_words(*line);
    verbs.emplace(line, std::move(verb));
  }
  refuse_unknown_words(app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 3;
  }
  Verb& verb = *verbs.at(app.get_subcommands().front());
  std::optional<run::StopSignals> signals;
  if (const char* doing = verb.on_stop()) {
    signals.emplace(run::StopSetting{.doing = doing, .overdue = end_at_once});
    clusters::set_program_stop(signals->token());
  }
  std::string command = "./seatrial";
  for (const auto& word : words) command += " " + word;
  return verb.run(command);
}

// The exit code of what ends by an exception, which goes to standard error.
template <class Body>
int guarded(const Body& body) {
  try {
    return body();
  } catch (const UsageError& error) {
    std::cerr << error.what() << "\n";
    return 3;
  } catch (const Interrupted& error) {
    std::cerr << "seatrial: " << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "seatrial: " << error.what() << "\n";
  }
  return 4;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  // Of the harness's own making: it is in no help.
  if (!words.empty() && words.front() == workers::worker_verb) {
    return guarded([] { return workers::run_worker(); });
  }
  if (!words.empty() && words.front() == disks::disks_verb)
    return guarded([] { return disks::run_disk_process(); });
  StandardOutput output;
  const auto cannot_write = [](const std::string& why) {
    std::cerr << "seatrial: cannot write to standard output: " << why << "\n";
  };
  if (const auto why = output.unusable()) {
    cannot_write(*why);
    return 4;
  }
  const int code = guarded([&] { return run_verb(words, argc, argv); });
  const auto lost = output.finish(seconds(10));
  if (lost) cannot_write(*lost);
  return lost && code == 0 ? 4 : code;
}

}  // namespace seatrial::cli
