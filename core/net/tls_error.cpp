// OpenSSL's codes to causes and next steps.
#include "net/tls_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <memory>

#include "net/net_error.h"

namespace dso {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string time_text(const ASN1_TIME* time) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio && time && ASN1_TIME_print(bio.get(), time) == 1 ? text_of(bio.get()) : std::string();
}

std::string name_text(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio && name && X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0 ? text_of(bio.get())
                                                                                                             : std::string();
}

std::string ip_text(const ASN1_OCTET_STRING* ip) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(ip) == 4 ? AF_INET : ASN1_STRING_length(ip) == 16 ? AF_INET6 : -1;
  return family >= 0 && inet_ntop(family, ASN1_STRING_get0_data(ip), text, sizeof text) ? text : "";
}

std::string names_of(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)), &GENERAL_NAMES_free);
  std::string out;
  for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()) && out.size() < 200; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    std::string text;
    if (name->type == GEN_DNS) {
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                  static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
      unsigned char address[16];
      if (inet_pton(AF_INET, text.c_str(), address) == 1) text += " as a host name";
    } else if (name->type == GEN_IPADD) {
      text = ip_text(name->d.iPAddress);
    }
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

}  // namespace

VerifyFailure describe_failure(X509_STORE_CTX* store) {
  VerifyFailure failure;
  failure.code = X509_STORE_CTX_get_error(store);
  if (X509* certificate = X509_STORE_CTX_get_current_cert(store)) {
    failure.names = names_of(certificate);
    failure.issuer = name_text(X509_get_issuer_name(certificate));
    failure.valid_from = time_text(X509_get0_notBefore(certificate));
    failure.valid_to = time_text(X509_get0_notAfter(certificate));
  }
  return failure;
}

Error verify_error(const VerifyFailure& failure, const std::string& host) {
  const std::string what = "Failed to trust " + host;
  switch (failure.code) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
      return make_error(ErrorClass::tls, what, "its certificate is signed by an unknown CA (" + failure.issuer + ")",
                        "Set ca_file to that CA's certificate, or add it to the system's CAs.");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return make_error(
          ErrorClass::tls, what,
          "its certificate is for " + (failure.names.empty() ? "no name at all" : failure.names) + ", not for " + host,
          failure.names.empty() ? "Give the server a certificate that names it."
                                : "Use a name of the certificate as address, or give the server a certificate for this one.");
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return make_error(ErrorClass::tls, what, "its certificate expired on " + failure.valid_to,
                        "Renew the server's certificate; if it is valid, set this host's clock.");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return make_error(ErrorClass::tls, what, "its certificate is not valid before " + failure.valid_from,
                        "Set this host's clock.");
    default:
      return make_error(ErrorClass::tls, what,
                        std::string("its certificate was not accepted: ") + X509_verify_cert_error_string(failure.code),
                        "Check the server's certificate with 'openssl s_client'.");
  }
}

Error protocol_error(const std::string& host) {
  const std::string what = "Failed to speak TLS with " + host;
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return make_error(ErrorClass::tls, what, "it answers something that is not TLS",
                        "Check the port, or use http:// if it is meant to be plain.");
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return make_error(ErrorClass::tls, what, "it offers nothing newer than TLS 1.1", "Enable TLS 1.2 or 1.3 at the server.");
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return make_error(ErrorClass::tls, what,
                        reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE
                            ? "it refused the handshake (no cipher in common, or it wants a client certificate)"
                            : "it wants a client certificate that it accepts",
                        "Set client_cert and client_key.");
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return make_error(ErrorClass::tls, what, "it does not accept our client certificate",
                        "Set client_cert and client_key to a pair that it trusts.");
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
      return make_error(ErrorClass::tls, what, "it does not serve that name", "Check the address.");
    default: {
      const char* text = code ? ERR_reason_error_string(code) : nullptr;
      return make_error(ErrorClass::tls, what, text ? text : "the handshake failed");
    }
  }
}

}  // namespace dso
