// Whether a container can be replaced by another one, what would be lost by it, and by which flow it is done. Pure: what the
// engine has to be asked for comes with the container (Container::replace_facts).
#pragma once
#include <string>

#include "model/container.h"
#include "model/rotation.h"

namespace dso {

/// Why two containers like this cannot be there at once, even by a stand-in; "" where they can.
std::string rolling_obstacle(const Container& container);

struct ReplaceLoss {
  std::string what;  ///< "" where nothing is lost.
  std::string cure;  ///< How to have it replaced all the same.
};
/// What is lost, or written by two at once, where another container takes its place: data in its own layer, a volume that both
/// would write to, an address that clients keep. Of facts that nobody has looked for it says nothing.
ReplaceLoss replace_loss(const Container& container);

/// "the label dso.layer has 'x', which is none of drop, keep"; "" where all of them are understood.
std::string replace_label_problem(const Container& container);

struct FlowChoice {
  Flow flow = Flow::swap;
  std::string reason;
};
/// Exclusive by the label dso.exclusive, or for an image that is known to be a database with data of its own (a label
/// dso.exclusive=false says otherwise); relay where it publishes ports or has an address of its own; else swap.
FlowChoice choose_flow(const Container& container);

/// Data that outlives the container and that it may write.
bool has_data(const Container& container);
/// The same as text: "the volume 'v' at /data"; "" where there is none.
std::string data_text(const Container& container);

/// "postgres" for "docker.io/library/postgres:16@sha256:…", "" for what is no database that we know.
std::string database_image(const std::string& image);

}  // namespace dso
