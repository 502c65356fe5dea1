//! The figures as a chart: each matcher a point, recall upwards, wrongly accepted to the right.

use std::fmt::Write as _;

use crate::report::Report;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 30.0;
const PLOT_WIDTH: f64 = 400.0;
const PLOT_HEIGHT: f64 = 270.0;
const COLOURS: [&str; 6] = ["#0b6e4f", "#5fad8c", "#b23a48", "#d98c5f", "#7a6c9d", "#55708c"];

/// The sealed half of the corpus, as SVG.
pub(crate) fn draw(report: &Report) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>Recall against false positives on the sealed half</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    axes(&mut out);
    for (at, line) in report.matchers.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let x = LEFT + PLOT_WIDTH * line.sealed.false_positive_rate().unwrap_or(0.0);
        let y = TOP + PLOT_HEIGHT * (1.0 - line.sealed.recall().unwrap_or(0.0));
        let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"{colour}\"/>");
        let row = TOP + 14.0 + 22.0 * f64::from(u32::try_from(at).unwrap_or(0));
        let key = LEFT + PLOT_WIDTH + 16.0;
        let name = line.name.replace("**", "");
        let _ = writeln!(
            out,
            "<circle cx=\"{key}\" cy=\"{row}\" r=\"5\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{}\" font-size=\"10\">{name}</text>",
            key + 10.0,
            row + 4.0
        );
    }
    out.push_str("</svg>\n");
    out
}

fn axes(out: &mut String) {
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        let (x, y) = (LEFT + PLOT_WIDTH * share, TOP + PLOT_HEIGHT * (1.0 - share));
        let (right, bottom) = (LEFT + PLOT_WIDTH, TOP + PLOT_HEIGHT);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{share:.1}</text>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{share:.1}</text>",
            LEFT - 8.0,
            y + 4.0,
            bottom + 18.0
        );
    }
    let middle = LEFT + PLOT_WIDTH / 2.0;
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"18\">found of the matches (recall)</text>\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">accepted of the others \
         (false-positive rate)</text>",
        HEIGHT - 12.0
    );
}
