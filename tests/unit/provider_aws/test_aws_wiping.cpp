// Nothing of a key, a token or a value stays in memory that was given back: this program's operator delete looks into every
// block.
#include <malloc.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <new>

#include "aws_text.h"
#include "profile_file.h"
#include "provider_aws/fake_aws.h"

namespace {

constexpr char kCanary[] = "c4n4ry/of-a-value-that-is-long-enough";
std::atomic<bool> g_watch{false};
std::atomic<int> g_found{0};

void look(void* p) {
  if (p && g_watch && memmem(p, malloc_usable_size(p), kCanary, 6)) ++g_found;
}

struct Watch {
  Watch() { g_found = 0, g_watch = true; }
  ~Watch() { g_watch = false; }
};

}  // namespace

void* operator new(std::size_t n) {
  void* p = std::malloc(n ? n : 1);
  if (!p) throw std::bad_alloc();
  return p;
}
void operator delete(void* p) noexcept {
  look(p);
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  look(p);
  std::free(p);
}

BOOST_AUTO_TEST_SUITE(aws_wiping)

BOOST_AUTO_TEST_CASE(the_test_itself_finds_what_is_left) {
  Watch watch;
  { const std::string left(kCanary); }
  BOOST_TEST(g_found > 0);
}

BOOST_AUTO_TEST_CASE(a_signature_with_key_and_session_token) {
  Watch watch;
  {
    const aws::ToSign s{.headers = {{"host", "h"}, {"x-amz-date", "20150830T123600Z"}, {"x-amz-security-token", kCanary}},
                        .payload_hash = "0",
                        .region = "us-east-1",
                        .service = "service",
                        .amz_date = "20150830T123600Z"};
    BOOST_TEST(!aws::authorization(fake::hashes(), s, "AKID", kCanary).empty());
  }
  BOOST_TEST(g_found == 0);
}

BOOST_AUTO_TEST_CASE(files_answers_and_forms) {
  const std::string file =
      std::string("[a]\naws_secret_access_key = ") + kCanary + "\n" + "aws_session_token = " + kCanary + "\n";
  const std::string json = std::string(R"({"SecretString":")") + kCanary + R"(\n","list":[")" + kCanary + "\"]}";
  const std::string xml = std::string("<SecretAccessKey>") + kCanary + "</SecretAccessKey>";
  const std::string_view decoded(kCanary, 17);  // no literal below: a logger keeps the text of what it checks
  Watch watch;
  {
    const auto both = aws::merged(aws::parse_profiles("[profile a]\n", aws::FileKind::config),
                                  aws::parse_profiles(file, aws::FileKind::credentials));
    BOOST_TEST((aws::property(both.profiles.at("a"), "aws_secret_access_key") == kCanary));
    const auto document = aws::Document::parse(json);
    BOOST_TEST(document.has_value());
    const auto broken = aws::Document::parse(std::string_view(json).substr(0, json.size() - 1));
    BOOST_TEST(!broken.has_value());
    const aws::Secret key = aws::xml_element(xml, "SecretAccessKey");
    aws::Secret form;
    for (int i = 0; i < 50; ++i) aws::append_percent_encoded(form, aws::view(key), true);  // grows
    const aws::Secret compact = aws::compact_json(aws::raw_members(json)[1].value);
    const auto bytes = aws::base64_decoded("YzRuNHJ5L29mLWEtdmFsdWU=");
    BOOST_TEST((aws::view(*bytes) == decoded));
  }
  BOOST_TEST(g_found == 0);
}

BOOST_AUTO_TEST_SUITE_END()
