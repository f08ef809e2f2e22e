#include "served.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fstream>
#include <regex>
#include <thread>

namespace dfpipe::testing {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::pair<std::string, std::string> multipart(const std::vector<std::filesystem::path>& files,
                                              const std::string& field) {
  const std::string boundary = "7f3a-a-boundary-of-this-test";
  std::string body;
  for (const auto& file : files)
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"" +
            file.filename().string() + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + file_text(file) +
            "\r\n";
  return {"multipart/form-data; boundary=" + boundary, body + "--" + boundary + "--\r\n"};
}

Served::Served(std::vector<std::string> arguments) {
  std::vector<std::string> argv{DFPIPE_BINARY, "run", "pipelines/serve.yaml", "--set", "port=0", "--no-progress"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(argv, ProcessOptions{.limit = std::chrono::seconds(300)});
  const std::regex url("url http://[^ ]*:([0-9]+)/");
  while (process_->running()) {
    const std::string said = process_->err_so_far();
    std::smatch found;
    if (port_ == 0 && std::regex_search(said, found, url)) port_ = std::stoi(found[1]);
    try {
      if (port_ != 0 && get("/readyz").status == 200) return;
    } catch (const std::exception&) {
      // not listening yet
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the server did not start: " + process_->wait().err);
}

Served::~Served() {
  if (!process_->running()) return;
  process_->signal(SIGTERM);
  process_->wait();
}

HttpAnswer Served::ask(const std::string& method, const std::string& target, const std::string& body,
                       const std::map<std::string, std::string>& headers) const {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(port_)});
  http::request<http::string_body> request{http::string_to_verb(method), target, 11};
  request.set(http::field::host, "127.0.0.1");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  if (!body.empty() || method == "POST") request.prepare_payload();
  beast::error_code ignored;
  http::write(socket, request, ignored);  // a refused body may be cut short
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::uint64_t{1} << 30);
  http::read(socket, buffer, parser);
  HttpAnswer answer{.status = parser.get().result_int(), .headers = {}, .body = parser.get().body()};
  for (const auto& field : parser.get()) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers[name] = std::string(field.value());
  }
  return answer;
}

HttpAnswer Served::post_files(const std::string& target, const std::vector<std::filesystem::path>& files,
                              const std::string& field) const {
  const auto [type, body] = multipart(files, field);
  return ask("POST", target, body, {{"Content-Type", type}});
}

}  // namespace dfpipe::testing
