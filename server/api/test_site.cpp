#include "api/test_site.hpp"

#include <sstream>

namespace dfpipe::server {

TestSite::TestSite(const Settings& settings, std::vector<Route> (*routes)(Site&))
    : site(settings, {.pictures = 64, .bytes = 1'000'000, .job_share = 100}, run) {
  site.begin(Identity{});
  if (routes) routes_ = routes(site);
}

std::unique_ptr<TestLine> TestSite::connect() {
  ServerConfig config;
  auto line = std::make_unique<TestLine>(config, routes_);
  return line;
}

TestAnswer TestSite::ask(const std::string& request) { return connect()->send(request).answer(); }

TestAnswer TestSite::get(const std::string& path, const std::string& fields) {
  return ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
}

TestAnswer TestSite::post_pictures(const std::string& path, std::size_t pictures) {
  return ask(form_request(path, pictures));
}

std::string form_request(const std::string& path, std::size_t pictures) {
  std::string body;
  for (std::size_t i = 0; i < pictures; ++i)
    body += "--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + std::to_string(i) +
            ".png\"\r\n\r\n0123456789\r\n";
  body += "--x--\r\n";
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::vector<TestEvent> read_events(const std::string& body) {
  std::vector<TestEvent> events;
  TestEvent event;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) {
    const auto value = [&line](std::size_t name) { return line.substr(std::min(line.size(), name + 2)); };
    if (line.empty() && !event.event.empty()) events.push_back(std::exchange(event, {}));
    if (line.starts_with("id: ")) event.id = value(2);
    if (line.starts_with("event: ")) event.event = value(5);
    if (line.starts_with("data: ")) event.data = value(4);
  }
  return events;
}

std::string unchunked(std::string bytes) {
  const auto head = bytes.find("\r\n\r\n");
  if (head != std::string::npos && bytes.starts_with("HTTP/")) bytes.erase(0, head + 4);
  std::string body;
  while (!bytes.empty()) {
    const std::size_t size = std::stoul(bytes, nullptr, 16), begin = bytes.find("\r\n") + 2;
    body += bytes.substr(begin, size);
    bytes.erase(0, begin + size + 2);
  }
  return body;
}

}  // namespace dfpipe::server
