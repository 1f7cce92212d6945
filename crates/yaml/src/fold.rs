/// The text of the lines of a `>` block, without line breaks at its end: lines are joined by
/// spaces, but for those that start with a blank and those beside them.
pub(crate) fn fold<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    // Line breaks that were read since the last line with content; the first ends that line.
    let mut breaks = 0;
    let (mut started, mut leading_blank) = (false, false);
    for line in lines {
        if line.is_empty() {
            breaks += 1;
            continue;
        }
        let blank = line.starts_with([' ', '\t']);
        let count = match breaks {
            1 if started && !leading_blank && !blank => {
                out.push(' ');
                0
            }
            // The first of several is folded away.
            count if started && !leading_blank && !blank => count - 1,
            count => count,
        };
        out.extend(std::iter::repeat_n('\n', count));
        out.push_str(line);
        (started, leading_blank, breaks) = (true, blank, 1);
    }
    out
}
