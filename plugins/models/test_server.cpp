#include "test_server.hpp"

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "dfpipe/sha256.hpp"
#include "test_certificate.hpp"

namespace dfpipe::models {

using namespace std::chrono_literals;

TestServer::TestServer() {
  // The machine's own proxy must not come between.
  for (const char* name :
       {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY"})
    ::unsetenv(name);
  while (content_.size() < 40000) content_ += sha256_hex(std::to_string(content_.size())) + "\n";
  content_.resize(40000);
  folder_.write("files/file.bin", content_);
  write_certificate(certificate());
  process_ = std::make_unique<testing::Process>(
      std::vector<std::string>{"python3", DFPIPE_SOURCE_DIR "/plugins/models/test_server.py", folder_.path().string()});
  for (int i = 0; i < 1000 && port_.empty() && process_->running(); ++i) {
    std::this_thread::sleep_for(10ms);
    std::istringstream(testing::read_text(folder_ / "ports")) >> port_ >> secure_port_;
  }
  if (port_.empty()) throw std::runtime_error("the test's server does not start: " + process_->err_so_far());
}

std::string TestServer::address() const { return "http://127.0.0.1:" + port_; }

std::string TestServer::secure_address() const { return "https://127.0.0.1:" + secure_port_; }

std::string TestServer::url(const std::string& behaviour, const std::string& file) const {
  return address() + "/" + behaviour + "/" + file;
}

std::vector<std::string> TestServer::requests() const { return testing::read_lines(folder_ / "log"); }

ListedFile TestServer::listed(const std::vector<std::string>& behaviours) const {
  ListedFile file{"file.bin", content_.size(), sha256_hex(content_), {}};
  for (const std::string& behaviour : behaviours) file.urls.push_back(url(behaviour));
  return file;
}

}  // namespace dfpipe::models
