//! What holds for any path and any map.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_source::{LineIndex, MemorySystem, SourceMapBuilder, Sources, Span, TreePath};

fn path_like() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "a", "b.yaml", ".", "..", "", "/", "ü", "a b", "...", "\\", "c/d",
    ];
    vec(proptest::sample::select(PARTS), 0..8).prop_map(|parts| parts.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_path_leads_above_the_root(base in path_like(), relative in path_like()) {
        let Ok(base) = TreePath::new(&base) else {
            return Ok(());
        };
        if let Ok(joined) = base.join(&relative) {
            prop_assert!(joined.parts().all(|part| !matches!(part, "" | "." | "..")));
            prop_assert!(joined.is_within(&TreePath::root()));
            // The way there leads there.
            prop_assert_eq!(base.join(&joined.relative_to(&base)).unwrap(), joined);
        }
    }

    #[test]
    fn a_span_of_a_virtual_file_leads_into_what_it_was_made_of(
        pieces in vec((0usize..6, 0usize..20, 1usize..8, any::<bool>()), 0..8),
        start in 0usize..60,
        length in 0usize..20,
    ) {
        let system = MemorySystem::new().with("real", "x".repeat(40));
        let sources = Sources::new(Arc::new(system));
        let real = sources.load(&TreePath::new("real").unwrap()).unwrap();
        let mut builder = SourceMapBuilder::new(Span::new(real.id(), 0, 40));
        let mut at = 0;
        for (gap, from, length, copied) in pieces {
            let origin = Span::new(real.id(), from, from + length);
            if copied {
                builder.copied(at, origin);
            } else {
                builder.made(at, origin);
            }
            at += gap.max(1);
        }
        let text = "y".repeat(80);
        let made = sources.add_virtual(TreePath::new("made").unwrap(), text, builder.finish());
        let span = sources.real(Span::new(made.id(), start, start + length));
        prop_assert_eq!(span.file, real.id());
        prop_assert!(span.start <= span.end, "{span:?}");
    }

    #[test]
    fn every_offset_has_a_line_and_a_column(text in "[a\u{feff}ä\r\n]{0,20}", offset in 0u32..50) {
        let index = LineIndex::new(&text);
        let place = index.line_col(&text, offset);
        prop_assert!(place.line >= 1 && place.column >= 1);
        let start = index.start_of(place.line as usize - 1);
        prop_assert!(start.is_some_and(|start| start <= offset));
    }
}
