#include "page.hpp"

#include "svg.hpp"

namespace dfpipe::charts {
namespace {

constexpr const char* style = R"(
:root{--paper:#fff;--ink:#1c2024;--muted:#5b6570;--grid:#e3e6ea;--panel:#f6f7f9;--warn:#fff3d6;--warn-edge:#d98e00;
--s0:#1c2024;--s1:#0072b2;--s2:#d55e00;--s3:#009e73;--s4:#cc79a7;--s5:#b58900;--s6:#56b4e9;--s7:#7a5195;
--right:#d8efe4;--wrong:#fbdcd2}
@media(prefers-color-scheme:dark){:root{--paper:#15181b;--ink:#e8eaed;--muted:#a3adb8;--grid:#2c3238;--panel:#1d2125;
--warn:#3a2f14;--warn-edge:#e0a030;--s0:#e8eaed;--s1:#4aa8e0;--s2:#ff8c42;--s3:#3ccf9f;--s4:#e59cc4;--s5:#e3c04b;
--s6:#8fd0f5;--s7:#b79ae0;--right:#1f4a3a;--wrong:#5a2f22}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1180px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:34px 0 10px}p{margin:6px 0;max-width:75ch}
.lead{color:var(--muted);max-width:none}.notes{background:var(--warn);border-left:4px solid var(--warn-edge);padding:8px 14px;margin:16px 0;border-radius:4px}
.notes li{margin:3px 0}.cards{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0}
.card{background:var(--panel);border-radius:8px;padding:10px 16px;min-width:130px}
.card b{display:block;font-size:26px;line-height:1.25}.card span{color:var(--muted);font-size:13px}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:18px}
.plots>*{background:var(--panel);border-radius:8px;padding:8px;width:100%;box-sizing:border-box;margin:0}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 16px 5px 0;border-bottom:1px solid var(--grid);white-space:nowrap;vertical-align:top}
td.wide{white-space:normal;overflow-wrap:anywhere;min-width:12em}th{color:var(--muted);font-weight:600}.soft-text{color:var(--muted);font-size:13px}
svg{overflow:visible}svg text{fill:var(--ink);font:14px system-ui,sans-serif}svg .small{font-size:12px;fill:var(--muted)}svg .title{font-weight:600}
svg .count{font-size:24px;font-weight:600}svg .middle{text-anchor:middle}svg .end{text-anchor:end}
svg .grid{stroke:var(--grid)}svg .line{fill:none;stroke-width:1.6}svg .strong{stroke-width:2.6}svg .dash{stroke-dasharray:5 4}
svg .line.faint{stroke:var(--muted);stroke-dasharray:3 4}svg .line.ink{stroke:var(--ink)}
svg .right{fill:var(--right)}svg .wrong{fill:var(--wrong)}svg .soft{opacity:.45}svg .bar{opacity:.65}
svg .real{fill:var(--s1)}svg .fake{fill:var(--s2)}
)";

std::string series_style() {
  std::string out;
  for (int i = 0; i < 8; ++i) {
    const std::string n = std::to_string(i);
    out += "svg .s" + n + "{fill:var(--s" + n + ")}svg .line.s" + n + "{fill:none;stroke:var(--s" + n + ")}\n";
  }
  return out;
}

}  // namespace

std::string page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\">\n<title>" +
         escaped(title) + "</title><style>" + std::string(style) + series_style() +
         "</style></head><body><main>\n<h1>" + escaped(title) + "</h1>\n" + body + "</main></body></html>\n";
}

std::string notes(const std::vector<std::string>& notes) {
  if (notes.empty()) return {};
  std::string out = "<div class=\"notes\"><ul>\n";
  for (const std::string& note : notes) out += "<li>" + escaped(note) + "</li>\n";
  return out + "</ul></div>\n";
}

std::string no_drawing(const std::string& title, const std::string& why) {
  return "<p class=\"none\"><b>" + escaped(title) + "</b>: " + escaped(why) + ".</p>\n";
}

}  // namespace dfpipe::charts
