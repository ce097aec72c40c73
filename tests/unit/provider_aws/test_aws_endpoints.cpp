// Hosts by partition, region, FIPS and dual stack.
#include <boost/test/unit_test.hpp>

#include "aws_partitions.h"
#include "endpoints.h"

BOOST_AUTO_TEST_SUITE(aws_endpoints)

namespace {

aws::Service service(const std::string& name) {
  for (const auto s : {aws::Service::secrets_manager, aws::Service::ssm, aws::Service::sts, aws::Service::sso})
    if (aws::signing_name(s) == name) return s;
  BOOST_FAIL("there is no service " + name);
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_partition_has_its_own_domain) {
  for (const auto& p : aws_partitions::all()) BOOST_TEST(aws::partition_of(p.region) == p.name, p.region);
  for (const auto& e : aws_partitions::endpoints())
    BOOST_TEST(aws::endpoint_of(service(e.service), e.region, e.fips, e.dualstack) == e.url);
  // a region that is not there yet is one of the public cloud
  BOOST_TEST(aws::endpoint_of(aws::Service::ssm, "mars-north-1", false, false) == "https://ssm.mars-north-1.amazonaws.com");
}

BOOST_AUTO_TEST_SUITE_END()
