#include "http/multipart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/exchange.hpp"

namespace dfpipe::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string boundary = "AaB03x";

std::string part(const std::string& header, const std::string& data) {
  return "--" + boundary + "\r\n" + header + "\r\n\r\n" + data + "\r\n";
}

std::string file(const std::string& data, const std::string& name = "a.png") {
  return part("Content-Disposition: form-data; name=\"image\"; filename=\"" + name + "\"\r\nContent-Type: image/png",
              data);
}

std::string body(const std::string& parts) { return parts + "--" + boundary + "--\r\n"; }

bool any(std::string_view) { return true; }

/// In pieces of `piece` bytes, the first of `first`.
std::vector<Part> read(std::string_view text, std::size_t first = std::string::npos,
                       std::size_t piece = std::string::npos, const MultipartLimits& limits = {}) {
  MultipartReader reader(boundary, limits, any);
  reader.feed(text.substr(0, first));
  for (std::size_t at = std::min(first, text.size()); at < text.size();) {
    const std::string_view next = text.substr(at, piece);
    reader.feed(next);
    at += next.size();
  }
  return reader.finish();
}

/// Status and code of what is refused.
std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Refusal& e) {
    return std::to_string(e.status()) + " " + e.code();
  }
  return "accepted";
}

std::string refusal(const std::string& text, const MultipartLimits& limits = {}) {
  return refusal([&] { read(text, std::string::npos, std::string::npos, limits); });
}

std::string refusal_of_header(const std::string& header) { return refusal(body(part(header, "x"))); }

std::string text(const Part& one) { return {one.data.begin(), one.data.end()}; }

/// Name, file name, type and data of each, so that whole results compare.
std::vector<std::string> shown(const std::vector<Part>& parts) {
  std::vector<std::string> out;
  for (const Part& one : parts)
    out.push_back(one.name + "|" + one.file_name + "|" + one.content_type + "|" + text(one));
  return out;
}

TEST(Multipart, GivesNameFileNameTypeAndDataOfEachPart) {
  const auto parts =
      read(body(file("\x89PNG", "Anna.png") + part("Content-Disposition: form-data; name=note", "hello")));
  EXPECT_THAT(shown(parts), ElementsAre("image|Anna.png|image/png|\x89PNG", "note|||hello"));
}

TEST(Multipart, IsReadAlikeWhereverItIsCut) {
  // Data that looks like the boundary in every length, line ends alone, and a boundary right behind them.
  std::string tricky =
      "\r\n\r\r\n-\r\n--\r\n--A\r\n--AaB03\r\r\n--AaB03y\n--AaB03x\r--AaB03x\r\n-" + std::string(3, '\r');
  const std::string whole =
      "preamble\r\n--AaB03\r\n" + body(file(tricky) + file("") + file("end")) + "epilogue\r\n--AaB03x\r\n";
  const auto expected = shown(read(whole));
  ASSERT_THAT(expected,
              ElementsAre("image|a.png|image/png|" + tricky, "image|a.png|image/png|", "image|a.png|image/png|end"));
  for (std::size_t first = 0; first <= whole.size(); ++first)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, whole.size()})
      ASSERT_EQ(shown(read(whole, first, piece)), expected) << "first " << first << ", then " << piece;
}

TEST(Multipart, EveryTruncationIsRefused) {
  const std::string whole = body(file("data\r\n--AaB03") + file("more"));
  const std::size_t end = whole.size() - 2;  // the last line end is no part of the closing boundary
  for (std::size_t size = 0; size < end; ++size)
    ASSERT_EQ(refusal(whole.substr(0, size)), "400 truncated_multipart") << size;
  EXPECT_EQ(read(whole.substr(0, end)).size(), 2u);
}

TEST(Multipart, ABoundaryNeedsItsLineEndBefore) {
  EXPECT_THAT(shown(read(body(part("Content-Disposition: form-data; name=a", "x--AaB03x--\n--AaB03x--")))),
              ElementsAre("a|||x--AaB03x--\n--AaB03x--"));
}

TEST(Multipart, APartWithoutBlankLineBehindItsHeaderLineEndIsEmpty) {
  // RFC 2046: the line end in front of a boundary belongs to it, so this part has a header and no data.
  const std::string text = "--AaB03x\r\nContent-Disposition: form-data; name=a\r\n\r\n--AaB03x--";
  for (std::size_t first = 0; first <= text.size(); ++first)
    ASSERT_THAT(shown(read(text, first)), ElementsAre("a|||")) << first;
}

TEST(Multipart, AnotherMultipartInsideIsData) {
  const std::string inner = "--inner\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nsecret\r\n--inner--\r\n";
  const auto parts = read(body(
      part("Content-Disposition: form-data; name=\"image\"\r\nContent-Type: multipart/mixed; boundary=inner", inner)));
  EXPECT_THAT(shown(parts), ElementsAre("image||multipart/mixed; boundary=inner|" + inner));
}

TEST(Multipart, NoPartsAtAllIsNoError) { EXPECT_THAT(read("--AaB03x--\r\n"), ElementsAre()); }

TEST(Multipart, LineFeedsAloneAreNoLineEnds) {
  std::string text = body(file("data"));
  std::erase(text, '\r');
  EXPECT_EQ(refusal(text), "400 bad_multipart");
  EXPECT_EQ(refusal("--AaB03x\r\nContent-Disposition: form-data; name=a\nX: y\r\n\r\nx\r\n--AaB03x--"),
            "400 bad_multipart");
  EXPECT_EQ(refusal("--AaB03x\r\nContent-Disposition: form-data; name=a\r\n\nx\r\n--AaB03x--\r\n\r\n"),
            "400 bad_multipart");
}

TEST(Multipart, ABoundaryThatGoesOnIsRefused) {
  for (const char* const end : {"--AaB03xy\r\n", "--AaB03x-\r\n", "--AaB03x \r\n", "--AaB03x\n", "--AaB03x\r\r\n"})
    EXPECT_EQ(refusal(body(file("x")).substr(0, file("x").size()) + end + "\r\n"), "400 bad_multipart") << end;
}

TEST(Multipart, NamesMayBeQuotedAndEscaped) {
  const auto name = [](const std::string& file_name) { return read(body(file("x", file_name))).at(0).file_name; };
  EXPECT_EQ(name(R"(a \"b\" \\ c.png)"), R"(a "b" \ c.png)");
  EXPECT_EQ(name(R"(C:\dir\a.png)"), R"(C:\dir\a.png)");
  EXPECT_EQ(name("a;b=c, d.png"), "a;b=c, d.png");
  EXPECT_EQ(name(""), "");
  EXPECT_EQ(name("J\xC3\xB6rg \xF0\x9F\x98\x80.png"), "J\xC3\xB6rg \xF0\x9F\x98\x80.png");
}

TEST(Multipart, NamesAreMadeValidUtf8AndCut) {
  const auto name = [](const std::string& file_name) { return read(body(file("x", file_name))).at(0).file_name; };
  EXPECT_EQ(name("J\xF6rg.png"), "J\xEF\xBF\xBDrg.png");
  EXPECT_EQ(name("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(name(std::string(300, 'a')), std::string(255, 'a'));
  EXPECT_EQ(name(std::string(254, 'a') + "\xC3\xB6"), std::string(254, 'a'));
  EXPECT_EQ(read(body(part("Content-Disposition: form-data; name=\"\xFF\"", ""))).at(0).name, "\xEF\xBF\xBD");
}

TEST(Multipart, HeaderNamesAreReadInAnyCaseAndTheOtherFieldsIgnored) {
  const auto parts =
      read(body(part("X-Other: \x80 (ignored)\r\ncontent-DISPOSITION:Form-Data;NAME=image ;\tFileName=a.png;"
                     " filename*=UTF-8''b.png; x=\"y\"\r\nContent-type:  image/webp\t",
                     "x")));
  EXPECT_THAT(shown(parts), ElementsAre("image|a.png|image/webp|x"));
}

TEST(Multipart, APartWithoutANameIsRefused) {
  for (const char* const header :
       {"Content-Type: image/png", "Content-Disposition: form-data", "Content-Disposition: form-data; filename=\"a\"",
        "Content-Disposition: form-data; name=\"\"", "Content-Disposition: form-data; xname=a"})
    EXPECT_EQ(refusal_of_header(header), "400 bad_multipart") << header;
  EXPECT_EQ(refusal("--AaB03x\r\n\r\nx\r\n--AaB03x--"), "400 bad_multipart");
}

TEST(Multipart, MalformedHeadersAreRefused) {
  const std::string good = "Content-Disposition: form-data; name=a";
  EXPECT_EQ(refusal_of_header(good), "accepted");
  for (const std::string& header :
       {good + "\r\n folded", good + "\r\n\tfolded", " " + good, good + "\r\nno field", good + "\r\nX : y",
        good + "\r\n: y", good + "\r\nX: a\rb", good + "\r\nX: " + std::string(1, '\0'), good + "\r\nX: \x7F",
        std::string("Content-Disposition: attachment; name=a"), std::string("Content-Disposition: form-data; name"),
        std::string("Content-Disposition: form-data; name="), std::string("Content-Disposition: form-data; name=\"a"),
        std::string("Content-Disposition: form-data; name=\"a\\\""),
        std::string("Content-Disposition: form-data; name=\"a\"b"),
        std::string("Content-Disposition: form-data name=a"), std::string("Content-Disposition:")})
    EXPECT_EQ(refusal_of_header(header), "400 bad_multipart") << header;
}

TEST(Multipart, FieldsAndNamesThatStandTwiceAreRefused) {
  const std::string good = "Content-Disposition: form-data; name=a";
  for (const std::string& header : {good + "\r\n" + good, good + "\r\nContent-Type: a/b\r\ncontent-type: a/c",
                                    good + "; name=b", good + "; filename=a; filename=b"})
    EXPECT_EQ(refusal_of_header(header), "400 bad_multipart") << header;
  EXPECT_EQ(refusal_of_header(good + "\r\nX: y\r\nX: y"), "accepted");
}

TEST(Multipart, AHeaderHasItsLimit) {
  const std::string good = "Content-Disposition: form-data; name=a\r\nX: ";
  const std::string longest = good + std::string(4096 - good.size() - 4, 'x');  // with its line end and the empty line
  EXPECT_EQ(refusal_of_header(longest), "accepted");
  EXPECT_EQ(refusal_of_header(longest + "x"), "413 part_header_too_large");
  // Refused before its end has come, however it is cut.
  const std::string endless = "--AaB03x\r\n" + std::string(4097, 'x');
  EXPECT_EQ(refusal(endless), "413 part_header_too_large");
  for (const std::size_t piece : {1u, 100u, 4096u})
    EXPECT_EQ(refusal([&] { read(endless, 0, piece); }), "413 part_header_too_large") << piece;
}

TEST(Multipart, PartsAreCountedWantedOrNot) {
  const MultipartLimits limits{.parts = 2};
  EXPECT_EQ(refusal(body(file("a") + file("b")), limits), "accepted");
  EXPECT_EQ(refusal(body(file("a") + file("b") + file("c")), limits), "413 too_many_parts");
  EXPECT_EQ(refusal([&] {
              MultipartReader reader(boundary, limits, [](std::string_view) { return false; });
              reader.feed(body(file("a") + file("b") + file("c")));
            }),
            "413 too_many_parts");
}

TEST(Multipart, DataIsCountedWantedOrNot) {
  const MultipartLimits limits{.total = 10};
  EXPECT_EQ(refusal(body(file("12345") + file("67890")), limits), "accepted");
  EXPECT_EQ(refusal(body(file("12345") + file("678901")), limits), "413 body_too_large");
  MultipartReader reader(boundary, limits, [](std::string_view) { return false; });
  reader.feed(file("1234567890").substr(0, file("1234567890").size() - 2));
  EXPECT_EQ(refusal([&] { reader.feed("1"); }), "413 body_too_large") << "before the part has ended";
}

TEST(Multipart, UnwantedPartsAreReadOver) {
  MultipartReader reader(boundary, {}, [](std::string_view name) { return name == "image"; });
  reader.feed(body(part("Content-Disposition: form-data; name=other", "x") + file("a") +
                   part("Content-Disposition: form-data; name=image2", "y")));
  EXPECT_THAT(shown(reader.finish()), ElementsAre("image|a.png|image/png|a"));
}

TEST(Multipart, DataOfManyLinesComesWhole) {
  std::string data;
  for (std::size_t i = 0; i < 300'000; ++i) data += static_cast<char>("\r\n-AaB03x"[(i * 7919 + i / 9) % 9]);
  for (const std::size_t piece : {1000u, 65536u, 1'000'000u}) {
    const auto parts = read(body(file(data)), 0, piece);
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(text(parts[0]), data) << piece;
  }
}

TEST(MultipartBoundary, IsTakenFromTheContentType) {
  const auto of = [](std::string_view type) { return multipart_boundary(type, {}); };
  EXPECT_EQ(of("multipart/form-data; boundary=AaB03x"), "AaB03x");
  EXPECT_EQ(of("Multipart/Form-Data ;charset=utf-8; BOUNDARY=\"a b'()+_,-./:=?c\""), "a b'()+_,-./:=?c");
  EXPECT_EQ(of("multipart/form-data; boundary=" + std::string(70, 'x')), std::string(70, 'x'));
  EXPECT_EQ(of("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"),
            "----WebKitFormBoundary7MA4YWxkTrZu0gW");
}

TEST(MultipartBoundary, OtherTypesAndBadBoundariesAreRefused) {
  const auto of = [](const std::string& type) { return refusal([&] { multipart_boundary(type, {}); }); };
  for (const char* const type : {"", "image/png", "multipart/mixed; boundary=a", "multipart/form-datax; boundary=a",
                                 "application/x-www-form-urlencoded", ";boundary=a"})
    EXPECT_EQ(of(type), "415 content_type") << type;
  for (const std::string& type :
       {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"\""), std::string("multipart/form-data; boundary"),
        std::string("multipart/form-data; boundary=\"a"), std::string("multipart/form-data; boundary=\"a \""),
        std::string("multipart/form-data; boundary=\"a*b\""), std::string("multipart/form-data; boundary=\"\xC3\xB6\""),
        std::string("multipart/form-data; boundary=\"a\r\nb\""),
        std::string("multipart/form-data; boundary=a; boundary=b"),
        "multipart/form-data; boundary=" + std::string(71, 'x')})
    EXPECT_EQ(of(type), "400 bad_boundary") << type;
}

TEST(Multipart, ALongBoundaryIsFound) {
  const std::string longest(70, '-');
  MultipartReader reader(longest, {}, any);
  const std::string text = "--" + longest + "\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--" +
                           longest.substr(1) + "\r\n--" + longest + "--";
  for (const char c : text) reader.feed({&c, 1});
  EXPECT_THAT(shown(reader.finish()), ElementsAre("a|||\r\n--" + longest.substr(1)));
}

}  // namespace
}  // namespace dfpipe::server
