// One file beside the other caches.
#include "cli/certificate_file.hpp"

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "clusters/files.hpp"
#include "core/read_file.hpp"
#include "core/save_file.hpp"
#include "run/environment.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* how = "./seatrial gate --certify measures it, for an hour";
constexpr std::uint64_t largest = 16 << 20;

fs::path certificate_path() { return clusters::cache_home() / "gate-certificate.json"; }

std::optional<gate::Certificate> load() {
  const auto text = read_file(certificate_path(), largest);
  if (!text) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  return json.is_discarded() ? std::nullopt : gate::certificate_of(json);
}

}  // namespace

void add_certificate(LoadedGate& gate) {
  const auto certificate = load();
  auto& said = gate.setting.certification;
  if (!certificate) {
    said = {std::string("nobody measured what gates can tell on this machine; ") + how};
    return;
  }
  const auto environment = run::describe_environment({}, {});
  if (const auto other = gate::differs(certificate->machine, gate::machine_of(View(environment)))) {
    said = {"the certificate of " + certificate->made_at + " is of another machine (" + *other +
            "); " + how};
    return;
  }
  const auto assessment = gate::assess(*certificate, gate.setting.rules);
  said = gate::sentences(assessment);
  said.insert(said.begin(),
              "measured by scenario " + certificate->scenario + ", " + certificate->made_at);
  if (assessment.sigma > 0) gate.setting.sigma = assessment.sigma;
}

void save_certificate(const gate::Certificate& certificate) {
  if (certificate.equals.empty()) return;
  const fs::path path = certificate_path();
  std::error_code said_by_saving;
  fs::create_directories(path.parent_path(), said_by_saving);
  if (const auto problem = save_file(path, gate::to_json(certificate).dump(1) + "\n"))
    std::cerr << "warning: the certificate is not kept: " << *problem << "\n";
}

}  // namespace seatrial::cli
