#include "test_certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace dfpipe::models {
namespace {

template <auto free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
template <class T, auto free>
using Owned = std::unique_ptr<T, Deleter<free>>;

void expect(bool good) {
  if (!good) throw std::runtime_error("libcrypto cannot make a certificate");
}

void add_extension(X509* certificate, int kind, const char* value) {
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
  expect(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

}  // namespace

void write_certificate(const std::filesystem::path& file) {
  const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  const Owned<X509, X509_free> certificate(X509_new());
  expect(key != nullptr && certificate != nullptr);
  X509* const c = certificate.get();
  expect(X509_set_version(c, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(c), 1) == 1);
  expect(X509_gmtime_adj(X509_getm_notBefore(c), -3600) != nullptr);
  expect(X509_gmtime_adj(X509_getm_notAfter(c), 86400) != nullptr);
  const auto* name = reinterpret_cast<const unsigned char*>("127.0.0.1");
  expect(X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC, name, -1, -1, 0) == 1);
  expect(X509_set_issuer_name(c, X509_get_subject_name(c)) == 1 && X509_set_pubkey(c, key.get()) == 1);
  add_extension(c, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(c, NID_subject_alt_name, "IP:127.0.0.1");
  expect(X509_sign(c, key.get(), EVP_sha256()) > 0);

  const Owned<std::FILE, std::fclose> out(std::fopen(file.c_str(), "w"));
  expect(out != nullptr);
  expect(PEM_write_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  expect(PEM_write_X509(out.get(), c) == 1);
}

}  // namespace dfpipe::models
