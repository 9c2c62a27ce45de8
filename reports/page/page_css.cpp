// The page's style. Colours are variables with one set for light and one for dark; the eight
// series colours differ in lightness as well as hue, so that they stay apart for the colour-blind
// and in print.
#include "reports/page/assets.hpp"

namespace seatrial::reports::page {

const std::string_view page_css = R"css(
:root{color-scheme:light dark;--bg:#fcfcfa;--card:#fff;--ink:#1c2126;--soft:#59626c;
  --line:#dfe2e5;--grid:#e9ebee;--plot:#fff;--sunk:#f2f3f1;--good:#14713f;--good-bg:#e2f3e8;
  --bad:#b3261e;--bad-bg:#fde7e4;--warn:#7f5300;--warn-bg:#fdf0d0;--calm:#46505a;
  --calm-bg:#eaedf0;--s0:#0b6bb8;--s1:#d1540a;--s2:#00805f;--s3:#8746ad;--s4:#a87400;--s5:#2f9bd6;
  --s6:#c2407f;--s7:#69747f;--n0:#b9a5cf;--n1:#8fb8de;--n2:#efc38a;--n3:#9fcfb6;--n4:#dfa9bd;
  --n5:#c5c9a0;--on-node:#1c2126;--held:#c98a00;--gone:#c0392b}
@media (prefers-color-scheme:dark){
  :root{--bg:#14171a;--card:#1b1f23;--ink:#e8eaec;--soft:#a0a9b2;--line:#343a41;--grid:#2a3036;
    --plot:#191d21;--sunk:#22272c;--good:#5bd08f;--good-bg:#153524;--bad:#ff8a80;--bad-bg:#45201d;
    --warn:#f0c04f;--warn-bg:#3b2f10;--calm:#b6c0ca;--calm-bg:#2b3238;--s0:#64b5f6;--s1:#ff9d57;
    --s2:#3ecf9f;--s3:#cba0ee;--s4:#e6bd49;--s5:#a3dafa;--s6:#f291bf;--s7:#a9b3bd;--n0:#705c88;
    --n1:#386a98;--n2:#94641f;--n3:#2f7a56;--n4:#8f4d66;--n5:#6c7040;--on-node:#f3f5f6;
    --held:#e6b13a;--gone:#ff7f73}
}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;overflow-wrap:anywhere;background:var(--bg);color:var(--ink);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,
  sans-serif}
main,header.top{max-width:1100px;margin:0 auto;padding:0 30px}
header.top{padding-top:44px}
h1{font-size:34px;line-height:1.18;letter-spacing:-.018em;margin:6px 0 12px;font-weight:680}
h2{font-size:23px;letter-spacing:-.01em;margin:0 0 6px;font-weight:660}
h3{font-size:16px;margin:22px 0 8px;font-weight:650}
h4{font-size:15px;margin:26px 0 8px;font-weight:650}
p{margin:8px 0;max-width:76ch}
.eyebrow{color:var(--soft);font-size:14px;margin:0}
.meta{color:var(--soft);font-size:14.5px;margin:0 0 20px}
section{border-top:1px solid var(--line);padding:38px 0 34px}
section:first-of-type{border-top:0;padding-top:22px}
.note,.small{color:var(--soft);font-size:15px}
.small{font-size:14px}
.note{margin:0 0 18px}
.lead{font-size:17px}
.none{color:var(--soft);font-style:italic}
.bad{color:var(--bad)}
code,pre{font:13.5px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{overflow-wrap:anywhere}
td code{overflow-wrap:break-word}
pre{background:var(--sunk);border-radius:8px;padding:14px 16px;overflow-x:auto;margin:10px 0}
pre code{overflow-wrap:normal}
pre.command{white-space:pre-wrap}
pre.scenario{max-height:520px;overflow:auto}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14.5px;padding:10px 0 12px;
  border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
a{color:var(--s0);text-decoration-thickness:1px;text-underline-offset:3px}
nav a{color:var(--soft);text-decoration:none}
nav a:hover{color:var(--ink);text-decoration:underline}
.banner{border-radius:10px;padding:14px 18px;margin:0 0 14px;background:var(--warn-bg);
  color:var(--warn);max-width:none}
.banner strong{font-weight:700}
.banner.mock{background:var(--bad);color:#fff;font-size:30px;line-height:1.2;font-weight:750;
  letter-spacing:-.01em;padding:24px 26px}
@media (prefers-color-scheme:dark){
  .banner.mock{background:#a3231b}
}
.caution{background:var(--warn-bg);color:var(--warn);border-radius:8px;padding:9px 14px;
  max-width:none}
.duo{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:20px;
  align-items:stretch}
.duo>*{min-width:0}
.hypothesis,.outcome{background:var(--card);border:1px solid var(--line);border-radius:12px;
  padding:20px 24px}
.hypothesis h3,.outcome h3{margin:0 0 6px;font-size:13.5px;font-weight:600;color:var(--soft)}
.hypothesis p{font-size:19px;line-height:1.45;margin:0}
.outcome .word{font-size:54px;line-height:1.05;font-weight:760;letter-spacing:-.03em;
  margin:0 0 8px;text-transform:capitalize}
.outcome ul{margin:8px 0 0;padding-left:19px}
.outcome li{margin:4px 0}
.outcome{border-left-width:6px}
.v-pass{border-left-color:var(--good)}
.v-pass .word{color:var(--good)}
.v-fail{border-left-color:var(--bad)}
.v-fail .word{color:var(--bad)}
.v-unknown,.v-invalid{border-left-color:var(--warn)}
.v-unknown .word,.v-invalid .word{color:var(--warn)}
.cards{list-style:none;margin:20px 0 0;padding:0;display:grid;
  grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:20px}
.card{background:var(--card);border:1px solid var(--line);border-top:5px solid var(--c);
  border-radius:12px;padding:16px 22px 18px;position:relative;min-width:0}
.card h3{margin:0 96px 10px 0}
.card .pill{position:absolute;top:15px;right:18px}
.card .big{font-size:42px;line-height:1.1;font-weight:720;letter-spacing:-.025em;margin:0;
  font-variant-numeric:tabular-nums}
.card .what{margin:0 0 12px;color:var(--soft);font-size:14.5px}
.card .big .none{font-size:24px;font-weight:500;letter-spacing:0}
.card dl{margin:0;font-size:14.5px}
.card dl div{display:flex;justify-content:space-between;gap:12px;padding:4px 0;
  border-top:1px solid var(--grid)}
.card dt{color:var(--soft)}
.card dd{margin:0;font-variant-numeric:tabular-nums;text-align:right}
.pill{display:inline-block;border-radius:99px;padding:0 10px;font-size:13px;line-height:22px;
  font-weight:620;white-space:nowrap}
.pill.good{background:var(--good-bg);color:var(--good)}
.pill.bad{background:var(--bad-bg);color:var(--bad)}
.pill.warn{background:var(--warn-bg);color:var(--warn)}
.pill.calm{background:var(--calm-bg);color:var(--calm)}
.scroll{overflow-x:auto;margin:10px 0 16px;border-radius:6px}
.scroll:focus-visible,pre:focus-visible,summary:focus-visible,.key:focus-visible{
  outline:2px solid var(--s0);outline-offset:2px}
table{border-collapse:collapse;overflow-wrap:normal;width:100%;font-size:14.5px;
  font-variant-numeric:tabular-nums}
th,td{padding:7px 14px 7px 0;text-align:left;vertical-align:top;
  border-bottom:1px solid var(--grid)}
th:last-child,td:last-child{padding-right:2px}
thead th{color:var(--soft);font-weight:560;font-size:13.5px;border-bottom:1px solid var(--line);
  vertical-align:bottom}
tbody th{font-weight:560;overflow-wrap:anywhere;min-width:112px;max-width:300px}
.r{text-align:right}
td.r,td data{white-space:nowrap}
.r+td:not(.r),.r+th:not(.r){padding-left:10px}
tr.differs th,tr.differs td{background:var(--warn-bg)}
tr.differs th{padding-left:8px}
table.facts th{width:38%;color:var(--soft);font-weight:500}
details{margin:8px 0}
summary{cursor:pointer;color:var(--soft);font-size:14.5px;padding:4px 0}
summary:hover{color:var(--ink)}
details[open]>summary{color:var(--ink);font-weight:560}
details.numbers .scroll{max-height:380px;overflow:auto;border:1px solid var(--grid);
  padding:0 12px}
details.numbers thead th{position:sticky;top:0;background:var(--bg)}
figure{margin:14px 0 26px}
figcaption{font-weight:640;font-size:16px;margin:0 0 2px}
.plot{position:relative}
svg{display:block;width:100%;height:auto;overflow:visible}
svg.narrow{display:none}
svg text{font-size:12px;fill:var(--soft);font-family:inherit;font-variant-numeric:tabular-nums}
svg .axis{font-size:12.5px}
svg .faint{fill:var(--soft);opacity:.75;font-size:11.5px}
.area-bg{fill:var(--plot);stroke:var(--line);stroke-width:1}
.phase{fill:var(--soft);opacity:.07}
.grid{stroke:var(--grid);stroke-width:1}
.grid.zero{stroke:var(--soft);stroke-width:1;opacity:.55}
.f-held{--f:var(--held)}
.f-gone{--f:var(--gone)}
.band{fill:var(--f);opacity:.12}
.bar{fill:var(--f)}
svg text.fault{font-weight:620}
svg text.fault.f-held{fill:var(--warn)}
svg text.fault.f-gone{fill:var(--bad)}
.s0{--c:var(--s0)}
.s1{--c:var(--s1)}
.s2{--c:var(--s2)}
.s3{--c:var(--s3)}
.s4{--c:var(--s4)}
.s5{--c:var(--s5)}
.s6{--c:var(--s6)}
.s7{--c:var(--s7)}
.ln{fill:none;stroke:var(--c);stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
.ln.thin{stroke-width:1.3}
.ln.broad{stroke-width:5;opacity:.42}
.ln.dash{stroke-dasharray:5 5;stroke-width:1.8}
.area{fill:var(--c);opacity:.1}
.dot{fill:var(--c);opacity:.75}
.up{fill:var(--s2);opacity:.4}
.gap{fill:var(--gone)}
svg text.gap-label{fill:var(--bad);font-weight:620;paint-order:stroke;stroke:var(--plot);
  stroke-width:4px;stroke-linejoin:round}
.leader.n0,.k-n0{--c:var(--n0)}
.leader.n1,.k-n1{--c:var(--n1)}
.leader.n2,.k-n2{--c:var(--n2)}
.leader.n3,.k-n3{--c:var(--n3)}
.leader.n4,.k-n4{--c:var(--n4)}
.leader.n5,.k-n5{--c:var(--n5)}
.leader.nobody,.k-nobody{--c:var(--gone)}
.leader{fill:var(--c)}
svg text.on-node{fill:var(--on-node);font-size:11.5px;font-weight:620}
.k-up{--c:var(--s2)}
.k-gap,.k-isr-one{--c:var(--gone)}
.k-isr-less{--c:var(--held)}
.isr-less{fill:var(--held)}
.isr-one{fill:var(--gone)}
.legend{list-style:none;margin:4px 0 8px;padding:0;display:flex;flex-wrap:wrap;gap:2px 18px;
  font-size:14px;color:var(--soft)}
.key{display:flex;align-items:center;gap:7px;padding:2px 0}
.key[role=button]{cursor:pointer;user-select:none}
.key[role=button]:hover{color:var(--ink)}
.key.off{opacity:.4;text-decoration:line-through}
.mark{display:inline-block;flex:none;width:22px;height:0;border-top:3px solid var(--c)}
.mark.thin{border-top-width:1.5px}
.mark.broad{border-top-width:6px;opacity:.5;border-radius:3px}
.mark.dash{border-top:2px dashed var(--c)}
.mark.dot{width:8px;height:8px;border:0;border-radius:50%;background:var(--c)}
.mark.box{width:16px;height:11px;border:0;border-radius:2px;background:var(--c)}
.hidden{display:none}
.cursor{stroke:var(--ink);stroke-width:1;opacity:.5;pointer-events:none}
.readout{position:absolute;top:0;left:0;pointer-events:none;background:var(--card);
  color:var(--ink);border:1px solid var(--line);border-radius:8px;box-shadow:0 3px 14px rgba(0,0,
  0,.16);padding:7px 11px;font-size:13px;line-height:1.5;white-space:nowrap;z-index:2;
  font-variant-numeric:tabular-nums}
.readout b{font-weight:640}
.readout i{display:inline-block;width:10px;height:10px;border-radius:3px;background:var(--c);
  margin-right:7px}
footer{color:var(--soft);font-size:14px;border-top:1px solid var(--line);padding:18px 0 50px}
@media (max-width:700px){
  body{font-size:15.5px}
  main,header.top{padding:0 14px}
  header.top{padding-top:24px}
  h1{font-size:26px}
  section{padding:28px 0 24px}
  svg.wide{display:none}
  svg.narrow{display:block}
  .banner.mock{font-size:23px;padding:18px}
  .outcome .word{font-size:44px}
  .hypothesis,.outcome{padding:16px 18px}
  th,td{padding-right:12px}
}
@media print{
  :root{color-scheme:light}
  body{background:#fff;color:#000;font-size:11pt}
  nav,.readout,.cursor{display:none}
  main,header.top{max-width:none;padding:0}
  section{break-inside:auto;padding:18px 0}
  figure,.card,.outcome,.hypothesis,tr{break-inside:avoid}
  svg.wide{display:block}
  svg.narrow{display:none}
  .scroll,pre.scenario{overflow:visible;max-height:none}
  pre{white-space:pre-wrap}
}
)css";

}  // namespace seatrial::reports::page
