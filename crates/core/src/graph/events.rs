//! What must have happened before something else can: a Kustomization starts when what it depends
//! on is ready and the Kustomization that applies it has started; it is ready when it has started
//! and, if it waits, when what it applies is ready.

use tidegate_source::Span;
use tidegate_yaml::Node;

use crate::graph::Kind;
use crate::graph::nodes::{Graph, Vertex};

/// The starts and readinesses of the vertices of a cluster: numbers that say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Event(usize);

impl Event {
    pub(super) fn start(vertex: usize) -> Event {
        Event(2 * vertex)
    }

    pub(super) fn ready(vertex: usize) -> Event {
        Event(2 * vertex + 1)
    }

    pub(super) fn vertex(self) -> usize {
        self.0 / 2
    }

    pub(super) fn index(self) -> usize {
        self.0
    }
}

/// Why one event needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// An entry of `dependsOn`.
    DependsOn(Span),
    /// `wait`, or an entry of `healthChecks`.
    Waits(Span),
    /// The object is applied by a Kustomization.
    AppliedBy(Span),
    /// What is ready has started.
    Started,
    /// What is ready has applied its objects, and so has what these need.
    Applies,
}

/// An event needs another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Event,
    pub(super) to: Event,
    pub(super) why: Why,
}

/// All events of a cluster.
pub(super) struct Events {
    pub(super) edges: Vec<Edge>,
    count: usize,
    /// For each vertex, whether it depends on something that is not known of.
    unknown: Vec<usize>,
}

impl Events {
    pub(super) fn of(graph: &Graph<'_>) -> Events {
        let mut edges = Vec::new();
        let mut unknown = Vec::new();
        for (index, vertex) in graph.vertices.iter().enumerate() {
            edges.push(Edge {
                from: Event::ready(index),
                to: Event::start(index),
                why: Why::Started,
            });
            if let Some(parent) = vertex.parent {
                edges.push(Edge {
                    from: Event::start(index),
                    to: Event::start(parent),
                    why: Why::AppliedBy(vertex.name_span),
                });
                if let Some(why) = waits_for_all(&graph.vertices[parent]) {
                    edges.push(Edge {
                        from: Event::ready(parent),
                        to: Event::ready(index),
                        why,
                    });
                }
            }
            for dependency in &vertex.depends_on {
                match graph.target(dependency) {
                    Some(target) => edges.push(Edge {
                        from: Event::start(index),
                        to: match dependency.until_ready {
                            true => Event::ready(target),
                            // It must exist, so what applies it has started.
                            false => match graph.vertices[target].parent {
                                Some(parent) => Event::start(parent),
                                None => continue,
                            },
                        },
                        why: Why::DependsOn(dependency.span),
                    }),
                    None => unknown.push(index),
                }
            }
            edges.extend(health_checks(graph, index));
        }
        Events {
            edges,
            count: 2 * graph.vertices.len(),
            unknown,
        }
    }

    /// The same events, of which some need others besides.
    pub(super) fn and(&self, more: impl IntoIterator<Item = (Event, Event)>) -> Events {
        let more = more.into_iter().map(|(from, to)| Edge {
            from,
            to,
            why: Why::Applies,
        });
        Events {
            edges: self.edges.iter().copied().chain(more).collect(),
            count: self.count,
            unknown: self.unknown.clone(),
        }
    }

    /// How many events there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Which events cannot happen before certain others. For each of `sets`, those that need any
    /// event of it.
    pub(super) fn need(&self, sets: &[Vec<Event>]) -> Needs {
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); self.count];
        for edge in &self.edges {
            needed_by[edge.to.0].push(edge.from.0);
        }
        let batches = sets.chunks(64).map(|sets| {
            let mut masks = vec![0_u64; self.count];
            let mut changed = Vec::new();
            for (bit, set) in sets.iter().enumerate() {
                for event in set {
                    masks[event.0] |= 1 << bit;
                    changed.push(event.0);
                }
            }
            while let Some(event) = changed.pop() {
                for &before in &needed_by[event] {
                    let mask = masks[before] | masks[event];
                    if mask != masks[before] {
                        masks[before] = mask;
                        changed.push(before);
                    }
                }
            }
            masks
        });
        Needs {
            masks: batches.collect(),
        }
    }

    /// The starts that need something which is not known of.
    pub(super) fn unknown(&self) -> Vec<Event> {
        self.unknown.iter().copied().map(Event::start).collect()
    }
}

/// Which events need any event of certain sets, 64 sets to a batch.
pub(super) struct Needs {
    masks: Vec<Vec<u64>>,
}

impl Needs {
    /// Whether an event needs one of the events of a set.
    pub(super) fn has(&self, event: Event, set: usize) -> bool {
        let mask = self.masks.get(set / 64).map_or(0, |masks| masks[event.0]);
        mask & (1 << (set % 64)) != 0
    }
}

/// Whether a Kustomization is ready only when all that it applies is.
fn waits_for_all(vertex: &Vertex<'_>) -> Option<Why> {
    let wait = vertex.spec("wait")?;
    (vertex.kind == Kind::Kustomization && wait.text() == Some("true"))
        .then(|| Why::Waits(wait.place.span()))
}

/// The objects of Flux that a Kustomization waits for one by one.
fn health_checks(graph: &Graph<'_>, index: usize) -> Vec<Edge> {
    let vertex = &graph.vertices[index];
    // `wait` has Flux pass over them.
    if vertex.kind != Kind::Kustomization || vertex.is_set("wait") {
        return Vec::new();
    }
    let checks = vertex.spec("healthChecks").and_then(Node::as_seq);
    let edge = |check: &Node| {
        let text = |key| check.get(key).and_then(Node::text);
        let kind = Kind::of(text("apiVersion")?, text("kind")?)?;
        let name = check.get("name")?;
        let target = graph.find(kind, text("namespace")?, name.text()?)?;
        Some(Edge {
            from: Event::ready(index),
            to: Event::ready(target),
            why: Why::Waits(name.place.span()),
        })
    };
    checks.into_iter().flatten().filter_map(edge).collect()
}
