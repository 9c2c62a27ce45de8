// seatrial size: how many brokers, disks and how much network a peak takes, by equations whose
// coefficients a run may have measured.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/errors.hpp"
#include "cli/records.hpp"
#include "cli/verb.hpp"
#include "core/check.hpp"
#include "core/json_text.hpp"
#include "core/read_file.hpp"
#include "scenario/expectation.hpp"
#include "sizing/answer.hpp"
#include "sizing/machines.hpp"

namespace seatrial::cli {
namespace {

template <class T>
T option_value(const char* option, Result<T> read) {
  if (!read) throw UsageError(std::string(option) + ": " + with_hint(read.error()));
  return std::move(read).value();
}

double bytes_per_s(const char* option, const std::string& text) {
  return option_value(option, sizing::parse_bytes_per_s(text));
}

double whole_number(const char* option, const std::string& text) {
  const auto number = option_value(option, parse_integer(text));
  if (number < 0) throw UsageError(std::string(option) + ": " + text + " is below 0");
  return static_cast<double>(number);
}

double time_s(const char* option, const std::string& text) {
  return to_seconds(option_value(option, parse_duration(text)));
}

class SizeVerb final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("--ingress", ingress_, "compressed payload at peak, as 50MB/s")->required();
    line.add_option("--average", average_, "its mean over the retention; default: as at peak");
    line.add_option("--groups", groups_, "consumer groups, each of which reads everything")
        ->capture_default_str();
    line.add_option("--retention", retention_, "how long messages are kept, as 7d")->required();
    line.add_option("--replication", replication_, "replicas")->capture_default_str();
    line.add_option("--tolerate", tolerate_, "brokers that may be down at peak")
        ->capture_default_str();
    line.add_option("--message", message_, "the mean size of a message, as 1KiB");
    line.add_option("--growth", growth_, "so much more is to come, as 30%");
    line.add_option("--partitions", partitions_, "over all topics; default: as many as it takes");
    line.add_option("--outage", outage_, "the outage to catch up after")->capture_default_str();
    line.add_option("--brokers", brokers_,
                    "of a cluster that is there; default: as many as it takes");
    line.add_option("--from", from_, "a run that measured what a byte costs");
    line.add_option("--machine", machine_,
                    "the brokers planned for, as cores=8,disk=250MB/s,network=1.25GB/s,"
                    "memory=64GiB[,storage=8TB], or a YAML file with a list of them");
    line.add_option("--format", format_, "text or json")->check(CLI::IsMember({"text", "json"}));
  }
  [[nodiscard]] std::string example() const override {
    return "size --ingress 50MB/s --groups 3 --retention 7d --replication 3 --tolerate 1";
  }
  int run(const std::string&) override {
    const sizing::Demand demand = read_demand();
    auto coefficients = sizing::assumed();
    if (!from_.empty()) take_from_run(coefficients);
    const auto answer = sizing::answer(demand, read_machines(), coefficients);
    if (format_ == "json") std::cout << json_text(answer, 2) << "\n";
    else std::cout << sizing::answer_text(View(answer)) << std::flush;
    return 0;
  }

 private:
  [[nodiscard]] sizing::Demand read_demand() const {
    sizing::Demand out;
    out.ingress_bytes_per_s = bytes_per_s("--ingress", ingress_);
    if (!average_.empty()) out.average_bytes_per_s = bytes_per_s("--average", average_);
    out.groups = whole_number("--groups", groups_);
    out.replication = whole_number("--replication", replication_);
    out.tolerate = whole_number("--tolerate", tolerate_);
    out.retention_s = time_s("--retention", retention_);
    out.outage_s = time_s("--outage", outage_);
    if (!message_.empty())
      out.message_bytes = static_cast<double>(option_value("--message", parse_size(message_)));
    if (!growth_.empty()) out.growth = option_value("--growth", scenario::parse_share(growth_));
    if (!partitions_.empty()) out.partitions = at_least_one("--partitions", partitions_);
    if (!brokers_.empty()) out.brokers = at_least_one("--brokers", brokers_);
    return out;
  }
  static double at_least_one(const char* option, const std::string& text) {
    const double number = whole_number(option, text);
    if (number < 1) throw UsageError(std::string(option) + ": 1 is the fewest");
    return number;
  }
  [[nodiscard]] std::vector<sizing::Choice> read_machines() const {
    if (machine_.empty()) return {{sizing::usual_machine(), true}};
    if (machine_.find('=') != machine_.npos)
      return {{option_value("--machine", sizing::parse_machine(machine_)), false}};
    const auto text = read_file(machine_);
    if (!text) {
      throw UsageError("--machine: cannot read " + machine_ + ": " + text.error().message +
                       "; name a YAML file, or write cores=8,disk=250MB/s,...");
    }
    std::vector<sizing::Choice> out;
    for (auto& machine : option_value("--machine", sizing::parse_machines(*text, machine_)))
      out.push_back({std::move(machine), false});
    return out;
  }
  void take_from_run(sizing::Coefficients& coefficients) const {
    const auto record = load_record(run_folder(from_));
    const auto lacks = sizing::take_measured(record.view(), from_, coefficients);
    if (!lacks) throw UsageError("--from: " + with_hint(lacks.error()));
    for (const auto& lack : *lacks) std::cerr << "seatrial: " << lack << "; the assumption stays\n";
  }

  std::string ingress_, average_, retention_, message_, growth_, partitions_, brokers_, from_,
      machine_;
  std::string groups_ = "1", replication_ = "3", tolerate_ = "1", outage_ = "1h";
  std::string format_ = "text";
};

const auto size_registration = register_verb<SizeVerb>(
    "size", "say how many brokers, disks and how much network a peak takes");

}  // namespace
}  // namespace seatrial::cli
