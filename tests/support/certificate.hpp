// A key and a certificate for 127.0.0.1 that signs itself: key.pem, ca.pem, and both in broker.pem,
// as a broker's key store in PEM has them.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "clusters/process.hpp"
#include "support/catch.hpp"

namespace seatrial::test {

inline void make_certificate(const std::filesystem::path& folder) {
  const auto file = [&](const char* name) { return (folder / name).string(); };
  const auto made = clusters::run_tool(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
       "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
       file("key.pem"), "-out", file("ca.pem")},
      seconds(60));
  INFO(made.complaint());
  REQUIRE(made.ok());
  std::ofstream(folder / "broker.pem")
      << std::ifstream(folder / "key.pem").rdbuf() << std::ifstream(folder / "ca.pem").rdbuf();
}

}  // namespace seatrial::test
