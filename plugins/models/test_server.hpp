#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "testing/process.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::models {

/// test_server.py, running on 127.0.0.1 until the end of the object.
class TestServer {
 public:
  TestServer();

  /// The file's address with a behaviour of the server: "ok", "cut/2", "status/500/1".
  std::string url(const std::string& behaviour, const std::string& file = "file.bin") const;
  /// "http://127.0.0.1:PORT"
  std::string address() const;
  /// "https://127.0.0.1:PORT", with a certificate that only certificate() vouches for.
  std::string secure_address() const;
  std::filesystem::path certificate() const { return folder_ / "certificate.pem"; }
  /// One line a request: "/cut/1/file.bin range=bytes=500- if-range="1"".
  std::vector<std::string> requests() const;
  /// What it serves as file.bin: 40 kB that do not repeat.
  const std::string& content() const noexcept { return content_; }
  /// The true description of file.bin with the addresses of these behaviours.
  ListedFile listed(const std::vector<std::string>& behaviours) const;

 private:
  testing::ScratchFolder folder_;
  std::string content_;
  std::unique_ptr<testing::Process> process_;
  std::string port_, secure_port_;
};

}  // namespace dfpipe::models
