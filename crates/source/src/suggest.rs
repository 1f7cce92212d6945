/// The candidate nearest to `word`, where it is near enough to be what was meant ("did you mean").
///
/// Near is an edit distance (a swap of neighbours counts as one) of at most a third of the word's
/// length, case ignored. The first of equally near candidates wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count().max(3)) / 3;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // What is much longer or shorter is far away.
        let lengths = [word, candidate].map(|text| text.chars().count());
        if lengths[0].abs_diff(lengths[1]) > limit {
            continue;
        }
        let distance = distance(&word.to_lowercase(), &candidate.to_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let fields = ["resources", "patches", "namespace", "namePrefix"];
        assert_eq!(nearest("resource", fields), Some("resources"));
        assert_eq!(nearest("pathces", fields), Some("patches"));
        assert_eq!(nearest("nameprefix", fields), Some("namePrefix"));
        assert_eq!(nearest("helm", fields), None);
    }
}
