use super::*;

/// Kills a run before each of its writes, runs it again, and checks that all is then as if it had not been
/// killed.
fn check(prepare: impl Fn() -> World, run: impl Fn(&World) -> Result<Done, String>) {
    let whole = prepare();
    let before = whole.live();
    run(&whole).unwrap();
    let attached = |world: &World| {
        world
            .attached
            .borrow()
            .values()
            .map(Vec::len)
            .sum::<usize>()
    };
    for writes in 0.. {
        let world = prepare();
        world.writes_left.set(Some(writes));
        let came = run(&world);
        world.writes_left.set(None);
        if came.is_ok() {
            assert!(writes > 1, "there are two writes at least");
            return;
        }
        assert_eq!(came.unwrap_err(), "killed");
        assert_eq!(world.live(), before, "killed before write {writes}");
        // Whoever comes in between moves it to nothing but what was asked for.
        let tags = world.tags.borrow().clone();
        let settled = world.passage(100).settle().unwrap();
        assert!(settled.writes == 0 || world.live() == whole.live());
        *world.tags.borrow_mut() = tags;
        run(&world).unwrap();
        assert_eq!(
            *world.tags.borrow(),
            *whole.tags.borrow(),
            "killed before write {writes}"
        );
        assert_eq!(
            attached(&world),
            attached(&whole),
            "killed before write {writes}"
        );
    }
}

/// Two artifacts were live, the second one is.
fn two() -> World {
    let world = World::new();
    for (name, hours) in [("a", 0), ("b", 2)] {
        world.ready(name, hours);
        world.promote(name, hours + 1).unwrap();
    }
    world
}

#[test]
fn a_promotion() {
    let prepare = || {
        let world = two();
        world.ready("c", 4);
        world
    };
    check(prepare, |world| world.promote("c", 5));
}

#[test]
fn a_rollback() {
    check(two, |world| world.back(Target::Back(1), 5));
    check(two, |world| world.back(Target::Artifact(artifact("a")), 5));
}

#[test]
fn a_rollback_by_force() {
    let approver = key(ED25519);
    let prepare = || {
        let world = two();
        world.attached.borrow_mut().remove(&artifact("a"));
        world
    };
    check(prepare, |world| {
        let mut asked = asked_back(Target::Artifact(artifact("a")));
        asked.force = true;
        asked.reason = Some("no other".to_owned());
        asked.key = Some(&approver);
        world.back_as(&asked, 5)
    });
}

#[test]
fn a_promotion_of_what_was_rejected() {
    let approver = key(ED25519);
    let prepare = || {
        let world = two();
        world.back(Target::Back(1), 4).unwrap();
        world
    };
    check(prepare, |world| {
        let again = Promotion {
            digest: Some(artifact("b")),
            again: Some(Decision {
                reason: "mended",
                key: Some(&approver),
            }),
            ..Promotion::default()
        };
        world.promote_as(&again, 5)
    });
}
