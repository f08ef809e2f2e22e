#include "http/gzip.hpp"

#include <zlib.h>

#include <stdexcept>

namespace dfpipe::server {
namespace {

constexpr int gzip_window = 15 + 16;  // the largest window, in gzip's wrapping (zlib.h, deflateInit2)

z_stream input(std::string_view bytes) {
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads there
  stream.avail_in = static_cast<uInt>(bytes.size());
  return stream;
}

}  // namespace

std::string gzip_bytes(std::string_view bytes) {
  z_stream stream = input(bytes);
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot start: no memory");
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib did not finish");
  return out;
}

bool gzip_holds(std::string_view gzip, std::string_view bytes) {
  z_stream stream = input(gzip);
  if (inflateInit2(&stream, gzip_window) != Z_OK) throw std::runtime_error("zlib cannot start: no memory");
  std::string out(bytes.size() + 1, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  return whole && out == bytes;
}

}  // namespace dfpipe::server
