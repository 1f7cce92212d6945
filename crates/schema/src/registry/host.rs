//! What a pod shares with its node: namespaces, ports, users, and what the system of the node has.

use rustc_hash::FxHashSet;

use super::at::At;
use crate::fault::Faults;
use crate::names::dns1123_subdomain;

/// The lists of containers of a pod.
const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

/// Fields of a security context that Windows does not have.
const NOT_OF_WINDOWS: [&str; 9] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
];

/// Fields of the security context of a container that Windows does not have.
const NOT_OF_WINDOWS_CONTAINERS: [&str; 8] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
];

/// Checks a pod or its template.
pub(super) fn check(spec: &At<'_, '_>, faults: &mut Faults) {
    ports(spec, faults);
    users(spec, faults);
    let share = spec.field("shareProcessNamespace");
    if share.is_true() && spec.field("hostPID").is_true() {
        // The server takes it for a part of the context.
        let context = spec.path.field("securityContext");
        let reason = "ShareProcessNamespace and HostPID cannot both be enabled";
        let path = context.field("shareProcessNamespace");
        faults.invalid(&path, share.node(), reason);
    }
    let (os, context) = (spec.field("os"), spec.field("securityContext"));
    let name = os.field("name");
    match name.text() {
        "" => {}
        "linux" => linux(spec, faults),
        "windows" => windows(spec, faults),
        _ => faults.unsupported(&os.path, name.node(), ["linux", "windows"].into_iter()),
    }
    windows_options(&context.field("windowsOptions"), faults);
    for list in CONTAINERS {
        for container in spec.field(list).items() {
            let context = container.field("securityContext");
            windows_options(&context.field("windowsOptions"), faults);
        }
    }
    host_process(spec, faults);
}

/// A port of the node can be had once.
fn ports(spec: &At<'_, '_>, faults: &mut Faults) {
    let mut taken = FxHashSet::default();
    for container in spec.field("containers").items() {
        for port in container.field("ports").items() {
            let number = port.field("hostPort");
            let protocol = match port.field("protocol").text() {
                "" => "TCP",
                protocol => protocol,
            };
            let key = (protocol, port.field("hostIP").text(), number.int());
            let is_known = ["protocol", "hostIP"]
                .iter()
                .all(|f| !port.field(f).is_unknown());
            let is_port = number.int().is_some_and(|number| number != 0);
            if is_port && is_known && !taken.insert(key) {
                faults.twice(&number);
            }
        }
    }
}

/// Users of a pod that are not those of the node.
fn users(spec: &At<'_, '_>, faults: &mut Faults) {
    let users = spec.field("hostUsers");
    if !users.is_set() || users.is_true() || users.is_unknown() {
        return;
    }
    for (field, called) in [
        ("hostNetwork", "hostNetwork"),
        ("hostPID", "HostPID"),
        ("hostIPC", "HostIPC"),
    ] {
        let field = spec.field(field);
        if field.is_true() {
            let path = spec.path.field(called);
            faults.forbidden(&path, field.node(), "when `hostUsers` is false");
        }
    }
    for list in CONTAINERS {
        for container in spec.field(list).items() {
            let devices = container.field("volumeDevices");
            if devices.len() > 0 {
                faults.not_allowed(&devices, "when `hostUsers` is false");
            }
        }
    }
}

fn linux(spec: &At<'_, '_>, faults: &mut Faults) {
    let reason = "windows options cannot be set for a linux pod";
    let context = spec.field("securityContext");
    let options = context.field("windowsOptions");
    if options.is_set() {
        faults.not_allowed(&options, reason);
    }
    for list in CONTAINERS {
        for container in spec.field(list).items() {
            let context = container.field("securityContext");
            let options = context.field("windowsOptions");
            if options.is_set() {
                faults.not_allowed(&options, reason);
            }
        }
    }
}

fn windows(spec: &At<'_, '_>, faults: &mut Faults) {
    let reason = "cannot be set for a windows pod";
    let resources = spec.field("resources");
    if resources.is_set() {
        faults.not_allowed(&resources, "may not be set for a windows pod");
    }
    for field in ["hostUsers", "shareProcessNamespace", "hostPID", "hostIPC"] {
        let at = spec.field(field);
        let is_given = match field {
            "hostPID" | "hostIPC" => at.is_true(),
            _ => at.is_set(),
        };
        if is_given {
            faults.not_allowed(&at, reason);
        }
    }
    let context = spec.field("securityContext");
    for field in NOT_OF_WINDOWS {
        let field = context.field(field);
        if field.is_set() {
            faults.not_allowed(&field, reason);
        }
    }
    for list in CONTAINERS {
        for container in spec.field(list).items() {
            let context = container.field("securityContext");
            for field in NOT_OF_WINDOWS_CONTAINERS {
                let field = context.field(field);
                if field.is_set() {
                    faults.not_allowed(&field, reason);
                }
            }
        }
    }
}

fn windows_options(options: &At<'_, '_>, faults: &mut Faults) {
    let (name, spec) = (
        options.field("gmsaCredentialSpecName"),
        options.field("gmsaCredentialSpec"),
    );
    if name.is_set() && !name.is_unknown() {
        faults.all_wrong(&name, dns1123_subdomain(name.text()));
    }
    if spec.is_set() && !spec.is_unknown() && spec.text().is_empty() {
        faults.wrong(&spec, "gmsaCredentialSpec cannot be an empty string");
    }
    let user = options.field("runAsUserName");
    if user.is_set() && !user.is_unknown() {
        faults.all_wrong(&user, user_name(user.text()));
    }
}

/// What is wrong with `USER` or `DOMAIN\\USER`.
fn user_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["runAsUserName cannot be an empty string".to_owned()];
    }
    if text.chars().any(char::is_control) {
        return vec!["runAsUserName cannot contain control characters".to_owned()];
    }
    let (domain, user) = match text.split_once('\\') {
        Some((_, rest)) if rest.contains('\\') => {
            return vec!["runAsUserName cannot contain more than one backslash".to_owned()];
        }
        Some((domain, user)) => (Some(domain), user),
        None => (None, text),
    };
    let mut wrong = Vec::new();
    if let Some(domain) = domain
        && !is_domain(domain)
    {
        wrong
            .push("runAsUserName's Domain doesn't match the NetBios nor the DNS format".to_owned());
    }
    if domain.is_some_and(|domain| domain.len() >= 256) {
        wrong.push("runAsUserName's Domain length must be under 256 characters".to_owned());
    }
    if user.is_empty() {
        wrong.push("runAsUserName's User cannot be empty".to_owned());
    } else if user.len() > 104 {
        wrong.push("runAsUserName's User length must not be longer than 104 characters".to_owned());
    }
    if !user.is_empty() && user.chars().all(|c| c == '.' || c == ' ') {
        wrong.push("runAsUserName's User cannot contain only periods or spaces".to_owned());
    }
    if user.contains(|c| "\"/\\:;|=,+*?<>@[]".contains(c)) {
        let reason =
            "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]";
        wrong.push(reason.to_owned());
    }
    wrong
}

/// A name of NetBIOS, or of DNS.
fn is_domain(text: &str) -> bool {
    let is_netbios = (1..=15).contains(&text.len())
        && !text.starts_with('.')
        && !text.contains(|c| "\\/:*?\"<>|. ".contains(c) && c != '.' && c != ' ');
    let is_label = |label: &str| {
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        ends(label.chars().next())
            && ends(label.chars().next_back())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    is_netbios || text.split('.').all(is_label)
}

/// Containers that run as processes of the node: all of a pod, or none.
fn host_process(spec: &At<'_, '_>, faults: &mut Faults) {
    let context = spec.field("securityContext");
    let options = context.field("windowsOptions");
    let of_pod = options.field("hostProcess");
    let (mut all, mut on_host) = (0, 0);
    for list in CONTAINERS {
        for container in spec.field(list).items() {
            let context = container.field("securityContext");
            let options = context.field("windowsOptions");
            let own = options.field("hostProcess");
            all += 1;
            if own.is_set() && of_pod.is_set() && own.is_true() != of_pod.is_true() {
                let was = of_pod.is_true();
                let reason = format!(
                    "pod hostProcess value must be identical if both are specified, was {was}"
                );
                faults.wrong(&own, reason);
            }
            let counts = match own.is_set() {
                true => own.is_true(),
                false => of_pod.is_true(),
            };
            on_host += usize::from(counts);
        }
    }
    if on_host == 0 {
        return;
    }
    if on_host != all {
        let reason = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        faults.wrong(spec, reason);
    }
    let network = spec.field("hostNetwork");
    if !network.is_true() && !network.is_unknown() {
        let reason = "hostNetwork must be true if pod contains any hostProcess containers";
        faults.wrong(&network, reason);
    }
}
