// The words behind dso-init are the image's entrypoint and then the command: the first of them must be the present image's.
#include "logic/foreign_entrypoint.h"

#include <algorithm>
#include <vector>

namespace dso {

std::string entrypoint_problem(const Container& c, const ImageConfig& image) {
  if (c.label_or(label::kEntrypoint) != "image" || c.entrypoint.empty()) return {};
  std::vector<std::string> words(c.entrypoint.begin() + 1, c.entrypoint.end());
  words.insert(words.end(), c.command.begin(), c.command.end());
  // Without one the command alone is the program, and whoever makes a container anew leaves an image's command to the image.
  if (words.size() >= image.entrypoint.size() && std::equal(image.entrypoint.begin(), image.entrypoint.end(), words.begin()) &&
      !image.entrypoint.empty())
    return {};
  const std::string had = words.empty() ? "nothing" : "'" + words.front() + "'";
  const std::vector<std::string>& has = image.entrypoint.empty() ? image.command : image.entrypoint;
  if (image.entrypoint.empty() && !words.empty() && !has.empty() && words.front() == has.front()) return {};
  return "'" + c.name + "' was made anew from the image '" + c.image + "' by somebody else and starts " + had +
         ", which is the entrypoint of the image before; this one's is " + (has.empty() ? "none" : "'" + has.front() + "'") +
         ". Make it anew with dso run or dso up, and keep image updaters from it (docs/run.md)";
}

}  // namespace dso
