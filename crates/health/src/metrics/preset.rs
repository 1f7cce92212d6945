use std::time::Duration;

use crate::metrics::analysis::{Analysis, Metric, Range};
use crate::metrics::prometheus::Server;

/// A check that needs no query of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Objects of Flux that are ready, in percent of those that are not suspended: at least 95.
    Flux,
    /// Pods that run, in percent of those that are to run: at least 90.
    Pods,
}

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 2] = [Preset::Flux, Preset::Pods];

    /// What it is called in the config.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Flux => "flux",
            Preset::Pods => "pods",
        }
    }

    /// What it asks. Where nothing is ready, that is 0 percent; where there is nothing, there is no value.
    ///
    /// `gotk_resource_info` comes from kube-state-metrics with the configuration that Flux documents;
    /// `gotk_reconcile_condition`, which older dashboards ask for, is gone since Flux 2.1.
    fn query(self) -> &'static str {
        match self {
            Preset::Flux => {
                "100 * (count(gotk_resource_info{ready=\"True\", suspended!=\"true\"}) or vector(0)) \
                 / count(gotk_resource_info{suspended!=\"true\"})"
            }
            Preset::Pods => {
                "100 * (sum(kube_pod_status_phase{phase=\"Running\"}) or vector(0)) \
                 / sum(kube_pod_status_phase{phase=~\"Running|Pending|Failed|Unknown\"})"
            }
        }
    }

    fn least(self) -> f64 {
        match self {
            Preset::Flux => 95.0,
            Preset::Pods => 90.0,
        }
    }
}

/// The analysis of presets on a Prometheus: each 30 seconds, ten times, of which one may fail.
pub fn preset(presets: &[Preset], server: &Server) -> Analysis {
    let metrics = presets.iter().map(|preset| Metric {
        name: preset.name().to_owned(),
        server: server.clone(),
        query: preset.query().to_owned(),
        range: Range {
            min: Some(preset.least()),
            max: None,
        },
    });
    Analysis {
        name: "presets".to_owned(),
        subject: None,
        interval: Duration::from_secs(30),
        iterations: 10,
        threshold: 2,
        metrics: metrics.collect(),
    }
}
