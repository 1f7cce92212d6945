use std::cmp::Ordering;

/// Pushes the numbers below `count` in the order in which go-yaml writes the keys that they have.
pub fn by_key<'k>(count: usize, key: &impl Fn(u32) -> &'k str, out: &mut Vec<u32>) {
    let base = out.len();
    out.extend(0..count as u32);
    merge_sort(&mut out[base..], &|a, b| compare_keys(key(a), key(b)));
}

/// The order of go-yaml is not a total one on odd keys, which the sorts of the standard library may
/// answer with a panic. This one takes any order.
fn merge_sort(items: &mut [u32], order: &impl Fn(u32, u32) -> Ordering) {
    const FEW: usize = 12;
    if items.len() <= FEW {
        for i in 1..items.len() {
            let mut at = i;
            while at > 0 && order(items[at], items[at - 1]) == Ordering::Less {
                items.swap(at, at - 1);
                at -= 1;
            }
        }
        return;
    }
    if items
        .windows(2)
        .all(|pair| order(pair[0], pair[1]) == Ordering::Less)
    {
        return;
    }
    let middle = items.len() / 2;
    let mut left = items[..middle].to_vec();
    merge_sort(&mut left, order);
    let mut right = items[middle..].to_vec();
    merge_sort(&mut right, order);
    let (mut left, mut right) = (left.as_slice(), right.as_slice());
    for slot in items {
        *slot = match (left, right) {
            ([a, ..], [b, ..]) if order(*b, *a) == Ordering::Less => {
                right = &right[1..];
                *b
            }
            ([a, rest @ ..], _) => {
                left = rest;
                *a
            }
            ([], [b, rest @ ..]) => {
                right = rest;
                *b
            }
            ([], []) => return,
        };
    }
}

/// Go-yaml's order of keys: numbers within keys by their value, letters behind other characters.
pub fn compare_keys(a: &str, b: &str) -> Ordering {
    let shared = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let (Some(&x), Some(&y)) = (a.as_bytes().get(shared), b.as_bytes().get(shared)) else {
        return a.len().cmp(&b.len());
    };
    if x.is_ascii_alphabetic() && y.is_ascii_alphabetic() {
        return x.cmp(&y);
    }
    // Back to the start of the characters that differ.
    let mut at = shared;
    while !a.is_char_boundary(at) || !b.is_char_boundary(at) {
        at -= 1;
    }
    let (Some(x), Some(y)) = (a[at..].chars().next(), b[at..].chars().next()) else {
        return a.len().cmp(&b.len());
    };
    let (x_letter, y_letter) = (x.is_alphabetic(), y.is_alphabetic());
    if x_letter && y_letter {
        return x.cmp(&y);
    }
    if x_letter || y_letter {
        return if y_letter {
            Ordering::Less
        } else {
            Ordering::Greater
        };
    }
    let (mut x_number, mut y_number) = (0, 0);
    if x == '0' || y == '0' {
        let before = a[..at].bytes().rev().take_while(u8::is_ascii_digit);
        if before.into_iter().any(|digit| digit != b'0') {
            // These zeros stand within a number: they count.
            (x_number, y_number) = (1, 1);
        }
    }
    let x_digits = digits(&a[at..], &mut x_number);
    let y_digits = digits(&b[at..], &mut y_number);
    x_number
        .cmp(&y_number)
        .then(x_digits.cmp(&y_digits))
        .then(x.cmp(&y))
}

/// Reads the digits that `text` starts with onto `number`, and counts them.
fn digits(text: &str, number: &mut i64) -> usize {
    let mut count = 0;
    for digit in text.bytes().take_while(u8::is_ascii_digit) {
        *number = number
            .wrapping_mul(10)
            .wrapping_add(i64::from(digit - b'0'));
        count += 1;
    }
    count
}
