// Whether a container can be replaced by a rolling update, and by which flow. Pure.
#pragma once
#include <string>

#include "model/container.h"
#include "model/rotation.h"

namespace dso {

/// Why two containers like this cannot be there at once, even by a stand-in; "" where they can.
std::string rolling_obstacle(const Container& container);

struct FlowChoice {
  Flow flow = Flow::swap;
  std::string reason;
};
/// Exclusive by the label dso.exclusive, or for an image that is known to be a database with data of its own (a label
/// dso.exclusive=false says otherwise); relay where it publishes ports or has an address of its own; else swap.
FlowChoice choose_flow(const Container& container);

/// Data that outlives the container and that it may write.
bool has_data(const Container& container);

/// "postgres" for "docker.io/library/postgres:16@sha256:…", "" for what is no database that we know.
std::string database_image(const std::string& image);

}  // namespace dso
