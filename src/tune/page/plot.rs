//! One plot: counts over the values of a threshold, as shapes of an SVG.

use std::fmt::Write as _;

use super::words::number;

/// What is plotted.
pub struct Series {
    /// What is counted.
    pub title: String,
    /// The threshold's unit.
    pub unit: String,
    /// Rising.
    pub values: Vec<f64>,
    /// One for each value.
    pub counts: Vec<usize>,
    /// The present values.
    pub marks: Vec<Mark>,
    /// The values are whole numbers.
    pub is_whole: bool,
}

/// A value that is marked.
pub struct Mark {
    /// The value.
    pub value: f64,
    /// Its label.
    pub text: String,
}

/// The shapes.
pub struct Plot {
    /// What is counted.
    pub title: String,
    /// The threshold's unit.
    pub unit: String,
    /// Bars as (x, y, width, height, whether it is present, label).
    pub bars: Vec<Bar>,
    /// The points of a line, where there are no bars.
    pub line: String,
    /// Horizontal lines with their labels.
    pub levels: Vec<(f64, usize)>,
    /// Labels below, as (x, text).
    pub below: Vec<(f64, String)>,
    /// The present values, as (x, text).
    pub marks: Vec<(f64, String)>,
    most: usize,
    least: usize,
}

/// One bar.
pub struct Bar {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// The present value.
    pub is_present: bool,
    /// The value and the count.
    pub label: String,
}

// the page's own units: a phone shows 360 of them
const LEFT: f64 = 40.0;
const RIGHT: f64 = 350.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 150.0;
/// Labels below that do not run into each other.
const LABELS: usize = 8;

impl Plot {
    /// Draws.
    pub fn new(series: Series) -> Self {
        let most = series.counts.iter().copied().max().unwrap_or_default();
        let least = series.counts.iter().copied().min().unwrap_or_default();
        let scale = Scale::of(&series.values, most);
        let is_present = |value: f64| series.marks.iter().any(|mark| mark.value == value);
        let pairs = || series.values.iter().copied().zip(series.counts.iter().copied());
        let bar = |(value, count): (f64, usize)| Bar {
            x: tenth(scale.x(value) - scale.width / 2.0),
            y: tenth(scale.y(count)),
            width: tenth(scale.width),
            height: tenth(BOTTOM - scale.y(count)),
            is_present: is_present(value),
            label: format!("{}: {count}", number(value)),
        };
        let mut line = String::new();
        if !series.is_whole {
            for (value, count) in pairs() {
                // writing to a text does not fail
                let _ = write!(line, "{:.1},{:.1} ", scale.x(value), scale.y(count));
            }
        }
        let every = series.values.len().div_ceil(LABELS).max(1);
        let labelled = series.values.iter().enumerate().filter(|(place, _)| place.is_multiple_of(every));
        Plot {
            bars: if series.is_whole { pairs().map(bar).collect() } else { Vec::new() },
            line,
            levels: scale.levels(),
            below: labelled.map(|(_, value)| (tenth(scale.x(*value)), number(*value))).collect(),
            marks: marks(&scale, &series.marks),
            title: series.title,
            unit: series.unit,
            most,
            least,
        }
    }

    /// Whether there is anything to see.
    pub fn is_worth_it(&self) -> bool {
        self.most > 0
    }

    /// What the plot shows, for who does not see it.
    pub fn words(&self) -> String {
        format!("{}: {} sampai {} siaga baru", self.title, self.least, self.most)
    }
}

struct Scale {
    min: f64,
    span: f64,
    width: f64,
    step: usize,
    most: usize,
}

impl Scale {
    fn of(values: &[f64], most: usize) -> Self {
        let min = values.first().copied().unwrap_or_default();
        let span = values.last().map_or(0.0, |last| last - min);
        let gaps = values.iter().zip(values.iter().skip(1)).map(|(a, b)| b - a);
        let gap = gaps.fold(f64::INFINITY, f64::min);
        let room = RIGHT - LEFT;
        let width = if span > 0.0 { (gap / (span + gap) * room * 0.8).clamp(0.8, 40.0) } else { 40.0 };
        let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
        let step = step.into_iter().find(|step| most.div_ceil(*step) <= 4).unwrap_or(most.div_ceil(4).max(1));
        Scale { min, span, width, step, most: most.div_ceil(step).max(1) * step }
    }

    fn x(&self, value: f64) -> f64 {
        let (left, right) = (LEFT + self.width / 2.0, RIGHT - self.width / 2.0);
        if self.span > 0.0 {
            left + (value - self.min) / self.span * (right - left)
        } else {
            f64::midpoint(left, right)
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn y(&self, count: usize) -> f64 {
        BOTTOM - count as f64 / self.most as f64 * (BOTTOM - TOP)
    }

    fn levels(&self) -> Vec<(f64, usize)> {
        (0..=self.most).step_by(self.step).map(|count| (tenth(self.y(count)), count)).collect()
    }
}

/// Marks that would run into each other share one label.
fn marks(scale: &Scale, marks: &[Mark]) -> Vec<(f64, String)> {
    const APART: f64 = 20.0;
    let mut placed: Vec<(f64, String)> = Vec::new();
    let mut labelled = 0;
    for mark in marks {
        let x = tenth(scale.x(mark.value));
        match placed.get_mut(labelled).filter(|(first, _)| x - *first < APART) {
            Some((_, text)) => {
                *text = format!("{text}, {}", mark.text);
                placed.push((x, String::new()));
            }
            None => {
                labelled = placed.len();
                placed.push((x, mark.text.clone()));
            }
        }
    }
    placed
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
