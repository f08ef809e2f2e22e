#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "testing/process.hpp"

/// A running server and a client of it, for tests that see both from outside.
namespace dfpipe::testing {

struct HttpAnswer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

/// `dfpipe run pipelines/serve.yaml` on a free port of 127.0.0.1; ended when it goes.
class Served {
 public:
  /// `arguments` behind `run pipelines/serve.yaml --set port=0`. Returns when it is ready; throws with what it wrote
  /// when it does not become so.
  explicit Served(std::vector<std::string> arguments = {});
  ~Served();

  int port() const { return port_; }
  Process& process() { return *process_; }
  /// One request on a connection of its own.
  HttpAnswer ask(const std::string& method, const std::string& target, const std::string& body = {},
                 const std::map<std::string, std::string>& headers = {}) const;
  HttpAnswer get(const std::string& target) const { return ask("GET", target); }
  /// A multipart body with these files in `field`.
  HttpAnswer post_files(const std::string& target, const std::vector<std::filesystem::path>& files,
                        const std::string& field = "image") const;

 private:
  std::unique_ptr<Process> process_;
  int port_ = 0;
};

std::string file_text(const std::filesystem::path& file);
/// {content type, body}
std::pair<std::string, std::string> multipart(const std::vector<std::filesystem::path>& files,
                                              const std::string& field);

}  // namespace dfpipe::testing
