#include "face_look.hpp"

#include <array>

namespace dfpipe::synthetic {
namespace {

Colour mix(const Colour& a, const Colour& b, double share) {
  return a * static_cast<float>(1 - share) + b * static_cast<float>(share);
}

Colour skin_colour(Random& random) {
  static const std::array<Colour, 5> tones{Colour(0.84f, 0.60f, 0.48f), Colour(0.74f, 0.49f, 0.36f),
                                           Colour(0.60f, 0.38f, 0.26f), Colour(0.44f, 0.27f, 0.18f),
                                           Colour(0.30f, 0.18f, 0.12f)};
  const double place = random.uniform(0, tones.size() - 1.001);
  const auto tone = static_cast<std::size_t>(place);
  return mix(tones[tone], tones[tone + 1], place - static_cast<double>(tone));
}

Colour hair_colour(Random& random) {
  static const std::array<Colour, 5> tones{Colour(0.02f, 0.018f, 0.016f), Colour(0.07f, 0.04f, 0.025f),
                                           Colour(0.16f, 0.09f, 0.045f), Colour(0.38f, 0.26f, 0.13f),
                                           Colour(0.36f, 0.35f, 0.34f)};
  return tones[random.below(tones.size())] * static_cast<float>(random.uniform(0.8, 1.2));
}

Colour iris_colour(Random& random) {
  static const std::array<Colour, 4> tones{Colour(0.06f, 0.03f, 0.015f), Colour(0.12f, 0.07f, 0.03f),
                                           Colour(0.10f, 0.18f, 0.25f), Colour(0.10f, 0.15f, 0.08f)};
  return tones[random.below(tones.size())];
}

Colour any_colour(Random& random) {
  return {static_cast<float>(random.uniform(0.03, 0.5)), static_cast<float>(random.uniform(0.03, 0.5)),
          static_cast<float>(random.uniform(0.03, 0.5))};
}

}  // namespace

FaceLook random_look(Random& random, cv::Point2d centre, double half_width) {
  FaceLook look;
  look.centre = centre;
  look.half_width = half_width;
  look.roll = random.uniform(-0.1, 0.1);
  look.yaw = random.uniform(-0.09, 0.09);
  look.skin = skin_colour(random);
  look.hair = hair_colour(random);
  look.iris = iris_colour(random);
  look.lips = mix(look.skin, {0.50f, 0.12f, 0.12f}, random.uniform(0.35, 0.6));
  look.clothes = any_colour(random);
  look.skin_texture = random.uniform(0.02, 0.07);
  look.jaw = random.uniform(0, 1);
  look.eye_distance = random.uniform(0.40, 0.45);
  look.eye_opening = random.uniform(0.075, 0.11);
  look.brow_thickness = random.uniform(0.05, 0.085);
  look.brow_height = random.uniform(0.23, 0.29);
  look.nose_width = random.uniform(0.85, 1.2);
  look.nose_length = random.uniform(0.9, 1.1);
  look.mouth_width = random.uniform(0.32, 0.42);
  look.smile = random.uniform(-0.02, 0.1);
  look.lip_fullness = random.uniform(0.75, 1.25);
  look.hairline = random.uniform(-0.1, 0.12);
  look.hair_length = random.uniform(0, 1);
  look.beard = random.uniform() < 0.3 && look.hair_length < 0.5 ? random.uniform(0.15, 0.6) : 0;
  look.light = cv::normalize(cv::Vec3d(random.uniform(-0.55, 0.55), random.uniform(-0.8, -0.25), 1));
  look.ambient = random.uniform(0.3, 0.5);
  look.grain = random.bits64();
  return look;
}

}  // namespace dfpipe::synthetic
